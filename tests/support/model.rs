//! What the owner of a log knows of its streams, and the comparison with everything that can be read.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::log::storage::Storage;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, LogOptions, ReadRecord, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub fn container(number: u32) -> Vec<u16> {
    wide(&format!("%BLF%\\container{number}"))
}

/// Bytes that no other number has.
pub fn payload(number: u64, length: usize) -> Vec<u8> {
    let mut data = vec![0; length];
    Xoshiro256PlusPlus::seed_from_u64(number).fill_bytes(&mut data);
    data
}

pub fn create<S: Storage>(storage: S, is_multiplexed: bool, limit: BlockLimit) -> Result<Log<S>, Status> {
    let options = LogOptions {
        is_multiplexed,
        is_archived: false,
        log_id: [7; 16],
        name: &wide("\\Device\\test.blf"),
        block_limit: limit,
    };
    Log::create(storage, &options)
}

/// A log with containers of the smallest size times `factor`, and the streams that records can go to.
pub fn ready<S: Storage>(storage: S, streams: u32, containers: u32, factor: u64) -> (Log<S>, Vec<StreamId>) {
    ready_with(storage, streams, containers, factor, BlockLimit::DEFAULT)
}

/// No streams: a dedicated log.
pub fn ready_with<S: Storage>(
    storage: S,
    streams: u32,
    containers: u32,
    factor: u64,
    limit: BlockLimit,
) -> (Log<S>, Vec<StreamId>) {
    let is_multiplexed = streams > 0;
    let mut log = create(storage, is_multiplexed, limit).unwrap();
    let unit = if is_multiplexed { 1 << 20 } else { 1 << 19 };
    for number in 0..containers {
        log.add_container(&container(number), Some(Bytes(unit * factor))).unwrap();
    }
    let ids = match streams {
        0 => vec![StreamId::PHYSICAL],
        count => (0..count).map(|number| log.create_stream(&wide(&format!("s{number}"))).unwrap()).collect(),
    };
    (log, ids)
}

pub fn parts<'a>(data: &'a [&'a [u8]]) -> RecordParts<'a> {
    RecordParts { data, undo_next: Lsn::INVALID, previous: Lsn::INVALID }
}

pub fn append<S: Storage>(log: &mut Log<S>, id: StreamId, data: &[u8]) -> Result<Lsn, Status> {
    log.append(id, &parts(&[data]), Admission::Free)
}

/// A record as it was given to the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    pub lsn: Lsn,
    pub kind: RecordKind,
    pub undo_next: Lsn,
    pub previous: Lsn,
    pub data: Vec<u8>,
}

impl Debug for Kept {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let start = &self.data[..self.data.len().min(8)];
        write!(formatter, "{} {:?} ", self.lsn, self.kind)?;
        write!(formatter, "undo {} previous {} {} bytes {start:x?}", self.undo_next, self.previous, self.data.len())
    }
}

impl Kept {
    pub fn of(record: &ReadRecord<'_>) -> Self {
        Self {
            lsn: record.lsn,
            kind: record.kind,
            undo_next: record.undo_next,
            previous: record.previous,
            data: record.data.to_vec(),
        }
    }
}

/// One stream as its owner knows it.
#[derive(Clone, Debug)]
pub struct Known {
    /// At or behind the base.
    pub records: BTreeMap<Lsn, Kept>,
    /// Below the base: they may come back when a crash takes back a base that was ahead of what was durable.
    pub dropped: BTreeMap<Lsn, Kept>,
    /// All LSNs that ever were.
    pub lsns: Vec<Lsn>,
    pub base: Lsn,
    pub restart: Lsn,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            dropped: BTreeMap::new(),
            lsns: Vec::new(),
            base: Lsn::NULL,
            restart: Lsn::INVALID,
        }
    }
}

impl Known {
    pub fn keep(&mut self, record: Kept) {
        assert!(self.lsns.last().is_none_or(|last| *last < record.lsn), "LSNs of a stream rise");
        self.lsns.push(record.lsn);
        self.records.insert(record.lsn, record);
    }

