//! One managed log: its engine, its clients' callbacks, and the threads that work on it.

use alloc::vec::Vec;

use super::attendance::Attendance;
use super::cookie::LogKey;
use super::ports::{Gate, Guarded, Platform};
use super::setting::{Callbacks, Lock, Setting, Thread};
use super::statistics::Statistics;
use crate::engine::policy::PATH_UNITS_MAX;
use crate::engine::{ClientKey, Engine, LogView};
use crate::units::memory::{OutOfMemory, try_filled, try_push};

/// Callbacks that may run at the same time besides one per client.
const CALLS_MIN: usize = 4;

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

/// A callback that is running.
pub(super) struct Call<T> {
    client: ClientKey,
    thread: T,
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
    pub(super) callbacks: Vec<Option<Callbacks<S>>>,
    /// Room for one per client and a few more is reserved when clients register.
    pub(super) calls: Vec<Call<Thread<S>>>,
    pub(super) attendance: Attendance,
    pub(super) handles: u32,
    /// Room for a container's path; taken by the thread that resizes the log.
    pub(super) path: Option<Vec<u16>>,
    /// Threads that wait at the gate.
    waiters: u32,
    /// A callback or a resize has ended since they were last woken.
    has_ended: bool,
    pub(super) statistics: Statistics,
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
    /// # Errors
    /// There is no memory.
    pub(super) fn new(key: LogKey, log: S::Log, first_generation: u32) -> Result<Self, OutOfMemory> {
        let state = State {
            engine: Engine::new(first_generation),
            callbacks: Vec::new(),
            calls: Vec::new(),
            attendance: Attendance::Idle,
            handles: 1,
            path: Some(try_filled(&0, PATH_UNITS_MAX)?),
            waiters: 0,
            has_ended: false,
            statistics: Statistics::NONE,
        };
        let (state, scratch) = (S::Platform::lock(state), S::Platform::lock(LogView::unknown()));
        Ok(Self { key, log, state, scratch, gate: S::Platform::gate() })
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
            self.gate.wait(turn);
            self.state.with(|state| state.waiters = state.waiters.saturating_sub(1));
        }
    }
}

impl<S: Setting> State<S> {
    /// What is to be done now that the state has changed, once the lock is free.
    pub(super) fn follow_up(&mut self) -> FollowUp {
        FollowUp {
            queues: self.engine.has_action() && self.attendance.queue(),
            wakes: core::mem::take(&mut self.has_ended) && self.waiters > 0,
            removes: self.is_unused(),
        }
    }

    /// Makes room for one more client, so that nothing has to be found later.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn reserve_client(&mut self) -> Result<(), OutOfMemory> {
        let clients = self.callbacks.len().saturating_add(1);
        let calls = clients.saturating_add(CALLS_MIN).saturating_sub(self.calls.len());
        self.calls.try_reserve(calls).map_err(|_| OutOfMemory)?;
        // The engine takes a slot that was free, or the next: one more place always does.
        if self.callbacks.len() <= crate::units::index(self.engine.clients_registered()) {
            try_push(&mut self.callbacks, None)?;
        }
        Ok(())
    }

    /// The callbacks of a registered client.
    pub(super) fn callbacks_of(&self, client: ClientKey) -> Option<Callbacks<S>> {
        self.callbacks.get(client.slot.index())?.clone()
    }

    /// Notes that a callback begins on this thread. The last place is kept for the thread that drains.
    pub(super) fn begin_call(&mut self, client: ClientKey, place: CallPlace) -> bool {
        let kept = match place {
            CallPlace::Drain => 0,
            CallPlace::Inline => 1,
        };
        let has_room = self.calls.capacity() > self.calls.len().saturating_add(kept);
        let call = Call { client, thread: S::Platform::current_thread() };
        has_room && try_push(&mut self.calls, call).is_ok()
    }

    /// Notes that the newest callback of `client` on this thread has returned.
    pub(super) fn end_call(&mut self, client: ClientKey) {
        let thread = S::Platform::current_thread();
        let is_it = |call: &Call<Thread<S>>| call.client == client && call.thread == thread;
        if let Some(index) = self.calls.iter().rposition(is_it) {
            self.calls.swap_remove(index);
            self.has_ended = true;
        }
    }

    /// Notes that the resize has ended, and takes the room for paths back.
    pub(super) fn end_resize(&mut self, path: Vec<u16>) {
        self.path = Some(path);
        self.has_ended = true;
    }

    /// The threads on which callbacks of `client` run, or are about to.
    pub(super) fn threads_in_callbacks_of(&self, client: ClientKey) -> impl Iterator<Item = Thread<S>> + '_ {
        self.calls.iter().filter(move |call| call.client == client).map(|call| call.thread)
    }

    /// Whether the log has no user left and no thread works on it.
    pub(super) fn is_unused(&self) -> bool {
        self.handles == 0
            && self.engine.clients_registered() == 0
            && self.attendance == Attendance::Idle
            && self.path.is_some()
    }
}

/// Where a callback is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallPlace {
    /// In the drain loop, on a worker.
    Drain,
    /// In the call of the client it is for.
    Inline,
}
