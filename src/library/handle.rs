//! An open handle of a log: what one `ClfsCreateLogFile` made.

use core::sync::atomic::{AtomicBool, Ordering};

use super::open_log::OpenLog;
use super::opened::{PhysicalLog, Visit};
use super::opening::Admitted;
use super::setting::{Setting, Shared};
use super::sharing::Claim;
use super::volume::{HandleObject, Volume};
use crate::log::Log;
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::OutOfMemory;
use crate::units::{Status, StreamId};

/// A claim on a physical log, which is given back when this is dropped.
pub(super) struct Hold<S: Setting> {
    pub(super) visit: Visit<S>,
    pub(super) physical: Shared<S, PhysicalLog<S>>,
    pub(super) claim: Claim,
    /// The owner of the claim has learnt of it. Until then what was made for it goes again with it.
    pub(super) is_told: AtomicBool,
}

impl<S: Setting> Hold<S> {
    pub(super) fn new(visit: Visit<S>, admitted: Admitted<S>) -> Self {
        let Admitted { physical, claim } = admitted;
        Self { visit, physical, claim, is_told: AtomicBool::new(false) }
    }
}

impl<S: Setting> Drop for Hold<S> {
    fn drop(&mut self) {
        let is_told = self.is_told.load(Ordering::Acquire);
        self.visit.place.state.with(|state| state.release(self.claim, is_told));
    }
}

/// One open handle. It is held by the table of handles, by what was made of it (marshalling areas, read contexts) and
/// by clients that registered through it; the physical log closes when the last handle of it has gone.
///
/// Must not be dropped with a lock held that closing a log may need: the log's, the manager's, the table's.
pub struct LogHandle<S: Setting> {
    // Dropped in this order: the object outlives the claim.
    pub(super) hold: Hold<S>,
    is_multiplexed: bool,
    may_write: bool,
    object: <S::Volume as Volume>::Object,
}

impl<S: Setting> LogHandle<S> {
    pub(super) fn new(hold: Hold<S>, object: <S::Volume as Volume>::Object) -> Result<Self, Status> {
        let is_multiplexed = hold.physical.open.with(Log::is_multiplexed)?;
        let may_write = hold.claim.access.write;
        Ok(Self { hold, is_multiplexed, may_write, object })
    }

    /// The physical log.
    pub fn log(&self) -> &OpenLog<S> {
        &self.hold.physical.open
    }

    /// The stream that the handle is open on; `PHYSICAL` for dedicated logs, and for a multiplexed log as a whole.
    pub const fn stream(&self) -> StreamId {
        self.hold.claim.stream
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
        self.hold.claim.access.read
    }

    /// Whether the handle was opened to change the log.
    pub const fn may_write(&self) -> bool {
        self.may_write
    }

    /// Whether the handle was opened to delete its stream.
    pub const fn may_delete(&self) -> bool {
        self.hold.claim.access.delete
    }

    /// The path of the base log file without its extension, as it was first opened.
    pub fn path(&self) -> &[u16] {
        &self.hold.visit.place.path
    }

    /// The address of the handle's object.
    pub fn address(&self) -> u64 {
        self.object.address()
    }

    /// The stream goes with its last handle; from now on it cannot be opened.
    pub(super) fn doom(&self) {
        let stream = self.stream();
        self.hold.visit.place.state.with(|state| state.doomed.insert(stream));
    }

    /// The stream's records go with its last handle.
    pub(super) fn mark_for_reset(&self) {
        let stream = self.stream();
        self.hold.visit.place.state.with(|state| state.resets.insert(stream));
    }

    /// Moves it into shared memory.
    pub(super) fn shared(self) -> Result<Shared<S, Self>, OutOfMemory> {
        S::Platform::share(self)
    }
}
