//! Crashes at every moment: what was flushed is there, what is there was written, and the log goes on.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

#[path = "support/recorder.rs"]
mod recorder;

use std::collections::BTreeMap;

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, LogOptions, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use recorder::{Files, Loss, Recorder};

/// What the owner of the log knows of one stream.
#[derive(Clone, Debug, Default)]
struct Ledger {
    /// Every record ever appended: number to LSN.
    records: Vec<Lsn>,
    /// Records below this number were dropped by moving the base.
    first: usize,
    /// Records below this number are acknowledged as durable.
    durable: usize,
    restart: Option<usize>,
}

/// A moment and what was acknowledged by then.
struct Moment {
    position: usize,
    ledgers: BTreeMap<StreamId, Ledger>,
}

struct World {
    log: Log<Recorder>,
    disk: Recorder,
    ledgers: BTreeMap<StreamId, Ledger>,
    moments: Vec<Moment>,
    random: Xoshiro256PlusPlus,
    names: u32,
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn payload(stream: StreamId, number: usize, length: usize) -> Vec<u8> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64((u64::from(stream.0) << 40) | number as u64);
    let mut data = vec![0; length.max(16)];
    random.fill_bytes(&mut data);
    data[..8].copy_from_slice(&(number as u64).to_le_bytes());
    data
}

impl World {
    fn new(is_multiplexed: bool, seed: u64) -> Self {
        let disk = Recorder::default();
        let options = LogOptions {
            is_multiplexed,
            is_archived: false,
            log_id: [7; 16],
            name: &wide("\\Device\\log.blf"),
            block_limit: BlockLimit::DEFAULT,
        };
        let mut log = Log::create(disk.clone(), &options).unwrap();
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let size = if is_multiplexed { 1 << 20 } else { 512 << 10 };
        for number in 0..3 {
            log.add_container(&wide(&format!("%BLF%\\c{number}")), Some(Bytes(size))).unwrap();
        }
        let streams = if is_multiplexed {
            (0..3).map(|number| log.create_stream(&wide(&format!("s{number}"))).unwrap()).collect()
        } else {
            vec![StreamId::PHYSICAL]
        };
        let ledgers = streams.into_iter().map(|id| (id, Ledger::default())).collect();
        let mut world = Self { log, disk, ledgers, moments: Vec::new(), random, names: 3 };
        world.note();
        world
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.random.next_u32() % bound
    }

    fn note(&mut self) {
        self.moments.push(Moment { position: self.disk.position(), ledgers: self.ledgers.clone() });
    }

    fn some_stream(&mut self) -> StreamId {
        let nth = self.below(self.ledgers.len() as u32) as usize;
        *self.ledgers.keys().nth(nth).unwrap()
    }

    fn append(&mut self, id: StreamId) -> Result<(), Status> {
        let length = match self.below(10) {
            0 => self.below(60_000),
            1..4 => self.below(9_000),
            _ => self.below(400),
        } as usize;
        let ledger = &self.ledgers[&id];
        let number = ledger.records.len();
        let previous = ledger.records.last().copied().unwrap_or(Lsn::INVALID);
        let data = payload(id, number, length);
        let parts = RecordParts { data: &[&data[..3], &data[3..]], undo_next: Lsn::INVALID, previous };
        let lsn = self.log.append(id, &parts, Admission::Free)?;
        let ledger = self.ledgers.get_mut(&id).unwrap();
        assert!(ledger.records.last().is_none_or(|last| *last < lsn), "LSNs of a stream rise");
        ledger.records.push(lsn);
        Ok(())
    }

    fn flush(&mut self, id: StreamId) {
        self.log.flush(id).unwrap();
        let ledger = self.ledgers.get_mut(&id).unwrap();
        ledger.durable = ledger.records.len();
    }

    /// Drops the older part of a stream's records by a restart area or by moving the base.
    fn drop_old(&mut self, id: StreamId) {
        let ledger = &self.ledgers[&id];
        if ledger.first + 1 >= ledger.records.len() {
            return;
        }
        let first = ledger.first + 1 + self.random.next_u32() as usize % (ledger.records.len() - ledger.first - 1);
        let base = ledger.records[first];
        if self.below(2) == 0 {
            let number = self.ledgers[&id].records.len();
            let data = payload(id, number, 100);
            match self.log.write_restart_area(id, &[&data], Some(base)) {
                Ok(lsn) => {
                    let ledger = self.ledgers.get_mut(&id).unwrap();
                    ledger.records.push(lsn);
                    ledger.durable = ledger.records.len();
                    ledger.restart = Some(number);
                }
                Err(Status::LOG_FULL) => return,
                Err(status) => panic!("restart area: {status}"),
            }
        } else {
            self.log.advance_base(id, base).unwrap();
        }
        let ledger = self.ledgers.get_mut(&id).unwrap();
        ledger.first = first;
        ledger.durable = ledger.durable.max(first);
        ledger.restart = ledger.restart.filter(|restart| *restart >= first);
    }

    fn step(&mut self) {
        let id = self.some_stream();
        match self.below(40) {
            0..30 => match self.append(id) {
                Ok(()) => {}
                Err(Status::LOG_FULL) => {
                    for id in self.ledgers.keys().copied().collect::<Vec<_>>() {
                        self.drop_old(id);
                    }
                }
                Err(status) => panic!("append: {status}"),
            },
            30..36 => self.flush(id),
            36..38 => self.drop_old(id),
            38 if self.log.space().total_containers.0 < 5 => {
                self.names += 1;
                self.log.add_container(&wide(&format!("%BLF%\\c{}", self.names)), None).unwrap();
            }
            39 if self.log.space().total_containers.0 > 3 => {
                let outcome = self.log.remove_free_container();
                assert!(matches!(outcome, Ok(()) | Err(Status::LOG_CANT_DELETE)), "{outcome:?}");
            }
            _ => {}
        }
        self.note();
    }
}

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
fn check(log: &Log<Recorder>, before: &Moment, after: &Moment, context: &str) {
    for (id, acknowledged) in &before.ledgers {
        let written = &after.ledgers[id];
        let found = read_all(log, *id);
        for (lsn, number, data) in &found {
            let number = *number as usize;
            assert_eq!(written.records.get(number), Some(lsn), "{context}: stream {id}: invented {number}");
            assert_eq!(data, &payload(*id, number, data.len()), "{context}: stream {id}: record {number} is damaged");
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
        let disk = Recorder::holding(files.clone());
        let log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT);
        let mut log = log.unwrap_or_else(|error| panic!("{context}: {error:?}"));
        check(&log, before, after, &context);
        go_on(&mut log, &context);
        // A second crash right after: nothing that was torn the first time may come back.
        let files = disk.after_crash(&files, disk.position(), Loss::Sectors, &mut random);
        let log = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT);
        let log = log.unwrap_or_else(|error| panic!("{context}, again: {error:?}"));
        let ids: Vec<_> = log.stream_ids().filter(|id| !is_multiplexed || id.0 > 0).collect();
        for id in ids {
            for (_, number, data) in read_all(&log, id) {
                let is_new = number == u64::MAX;
                assert!(is_new || data == payload(id, number as usize, data.len()), "{context}: second crash");
            }
        }
    }
}

/// The recovered log takes records, and flushes some of them.
fn go_on(log: &mut Log<Recorder>, context: &str) {
    let is_multiplexed = log.is_multiplexed();
    let ids: Vec<_> = log.stream_ids().filter(|id| !is_multiplexed || id.0 > 0).collect();
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
