//! Memory runs out at every allocation in turn: each method says so and leaves the log as it was, or stops it.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{
    Admission, BlockLimit, Cursor, Direction, FlushTicket, Log, LogOptions, Removal, ReservationAccount,
};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::counting::{bytes, pause, refused};
use crate::faulty::Faulty;
use crate::model::{self, Kept, container, parts, payload, wide};
use crate::recorder::Recorder;

type Storage = Faulty<Recorder>;

fn storage() -> Storage {
    let storage = Faulty::new(Recorder::default());
    storage.faults.watch(pause);
    storage
}

/// A log where every method has something to do.
fn worked(is_multiplexed: bool) -> (Storage, Log<Storage>, Vec<StreamId>) {
    let storage = storage();
    let (mut log, ids) = model::ready(storage.clone(), if is_multiplexed { 2 } else { 0 }, 5, 1);
    while log.end_container() < 2 {
        model::append(&mut log, ids[0], &payload(1, 20_000)).unwrap();
    }
    log.write_restart_area(ids[0], &[&[1; 100]], None).unwrap();
    (storage, log, ids)
}

type Method = fn(&mut Log<Storage>, StreamId) -> Result<(), Status>;

fn methods() -> Vec<(&'static str, Method)> {
    vec![
        ("append", |log, id| log.append(id, &parts(&[&[7; 300]]), Admission::Free).map(drop)),
        ("reserve", |log, id| {
            let mut account = ReservationAccount::default();
            log.reserve(&mut account, 500)?;
            log.append(id, &parts(&[&[7; 300]]), Admission::Reserved(&mut account))?;
            log.free_account(&mut account);
            Ok(())
        }),
        ("flush", |log, id| log.flush(id)),
        ("allow", |log, id| log.allow_record(id, 200_000)),
        ("begin flush", |log, id| log.begin_flush(id).map(drop::<Option<FlushTicket<_>>>)),
        ("restart", |log, id| log.write_restart_area(id, &[&[1; 300]], log.last_lsn(id).ok()).map(drop)),
        ("advance", |log, id| log.advance_base(id, log.last_lsn(id)?)),
        ("add", |log, _| log.add_container(&NEW_NAME, None).map(drop)),
        ("remove free", |log, _| log.remove_free_container()),
        ("remove", |log, _| log.remove_container(&FIRST_NAME, Removal::WhenPassed)),
        ("create stream", |log, _| match log.create_stream(&NEW_NAME) {
            Err(Status::LOG_DEDICATED) => Ok(()),
            outcome => outcome.map(drop),
        }),
        ("delete stream", |log, id| match log.delete_stream(id) {
            Err(Status::LOG_DEDICATED) => Ok(()),
            outcome => outcome,
        }),
        ("information", |log, id| log.information().and(log.stream_information(id)).map(drop)),
    ]
}

/// `%BLF%\container0` and a new one, without memory.
const FIRST_NAME: [u16; 16] = name(b'0');
const NEW_NAME: [u16; 16] = name(b'9');

const fn name(last: u8) -> [u16; 16] {
    let text = b"%BLF%\\container";
    let mut name = [0; 16];
    let mut at = 0;
    while at < text.len() {
        name[at] = text[at] as u16;
        at += 1;
    }
    name[15] = last as u16;
    name
}

#[test]
fn every_method_survives_the_failure_of_each_allocation() {
    for (is_multiplexed, (what, method)) in
        [false, true].into_iter().flat_map(|kind| methods().into_iter().map(move |method| (kind, method)))
    {
        for nth in 1.. {
            let (storage, mut log, ids) = worked(is_multiplexed);
            let context = format!("multiplexed {is_multiplexed}, {what}, allocation {nth}");
            let state = |log: &Log<Storage>| (log.space(), log.stream_information(ids[0]), log.containers().count());
            let before = state(&log);
            let known = model::read_all(&log, ids[0]).unwrap();
            let (outcome, has_failed) = refused(nth, || method(&mut log, ids[0]));
            if outcome.is_err() {
                assert!(has_failed, "{context}: {outcome:?}");
                let is_stopped = log.fault().is_some();
                assert!(is_stopped || outcome == Err(Status::INSUFFICIENT_RESOURCES), "{context}: {outcome:?}");
                assert!(is_stopped || state(&log) == before, "{context}: changed, not stopped");
                assert!(!is_stopped || outcome == Err(Status::LOG_METADATA_FLUSH_FAILED), "{context}: {outcome:?}");
                if !is_stopped {
                    method(&mut log, ids[0]).unwrap_or_else(|status| panic!("{context}, again: {status}"));
                }
                log = Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap();
                if let Ok(information) = log.stream_information(ids[0]) {
                    let found = model::read_all(&log, ids[0]).unwrap();
                    let is_kept = |kept: &&Kept| kept.lsn < information.base || found.contains(kept);
                    assert!(known.iter().all(|kept| is_kept(&kept)), "{context}: lost");
                }
            }
            if !has_failed {
                break;
            }
        }
    }
}

