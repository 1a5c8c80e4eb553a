//! One managed log: its engine, its clients' callbacks, and the threads that work on it.
//!
//! What a change under the log's lock requires to be done ([`FollowUp`]) is done once that is free.

use alloc::vec::Vec;

use super::cookie::LogKey;
use super::notice::Notice;
use super::ports::{Gate, Guarded, Platform};
use super::running::{Registration, WorkerCall};
use super::setting::{Lock, Setting, Shared, Thread};
use super::statistics::Statistics;
use crate::engine::policy::PATH_UNITS_MAX;
use crate::engine::{ClientKey, Engine, LogView};
use crate::units::memory::{OutOfMemory, try_filled, try_push};

/// A log with everything that is known about it, shared by the threads that work on it.
pub(super) struct Entry<S: Setting> {
    pub(super) key: LogKey,
    pub(super) log: S::Log,
    pub(super) state: Lock<S, State<S>>,
    /// The snapshot in the making; its lock keeps snapshots in order. Taken before `state`, never after.
    pub(super) scratch: Lock<S, LogView>,
    /// Opened when a callback or a resize has ended and a thread waits for it.
    pub(super) gate: <S::Platform as Platform>::Gate,
}

/// On which snapshot of the log a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Snapshot {
    /// On a new one: the manager looks at the log first.
    Newest,
    /// On the one that was taken last.
    Last,
}

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
        let is_queued = *self == Self::Queued;
        #[cfg(feature = "mutants")]
        let is_queued = is_queued && !super::mutants::Mutant::QueueFlagCleared.is_on();
        *self = Self::Draining { is_queued };
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

/// What the per-log lock guards.
///
/// # Invariants
/// * After a change [`State::follow_up`] is called before the lock is free again, or later by the guard that the thread
///   holds (`DrainGuard`, `ResizeGuard`).
/// * `path` is `None` exactly while a thread adds or removes containers.
pub(super) struct State<S: Setting> {
    pub(super) engine: Engine,
    /// By client slot.
    pub(super) registrations: Vec<Option<Registration<S>>>,
    pub(super) worker_call: WorkerCall<Thread<S>>,
    pub(super) attendance: Attendance,
    pub(super) handles: u32,
    /// Room for a container's path; taken by the thread that resizes the log.
    pub(super) path: Option<Vec<u16>>,
    /// Threads that wait at the gate.
    waiters: u32,
    /// A callback or a resize has ended since they were last woken.
    has_ended: bool,
    pub(super) statistics: Statistics,
    pub(super) notice: Notice,
}

/// What a change of a log's state leaves to be done once its lock is free.
pub(super) struct FollowUp {
    /// Queue a worker.
    pub(super) queues: bool,
    /// Open the gate.
    pub(super) wakes: bool,
    /// Remove the log from the table, if it is still unused then.
    pub(super) removes: bool,
}

impl<S: Setting> Entry<S> {
    /// The entry of a new log, in shared memory.
    ///
    /// # Errors
    /// There is no memory.
    // Apart from its caller: what it moves over the stack is gone when that goes on to the log's files.
    #[inline(never)]
    pub(super) fn share(key: LogKey, log: S::Log, first_generation: u32) -> Result<Shared<S, Self>, OutOfMemory> {
        let path = Some(try_filled(&0, PATH_UNITS_MAX)?);
        let state = State {
            engine: Engine::new(first_generation),
            registrations: Vec::new(),
            worker_call: WorkerCall::none(),
            attendance: Attendance::Idle,
            handles: 1,
            path,
            waiters: 0,
            has_ended: false,
            statistics: Statistics::NONE,
            notice: Notice::default(),
        };
        // Each lock is made in its place: a snapshot is large, and every copy of one is on the stack.
        S::Platform::share(Self {
            key,
            log,
            state: S::Platform::lock(state),
            scratch: S::Platform::lock(LogView::unknown()),
            gate: S::Platform::gate(),
        })
    }

    /// Waits until `look`, which is called under the log's lock, returns something.
    pub(super) fn wait_for<R>(&self, mut look: impl FnMut(&mut State<S>) -> Option<R>) -> R {
        loop {
            // Read before the condition: a change between the look and the wait is not missed.
            let turn = self.gate.turn();
            let found = self.state.with(|state| {
                let found = look(state);
                state.waiters = state.waiters.saturating_add(u32::from(found.is_none()));
                found
            });
            if let Some(found) = found {
                return found;
            }
            #[cfg(feature = "mutants")]
            let turn = if super::mutants::Mutant::WakeUpLost.is_on() { self.gate.turn() } else { turn };
            self.gate.wait(turn);
            self.state.with(|state| state.waiters = state.waiters.saturating_sub(1));
        }
    }
}

impl<S: Setting> State<S> {
    /// What is to be done now that the state has changed, once the lock is free.
    // Every change ends with it: the image has it once.
    #[inline(never)]
    pub(super) fn follow_up(&mut self) -> FollowUp {
        FollowUp {
            queues: self.engine.has_action() && self.attendance.queue(),
            wakes: core::mem::take(&mut self.has_ended) && self.waiters > 0,
            removes: self.is_unused(),
        }
    }

    /// Makes a place for one more client.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn reserve_client(&mut self) -> Result<(), OutOfMemory> {
        // The engine takes a slot that was free, or the next: one more place always does.
        if self.registrations.len() <= crate::units::index(self.engine.clients_registered()) {
            try_push(&mut self.registrations, None)?;
        }
        Ok(())
    }

    /// How a registered client is called.
    pub(super) fn registration(&self, client: ClientKey) -> Option<&Registration<S>> {
        self.registrations.get(client.slot.index())?.as_ref()
    }

    /// Notes that a callback has ended; returns whether threads wait at the gate, maybe for it.
    pub(super) fn note_end(&mut self) -> bool {
        self.has_ended = true;
        self.waiters > 0
    }

    /// Notes that the resize has ended, and takes the room for paths back.
    pub(super) fn end_resize(&mut self, path: Vec<u16>) {
        self.path = Some(path);
        self.has_ended = true;
    }

    /// Whether the log has no user left and no thread works on it.
    pub(super) fn is_unused(&self) -> bool {
        self.handles == 0
            && self.engine.clients_registered() == 0
            && self.attendance == Attendance::Idle
            && self.path.is_some()
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
