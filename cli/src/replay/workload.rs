//! The trace as transactions: who writes which records, in which stream.

use std::collections::HashMap;

use super::payload::PAYLOAD_BYTES_MIN;
use crate::trace::{Event, Kind, Trace};

/// No further record.
const NONE: u32 = u32::MAX;

/// What a rolled back transaction writes at its end.
pub(super) const ABORT_BYTES: u32 = 32;

/// One transaction, or a record that belongs to none and stands for itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transaction {
    /// Its number in the trace, 0 for a record on its own.
    pub(super) number: u64,
    pub(super) stream: u8,
    first_event: u32,
    pub(super) events: u32,
    /// The largest of its end record and the abort record it may come to.
    pub(super) reserved_bytes: u32,
}

/// All transactions of a trace.
///
/// # Invariants
/// Every event belongs to exactly one transaction, at most `u32::MAX - 1` events.
#[derive(Debug)]
pub(super) struct Workload<'a> {
    events: &'a [Event],
    next: Vec<u32>,
    pub(super) transactions: Vec<Transaction>,
}

impl<'a> Workload<'a> {
    /// Deals the transactions of a trace out to streams.
    pub(super) fn new(trace: &'a Trace, streams: u8) -> Self {
        let mut workload =
            Self { events: &trace.events, next: vec![NONE; trace.events.len()], transactions: Vec::new() };
        let mut open: HashMap<u64, (usize, usize)> = HashMap::new();
        for (index, event) in trace.events.iter().enumerate() {
            if event.transaction == 0 {
                workload.begin(index, event, streams);
                continue;
            }
            let (transaction, last) = match open.get(&event.transaction) {
                Some(known) => *known,
                None => (workload.begin(index, event, streams), index),
            };
            if last != index {
                workload.go_on(transaction, last, index);
            }
            let ends = matches!(event.kind, Kind::Commit | Kind::Abort);
            if ends {
                open.remove(&event.transaction);
                workload.end(transaction, event);
            } else {
                open.insert(event.transaction, (transaction, index));
            }
        }
        workload
    }

    fn begin(&mut self, index: usize, event: &Event, streams: u8) -> usize {
        let ordinal = self.transactions.len();
        let by = event.stream.map_or_else(
            || {
                if event.transaction == 0 { ordinal as u64 } else { event.transaction }
            },
            u64::from,
        );
        let stream = u8::try_from(by % u64::from(streams)).unwrap_or(0);
        let first_event = u32::try_from(index).unwrap_or(NONE);
        let reserved_bytes = if event.transaction == 0 { 0 } else { ABORT_BYTES };
        let number = event.transaction;
        self.transactions.push(Transaction { number, stream, first_event, events: 1, reserved_bytes });
        ordinal
    }

    fn go_on(&mut self, transaction: usize, last: usize, index: usize) {
        if let Some(next) = self.next.get_mut(last) {
            *next = u32::try_from(index).unwrap_or(NONE);
        }
        if let Some(transaction) = self.transactions.get_mut(transaction) {
            transaction.events += 1;
        }
    }

    fn end(&mut self, transaction: usize, event: &Event) {
        if let Some(transaction) = self.transactions.get_mut(transaction) {
            let bytes = u32::try_from(PAYLOAD_BYTES_MIN).unwrap_or(0).max(event.bytes);
            transaction.reserved_bytes = transaction.reserved_bytes.max(bytes);
        }
    }

    /// The first event of a transaction.
    pub(super) fn first_event(&self, transaction: usize) -> Option<usize> {
        let first = self.transactions.get(transaction)?.first_event;
        usize::try_from(first).ok()
    }

    /// The event of the same transaction behind `event`.
    pub(super) fn next_event(&self, event: usize) -> Option<usize> {
        let next = *self.next.get(event)?;
        if next == NONE { None } else { usize::try_from(next).ok() }
    }

    pub(super) fn event(&self, index: usize) -> Option<&'a Event> {
        self.events.get(index)
    }

    /// The data bytes of the largest record.
    pub(super) fn largest_record(&self) -> usize {
        let largest = self.events.iter().map(|event| event.bytes).max().unwrap_or(0).max(ABORT_BYTES);
        usize::try_from(largest).unwrap_or(usize::MAX).max(PAYLOAD_BYTES_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(transaction: u64, kind: Kind, bytes: u32) -> Event {
        Event { time_us: 0, transaction, stream: None, bytes, kind }
    }

    #[test]
    fn every_event_belongs_to_one_transaction_and_a_number_used_again_is_a_new_one() {
        let events = vec![
            event(5, Kind::Data, 100),
            event(0, Kind::Data, 50),
            event(6, Kind::Data, 100),
            event(5, Kind::Commit, 60),
            event(5, Kind::Data, 70),
        ];
        let trace = Trace { events, source: String::new() };
        let workload = Workload::new(&trace, 4);
        let sizes: Vec<_> = workload.transactions.iter().map(|one| (one.number, one.events, one.stream)).collect();
        assert_eq!(sizes, [(5, 2, 1), (0, 1, 1), (6, 1, 2), (5, 1, 1)]);
        assert_eq!(workload.transactions[0].reserved_bytes, 60);
        assert_eq!(workload.first_event(0).and_then(|first| workload.next_event(first)), Some(3));
        assert_eq!(workload.next_event(3), None);
    }
}