#[test]
fn a_large_record_takes_memory_for_its_own_stream_only() {
    const LARGE: usize = 4_000_000;
    const MIB: isize = 1 << 20;
    let (mut log, ids) = model::ready(Recorder::default(), 96, 2, 10);
    let (late, early) = ids.split_last().unwrap();
    for id in early {
        log.append(*id, &parts(&[b"small"]), Admission::Free).unwrap();
    }
    let data = vec![7; LARGE];
    let before = bytes();
    log.allow_record(ids[0], LARGE).unwrap();
    log.append(ids[0], &parts(&[&data]), Admission::Free).unwrap();
    let taken = bytes() - before;
    // Its block, and the buffer in which blocks are sealed.
    assert!((7 * MIB..9 * MIB).contains(&taken), "{taken} bytes");
    // A stream that begins now is as if nothing had been.
    let before = bytes();
    log.append(*late, &parts(&[b"small"]), Admission::Free).unwrap();
    let taken = bytes() - before;
    assert!(taken < MIB / 4, "{taken} bytes");
    // Another one that needs it takes a block more, and no other buffer.
    assert_eq!(log.append(ids[1], &parts(&[&data]), Admission::Free), Err(Status::LOG_BLOCKS_EXHAUSTED));
    let before = bytes();
    log.allow_record(ids[1], LARGE).unwrap();
    let taken = bytes() - before;
    assert!((3 * MIB..5 * MIB).contains(&taken), "{taken} bytes");
    log.append(ids[1], &parts(&[&data]), Admission::Free).unwrap();
    for id in &ids {
        log.flush(*id).unwrap();
        assert!(model::read_all(&log, *id).is_ok_and(|found| !found.is_empty()));
    }
}

#[test]
fn moving_a_tail_and_flushing_take_no_memory() {
    let (_, mut log, ids) = worked(false);
    log.remove_container(&FIRST_NAME, Removal::WhenPassed).unwrap();
    let last = log.last_lsn(ids[0]).unwrap();
    let (outcome, has_failed) = refused(1, || {
        log.append(ids[0], &parts(&[&[7; 300]]), Admission::Free)?;
        log.flush(ids[0])?;
        log.advance_base(ids[0], last)?;
        log.write_restart_area(ids[0], &[&[1; 300]], None)
    });
    outcome.unwrap();
    assert!(!has_failed);
    assert!(!log.has_container(&FIRST_NAME));
}

#[test]
fn opening_survives_the_failure_of_each_allocation() {
    for is_multiplexed in [false, true] {
        let (storage, log, ids) = worked(is_multiplexed);
        let known = model::read_all(&log, ids[0]).unwrap();
        for access in [Access::Read, Access::Write] {
            for nth in 1.. {
                let open = || Log::open(storage.clone(), access, BlockLimit::DEFAULT);
                let (opened, has_failed) = refused(nth, || open().map_err(Status::from));
                let expected = has_failed.then_some(Status::INSUFFICIENT_RESOURCES);
                assert_eq!(opened.err(), expected, "allocation {nth}");
                if !has_failed {
                    break;
                }
            }
        }
        let log = Log::open(storage, Access::Read, BlockLimit::DEFAULT).unwrap();
        assert_eq!(model::read_all(&log, ids[0]).unwrap(), known);
    }
}

#[test]
fn reading_survives_the_failure_of_each_allocation() {
    for is_multiplexed in [false, true] {
        let (_, log, ids) = worked(is_multiplexed);
        let known = model::read_all(&log, ids[0]).unwrap();
        for nth in 1..200 {
            let mut cursor = Cursor::new(ids[0], Direction::Forward);
            let (outcome, has_failed) = refused(nth, || log.read(&mut cursor, known[9].lsn).map(drop));
            assert_eq!(outcome.err(), has_failed.then_some(Status::INSUFFICIENT_RESOURCES));
            let (outcome, has_failed) = refused(nth, || log.read_restart_area(&mut cursor).map(drop));
            assert_eq!(outcome.err(), has_failed.then_some(Status::INSUFFICIENT_RESOURCES));
            let (outcome, has_failed) = refused(nth, || log.read_first(&mut cursor).map(drop));
            assert_eq!(outcome.err(), has_failed.then_some(Status::INSUFFICIENT_RESOURCES));
        }
    }
}

#[test]
fn a_log_that_had_no_memory_to_be_created_left_no_file() {
    for nth in 1.. {
        let storage = storage();
        let name = wide("log");
        let options = LogOptions {
            is_multiplexed: true,
            is_archived: false,
            log_id: [7; 16],
            name: &name,
            block_limit: BlockLimit::DEFAULT,
        };
        let (outcome, has_failed) = refused(nth, || Log::create(storage.clone(), &options));
        assert_eq!(outcome.is_err(), has_failed);
        assert_eq!(storage.inner.open_names().is_empty(), has_failed, "allocation {nth}");
        if !has_failed {
            break;
        }
    }
    assert_eq!(container(0), FIRST_NAME);
    assert!(Lsn::NULL.is_valid());
}
