//! Who drains a log, that is, performs what its engine has decided: no thread, a queued worker, or a running one.
//!
//! Pure: what these transitions require is done once the log's lock is free.

/// The state of a log's drain.
///
/// # Invariants
/// These five states are all that can be reached, by these transitions only.
///
/// | from | by | to |
/// |---|---|---|
/// | `Idle` | an action is due: a worker is queued | `Queued` |
/// | `Idle`, `Queued` | a worker begins | `Draining { is_queued: false }` |
/// | `Idle` | a log-full call begins to grow the log inline | `Draining { is_queued: false }` |
/// | `Queued` | the same | `Draining { is_queued: true }` |
/// | `Draining { is_queued: true }` | the queued worker finds it so, and returns | `Draining { is_queued: false }` |
/// | `Draining { is_queued }` | the drain ends | `Queued` or `Idle` |
/// | `Idle` | the last user of the log goes | `Removed` |
///
/// So one thread at a time drains, at most one worker is queued (room is reserved for one), and a log is not removed
/// before the worker that was queued for it has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attendance {
    /// No drain runs, none is queued.
    Idle,
    /// A worker is queued, and has not begun.
    Queued,
    /// A thread performs actions.
    Draining {
        /// A worker that was queued before is still to run.
        is_queued: bool,
    },
    /// Removed from the table: no worker is queued any more, and threads that still hold the entry leave it alone.
    Removed,
}

impl Attendance {
    /// An action is due: returns whether the caller has to queue a worker, once the lock is free.
    pub(super) fn queue(&mut self) -> bool {
        let is_idle = *self == Self::Idle;
        if is_idle {
            *self = Self::Queued;
        }
        is_idle
    }

    /// A worker runs: returns whether it is to drain.
    pub(super) fn begin_drain(&mut self) -> bool {
        let begins = self.admits_drain();
        if *self != Self::Removed {
            *self = Self::Draining { is_queued: false };
        }
        begins
    }

    /// A log-full call drains, where [`Attendance::admits_drain`].
    pub(super) fn begin_inline(&mut self) {
        debug_assert!(self.admits_drain());
        *self = Self::Draining { is_queued: *self == Self::Queued };
    }

    /// Whether a thread may begin to drain now.
    pub(super) const fn admits_drain(self) -> bool {
        matches!(self, Self::Idle | Self::Queued)
    }

    /// The drain has ended.
    pub(super) fn end_drain(&mut self) {
        if let Self::Draining { is_queued } = *self {
            *self = if is_queued { Self::Queued } else { Self::Idle };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Attendance::{self, Draining, Idle, Queued, Removed};

    const ALL: [Attendance; 5] = [Idle, Queued, Draining { is_queued: false }, Draining { is_queued: true }, Removed];

    fn after(mut state: Attendance, change: impl FnOnce(&mut Attendance)) -> Attendance {
        change(&mut state);
        state
    }

    #[test]
    fn a_worker_is_queued_only_when_no_drain_runs_or_is_queued() {
        for mut state in ALL {
            let was = state;
            assert_eq!(state.queue(), was == Idle);
            assert_eq!(state, if was == Idle { Queued } else { was });
        }
    }

    #[test]
    fn a_worker_that_finds_a_drain_returns_and_is_no_longer_queued() {
        for mut state in ALL {
            let was = state;
            assert_eq!(state.begin_drain(), was == Idle || was == Queued);
            assert_eq!(state, if was == Removed { Removed } else { Draining { is_queued: false } });
        }
    }

    #[test]
    fn a_worker_that_was_queued_before_an_inline_drain_is_queued_after_it() {
        for (before, ends) in [(Idle, Idle), (Queued, Queued)] {
            let draining = after(before, Attendance::begin_inline);
            assert_eq!(after(draining, Attendance::end_drain), ends);
        }
        let found = after(after(Queued, Attendance::begin_inline), |state| assert!(!state.begin_drain()));
        assert_eq!(after(found, Attendance::end_drain), Idle);
    }
}
