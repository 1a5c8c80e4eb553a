//! The journal: what happened, in the order of its sequence numbers.
//!
//! A ring. Who reads in time gets everything; who comes too late is told so, and so is everybody if there was no memory for it.

use alloc::vec::Vec;

use clfs_client_interface::wire::Writer;
use clfs_client_interface::{Event, EventKind};
use wdk_sys::ntddk::PsGetCurrentThreadId;
use wdk_sys::{NTSTATUS, STATUS_BUFFER_TOO_SMALL, STATUS_INSUFFICIENT_RESOURCES, STATUS_NOT_FOUND};

use super::level;
use super::lock::Lock;

/// So many of the last events are kept.
const CAPACITY: usize = 16_384;

static JOURNAL: Lock<Journal> = Lock::new(Journal { next: 0, oldest: 0, events: Vec::new() });

/// # Invariants
/// * `events` holds what has a sequence number from `oldest` on and below `next`, each at its number modulo [`CAPACITY`].
struct Journal {
    next: u64,
    oldest: u64,
    /// Taken whole before the first event is kept.
    events: Vec<Event>,
}

/// An event of this thread, now; its sequence number is given when it is kept.
pub(crate) fn event(kind: EventKind, subject: u16, status: NTSTATUS) -> Event {
    // SAFETY: no precondition; any IRQL.
    let thread = unsafe { PsGetCurrentThreadId() };
    Event {
        sequence: 0,
        kind,
        subject,
        thread: u64::try_from(thread.addr()).unwrap_or(u64::MAX),
        irql: level::current(),
        status,
        target: 0,
        is_pinned: false,
        is_addressed_right: true,
    }
}

/// Takes the memory, unless it is there. Before anything can happen that is to be kept.
///
/// # Errors
/// There is none.
pub(crate) fn make_ready() -> Result<(), NTSTATUS> {
    if !JOURNAL.lock().events.is_empty() {
        return Ok(());
    }
    let mut events = Vec::new();
    events.try_reserve_exact(CAPACITY).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    let nothing = Event { thread: 0, ..event(EventKind::Calls(clfs_client_interface::Routine::Sleep), 0, 0) };
    events.resize(CAPACITY, nothing);
    let mut journal = JOURNAL.lock();
    if journal.events.is_empty() {
        journal.oldest = journal.next;
        core::mem::swap(&mut journal.events, &mut events);
    }
    drop(journal);
    // What another thread was quicker than is given back here, without the lock.
    drop(events);
    Ok(())
}

/// Keeps what happened.
pub(crate) fn record(event: Event) {
    let mut journal = JOURNAL.lock();
    let sequence = journal.next;
    journal.next = sequence.saturating_add(1);
    if let Some(place) = journal.events.get_mut(place_of(sequence)) {
        *place = Event { sequence, ..event };
    }
    let capacity = u64::try_from(journal.events.len()).unwrap_or(0);
    journal.oldest = journal.oldest.max(journal.next.saturating_sub(capacity));
}

fn place_of(sequence: u64) -> usize {
    usize::try_from(sequence).unwrap_or(0) % CAPACITY
}

/// Writes as many events from this one on as fit; how many bytes they take.
///
/// # Errors
/// `NOT_FOUND`: they are not kept any more. `BUFFER_TOO_SMALL`: not even one fits.
pub(crate) fn read(from: u64, output: &mut [u8]) -> Result<usize, NTSTATUS> {
    let mut writer = Writer::new(output);
    let mut sequence = from;
    loop {
        let event = match JOURNAL.lock().at(sequence) {
            Ok(Some(event)) => event,
            Err(status) if sequence == from => return Err(status),
            // The end, or an event that has gone meanwhile: the next request is told.
            Ok(None) | Err(_) => return Ok(writer.used()),
        };
        // Not in parts: half an event at the end would not be understood.
        let mut record = [0; Event::LENGTH];
        let is_whole = event.write(&mut Writer::new(&mut record)).is_ok();
        if !is_whole || writer.bytes(&record).is_err() {
            return if sequence == from { Err(STATUS_BUFFER_TOO_SMALL) } else { Ok(writer.used()) };
        }
        sequence = sequence.saturating_add(1);
    }
}

impl Journal {
    fn at(&self, sequence: u64) -> Result<Option<Event>, NTSTATUS> {
        if sequence >= self.next {
            return Ok(None);
        }
        let event = self.events.get(place_of(sequence)).filter(|_| sequence >= self.oldest);
        event.copied().map(Some).ok_or(STATUS_NOT_FOUND)
    }
}

/// Forgets everything; the next event is number 0 again.
pub(crate) fn clear() {
    let mut journal = JOURNAL.lock();
    journal.next = 0;
    journal.oldest = 0;
}

/// Gives the memory back, as the driver ends.
pub(crate) fn end() {
    let events = core::mem::take(&mut JOURNAL.lock().events);
    drop(events);
}
