//! What must be found again: every record at or above its stream's base, in order.

use std::collections::VecDeque;

use clfsmgmt::units::{Lsn, StreamId};

/// One appended record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) lsn: Lsn,
    pub(super) previous: Lsn,
    /// Names the payload.
    pub(super) number: u64,
    pub(super) bytes: u64,
    pub(super) is_restart: bool,
}

/// What one stream must hold. Bounded by the log: what a base passes is forgotten.
#[derive(Debug, Default)]
pub(super) struct StreamLedger {
    pub(super) entries: VecDeque<Entry>,
    pub(super) restart: Option<Lsn>,
    /// All records ever appended to the stream.
    pub(super) appended: u64,
}

/// What the whole log must hold.
#[derive(Debug)]
pub(super) struct Ledger {
    streams: Vec<StreamLedger>,
    next_number: u64,
}

impl Ledger {
    pub(super) fn new(streams: usize) -> Self {
        Self { streams: (0..streams).map(|_| StreamLedger::default()).collect(), next_number: 1 }
    }

    /// The number of the next record.
    pub(super) const fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Notes an appended record, which had the next number.
    pub(super) fn note(&mut self, stream: usize, lsn: Lsn, previous: Lsn, bytes: u64, is_restart: bool) {
        let number = self.next_number;
        self.next_number += 1;
        if let Some(ledger) = self.streams.get_mut(stream) {
            ledger.entries.push_back(Entry { lsn, previous, number, bytes, is_restart });
            ledger.appended += 1;
            if is_restart {
                ledger.restart = Some(lsn);
            }
        }
    }

    /// Notes that a stream's base has moved.
    pub(super) fn advance(&mut self, stream: usize, base: Lsn) {
        if let Some(ledger) = self.streams.get_mut(stream) {
            while ledger.entries.front().is_some_and(|entry| entry.lsn < base) {
                ledger.entries.pop_front();
            }
            ledger.restart = ledger.restart.filter(|restart| *restart >= base);
        }
    }

    /// Every stream, by its place, with its id in the log.
    pub(super) fn streams(&self) -> impl Iterator<Item = (StreamId, &StreamLedger)> {
        (1..=StreamId::MAX.0).map(StreamId).zip(&self.streams)
    }
}
