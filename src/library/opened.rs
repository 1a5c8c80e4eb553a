//! The logs that are open: one log behind all handles of one base log file.
//!
//! Two locks. The list's is held for a lookup only. Each slot has one of its own, held while the log's files are
//! opened, created, closed or deleted, so that a thread that opens the log meanwhile waits for that log and for no
//! other. A slot stays in the list as long as it has a [`LogSlotGuard`]: threads that open one log meet in one slot.
//!
//! # Invariants
//! * The log is open as long as there is a claim, and is closed with the last one, under the slot's lock.
//! * No client is called under either lock. A handle may be dropped wherever no lock of the manager is held.

use alloc::vec::Vec;

use super::open_log::OpenLog;
use super::setting::{Lock, Setting, Shared, StorageOf};
use super::sharing::Claim;
use super::volume::Volume;
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::{try_copied, try_push};
use crate::units::{Status, StreamId, StreamSet};

/// What an opening has created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    Nothing,
    /// The stream, in a log that was there.
    Stream,
    /// The log, with the stream.
    Log,
}

/// What is known of the log in a slot.
pub(super) struct SlotState<S: Setting> {
    pub(super) log: Option<Shared<S, OpenLog<S>>>,
    /// One per handle.
    pub(super) claims: Vec<Claim>,
    /// Streams to be deleted with their last handle; with the physical one, the whole log.
    pub(super) pending_delete: StreamSet,
    /// Streams to be reset with their last handle.
    pub(super) pending_reset: StreamSet,
    /// Streams that were created for a claim, and the log likewise, and that no other opening has found since.
    provisional: StreamSet,
}

impl<S: Setting> SlotState<S> {
    /// Notes that a claim was admitted, and what was created for it.
    pub(super) fn note_admitted(&mut self, claim: Claim, created: Created) {
        self.provisional.set(StreamId::PHYSICAL, created == Created::Log);
        if claim.stream != StreamId::PHYSICAL {
            self.provisional.set(claim.stream, created != Created::Nothing);
        }
    }

    /// Lets go of a log that was stopped, so that it can be opened anew: its handles find it closed, and their claims,
    /// with what was to be done when they are given back, count no more.
    pub(super) fn let_go_of_stopped(&mut self) {
        let Some(log) = self.log.take_if(|log| log.is_stopped()) else {
            return;
        };
        // A stopped log cannot be written out; whoever stopped it was told.
        let _ = log.shut();
        self.claims.clear();
        let none = StreamSet::default();
        (self.pending_delete, self.pending_reset, self.provisional) = (none, none, none);
    }

    /// Whether this is the log that is open.
    pub(super) fn is_current(&self, log: &OpenLog<S>) -> bool {
        self.log.as_ref().is_some_and(|current| core::ptr::eq(&raw const **current, log))
    }

    /// Gives a claim back. `is_published`: its handle was returned. What was created for a claim that was never
    /// published goes with it, unless another opening has found that.
    pub(super) fn release(&mut self, of: &OpenLog<S>, claim: Claim, is_published: bool) {
        if !self.is_current(of) {
            return;
        }
        if let Some(index) = self.claims.iter().position(|other| *other == claim) {
            self.claims.swap_remove(index);
        }
        let Some(log) = self.log.clone() else {
            return;
        };
        let is_last_of_stream = !self.claims.iter().any(|other| other.stream == claim.stream);
        if is_last_of_stream && claim.stream != StreamId::PHYSICAL {
            let discards = self.provisional.take(claim.stream) && !is_published;
            self.end_stream(&log, claim.stream, discards);
        }
        if self.claims.is_empty() {
            let discards = self.provisional.take(StreamId::PHYSICAL) && !is_published;
            log.note(self.end_log(&log, discards));
            self.log = None;
        }
    }

    fn end_stream(&mut self, log: &OpenLog<S>, stream: StreamId, discards: bool) {
        let resets = self.pending_reset.take(stream);
        if self.pending_delete.take(stream) || discards {
            log.note(log.delete_stream(stream));
        } else if resets {
            log.note(log.reset_stream(stream));
        }
    }

