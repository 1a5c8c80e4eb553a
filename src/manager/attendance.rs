//! Who is at work on a log's actions: nobody, a worker that was asked to come, a thread that drains, or never anybody.
//!
//! Pure: what is decided here under the log's lock is acted upon once that is free.

/// Who performs what a log's engine has decided, or is about to.
///
/// # Invariants
/// These five states are all that can be reached; nothing else leads from one to another.
///
/// | from | by | to |
/// |---|---|---|
/// | `Idle` | an action is due, a worker is asked | `Queued` |
/// | `Idle`, `Queued` | a worker begins | `Draining { is_queued: false }` |
/// | `Idle` | a log-full call grows the log itself | `Draining { is_queued: false }` |
/// | `Queued` | the same | `Draining { is_queued: true }` |
/// | `Draining { is_queued: true }` | the worker that was asked finds it so, and leaves | `Draining { is_queued: false }` |
/// | `Draining { is_queued }` | the drain ends | `Queued` or `Idle` |
/// | `Idle` | nobody uses the log any more | `Removed` |
///
/// So one thread at a time drains, at most one worker at a time is asked (room is reserved for one), and a log is not
/// removed before the worker that was asked for it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attendance {
    /// Nobody is at work.
    Idle,
    /// A worker was asked to drain, and has not begun.
    Queued,
    /// A thread performs actions.
    Draining {
        /// A worker that was asked before is still to come.
        is_queued: bool,
    },
    /// Taken out of the table: no worker is asked any more, and whoever still holds the entry leaves it alone.
    Removed,
}

impl Attendance {
    /// An action is due: returns whether a worker has to be asked, which the caller does once the lock is free.
    pub(super) fn queue(&mut self) -> bool {
        let is_idle = *self == Self::Idle;
        if is_idle {
            *self = Self::Queued;
        }
        is_idle
    }

    /// A worker has come: returns whether it drains.
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

    /// Whether a thread that comes now may drain.
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
    fn a_worker_is_asked_only_when_nobody_is_at_work() {
        for mut state in ALL {
            let was = state;
            assert_eq!(state.queue(), was == Idle);
            assert_eq!(state, if was == Idle { Queued } else { was });
        }
    }

    #[test]
    fn a_worker_that_finds_a_drain_leaves_it_alone_and_is_no_longer_awaited() {
        for mut state in ALL {
            let was = state;
            assert_eq!(state.begin_drain(), was == Idle || was == Queued);
            assert_eq!(state, if was == Removed { Removed } else { Draining { is_queued: false } });
        }
    }

    #[test]
    fn a_worker_that_was_asked_before_an_inline_drain_is_awaited_after_it() {
        for (before, ends) in [(Idle, Idle), (Queued, Queued)] {
            let draining = after(before, Attendance::begin_inline);
            assert_eq!(after(draining, Attendance::end_drain), ends);
        }
        let found = after(after(Queued, Attendance::begin_inline), |state| assert!(!state.begin_drain()));
        assert_eq!(after(found, Attendance::end_drain), Idle);
    }
}