    pub fn move_base(&mut self, base: Lsn) {
        self.base = base;
        let wanted = self.records.split_off(&base);
        self.dropped.append(&mut self.records);
        self.records = wanted;
        if self.restart < base {
            self.restart = Lsn::INVALID;
        }
    }

    /// After a crash: `base` is the log's, records from `end` on are gone.
    pub fn fall_back(&mut self, base: Lsn, end: Lsn) {
        let wanted = self.records.range(..end).next().map(|(lsn, _)| *lsn);
        assert!(wanted.is_none_or(|wanted| base <= wanted), "a crash moved the base to {base} behind {wanted:?}");
        self.base = base;
        self.records.append(&mut self.dropped.split_off(&base));
        self.records.retain(|lsn, _| *lsn < end);
        self.lsns.retain(|lsn| *lsn < end);
    }
}

/// Every record of a stream from its base on.
pub fn read_all<S: Storage>(log: &Log<S>, id: StreamId) -> Result<Vec<Kept>, Status> {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut found = Vec::new();
    let mut outcome = log.read_first(&mut cursor).map(|record| Kept::of(&record));
    loop {
        match outcome {
            Ok(record) => found.push(record),
            Err(Status::END_OF_FILE) => return Ok(found),
            Err(status) => return Err(status),
        }
        outcome = log.read_next(&mut cursor).map(|record| Kept::of(&record));
    }
}

/// Compares all ways of reading a stream with what is known of it.
pub fn assert_reads<S: Storage>(log: &Log<S>, id: StreamId, known: &Known) {
    let expected: Vec<_> = known.records.values().cloned().collect();
    let found = read_all(log, id).unwrap_or_else(|status| panic!("stream {id}: {status}"));
    let lsns = |records: &[Kept]| records.iter().map(|record| record.lsn).collect::<Vec<_>>();
    assert_eq!(lsns(&found), lsns(&expected), "stream {id}: forward");
    assert_eq!(found, expected, "stream {id}: contents");
    assert_by_lsn(log, id, known);
    for direction in [Direction::Previous, Direction::UndoNext] {
        assert_chain(log, id, known, direction);
    }
    assert_restarts(log, id, known);
}

fn assert_by_lsn<S: Storage>(log: &Log<S>, id: StreamId, known: &Known) {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let scattered = known.lsns.iter().enumerate().filter(|(nth, _)| nth % 7 == known.lsns.len() % 7);
    for (_, lsn) in scattered.rev() {
        let expected = if *lsn < known.base { Err(Status::LOG_START_OF_LOG) } else { Ok(known.records[lsn].clone()) };
        assert_eq!(log.read(&mut cursor, *lsn).map(|record| Kept::of(&record)), expected, "stream {id}: {lsn}");
    }
}

fn assert_chain<S: Storage>(log: &Log<S>, id: StreamId, known: &Known, direction: Direction) {
    let Some(mut at) = known.records.keys().next_back().copied() else {
        return;
    };
    let mut cursor = Cursor::new(id, direction);
    log.read(&mut cursor, at).unwrap();
    for _ in 0..40 {
        let here = &known.records[&at];
        let next = if direction == Direction::Previous { here.previous } else { here.undo_next };
        let expected = known.records.get(&next).filter(|_| next < at).cloned().ok_or(Status::END_OF_FILE);
        let found = log.read_next(&mut cursor).map(|record| Kept::of(&record));
        assert_eq!(found, expected, "stream {id}: {direction:?} of {at}");
        if expected.is_err() {
            return;
        }
        at = next;
    }
}

fn assert_restarts<S: Storage>(log: &Log<S>, id: StreamId, known: &Known) {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut expected = known.restart;
    let mut found = log.read_restart_area(&mut cursor).map(|record| Kept::of(&record));
    while expected.is_valid() && expected >= known.base {
        let record = &known.records[&expected];
        assert_eq!(found.as_ref(), Ok(record), "stream {id}: restart areas");
        expected = record.previous;
        found = log.read_previous_restart_area(&mut cursor).map(|record| Kept::of(&record));
    }
    assert_eq!(found, Err(Status::LOG_NO_RESTART), "stream {id}: no more restart areas");
}
