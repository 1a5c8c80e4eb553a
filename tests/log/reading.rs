//! Everything that was appended is read back: by LSN, forward and along chains, whatever happens in between.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Cursor, Direction, Log};
use clfsmgmt::units::{Lsn, Status};

use crate::model::{self, Kept, Known, append, assert_reads, payload, ready};
use crate::recorder::Recorder;

/// The most data that fits into a block of the default limit.
const LARGEST: usize = 128 * 512 - 256 - 0x70 - 40;

#[test]
fn a_base_behind_its_containers_end_hides_no_record() {
    for streams in [0, 2] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let id = ids[0];
        let mut known = Known::default();
        for number in 0.. {
            let lsn = append(&mut log, id, &payload(number, 50_000)).unwrap();
            keep_data(&mut known, lsn, payload(number, 50_000));
            if lsn.container() > 0 && lsn.block_offset() > 0 {
                break;
            }
        }
        let base = Lsn::new(0, 0x8000_0000, 0).unwrap();
        log.flush(id).unwrap();
        log.advance_base(id, base).unwrap();
        known.move_base(base);
        let found = model::read_all(&log, id).map(|records| records.len());
        assert_eq!(found, Ok(known.records.len()), "{streams} streams");
    }
}

#[test]
fn records_of_an_open_block_are_read_up_to_its_512th() {
    for streams in [0, 2] {
        let (mut log, ids) = ready(Recorder::default(), streams, 2, 1);
        let id = ids[0];
        let mut known = Known::default();
        for number in 0..1030 {
            let lsn = append(&mut log, id, &payload(number, (number % 3) as usize)).unwrap();
            keep_data(&mut known, lsn, payload(number, (number % 3) as usize));
            if number > 508 {
                assert_reads(&log, id, &known);
                assert!(log.last_lsn(id).unwrap() > lsn, "the next LSN is above record {number}");
            }
        }
        assert_eq!(known.lsns.iter().filter(|lsn| lsn.record() == 511).count(), 2);
    }
}

fn keep_data(known: &mut Known, lsn: Lsn, data: Vec<u8>) {
    let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
    known.keep(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
}

#[test]
fn a_cursor_outlives_the_writing_of_the_block_it_reads() {
    for (streams, first, left) in [0, 2].into_iter().flat_map(|streams| {
        [1, 511, 512].into_iter().flat_map(move |first| (5..8).map(move |left| (streams, first, left)))
    }) {
        let (mut log, ids) = ready(Recorder::default(), streams, 4, 1);
        // Close to the container's end, so that the block is padded when it is written.
        let whole = if streams == 0 { 1 << 19 } else { 1 << 20 };
        let mut filler = Lsn::NULL;
        while u64::from(filler.block_offset()) + left * 16_384 < whole {
            filler = append(&mut log, ids[0], &[1; LARGEST / 4]).unwrap();
            log.flush(ids[0]).unwrap();
        }
        log.flush(ids[0]).unwrap();
        let mut cursor = Cursor::new(ids[0], Direction::Forward);
        let lsns: Vec<_> = (0..first).map(|_| append(&mut log, ids[0], b"x").unwrap()).collect();
        log.read(&mut cursor, *lsns.last().unwrap()).unwrap();
        assert_eq!(log.read_next(&mut cursor).err(), Some(Status::END_OF_FILE));
        for _ in 0..6 {
            let next = append(&mut log, ids[0], &[2; LARGEST]).unwrap();
            assert_eq!(log.read_next(&mut cursor).unwrap().lsn, next);
            assert_eq!(log.read_next(&mut cursor).err(), Some(Status::END_OF_FILE));
        }
        let small = append(&mut log, ids[0], b"small").unwrap();
        log.flush(ids[0]).unwrap();
        assert_eq!(log.read_next(&mut cursor).unwrap().lsn, small);
    }
}

#[test]
fn a_base_may_lie_between_records() {
    for streams in [0, 3] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let mut known = Known::default();
        for number in 0..60 {
            let data = payload(number, 9_000);
            keep_data(&mut known, append(&mut log, ids[0], &data).unwrap(), data);
            if let Some(other) = ids.get(1) {
                append(&mut log, *other, &[0; 700]).unwrap();
                log.flush(*other).unwrap();
            }
        }
        log.flush(ids[0]).unwrap();
        for nth in [0, 3, 7, 8, 20, 40] {
            let base = Lsn::from_raw(known.lsns[nth].raw() + 300);
            log.advance_base(ids[0], base).unwrap();
            known.move_base(base);
            assert_reads(&log, ids[0], &known);
        }
        let last = log.last_lsn(ids[0]).unwrap();
        log.advance_base(ids[0], last).unwrap();
        known.move_base(last);
        assert_reads(&log, ids[0], &known);
        let lsn = append(&mut log, ids[0], b"after").unwrap();
        keep_data(&mut known, lsn, b"after".to_vec());
        assert_reads(&log, ids[0], &known);
    }
}

