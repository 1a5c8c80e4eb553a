//! An open handle of a log: what one `ClfsCreateLogFile` made.

use core::sync::atomic::{AtomicBool, Ordering};

use super::open_log::OpenLog;
use super::opened::{LogSlot, LogSlotGuard, SlotState};
use super::setting::{Setting, Shared, StorageOf};
use super::sharing::Claim;
use super::volume::{HandleObject, Volume};
use crate::log::Log;
use crate::manager::ports::Guarded;
use crate::units::{Status, StreamId, StreamSet};

/// A claimed reference to a log. The claim is given back when this is dropped.
pub(super) struct LogRef<S: Setting> {
    guard: LogSlotGuard<S>,
    log: Shared<S, OpenLog<S>>,
    claim: Claim,
    /// The claim's handle was returned. Until then what was created for the claim goes again with it.
    is_published: AtomicBool,
}

impl<S: Setting> LogRef<S> {
    pub(super) fn new(guard: LogSlotGuard<S>, log: Shared<S, OpenLog<S>>, claim: Claim) -> Self {
        Self { guard, log, claim, is_published: AtomicBool::new(false) }
    }

    pub(super) fn slot(&self) -> &LogSlot<S> {
        &self.guard.slot
    }
}

impl<S: Setting> Drop for LogRef<S> {
    fn drop(&mut self) {
        let is_published = self.is_published.load(Ordering::Acquire);
        self.slot().state.with(|state| state.release(&self.log, self.claim, is_published));
    }
}

/// One open handle. It is held by the table of handles, by what was made of it (marshalling areas, read contexts) and
/// by clients that registered through it; the log closes when the last handle of it has gone.
///
/// Must not be dropped with a lock held that closing a log may need: the log's, the manager's, the table's.
pub struct LogHandle<S: Setting> {
    // Dropped in this order: the object outlives the claim.
    reference: LogRef<S>,
    is_multiplexed: bool,
    object: <S::Volume as Volume>::Object,
}

impl<S: Setting> LogHandle<S> {
    pub(super) fn new(reference: LogRef<S>, object: <S::Volume as Volume>::Object) -> Result<Self, Status> {
        let is_multiplexed = reference.log.with(Log::is_multiplexed)?;
        Ok(Self { reference, is_multiplexed, object })
    }

    /// The log.
    pub fn log(&self) -> &OpenLog<S> {
        &self.reference.log
    }

    /// The stream that the handle is open on; `PHYSICAL` for dedicated logs, and for a multiplexed log as a whole.
    pub const fn stream(&self) -> StreamId {
        self.reference.claim.stream
    }

    /// Whether the log has streams of its own, and this handle is open on none of them.
    pub fn is_physical_of_multiplexed(&self) -> bool {
        self.is_multiplexed && self.stream() == StreamId::PHYSICAL
    }

    /// Whether streams share the log.
    pub const fn is_multiplexed(&self) -> bool {
        self.is_multiplexed
    }

    /// Whether the handle was opened to read records.
    pub const fn may_read(&self) -> bool {
        self.reference.claim.access.read
    }

    /// Whether the handle was opened to change the log.
    pub const fn may_write(&self) -> bool {
        self.reference.claim.access.write
    }

    /// Whether the handle was opened to delete its stream.
    pub const fn may_delete(&self) -> bool {
        self.reference.claim.access.delete
    }

    /// The path of the base log file without its extension, as it was first opened.
    pub fn path(&self) -> &[u16] {
        &self.reference.slot().path
    }

    /// The log's files.
    pub(super) fn storage(&self) -> &StorageOf<S> {
        &self.reference.slot().storage
    }

    /// The address of the handle's object.
    pub fn address(&self) -> u64 {
        self.object.address()
    }

    /// The stream goes with its last handle; from now on it cannot be opened.
    pub(super) fn mark_for_deletion(&self) {
        self.mark(|state| &mut state.pending_delete);
    }

    /// The stream's records go with its last handle.
    pub(super) fn mark_for_reset(&self) {
        self.mark(|state| &mut state.pending_reset);
    }

    /// Marks the stream in one of the sets, unless its log is no more.
    fn mark(&self, set: impl FnOnce(&mut SlotState<S>) -> &mut StreamSet) {
        self.reference.slot().state.with(|state| {
            if state.is_current(self.log()) {
                set(state).insert(self.stream());
            }
        });
    }

    /// The log, for who needs it when the handle has gone.
    pub(super) fn shared_log(&self) -> Shared<S, OpenLog<S>> {
        self.reference.log.clone()
    }

    /// It has been returned: what was created for it stays.
    pub(super) fn publish(&self) {
        self.reference.is_published.store(true, Ordering::Release);
    }
}
