//! One managed log: its engine, its clients' callbacks, and who is at work on it.

use alloc::vec::Vec;

use super::LogKey;
use super::ports::{ClientCallbacks, Gate, Guarded, ManagedLog, Platform};
use super::report::Statistics;
use crate::engine::policy::PATH_UNITS_MAX;
use crate::engine::{ClientKey, Engine, LogView};
use crate::units::memory::{OutOfMemory, try_filled, try_push};

/// Callbacks that may run at the same time besides one per client.
const CALLS_MIN: usize = 4;

/// A log with everything that is known about it. Shared by all who are at work on it.
pub(super) struct Entry<P: Platform, L: ManagedLog, C: ClientCallbacks> {
    pub(super) key: LogKey,
    pub(super) log: L,
    pub(super) state: P::Lock<State<P, C>>,
    /// The snapshot in the making; its lock keeps snapshots in order. Taken before `state`, never after.
    pub(super) scratch: P::Lock<LogView>,
    /// Opened when a callback or a resize has ended and somebody waits for it.
    pub(super) gate: P::Gate,
}

/// A callback that is running.
pub(super) struct Call<T> {
    client: ClientKey,
    thread: T,
}

/// What the per-log lock guards.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, each with a reader of its own")]
pub(super) struct State<P: Platform, C: ClientCallbacks> {
    pub(super) engine: Engine,
    /// By client slot.
    pub(super) callbacks: Vec<Option<P::Shared<C>>>,
    /// Room for one per client and a few more is reserved when clients register.
    pub(super) calls: Vec<Call<P::Thread>>,
    /// Some thread performs actions.
    pub(super) is_draining: bool,
    /// A worker has been told to.
    pub(super) is_queued: bool,
    /// Some thread adds or removes containers.
    pub(super) is_resizing: bool,
    /// Taken out of the table; whoever still holds the entry leaves it alone.
    pub(super) is_closed: bool,
    pub(super) handles: u32,
    /// Threads that wait at the gate.
    pub(super) waiters: u32,
    /// Room for a container's path; with whoever resizes.
    pub(super) path: Vec<u16>,
    pub(super) statistics: Statistics,
}

impl<P: Platform, L: ManagedLog, C: ClientCallbacks> Entry<P, L, C> {
    /// # Errors
    /// There is no memory.
    pub(super) fn new(key: LogKey, log: L, first_generation: u32) -> Result<Self, OutOfMemory> {
        let state = State {
            engine: Engine::new(first_generation),
            callbacks: Vec::new(),
            calls: Vec::new(),
            is_draining: false,
            is_queued: false,
            is_resizing: false,
            is_closed: false,
            handles: 1,
            waiters: 0,
            path: try_filled(&0, PATH_UNITS_MAX)?,
            statistics: Statistics::NONE,
        };
        Ok(Self { key, log, state: P::lock(state), scratch: P::lock(LogView::unknown()), gate: P::gate() })
    }
}

impl<P: Platform, L: ManagedLog, C: ClientCallbacks> Entry<P, L, C> {
    /// Waits until `is_over`, which is looked at under the log's lock. Whoever changes what it looks at calls
    /// [`Entry::wake_waiters`] afterwards.
    pub(super) fn wait_until(&self, mut is_over: impl FnMut(&mut State<P, C>) -> bool) {
        loop {
            // Read before the condition: a change between the look and the wait is not missed.
            let turn = self.gate.turn();
            let must_wait = self.state.with(|state| {
                let must_wait = !is_over(state);
                state.waiters = state.waiters.saturating_add(u32::from(must_wait));
                must_wait
            });
            if !must_wait {
                return;
            }
            self.gate.wait(turn);
            self.state.with(|state| state.waiters = state.waiters.saturating_sub(1));
        }
    }

    pub(super) fn wake_waiters(&self) {
        if self.state.with(|state| state.waiters > 0) {
            self.gate.open();
        }
    }
}

impl<P: Platform, C: ClientCallbacks> State<P, C> {
    /// Whether a worker has to be told; the caller tells it once the lock is free. Of a log that is taken out of the
    /// table no worker hears: the room to queue it has been given back.
    pub(super) fn must_queue(&mut self) -> bool {
        let is_attended = self.is_draining || self.is_queued || self.is_closed;
        let must = !is_attended && self.engine.has_action();
        self.is_queued |= must;
        must
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
    pub(super) fn callbacks_of(&self, client: ClientKey) -> Option<P::Shared<C>> {
        self.callbacks.get(client.slot.index())?.clone()
    }

    /// Notes that a callback begins on this thread. The last place is kept for the thread that drains.
    pub(super) fn begin_call(&mut self, client: ClientKey, place: CallPlace) -> bool {
        let kept = match place {
            CallPlace::Drain => 0,
            CallPlace::Inline => 1,
        };
        let has_room = self.calls.capacity() > self.calls.len().saturating_add(kept);
        let call = Call { client, thread: P::current_thread() };
        has_room && try_push(&mut self.calls, call).is_ok()
    }

    /// Notes that the newest callback of `client` on this thread has returned.
    pub(super) fn end_call(&mut self, client: ClientKey) {
        let thread = P::current_thread();
        let is_it = |call: &Call<P::Thread>| call.client == client && call.thread == thread;
        if let Some(index) = self.calls.iter().rposition(is_it) {
            self.calls.swap_remove(index);
        }
    }

    /// The threads on which callbacks of `client` run, or are about to.
    pub(super) fn threads_in_callbacks_of(&self, client: ClientKey) -> impl Iterator<Item = P::Thread> + '_ {
        self.calls.iter().filter(move |call| call.client == client).map(|call| call.thread)
    }

    /// Whether nobody needs the entry any more.
    pub(super) const fn is_unused(&self) -> bool {
        self.handles == 0
            && self.engine.clients_registered() == 0
            && !self.is_queued
            && !self.is_draining
            && !self.is_resizing
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