    fn end_log(&mut self, log: &OpenLog<S>, discards: bool) -> Result<(), Status> {
        let resets = self.pending_reset.take(StreamId::PHYSICAL);
        if self.pending_delete.take(StreamId::PHYSICAL) || discards {
            return log.shut_and_delete();
        }
        let reset = if resets { log.reset_stream(StreamId::PHYSICAL) } else { Ok(()) };
        let shut = log.shut();
        reset.and(shut)
    }
}

/// Where handles of one base log file meet.
pub(super) struct LogSlot<S: Setting> {
    pub(super) path: Vec<u16>,
    pub(super) storage: StorageOf<S>,
    pub(super) state: Lock<S, SlotState<S>>,
}

impl<S: Setting> LogSlot<S> {
    fn new(volume: &S::Volume, path: &[u16]) -> Result<Shared<S, Self>, Status> {
        let storage = volume.storage(path)?;
        let none = StreamSet::default();
        let state =
            SlotState { log: None, claims: Vec::new(), pending_delete: none, pending_reset: none, provisional: none };
        Ok(S::Platform::share(Self { path: try_copied(path)?, storage, state: S::Platform::lock(state) })?)
    }
}

/// Slots, and how many guards each of them has.
type CountedSlots<S> = Vec<(Shared<S, LogSlot<S>>, u32)>;

/// All slots.
pub(super) struct OpenedLogs<S: Setting> {
    slots: Lock<S, CountedSlots<S>>,
}

impl<S: Setting> OpenedLogs<S> {
    pub(super) fn new() -> Self {
        Self { slots: S::Platform::lock(Vec::new()) }
    }

    /// The slot of a log, which is made if it does not exist.
    ///
    /// # Errors
    /// As [`Volume::storage`]; there is no memory.
    pub(super) fn slot(this: &Shared<S, Self>, volume: &S::Volume, path: &[u16]) -> Result<LogSlotGuard<S>, Status> {
        let known = this.slots.with(|slots| guard_known::<S>(slots, volume, path));
        if let Some(slot) = known {
            return Ok(LogSlotGuard { logs: this.clone(), slot });
        }
        // With no lock held: it asks the system who the log's owner is. One that came too late is dropped likewise.
        let made = LogSlot::<S>::new(volume, path)?;
        let slot = this.slots.with(|slots| match guard_known::<S>(slots, volume, path) {
            Some(slot) => Ok::<_, Status>(slot),
            None => Ok(try_push(slots, (made.clone(), 1)).map(|()| made.clone())?),
        })?;
        Ok(LogSlotGuard { logs: this.clone(), slot })
    }

    fn release(&self, slot: &LogSlot<S>) {
        // What leaves the list is dropped with the lock free.
        let _removed = self.slots.with(|slots| {
            let index = slots.iter().position(|(other, _)| core::ptr::eq(&raw const **other, slot))?;
            let (_, guards) = slots.get_mut(index)?;
            *guards = guards.saturating_sub(1);
            (*guards == 0).then(|| slots.swap_remove(index))
        });
    }
}

/// The slot of a log that is in the list, with one guard more.
fn guard_known<S: Setting>(
    slots: &mut CountedSlots<S>,
    volume: &S::Volume,
    path: &[u16],
) -> Option<Shared<S, LogSlot<S>>> {
    let (slot, guards) = slots.iter_mut().find(|(slot, _)| volume.is_same_path(&slot.path, path))?;
    *guards = guards.saturating_add(1);
    Some(slot.clone())
}

/// Keeps a slot in the list: for a handle, or for a thread that is about to open one.
pub(super) struct LogSlotGuard<S: Setting> {
    logs: Shared<S, OpenedLogs<S>>,
    pub(super) slot: Shared<S, LogSlot<S>>,
}

impl<S: Setting> Drop for LogSlotGuard<S> {
    fn drop(&mut self) {
        self.logs.release(&self.slot);
    }
}
