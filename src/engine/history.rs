//! What has been asked of a client, and what it said.

use crate::units::{Lsn, Status, Time};

/// What has been asked of a client since its tail last did as asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskHistory {
    pub(super) target: Lsn,
    pub(super) since: Option<Time>,
    pub(super) times: u32,
    pub(super) last_refusal: Option<Refusal>,
}

impl AskHistory {
    pub(super) const NONE: Self = Self { target: Lsn::NULL, since: None, times: 0, last_refusal: None };

    /// Notes an ask of a client whose tail is at `tail`.
    pub(super) fn note_asked(&mut self, target: Lsn, tail: Option<Lsn>, now: Time) {
        if self.is_over(tail) {
            *self = Self::NONE;
        }
        self.target = target;
        self.since = self.since.or(Some(now));
        self.times = self.times.saturating_add(1);
    }

    /// Whether the tail has come to where it was asked to, be it after a refusal.
    pub(super) fn is_over(&self, tail: Option<Lsn>) -> bool {
        tail.is_none_or(|tail| tail >= self.target)
    }
}

/// A client's word that it cannot move its tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its reason.
    pub status: Status,
    /// When it said so.
    pub at: Time,
}
