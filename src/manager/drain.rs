//! The one loop that carries actions out: lock, take an action, unlock, perform, report the result, again.
//!
//! One thread at a time drains a log, so its clients' callbacks come in the order of the decisions. It stops only when
//! it finds nothing to do *under the lock*; a decision that comes later queues a worker.

use super::cookie::LogKey;
use super::entry::{CallPlace, Entry, Snapshot, State};
use super::ports::{ClientCallbacks, Guarded, Platform};
use super::setting::{Callbacks, Setting};
use super::table::Manager;
use crate::engine::{Action, AskSerial, ClientKey};
use crate::units::{ContainerCount, Lsn, Status, Time};

/// An action with what is needed to perform it without the lock.
enum Step<S> {
    Grow(ContainerCount),
    Shrink(ContainerCount),
    Call(ClientKey, S, Message),
}

/// What a client is notified of.
#[derive(Clone, Copy)]
enum Message {
    Ask { target: Lsn, ask: AskSerial },
    Complete { status: Status, is_pinned: bool },
    Unpinned,
}

/// The callback that has returned.
#[derive(Clone, Copy)]
pub(super) enum Returned {
    Ask { ask: AskSerial, status: Status },
    Completion,
    Unpinned,
}

/// Held by the thread that drains a log. When dropped, what came due meanwhile is left to a worker, and a log without
/// users is removed.
pub(super) struct DrainGuard<'a, S: Setting> {
    manager: &'a Manager<S>,
    entry: &'a Entry<S>,
}

impl<'a, S: Setting> DrainGuard<'a, S> {
    /// For a worker; `None` when another thread drains.
    fn begin(manager: &'a Manager<S>, entry: &'a Entry<S>) -> Option<Self> {
        // Made only if it begins: dropping a guard ends the drain.
        let begins = entry.state.with(|state| state.attendance.begin_drain());
        begins.then(|| Self { manager, entry })
    }

    /// For a thread that has begun the drain under the log's lock.
    pub(super) const fn begun(manager: &'a Manager<S>, entry: &'a Entry<S>) -> Self {
        Self { manager, entry }
    }
}

impl<S: Setting> Drop for DrainGuard<'_, S> {
    fn drop(&mut self) {
        self.manager.change(self.entry, |state| state.attendance.end_drain());
    }
}

impl<S: Setting> Manager<S> {
    /// Performs what is decided for a log until nothing is left. For worker threads, as [`Platform::queue_drain`] asks:
    /// it calls clients and creates files.
    pub fn drain(&self, log: LogKey) {
        let Ok(entry) = self.find(log) else {
            return;
        };
        if let Some(_drain) = DrainGuard::begin(self, &entry) {
            while let Some(step) = self.next_step(&entry) {
                self.perform(&entry, step);
            }
        }
    }

    fn next_step(&self, entry: &Entry<S>) -> Option<Step<Callbacks<S>>> {
        let now = self.platform.now();
        self.fact(entry, Snapshot::Last, |state| state.next_step(now))
    }

    fn perform(&self, entry: &Entry<S>, step: Step<Callbacks<S>>) {
        match step {
            Step::Grow(count) => self.grow(entry, count),
            Step::Shrink(count) => self.shrink(entry, count),
            Step::Call(client, callbacks, message) => {
                self.call(entry, client, callbacks, message);
            }
        }
    }

    fn call(&self, entry: &Entry<S>, client: ClientKey, callbacks: Callbacks<S>, message: Message) {
        let returned = match message {
            Message::Ask { target, ask } => Returned::Ask { ask, status: callbacks.advance_tail(target) },
            Message::Complete { status, is_pinned } => {
                callbacks.log_growth_complete(status, is_pinned);
                Returned::Completion
            }
            Message::Unpinned => {
                callbacks.log_unpinned();
                Returned::Unpinned
            }
        };
        drop(callbacks);
        self.callback_returned(entry, client, returned);
    }

    /// A callback has returned. The log is looked at first: a tail that moved ends the ask, whatever was returned.
    pub(super) fn callback_returned(&self, entry: &Entry<S>, client: ClientKey, returned: Returned) {
        self.fact(entry, Snapshot::Newest, |state| {
            state.end_call(client);
            match returned {
                Returned::Ask { ask, status } => {
                    state.engine.handle_ask_returned(client, ask, status, self.platform.now());
                }
                Returned::Completion => state.engine.handle_completion_returned(client),
                Returned::Unpinned => {}
            }
        });
    }
}

impl<S: Setting> State<S> {
    fn next_step(&mut self, now: Time) -> Option<Step<Callbacks<S>>> {
        loop {
            let (client, message) = match self.engine.poll_action(now)? {
                Action::Grow { count } => return Some(Step::Grow(count)),
                Action::Shrink { count } => return Some(Step::Shrink(count)),
                Action::AskTail { client, target, ask } => {
                    self.statistics.count_ask();
                    (client, Message::Ask { target, ask })
                }
                Action::CompleteRequest { client, status, is_pinned } => {
                    self.statistics.count_end(status, is_pinned);
                    (client, Message::Complete { status, is_pinned })
                }
                Action::NotifyUnpinned { client } => {
                    self.statistics.count_unpinned();
                    (client, Message::Unpinned)
                }
            };
            // A registered client has callbacks, and a place is kept for the thread that drains.
            let callbacks = self.callbacks_of(client);
            if let Some(callbacks) = callbacks
                && self.begin_call(client, CallPlace::Drain)
            {
                return Some(Step::Call(client, callbacks, message));
            }
            debug_assert!(false, "a client without callbacks");
        }
    }
}
