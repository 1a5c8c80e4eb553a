//! Larger blocks in an open log: nothing that was promised or written is lost by them.
#![allow(clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log, ReservationAccount};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::model::{Kept, Known, append, assert_reads, parts, payload, ready};
use crate::recorder::Recorder;

const LARGE: usize = 900_000;

fn put(log: &mut Log<Recorder>, id: StreamId, known: &mut Known, length: usize) -> Result<(), Status> {
    let data = payload(known.lsns.len() as u64, length);
    let lsn = append(log, id, &data)?;
    let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
    known.keep(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
    Ok(())
}

#[test]
fn records_of_all_sizes_are_read_again_wherever_the_limit_was_raised() {
    for streams in [0, 2] {
        for step in 0..12 {
            let disk = Recorder::default();
            let (mut log, ids) = ready(disk.clone(), streams, 4, 4);
            let mut known = vec![Known::default(); ids.len()];
            let whole = if streams == 0 { 2 << 20 } else { 4 << 20 };
            // Up to where a large block fits, just fits and no longer fits into the container's rest.
            while u64::from(log.end().block_offset()) < whole - 1_100_000 + step * 90_000 && log.end_container() == 0 {
                put(&mut log, ids[0], &mut known[0], 60_000).unwrap();
                log.flush(ids[0]).unwrap();
            }
            for (id, known) in ids.iter().zip(&mut known) {
                put(&mut log, *id, known, 700).unwrap();
            }
            // All of them, one after the other, or none but the first.
            for id in ids.iter().take(if step % 2 == 0 { ids.len() } else { 1 }) {
                log.allow_record(*id, LARGE).unwrap();
            }
            for length in [10, LARGE, 60_000, 880_000] {
                for (id, known) in ids.iter().zip(&mut known) {
                    match put(&mut log, *id, known, length) {
                        Ok(()) | Err(Status::LOG_FULL) => {}
                        Err(Status::LOG_BLOCKS_EXHAUSTED) if step % 2 == 1 && *id != ids[0] => assert!(length > 65_000),
                        Err(status) => panic!("step {step}, {length} bytes: {status}"),
                    }
                    assert_reads(&log, *id, known);
                }
            }
            for id in &ids {
                log.flush(*id).unwrap();
            }
            drop(log);
            for access in [Access::Read, Access::Write] {
                let log = Log::open(disk.clone(), access, BlockLimit::DEFAULT).unwrap();
                for (id, known) in ids.iter().zip(&known) {
                    assert_reads(&log, *id, known);
                }
            }
        }
    }
}

#[test]
fn promises_are_kept_when_the_limit_is_raised_later() {
    for fillers in (0..160).step_by(5) {
        let (mut log, ids) = ready(Recorder::default(), 0, 4, 4);
        let mut account = ReservationAccount::default();
        for _ in 0..60 {
            log.reserve(&mut account, 60_000).unwrap();
        }
        for _ in 0..fillers {
            if append(&mut log, ids[0], &[1; 20_000]).is_err() {
                break;
            }
        }
        match log.allow_record(ids[0], LARGE) {
            Ok(()) | Err(Status::LOG_FULL) => {}
            Err(status) => panic!("{fillers}: {status}"),
        }
        while append(&mut log, ids[0], &[1; 3_000]).is_ok() {}
        while account.records() > 0 {
            log.append(ids[0], &parts(&[&[2; 60_000]]), Admission::Reserved(&mut account)).unwrap();
        }
        log.write_restart_area(ids[0], &[b"held back"], None).unwrap();
    }
}

#[test]
fn a_full_log_makes_room_for_the_largest_record_that_was_asked_for() {
    let (mut log, ids) = ready(Recorder::default(), 0, 3, 1);
    assert_eq!(
        log.allow_record(ids[0], LARGE),
        Err(Status::LOG_BLOCKS_EXHAUSTED),
        "two blocks do not fit into a container"
    );
    assert_eq!(log.allow_record(ids[0], 5_000_000), Err(Status::LOG_BLOCKS_EXHAUSTED));
    assert_eq!(append(&mut log, ids[0], &[1; 200_000]), Err(Status::LOG_BLOCKS_EXHAUSTED), "the limit is as it was");
    let mut lsns = Vec::new();
    while let Ok(lsn) = append(&mut log, ids[0], &[1; 3_000]) {
        lsns.push(lsn);
    }
    let behind = lsns.iter().find(|lsn| lsn.container() == 1).unwrap();
    log.allow_record(ids[0], 200_000).unwrap();
    assert_eq!(append(&mut log, ids[0], &[1; 200_000]), Err(Status::LOG_FULL));
    assert_eq!(log.space().spare_containers.0, 0);
    log.advance_base(ids[0], *behind).unwrap();
    assert_eq!(log.space().spare_containers.0, 1);
    log.allow_record(ids[0], 100).unwrap();
    append(&mut log, ids[0], &[1; 200_000]).unwrap();
}
