//! Crashes at every moment: what was flushed is there, what is there was written, and the log goes on.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, RecordParts};
use clfsmgmt::units::{Lsn, Status, StreamId};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::crash_world::{Moment, World, payload};
use crate::recorder::{Files, Loss, Recorder};

/// Reads a recovered stream from its base to its end.
fn read_all(log: &Log<Recorder>, id: StreamId) -> Vec<(Lsn, u64, Vec<u8>)> {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut found = Vec::new();
    let mut record = log.read_first(&mut cursor);
    loop {
        match record {
            Ok(read) => {
                let number = u64::from_le_bytes(read.data[..8].try_into().unwrap());
                found.push((read.lsn, number, read.data.to_vec()));
            }
            Err(Status::END_OF_FILE) => return found,
            Err(status) => panic!("stream {id} after {:?}: {status}", found.last().map(|(lsn, ..)| lsn)),
        }
        record = log.read_next(&mut cursor);
    }
}

/// What must hold of a log that was opened after a crash between two moments.
pub(super) fn check(log: &Log<Recorder>, before: &Moment, after: &Moment, context: &str) {
    for (id, acknowledged) in &before.ledgers {
        // The stream may have been deleted in the step that was cut, and its id used again.
        let Some(written) = after.ledgers.get(id) else {
            continue;
        };
        if written.name != acknowledged.name {
            continue;
        }
        let found = read_all(log, *id);
        for (lsn, number, data) in &found {
            let number = *number as usize;
            assert_eq!(written.records.get(number), Some(lsn), "{context}: stream {id}: invented {number}");
            assert_eq!(
                data,
                &payload(written.name, number, data.len()),
                "{context}: stream {id}: record {number} is damaged"
            );
        }
        for pair in found.windows(2) {
            assert_eq!(pair[1].1, pair[0].1 + 1, "{context}: stream {id}: a hole");
        }
        // The base may have moved on in the step that was cut.
        let first = acknowledged.first.max(written.first);
        if first < acknowledged.durable {
            let last = found.last().map(|(_, number, _)| *number as usize);
            assert!(last.is_some_and(|last| last + 1 >= acknowledged.durable), "{context}: stream {id}: lost");
            assert!(found[0].1 as usize <= first, "{context}: stream {id}: lost at the base");
        }
        if acknowledged.restart.is_some() && acknowledged.restart == written.restart {
            let mut cursor = Cursor::new(*id, Direction::Forward);
            let lsn = log.read_restart_area(&mut cursor).map(|record| record.lsn);
            assert_eq!(lsn.ok(), acknowledged.restart.map(|number| written.records[number]), "{context}: restart");
        }
    }
}

fn crash_everywhere(is_multiplexed: bool, seed: u64, steps: usize, cuts: usize) {
    let mut world = World::new(is_multiplexed, seed);
    for _ in 0..steps {
        world.step();
    }
    assert!(world.log.end_container() > 5, "the log went round: {}", world.log.end_container());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(!seed);
    let total = world.disk.position();
    for nth in 0..cuts {
        let first = world.moments[0].position;
        let cut = first + (total - first) * nth / cuts;
        let behind = world.moments.partition_point(|moment| moment.position <= cut);
        let before = &world.moments[behind - 1];
        let after = &world.moments[behind.min(world.moments.len() - 1)];
        let loss = [Loss::Sectors, Loss::Writes, Loss::Everything, Loss::Nothing][nth % 4];
        let context = format!("seed {seed}, cut {cut} of {total}, {loss:?}");
        let files = world.disk.after_crash(&Files::new(), cut, loss, &mut random);
        let reader = Log::open(Recorder::holding(files.clone()), Access::Read, BlockLimit::DEFAULT);
        let reader = reader.unwrap_or_else(|error| panic!("{context}, to read: {error:?}"));
        check(&reader, before, after, &format!("{context}, to read"));
        let disk = Recorder::holding(files.clone());
        let log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT);
        let mut log = log.unwrap_or_else(|error| panic!("{context}: {error:?}"));
        check(&log, before, after, &context);
        let recovered = everything(&log);
        go_on(&mut log, &context);
        // A second crash right after: nothing that was torn the first time may come back.
        let files = disk.after_crash(&files, disk.position(), Loss::Sectors, &mut random);
        let log = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT);
        let log = log.unwrap_or_else(|error| panic!("{context}, again: {error:?}"));
        for (first, second) in recovered.iter().zip(everything(&log)) {
            assert!(second.len() >= first.len(), "{context}: lost by a second crash");
            let (same, new) = second.split_at(first.len());
            assert!(same == first, "{context}: second crash: other records than before");
            assert!(new.iter().all(|(_, number, _)| *number == u64::MAX), "{context}: second crash: records came back");
        }
    }
}

/// The streams of a log.
fn ids(log: &Log<Recorder>) -> impl Iterator<Item = StreamId> {
    (0..=StreamId::MAX.0).map(StreamId).filter(|id| log.stream_information(*id).is_ok())
}

/// The records of all streams.
pub(super) fn everything(log: &Log<Recorder>) -> Vec<Vec<(Lsn, u64, Vec<u8>)>> {
    let is_multiplexed = log.is_multiplexed();
    ids(log).filter(|id| !is_multiplexed || id.0 > 0).map(|id| read_all(log, id)).collect()
}

/// The recovered log takes records, and flushes some of them.
pub(super) fn go_on(log: &mut Log<Recorder>, context: &str) {
    let is_multiplexed = log.is_multiplexed();
    let ids: Vec<_> = ids(log).filter(|id| !is_multiplexed || id.0 > 0).collect();
    for id in ids {
        let data = [0xFF; 700];
        let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
        match log.append(id, &parts, Admission::Free) {
            Ok(lsn) => {
                let mut cursor = Cursor::new(id, Direction::Forward);
                assert_eq!(log.read(&mut cursor, lsn).unwrap().data, data, "{context}");
                drop(log.begin_flush(id).unwrap());
            }
            Err(Status::LOG_FULL) => {}
            Err(status) => panic!("{context}: {status}"),
        }
    }
}

#[test]
fn a_multiplexed_log_survives_crashes_everywhere() {
    for seed in 0..4 {
        crash_everywhere(true, seed, 4_000, 60);
    }
}

#[test]
fn a_dedicated_log_survives_crashes_everywhere() {
    for seed in 10..14 {
        crash_everywhere(false, seed, 4_000, 60);
    }
}

#[test]
fn a_reader_stops_before_a_region_whose_owner_page_was_lost() {
    let mut world = World::new(true, 2);
    let id = *world.ledgers.keys().next().unwrap();
    let data = payload(0, 0, 60_000);
    let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
    while world.log.last_lsn(id).unwrap().block_offset() < 0x70000 {
        world.log.append(id, &parts, Admission::Free).unwrap();
        world.log.flush(id).unwrap();
    }
    // The block that reaches over the owner page is written, and not flushed.
    for _ in 0..2 {
        world.log.append(id, &parts, Admission::Free).unwrap();
    }
    for seed in 0..60 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let cut = world.disk.position();
        let files = world.disk.after_crash(&Files::new(), cut, Loss::Writes, &mut random);
        let disk = Recorder::holding(files);
        let log = Log::open(disk.clone(), Access::Read, BlockLimit::DEFAULT).unwrap();
        assert!(!read_all(&log, id).is_empty(), "seed {seed}");
        let log = Log::open(disk, Access::Write, BlockLimit::DEFAULT).unwrap();
        assert!(!read_all(&log, id).is_empty(), "seed {seed}");
    }
}
