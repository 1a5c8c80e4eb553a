//! Reservations by the set: what is promised is there, and a refusal leaves nothing behind.
#![allow(clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::log::{Admission, Log, ReservationAccount, lone_record_bytes};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::model::{append, parts, ready};
use crate::recorder::Recorder;

const ID: StreamId = StreamId::PHYSICAL;

fn fill(log: &mut Log<Recorder>, length: usize) {
    while append(log, ID, &vec![1; length]).is_ok() {}
}

fn held(log: &Log<Recorder>, account: &ReservationAccount) -> (u64, u64) {
    assert_eq!(log.space().total_reservation, Bytes(account.bytes()), "the log knows what the account holds");
    (account.records(), account.bytes())
}

#[test]
fn a_record_and_reservations_come_together() {
    let (mut log, _) = ready(Recorder::default(), 0, 4, 1);
    let mut account = ReservationAccount::default();
    let mut sizes = [1, 1_000, 60_000];
    let lsn = log.append_and_reserve(ID, Some(&parts(&[b"begin"])), &mut account, &mut sizes).unwrap();
    assert_eq!(lsn, Some(Lsn::NULL));
    assert_eq!(sizes, [1, 1_000, 60_000].map(|size| lone_record_bytes(size).unwrap().cast_signed()));
    assert_eq!(held(&log, &account), (3, sizes.iter().sum::<i64>().cast_unsigned()));
    assert_eq!(log.append_and_reserve(ID, None, &mut account, &mut []), Ok(None));
}

#[test]
fn a_refusal_leaves_neither_a_record_nor_a_reservation() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    log.append_and_reserve(ID, None, &mut account, &mut [100, 2_000]).unwrap();
    let before = held(&log, &account);
    let cases: [(&mut [i64], Status); 6] = [
        (&mut [100, 30_000_000], Status::LOG_BLOCKS_EXHAUSTED),
        (&mut [100, 0], Status::INVALID_PARAMETER),
        (&mut [-100, -2_000, -100], Status::LOG_RECORDS_RESERVED_INVALID),
        (&mut [60_000; 18], Status::LOG_FULL),
        (&mut [i64::MAX], Status::LOG_BLOCKS_EXHAUSTED),
        (&mut [i64::MIN, i64::MIN, i64::MIN], Status::LOG_RECORDS_RESERVED_INVALID),
    ];
    for (adjustments, status) in cases {
        let asked = adjustments.to_vec();
        for record in [None, Some(&parts(&[b"no"]))] {
            assert_eq!(log.append_and_reserve(ID, record, &mut account, adjustments), Err(status), "{asked:?}");
            assert_eq!(adjustments, asked);
            assert_eq!(held(&log, &account), before);
            assert_eq!(log.last_lsn(ID), Ok(Lsn::NULL), "nothing was appended");
        }
    }
}

#[test]
fn a_record_that_finds_no_room_takes_its_reservations_back() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    fill(&mut log, 3_000);
    let last = log.last_lsn(ID).unwrap();
    let outcome = log.append_and_reserve(ID, Some(&parts(&[&[1; 3_000]])), &mut account, &mut [1]);
    assert_eq!((outcome, log.last_lsn(ID)), (Err(Status::LOG_FULL), Ok(last)));
    assert_eq!(held(&log, &account), (0, 0));
}

#[test]
fn what_is_freed_serves_the_record_of_the_same_call() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    log.append_and_reserve(ID, None, &mut account, &mut [50_000]).unwrap();
    fill(&mut log, 30_000);
    let data: &[&[u8]] = &[&[1; 30_000]];
    assert_eq!(append(&mut log, ID, data[0]), Err(Status::LOG_FULL));
    let mut freed = [-50_000];
    assert!(log.append_and_reserve(ID, Some(&parts(data)), &mut account, &mut freed).is_ok());
    assert_eq!(freed, [-lone_record_bytes(50_000).unwrap().cast_signed()]);
    assert_eq!(held(&log, &account), (0, 0));
    log.flush(ID).unwrap();
}

#[test]
fn a_size_to_free_is_the_one_that_was_asked_for_or_the_one_that_was_answered() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    let mut sizes = [700, 700, 700];
    log.append_and_reserve(ID, None, &mut account, &mut sizes).unwrap();
    log.append_and_reserve(ID, None, &mut account, &mut [-700]).unwrap();
    log.append_and_reserve(ID, None, &mut account, &mut [-sizes[0]]).unwrap();
    assert_eq!(held(&log, &account), (1, sizes[0].cast_unsigned()));
    let mut freed = [-1];
    log.append_and_reserve(ID, None, &mut account, &mut freed).unwrap();
    assert_eq!((freed, held(&log, &account)), ([-sizes[0]], (0, 0)), "without records there is no room");
}

