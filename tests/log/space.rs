//! Space is honest: what was admitted can be written, what is held back can be used, what is reported is there.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::log::{
    Admission, BlockLimit, ContainerState, Log, LogOptions, RESTART_BYTES_HELD, Removal, ReservationAccount,
};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{append, container, parts, payload, ready, ready_with, wide};
use crate::recorder::Recorder;

fn below(random: &mut Xoshiro256PlusPlus, bound: u32) -> usize {
    (random.next_u32() % bound) as usize
}

/// Appends records of random sizes to random streams until the log is full for every size.
fn fill<S: Storage>(log: &mut Log<S>, ids: &[StreamId], random: &mut Xoshiro256PlusPlus, largest: u32) {
    let mut refused = 0;
    while refused < 20 {
        let length = if refused > 10 { 0 } else { below(random, largest) };
        let id = ids[below(random, ids.len() as u32)];
        match append(log, id, &vec![1; length]) {
            Ok(_) => refused = 0,
            Err(Status::LOG_FULL) => refused += 1,
            Err(status) => panic!("{status}"),
        }
        if below(random, 50) == 0 {
            log.flush(id).unwrap();
        }
    }
    assert_eq!(log.fault(), None);
}

fn flush_all<S: Storage>(log: &mut Log<S>, ids: &[StreamId]) {
    for id in ids {
        log.flush(*id).unwrap_or_else(|status| panic!("flush of {id}: {status}"));
    }
}

fn empty<S: Storage>(log: &mut Log<S>, ids: &[StreamId]) {
    for id in ids {
        log.advance_base(*id, log.last_lsn(*id).unwrap()).unwrap();
    }
}

#[test]
fn whatever_was_admitted_can_be_written() {
    for (seed, streams) in [0, 1, 5, 40, 96, 0, 3, 96].into_iter().enumerate() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
        let (mut log, ids) = ready(Recorder::default(), streams, 12, 1);
        for largest in [60_000, 500, 9_000] {
            fill(&mut log, &ids, &mut random, largest);
            flush_all(&mut log, &ids);
            empty(&mut log, &ids);
            assert!(log.space().free_containers.0 > 8, "an empty stream pins nothing");
        }
    }
}

#[test]
fn larger_blocks_and_containers_keep_the_promise_too() {
    for (factor, record) in [(2, 60_000), (4, 900_000), (8, 1_500_000)] {
        for streams in [0, 4] {
            let limit = BlockLimit::of(65_536, record).unwrap();
            let mut random = Xoshiro256PlusPlus::seed_from_u64(factor);
            let (mut log, ids) = ready_with(Recorder::default(), streams, 4, factor, limit);
            fill(&mut log, &ids, &mut random, u32::try_from(record).unwrap());
            flush_all(&mut log, &ids);
            empty(&mut log, &ids);
            fill(&mut log, &ids, &mut random, 3_000);
            flush_all(&mut log, &ids);
        }
    }
}

#[test]
fn reservations_can_be_used_on_a_full_log() {
    for streams in [0, 3, 60] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(streams));
        let (mut log, ids) = ready(Recorder::default(), streams, 6, 1);
        let mut account = ReservationAccount::default();
        let mut sizes = Vec::new();
        for _ in 0..150 {
            let size = below(&mut random, 8_000);
            log.reserve(&mut account, size).unwrap();
            sizes.push(size);
        }
        assert_eq!(account.records(), 150);
        assert_eq!(log.space().total_reservation, Bytes(account.bytes()));
        fill(&mut log, &ids, &mut random, 20_000);
        for size in sizes {
            let id = ids[below(&mut random, ids.len() as u32)];
            let data = vec![2; size];
            log.append(id, &parts(&[&data]), Admission::Reserved(&mut account)).unwrap();
        }
        assert_eq!(account, ReservationAccount::default());
        assert_eq!(log.space().total_reservation, Bytes(0));
        flush_all(&mut log, &ids);
    }
}

#[test]
fn reservations_and_restart_areas_can_be_used_with_one_container_left() {
    let (mut log, ids) = ready(Recorder::default(), 0, 2, 1);
    let mut account = ReservationAccount::default();
    log.reserve(&mut account, 100).unwrap();
    log.remove_free_container().unwrap();
    assert_eq!(append(&mut log, ids[0], b"new"), Err(Status::LOG_NOT_ENOUGH_CONTAINERS));
    log.append(ids[0], &parts(&[b"reserved"]), Admission::Reserved(&mut account)).unwrap();
    log.write_restart_area(ids[0], &[&[1; RESTART_BYTES_HELD]], None).unwrap();
}

#[test]
fn every_stream_can_write_a_restart_area_on_a_full_log_again_and_again() {
    for streams in [0, 1, 8, 64, 96] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(streams));
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        for round in 0..3 {
            fill(&mut log, &ids, &mut random, 9_000);
            for id in ids.iter().rev() {
                let data = payload(u64::from(id.0), RESTART_BYTES_HELD);
                let outcome = log.write_restart_area(*id, &[&data], None);
                outcome.unwrap_or_else(|status| panic!("{streams} streams, round {round}, {id}: {status}"));
            }
            flush_all(&mut log, &ids);
            empty(&mut log, &ids);
        }
    }
}

#[test]
fn restart_areas_free_a_full_log() {
    for streams in [0, 12] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        for _ in 0..10 {
            fill(&mut log, &ids, &mut random, 9_000);
            for id in &ids {
                let base = log.last_lsn(*id).unwrap();
                log.write_restart_area(*id, &[b"all done"], Some(base)).unwrap();
            }
            assert!(append(&mut log, ids[0], &[0; 60_000]).is_ok());
        }
    }
}

