//! `pg_waldump`: kinds, times, and what is said about lines that are not records.

use super::*;

pub(super) fn wal(lsn: u64, manager: &str, tx: u64, description: &str) -> String {
    format!(
        "rmgr: {manager:11} len (rec/tot): {:6}/{:6}, tx: {tx:10}, lsn: {:X}/{:08X}, prev 0/00000000, desc: {description}\n",
        34,
        40,
        lsn >> 32,
        lsn & 0xFFFF_FFFF
    )
}

#[test]
fn times_between_two_stamps_follow_the_lsn_and_outside_them_stand_still() {
    let text = wal(50, "Heap", 7, "INSERT off 1")
        + &wal(100, "Transaction", 7, "COMMIT 2026-12-31 23:59:59.999000 UTC; inval msgs: relcache 5")
        + &wal(125, "Heap", 8, "INSERT off 1")
        + &wal(175, "Btree", 8, "INSERT_LEAF off 1")
        + &wal(200, "Transaction", 8, "ABORT 2027-01-01 00:00:00.001000 UTC")
        + &wal(300, "Heap", 9, "INSERT off 1");
    let events = events(&text);
    let times: Vec<u64> = events.iter().map(|event| event.time_us).collect();
    assert_eq!(times, [0, 0, 500, 1500, 2000, 2000]);
    assert_eq!(events[4].kind, Kind::Abort);
    assert_eq!(events[4].transaction, 8);
}

#[test]
fn of_a_record_of_any_length_the_head_is_enough() {
    for length in [60_000, 65_000, 65_536, 70_000, 300_000] {
        for letter in ["x", "ä", "€", "𝄞"] {
            let rest = letter.repeat(length / letter.len());
            let commit = format!("COMMIT 2026-11-21 06:00:05.000000 UTC; rels: {rest}");
            let text =
                wal(50, "Heap", 7, "INSERT") + &wal(100, "Transaction", 7, &commit) + &wal(200, "Heap", 8, "INSERT");
            let events = events(&text);
            assert_eq!(events.len(), 3, "{length} {letter}");
            assert_eq!((events[1].kind, events[1].bytes), (Kind::Commit, 40));
            let cut = complaint(&text.as_bytes()[..text.len() - 150]);
            assert!(cut.contains("line 2: cut in the middle of the line"), "{cut}");
        }
    }
}

#[test]
fn a_stamp_that_goes_back_counts_as_the_one_before() {
    let text = wal(100, "Transaction", 7, "COMMIT 2026-11-21 06:00:05.000000 UTC")
        + &wal(200, "Transaction", 8, "COMMIT 2026-11-21 06:00:07 UTC")
        + &wal(300, "Transaction", 9, "COMMIT 2026-11-21 06:00:01.5 UTC")
        + &wal(400, "Transaction", 10, "COMMIT 2026-11-21 06:00:07.25 UTC");
    let times: Vec<u64> = events(&text).iter().map(|event| event.time_us).collect();
    assert_eq!(times, [0, 2_000_000, 2_000_000, 2_250_000]);
}

#[test]
fn lsns_that_do_not_ascend_never_make_time_go_back() {
    let text = wal(100, "Transaction", 7, "COMMIT 2026-11-21 06:00:05.000000 UTC")
        + &wal(180, "Heap", 8, "INSERT")
        + &wal(20, "Heap", 8, "INSERT")
        + &wal(u64::MAX, "Heap", 8, "INSERT")
        + &wal(200, "Transaction", 8, "COMMIT 2026-11-21 06:00:06.000000 UTC");
    assert!(events(&text).is_sorted_by_key(|event| event.time_us));
}

#[test]
fn prepared_transactions_end_under_their_own_number() {
    let text = wal(100, "Transaction", 0, "COMMIT_PREPARED 737: 2026-11-21 06:00:05.000000 UTC; rels: base/1/2")
        + &wal(200, "Transaction", 0, "ABORT_PREPARED 738: 2026-11-21 06:00:05.000000 UTC")
        + &wal(300, "Transaction", 739, "PREPARE gid x: 2026-11-21 06:00:05.000000 UTC")
        + &wal(400, "XLOG", 0, "CHECKPOINT_SHUTDOWN redo 0/1");
    let ends: Vec<_> = events(&text).iter().map(|event| (event.kind, event.transaction)).collect();
    let expected = [(Kind::Commit, 737), (Kind::Abort, 738), (Kind::Data, 739), (Kind::Checkpoint, 0)];
    assert_eq!(ends, expected);
}

#[test]
fn leap_days_and_turns_of_the_year_are_counted() {
    let text = wal(1, "Transaction", 7, "COMMIT 2028-02-28 00:00:00 UTC")
        + &wal(2, "Transaction", 7, "COMMIT 2028-03-01 00:00:00 UTC")
        + &wal(3, "Transaction", 7, "COMMIT 2029-03-01 00:00:00 UTC");
    let days: Vec<u64> = events(&text).iter().map(|event| event.time_us / 86_400_000_000).collect();
    assert_eq!(days, [0, 2, 367]);
}

#[test]
fn bad_dump_lines_are_named_with_their_line_and_the_mend() {
    let good = wal(100, "Transaction", 7, "COMMIT 2026-11-21 06:00:05.000000 UTC");
    for (line, expected) in [
        ("\n", "line 2: \"\" is not a record; remove it"),
        (
            "pg_waldump: error: error in WAL record\n",
            "line 2: \"pg_waldump: error: error in WAL record\" is not a record",
        ),
        ("\tblkref #0: rel 1\n", "line 2: \"\\tblkref #0: rel 1\" is not a record"),
        ("rmgr: Heap\n", "line 2: no field \"desc\""),
        (&good.replace("40,", "x,"), "line 2: len (rec/tot) is \"x\""),
        (&good.replace("40,", "0,"), "line 2: len (rec/tot) is \"0\""),
        (&good.replace("0/00000064", "64"), "line 2: lsn is \"64\"; write two hexadecimal numbers"),
        (&good.replace("tx:", "t:"), "line 2: no field \"tx:\""),
        (&good.replace("06:00:05", "25:00:05"), "line 2: \"2026-11-21 25:00:05.000000 UTC\" is not a time"),
        (&good.replace("2026-11", "2026-13"), "is not a time"),
        (&good[..40], "line 2: cut in the middle of the line"),
    ] {
        let message = complaint((good.clone() + line).as_bytes());
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
}
