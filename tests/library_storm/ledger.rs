//! What the users of one stream know of it.

use std::collections::BTreeMap;

use clfsmgmt::log::{Cursor, Direction};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::world::TestHandle;

/// A record's number, from which its bytes follow, and its length.
pub(crate) type Written = (u64, usize);

pub(crate) fn payload((number, length): Written) -> Vec<u8> {
    let bytes = number.to_le_bytes();
    (0..length).map(|at| bytes[at % 8].wrapping_add((at / 8) as u8)).collect()
}

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) id: StreamId,
    /// From the base on.
    pub(crate) records: BTreeMap<Lsn, Written>,
    /// Below the base: a crash may bring them back.
    dropped: BTreeMap<Lsn, Written>,
    pub(crate) base: Lsn,
    /// Records below are durable.
    durable: Lsn,
    pub(crate) is_pending_delete: bool,
    pub(crate) is_to_be_reset: bool,
}

impl Ledger {
    pub(crate) fn new(handle: &TestHandle) -> Self {
        let id = handle.stream();
        let base = handle.log().with(|log| log.stream_information(id).unwrap().base).unwrap();
        let (records, dropped) = (BTreeMap::new(), BTreeMap::new());
        Self { id, records, dropped, base, durable: base, is_pending_delete: false, is_to_be_reset: false }
    }

    pub(crate) fn keep(&mut self, lsn: Lsn, written: Written) {
        assert!(self.records.last_key_value().is_none_or(|(last, _)| *last < lsn), "LSNs of a stream rise");
        self.records.insert(lsn, written);
    }

    /// Everything that was appended is durable.
    pub(crate) fn all_is_durable(&mut self) {
        self.durable = Lsn::INVALID;
    }

    /// What is appended from now on is not durable yet.
    pub(crate) fn begin_appending(&mut self) {
        if self.durable == Lsn::INVALID {
            self.durable =
                self.records.last_key_value().map_or(self.base, |(last, _)| last.with_record(last.record() + 1));
        }
    }

    pub(crate) fn move_base(&mut self, base: Lsn) {
        let wanted = self.records.split_off(&base);
        self.dropped.append(&mut self.records);
        (self.records, self.base) = (wanted, base);
    }

    /// Its records are gone for good.
    pub(crate) fn reset(&mut self) {
        self.records.clear();
        self.dropped.clear();
        self.is_to_be_reset = false;
    }

    /// Everything that is in the stream must be here, and the other way round.
    pub(crate) fn assert_is(&self, handle: &TestHandle) {
        let found = read_all(handle);
        assert!(found.iter().map(|(lsn, _)| lsn).eq(self.records.keys()), "{found:?} is not {:?}", self.records);
        for (lsn, data) in &found {
            assert!(*data == payload(self.records[lsn]), "{lsn}: other bytes");
        }
    }

    /// What a crash has left must be what was durable, and at most what was there.
    pub(crate) fn recover(&mut self, handle: &TestHandle) {
        self.id = handle.stream();
        let found = read_all(handle);
        let mut known = std::mem::take(&mut self.dropped);
        let wanted: Vec<Lsn> = self.records.range(..self.durable).map(|(lsn, _)| *lsn).collect();
        known.append(&mut self.records);
        for (lsn, data) in &found {
            let written = known.get(lsn).unwrap_or_else(|| panic!("{lsn} was never written"));
            assert!(*data == payload(*written), "{lsn}: other bytes");
            self.records.insert(*lsn, *written);
        }
        for lsn in wanted {
            assert!(self.records.contains_key(&lsn), "{lsn} was flushed and is lost");
        }
        if let (Some((first, _)), Some((last, _))) = (found.first(), found.last()) {
            assert_eq!(known.range(*first..=*last).count(), found.len(), "a record is missing between others");
        }
        self.base = handle.log().with(|log| log.stream_information(self.id).unwrap().base).unwrap();
        (self.is_pending_delete, self.is_to_be_reset) = (false, false);
        self.all_is_durable();
    }
}

/// Every record of a stream from its base on.
pub(crate) fn read_all(handle: &TestHandle) -> Vec<(Lsn, Vec<u8>)> {
    let mut cursor = Cursor::new(handle.stream(), Direction::Forward);
    let mut found = Vec::new();
    let first = |cursor: &mut Cursor| {
        handle.log().with(|log| log.read_first(cursor).map(|record| (record.lsn, record.data.to_vec()))).unwrap()
    };
    let next = |cursor: &mut Cursor| {
        handle.log().with(|log| log.read_next(cursor).map(|record| (record.lsn, record.data.to_vec()))).unwrap()
    };
    let mut outcome = first(&mut cursor);
    loop {
        match outcome {
            Ok(record) => found.push(record),
            Err(Status::END_OF_FILE) => return found,
            Err(status) => panic!("reading behind {:?}: {status}", found.last().map(|(lsn, _)| lsn)),
        }
        outcome = next(&mut cursor);
    }
}