#[test]
fn spare_containers_are_there() {
    for (seed, streams) in [0, 1, 7, 50].into_iter().enumerate() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
        let (mut log, ids) = ready(Recorder::default(), streams, 8, 1);
        for _ in 0..40 {
            for _ in 0..below(&mut random, 200) {
                let id = ids[below(&mut random, ids.len() as u32)];
                let _ = append(&mut log, id, &vec![0; below(&mut random, 10_000)]);
            }
            let space = log.space();
            assert!(space.spare_containers <= space.free_containers);
            assert!(space.current_available <= space.total_available);
            if space.spare_containers.0 == 0 {
                empty(&mut log, &ids);
            }
        }
        // One block of 64 KiB of a container may be lost to padding; the rest takes whole blocks of any size.
        let spare = log.space().spare_containers.0 as usize;
        let id = ids[0];
        for length in [400, 60_000] {
            let blocks = spare * (log.space().container_size.0 as usize - 65_536 - 8_192) / (length + 1_024);
            for nth in 0..blocks {
                let outcome = append(&mut log, id, &vec![0; length]);
                outcome.unwrap_or_else(|status| panic!("{nth} of {blocks}: {status}"));
            }
            flush_all(&mut log, &ids);
            empty(&mut log, &ids);
        }
    }
}

#[test]
fn removing_free_containers_breaks_no_promise() {
    for seed in 0..20 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let streams = [0, 2, 30][seed as usize % 3];
        let (mut log, ids) = ready(Recorder::default(), streams, 8, 1);
        let mut account = ReservationAccount::default();
        let mut reserved = 0;
        for _ in 0..below(&mut random, 60) {
            log.reserve(&mut account, 30_000).unwrap();
            reserved += 1;
        }
        for _ in 0..300 {
            let id = ids[below(&mut random, ids.len() as u32)];
            let _ = append(&mut log, id, &vec![0; below(&mut random, 9_000)]);
        }
        while log.remove_free_container().is_ok() {}
        for _ in 0..reserved {
            let id = ids[below(&mut random, ids.len() as u32)];
            log.append(id, &parts(&[&[0; 30_000]]), Admission::Reserved(&mut account)).unwrap();
        }
        flush_all(&mut log, &ids);
        for id in &ids {
            log.write_restart_area(*id, &[&[0; RESTART_BYTES_HELD]], None).unwrap();
        }
    }
}

#[test]
fn a_container_that_is_pending_goes_when_the_tail_has_passed_it() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path().join("log.blf"));
    let (mut log, ids) = ready(storage.clone(), 0, 3, 1);
    append(&mut log, ids[0], b"in the first container").unwrap();
    log.flush(ids[0]).unwrap();
    log.remove_container(&container(0), Removal::WhenPassed).unwrap();
    let state = |log: &Log<FileStorage>| log.containers().next().unwrap().state;
    assert_eq!(state(&log), ContainerState::ActivePendingDelete);
    log.close().unwrap();
    let mut log = Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(state(&log), ContainerState::ActivePendingDelete);
    while log.end_container() == 0 {
        append(&mut log, ids[0], &[0; 60_000]).unwrap();
    }
    assert!(folder.path().join("container0").exists());
    log.advance_base(ids[0], log.last_lsn(ids[0]).unwrap()).unwrap();
    assert!(!folder.path().join("container0").exists() && !log.has_container(&container(0)));
    assert_eq!(log.space().total_containers.0, 2);
    log.close().unwrap();
    Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap();
}

#[test]
fn the_last_container_stays_even_when_all_are_pending() {
    let (mut log, ids) = ready(Recorder::default(), 0, 2, 1);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    fill(&mut log, &ids, &mut random, 60_000);
    flush_all(&mut log, &ids);
    while append(&mut log, ids[0], &[0; 400]).is_ok() {
        log.flush(ids[0]).unwrap();
    }
    for number in 0..2 {
        let outcome = log.remove_container(&container(number), Removal::WhenPassed);
        assert!(matches!(outcome, Ok(()) | Err(Status::LOG_CANT_DELETE)));
    }
    empty(&mut log, &ids);
    assert!(log.space().total_containers.0 >= 1);
}

#[test]
fn the_archive_tail_pins_what_was_not_archived() {
    let options = LogOptions {
        is_multiplexed: false,
        is_archived: true,
        log_id: [1; 16],
        name: &wide("archived"),
        block_limit: BlockLimit::DEFAULT,
    };
    let disk = Recorder::default();
    let mut log = Log::create(disk.clone(), &options).unwrap();
    for number in 0..3 {
        log.add_container(&container(number), Some(Bytes(1 << 19))).unwrap();
    }
    let id = StreamId::PHYSICAL;
    while append(&mut log, id, &[0; 50_000]).is_ok() {}
    log.flush(id).unwrap();
    let last = log.last_lsn(id).unwrap();
    log.advance_base(id, last).unwrap();
    assert_eq!(append(&mut log, id, &[0; 50_000]), Err(Status::LOG_FULL));
    assert_eq!(log.archive_tail(), Some(Lsn::NULL));
    drop(log);
    let mut log = Log::open(disk, Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(append(&mut log, id, &[0; 50_000]), Err(Status::LOG_FULL));
    log.set_archive_tail(last).unwrap();
    append(&mut log, id, &[0; 50_000]).unwrap();
}
