//! What users may know: counters, and who pins a log.

use alloc::vec::Vec;

use super::cookie::{Cookie, LogKey};
use super::ports::{ClientCallbacks, Guarded, ManagedLog, Platform};
use super::table::Manager;
use crate::engine::{Pin, PinHolder};
use crate::units::Status;
use crate::units::memory::{OutOfMemory, try_push};

/// What has happened to a log since it was attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Log-full requests that were opened.
    pub requests: u64,
    /// Those that ended with space.
    pub succeeded: u64,
    /// Those that ended with an error.
    pub failed: u64,
    /// Times that a client was asked to move its tail.
    pub asks: u64,
    /// Times that one could not.
    pub refusals: u64,
    /// Containers added.
    pub grown_containers: u64,
    /// Containers removed.
    pub shrunk_containers: u64,
    /// Completions that said that the log is pinned.
    pub pinned: u64,
    /// Notifications that it no longer is.
    pub unpinned: u64,
    /// Time spent deciding, without files and callbacks.
    pub management_nanoseconds: u64,
}

impl Statistics {
    pub(super) const NONE: Self = Self {
        requests: 0,
        succeeded: 0,
        failed: 0,
        asks: 0,
        refusals: 0,
        grown_containers: 0,
        shrunk_containers: 0,
        pinned: 0,
        unpinned: 0,
        management_nanoseconds: 0,
    };

    pub(super) const fn count_request(&mut self) {
        self.requests = self.requests.saturating_add(1);
    }

    pub(super) fn count_end(&mut self, status: Status, is_pinned: bool) {
        if status.is_success() {
            self.succeeded = self.succeeded.saturating_add(1);
        } else {
            self.failed = self.failed.saturating_add(1);
        }
        self.pinned = self.pinned.saturating_add(u64::from(is_pinned));
    }

    pub(super) const fn count_ask(&mut self) {
        self.asks = self.asks.saturating_add(1);
    }

    pub(super) const fn count_unpinned(&mut self) {
        self.unpinned = self.unpinned.saturating_add(1);
    }

    pub(super) const fn count_grown(&mut self) {
        self.grown_containers = self.grown_containers.saturating_add(1);
    }

    pub(super) const fn count_shrunk(&mut self) {
        self.shrunk_containers = self.shrunk_containers.saturating_add(1);
    }

    pub(super) const fn add_time(&mut self, nanoseconds: u64) {
        self.management_nanoseconds = self.management_nanoseconds.saturating_add(nanoseconds);
    }
}

impl<P: Platform, L: ManagedLog, C: ClientCallbacks> Manager<P, L, C> {
    /// The log has changed: its base or archive tail moved, containers came or went, reservations were freed, or an
    /// append went on to another container. Calls no client; whoever calls must hold no lock that the log's
    /// [`ManagedLog::observe`] takes. IRQL <= `APC_LEVEL`.
    pub fn handle_log_changed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.observe(&entry);
            self.queue_if_needed(&entry);
        }
    }

    /// What has happened to the log so far.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: no such log.
    pub fn statistics(&self, log: LogKey) -> Result<Statistics, Status> {
        let entry = self.find(log)?;
        Ok(entry.state.with(|state| Statistics { refusals: state.engine.refusals(), ..state.statistics }))
    }

    /// Who holds the log's oldest containers, and what was asked of them since when.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: no such log. `INSUFFICIENT_RESOURCES`.
    pub fn pin_report(&self, log: LogKey) -> Result<Vec<Pin>, Status> {
        let entry = self.find(log)?;
        self.observe(&entry);
        let pins = entry.state.with(|state| {
            let mut pins = Vec::new();
            let mut result = Ok::<(), OutOfMemory>(());
            state.engine.for_each_pin(|pin| {
                if result.is_ok() {
                    result = try_push(&mut pins, pin);
                }
            });
            result.map(|()| pins)
        })?;
        self.queue_if_needed(&entry);
        Ok(pins)
    }

    /// The cookie of the client that a pin names.
    pub fn cookie_of(&self, log: LogKey, pin: &Pin) -> Option<Cookie> {
        match pin.holder {
            PinHolder::Client(client) => Some(Cookie::new(log.slot, client)),
            PinHolder::UnmanagedStream | PinHolder::ArchiveTail => None,
        }
    }
}
