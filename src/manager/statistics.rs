//! What has happened to a log, counted.

use crate::units::Status;

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