#[test]
fn the_nearest_size_is_freed_when_less_is_held() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    log.append_and_reserve(ID, None, &mut account, &mut [100, 700]).unwrap();
    let mut freed = [-50_000];
    log.append_and_reserve(ID, None, &mut account, &mut freed).unwrap();
    assert_eq!((freed, held(&log, &account)), ([-1_024], (1, 512)), "one sector stays for the record that is left");
}

#[test]
fn sets_are_reserved_and_freed_by_their_sums() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    for (records, bytes, status) in [
        (0, 512, Status::LOG_RECORDS_RESERVED_INVALID),
        (1, 0, Status::LOG_SPACE_RESERVED_INVALID),
        (2, 512, Status::LOG_SPACE_RESERVED_INVALID),
        (2, 1_025, Status::LOG_SPACE_RESERVED_INVALID),
        (1, 128 * 512 + 512, Status::LOG_SPACE_RESERVED_INVALID),
        (u64::MAX, 1 << 40, Status::LOG_SPACE_RESERVED_INVALID),
        (20, 20 * 60 * 1_024, Status::LOG_FULL),
    ] {
        assert_eq!(log.allocate_reserved(ID, &mut account, records, bytes), Err(status), "{records} {bytes}");
        assert_eq!(held(&log, &account), (0, 0));
    }
    log.allocate_reserved(ID, &mut account, 3, 3_072).unwrap();
    assert_eq!(log.free_reserved(&mut account, 4, 3_072), Err(Status::LOG_RECORDS_RESERVED_INVALID));
    assert_eq!(log.free_reserved(&mut account, 3, 3_073), Err(Status::LOG_SPACE_RESERVED_INVALID));
    log.free_reserved(&mut account, 1, 1_024).unwrap();
    assert_eq!(held(&log, &account), (2, 2_048));
    log.free_reserved(&mut account, 2, 0).unwrap();
    assert_eq!(held(&log, &account), (0, 0));
}

#[test]
fn a_set_that_was_reserved_can_be_written_on_a_full_log() {
    let (mut log, _) = ready(Recorder::default(), 0, 3, 1);
    let mut account = ReservationAccount::default();
    let sizes = [5_000, 60_000, 10, 33_000, 64_000];
    let sum = sizes.iter().map(|size| lone_record_bytes(*size).unwrap()).sum();
    log.allocate_reserved(ID, &mut account, 5, sum).unwrap();
    fill(&mut log, 900);
    fill(&mut log, 0);
    for size in sizes {
        log.append(ID, &parts(&[&vec![2; size]]), Admission::Reserved(&mut account)).unwrap();
    }
    log.flush(ID).unwrap();
    assert_eq!(held(&log, &account), (0, 0));
}

#[test]
fn the_last_record_of_an_account_gives_back_what_it_did_not_need() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    log.append_and_reserve(ID, None, &mut account, &mut [50_000, 100]).unwrap();
    log.append(ID, &parts(&[b"small"]), Admission::Reserved(&mut account)).unwrap();
    assert_eq!(account.records(), 1);
    log.append(ID, &parts(&[b"small"]), Admission::Reserved(&mut account)).unwrap();
    assert_eq!(held(&log, &account), (0, 0));
}

#[test]
fn a_restart_area_can_use_a_reservation() {
    let (mut log, _) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    let none = log.write_restart_area_in(ID, &[b"state"], None, Admission::Reserved(&mut account));
    assert_eq!(none, Err(Status::LOG_SPACE_RESERVED_INVALID));
    log.append_and_reserve(ID, None, &mut account, &mut [2_000]).unwrap();
    fill(&mut log, 0);
    log.flush(ID).unwrap();
    let data: &[&[u8]] = &[&[3; 2_000]];
    let written = log.write_restart_area_in(ID, data, None, Admission::Reserved(&mut account)).unwrap();
    assert_eq!(written.block_bytes, lone_record_bytes(2_000).unwrap());
    assert_eq!(log.stream_information(ID).unwrap().restart, written.lsn);
    assert_eq!(held(&log, &account), (0, 0));
    log.write_restart_area(ID, &[b"the room that is held back is still there"], None).unwrap();
}

#[test]
fn the_physical_log_of_streams_reserves_nothing() {
    let (mut log, _) = ready(Recorder::default(), 1, 2, 1);
    let mut account = ReservationAccount::default();
    assert_eq!(log.append_and_reserve(ID, None, &mut account, &mut [1]), Err(Status::LOG_MULTIPLEXED));
    assert_eq!(log.allocate_reserved(ID, &mut account, 1, 512), Err(Status::LOG_MULTIPLEXED));
}
