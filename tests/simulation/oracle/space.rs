//! What the second model knows of a log and of its policies.

use std::collections::BTreeMap;

/// What a log is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Space {
    pub(crate) total: u32,
    /// The container that is being written.
    pub(crate) last: u32,
    /// The container of the tail of each stream that holds something.
    pub(crate) tails: BTreeMap<u8, u32>,
    /// Containers that are promised to reservations.
    pub(crate) promised: u32,
}

impl Space {
    fn free_from(&self, first: u32) -> u32 {
        self.total.saturating_sub(self.last + 1 - first.min(self.last))
    }

    /// What is promised of the containers that are free.
    pub(super) fn held(&self) -> u32 {
        self.promised.min(self.free_from(self.first()))
    }

    /// Free and not promised, if the log began at `first`.
    pub(super) fn spare_from(&self, first: u32) -> u32 {
        self.free_from(first).saturating_sub(self.held())
    }

    pub(crate) fn spare(&self) -> u32 {
        self.spare_from(self.first())
    }

    pub(crate) fn first(&self) -> u32 {
        self.tails.values().copied().min().unwrap_or(self.last).min(self.last)
    }
}

/// The policies that matter here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policies {
    pub(crate) maximum: u32,
    /// Containers a growth adds; 0 never grows.
    pub(crate) growth: u32,
    /// Containers to ask for; `None` is the default, 35 percent of the log, rounded up (R 15).
    pub(crate) log_tail: Option<u32>,
}