#[test]
fn a_cursor_of_nothing_has_nowhere_to_go() {
    let (mut log, ids) = ready(Recorder::default(), 0, 2, 1);
    let mut cursor = Cursor::new(ids[0], Direction::Forward);
    assert!(cursor.here().is_none());
    assert_eq!(log.read_first(&mut cursor).err(), Some(Status::END_OF_FILE));
    assert_eq!(log.read_next(&mut cursor).err(), Some(Status::LOG_READ_CONTEXT_INVALID));
    append(&mut log, ids[0], b"").unwrap();
    assert_eq!(log.read_first(&mut cursor).unwrap().data, b"");
}

#[test]
fn real_files_give_back_what_many_streams_wrote_around_many_times() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path().join("log.blf"));
    let (mut log, ids) = ready(storage.clone(), 5, 3, 1);
    let mut known: Vec<_> = ids.iter().map(|_| Known::default()).collect();
    for number in 0..2_500u64 {
        let nth = (payload(number, 1)[0] % 5) as usize;
        let data = payload(number, (number * 37 % 9_001) as usize);
        let lsn = loop {
            match append(&mut log, ids[nth], &data) {
                Ok(lsn) => break lsn,
                Err(Status::LOG_FULL) => {
                    for (id, known) in ids.iter().zip(&mut known) {
                        let keep = known.lsns[known.lsns.len() * 9 / 10];
                        log.advance_base(*id, keep.max(known.base)).unwrap();
                        known.move_base(keep.max(known.base));
                    }
                }
                Err(status) => panic!("{status}"),
            }
        };
        keep_data(&mut known[nth], lsn, data);
    }
    assert!(log.end_container() > 6, "the log went round");
    for access in [Access::Write, Access::Read] {
        for (id, known) in ids.iter().zip(&known) {
            assert_reads(&log, *id, known);
        }
        log.close().unwrap();
        log = Log::open(storage.clone(), access, BlockLimit::DEFAULT).unwrap();
    }
}

#[test]
fn a_log_opened_with_a_larger_block_limit_goes_on_near_a_containers_end() {
    for streams in [0, 2] {
        for left in 1..14u64 {
            let disk = Recorder::default();
            let (mut log, ids) = ready(disk.clone(), streams, 4, 4);
            let mut known = Known::default();
            let fill = |log: &mut Log<Recorder>, known: &mut Known, length: usize| {
                let data = payload(known.lsns.len() as u64, length);
                keep_data(known, append(log, ids[0], &data).unwrap(), data);
                log.flush(ids[0]).unwrap();
            };
            let whole = if streams == 0 { 2 << 20 } else { 4 << 20 };
            while u64::from(known.lsns.last().map_or(0, |lsn| lsn.block_offset())) < whole - (left / 2 + 2) * 65_536 {
                fill(&mut log, &mut known, LARGEST);
            }
            log.close().unwrap();
            let limit = BlockLimit::of(65_536, 900_000).unwrap();
            let mut log = Log::open(disk.clone(), Access::Write, limit).unwrap();
            assert_reads(&log, ids[0], &known);
            for length in [[10, 900_000, 880_000], [900_000, 10, 880_000]][left as usize % 2] {
                fill(&mut log, &mut known, length);
                assert_reads(&log, ids[0], &known);
            }
            drop(log);
            let log = Log::open(disk, Access::Write, limit).unwrap();
            assert_reads(&log, ids[0], &known);
        }
    }
}

#[test]
fn a_cursor_whose_container_is_recycled_is_told_that_the_log_begins_behind_it() {
    for streams in [0, 2] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let first = append(&mut log, ids[0], &payload(1, 50_000)).unwrap();
        log.flush(ids[0]).unwrap();
        let mut cursor = Cursor::new(ids[0], Direction::Forward);
        log.read(&mut cursor, first).unwrap();
        while log.end_container() < 2 {
            append(&mut log, ids[0], &payload(2, 50_000)).unwrap();
        }
        log.flush(ids[0]).unwrap();
        log.advance_base(ids[0], log.last_lsn(ids[0]).unwrap()).unwrap();
        assert!(log.space().first_container > 0);
        append(&mut log, ids[0], b"new").unwrap();
        assert_eq!(log.read_next(&mut cursor).err(), Some(Status::LOG_START_OF_LOG), "{streams} streams");
    }
}

#[test]
fn an_empty_stream_has_no_record_in_containers_that_others_have_recycled() {
    let (mut log, ids) = ready(Recorder::default(), 2, 3, 1);
    let nowhere = log.last_lsn(ids[1]).unwrap();
    while log.end_container() < 2 {
        append(&mut log, ids[0], &payload(2, 50_000)).unwrap();
    }
    log.advance_base(ids[0], log.last_lsn(ids[0]).unwrap()).unwrap();
    assert!(log.space().first_container > 0);
    let mut cursor = Cursor::new(ids[1], Direction::Forward);
    assert_eq!(log.read(&mut cursor, nowhere).err(), Some(Status::LOG_RECORD_NONEXISTENT));
}
