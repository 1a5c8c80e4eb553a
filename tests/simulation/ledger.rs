//! What the owner of a stream knows: every record it appended, and which of them it was told are durable.

use std::collections::BTreeMap;

use clfsmgmt::log::storage::Storage;
use clfsmgmt::log::{Cursor, Direction, Log};
use clfsmgmt::units::{Lsn, Status, StreamId};

const LENGTH_MIN: usize = 16;

/// Which record, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) number: u64,
    pub(crate) length: usize,
}

impl Written {
    pub(crate) fn new(number: u64, length: usize) -> Self {
        Self { number, length: length.max(LENGTH_MIN) }
    }

    pub(crate) fn data(self) -> Vec<u8> {
        let step = (self.number % 251).to_le_bytes()[0] | 1;
        let mut next = 0_u8;
        let mut data: Vec<u8> = std::iter::repeat_with(|| {
            next = next.wrapping_add(step);
            next
        })
        .take(self.length)
        .collect();
        data[..8].copy_from_slice(&self.number.to_le_bytes());
        data
    }

    fn of(data: &[u8]) -> Self {
        let number = u64::from_le_bytes(data[..8].try_into().unwrap());
        Self { number, length: data.len() }
    }
}

#[derive(Debug)]
pub(crate) struct Ledger {
    /// Everything that ever was in the stream.
    pub(crate) records: BTreeMap<Lsn, Written>,
    /// Where the base was moved to.
    pub(crate) base: Lsn,
    /// Where it may be, since moving it there failed half-way.
    pub(crate) base_tried: Lsn,
    /// Records below are acknowledged as durable.
    pub(crate) durable: Lsn,
    /// Restart areas that failed half-way: they may be found.
    pub(crate) maybe: Vec<Written>,
    /// Room for a restart area is certainly held.
    pub(crate) holds_restart: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            base: Lsn::NULL,
            base_tried: Lsn::NULL,
            durable: Lsn::NULL,
            maybe: Vec::new(),
            holds_restart: false,
        }
    }
}

impl Ledger {
    pub(crate) fn keep(&mut self, lsn: Lsn, written: Written) {
        let last = self.records.last_key_value();
        assert!(last.is_none_or(|(last, _)| *last < lsn), "{lsn} does not rise");
        self.records.insert(lsn, written);
    }

    /// Some record at or behind the base.
    pub(crate) fn wanted(&self) -> impl DoubleEndedIterator<Item = Lsn> + '_ {
        self.records.range(self.base..).map(|(lsn, _)| *lsn)
    }

    /// Compares a log that was opened again with what must and what may be in it, and goes on from there.
    pub(crate) fn reopen<S: Storage>(&mut self, log: &Log<S>, id: StreamId) {
        let found = read_all(log, id);
        for (lsn, written) in &found {
            let is_known = self.records.get(lsn) == Some(written);
            let is_possible = !self.records.contains_key(lsn) && self.maybe.contains(written);
            assert!(is_known || is_possible, "stream {id}: {written:?} at {lsn} was never written there");
        }
        let base = self.base.max(self.base_tried);
        for (lsn, written) in self.records.range(base..) {
            let is_found = found.contains_key(lsn);
            let is_hole = found.last_key_value().is_some_and(|(last, _)| last > lsn);
            assert!(
                is_found || (*lsn >= self.durable && !is_hole),
                "stream {id}: {written:?} at {lsn} is lost: durable below {}",
                self.durable
            );
        }
        let information = log.stream_information(id).unwrap();
        let is_past = |lsn: &Lsn| *lsn < information.base && *lsn < information.last;
        self.records.retain(|lsn, _| found.contains_key(lsn) || is_past(lsn));
        self.records.extend(found);
        self.base = information.base;
        self.base_tried = Lsn::NULL;
        self.durable = information.last;
        self.maybe.clear();
        self.holds_restart = false;
    }
}

fn read_all<S: Storage>(log: &Log<S>, id: StreamId) -> BTreeMap<Lsn, Written> {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut found = BTreeMap::new();
    let mut record = log.read_first(&mut cursor);
    loop {
        match record {
            Ok(read) => {
                let written = Written::of(read.data);
                assert!(read.data == written.data(), "stream {id}: damaged: {written:?}");
                found.insert(read.lsn, written);
            }
            Err(Status::END_OF_FILE) => return found,
            Err(status) => panic!("stream {id} behind {:?}: {status}", found.last_key_value()),
        }
        record = log.read_next(&mut cursor);
    }
}
