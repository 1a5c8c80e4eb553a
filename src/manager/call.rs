//! One callback of a client: noted before it begins, called with no lock held, and its return reported.
//!
//! # Invariants
//! Whatever way a callback ends, its note goes and its return is reported: one that panics (in user mode, where that is
//! possible) counts as an error, so that the log goes on and a deregistration does not wait for ever.

use super::entry::{CallPlace, CallSerial, Entry, Snapshot, State};
use super::ports::{ClientCallbacks, Guarded, Platform};
use super::setting::{Callbacks, Setting};
use super::table::Manager;
use crate::engine::{AskSerial, ClientKey};
use crate::units::{Lsn, Status};

/// What a client is notified of.
#[derive(Clone, Copy)]
pub(super) enum Message {
    Ask { target: Lsn, ask: AskSerial },
    Complete { status: Status, is_pinned: bool },
    Unpinned,
}

/// A callback that was noted and is to be called.
pub(super) struct Call<C> {
    client: ClientKey,
    serial: CallSerial,
    place: CallPlace,
    callbacks: C,
    message: Message,
}

impl<S: Setting> State<S> {
    /// Notes a callback; `None` of a client without callbacks, or without memory to note it.
    pub(super) fn call(&mut self, client: ClientKey, place: CallPlace, message: Message) -> Option<Call<Callbacks<S>>> {
        let callbacks = self.callbacks_of(client)?;
        let serial = self.begin_call(client, place).ok()?;
        Some(Call { client, serial, place, callbacks, message })
    }
}

impl<S: Setting> Manager<S> {
    /// Calls a client. For workers, and for log-full calls whose request has ended.
    pub(super) fn perform_call(&self, entry: &Entry<S>, call: Call<Callbacks<S>>) {
        let Call { client, serial, place, callbacks, message } = call;
        let returned = match message {
            Message::Ask { .. } => Status::UNSUCCESSFUL,
            Message::Complete { .. } | Message::Unpinned => Status::SUCCESS,
        };
        let mut running =
            Running { manager: self, entry, client, serial, place, callbacks: Some(callbacks), message, returned };
        if place == CallPlace::Drain {
            self.platform.enter_client();
            if let Message::Complete { .. } = message {
                // Without memory what is asked for inside may be told inside.
                self.completions.with(|completions| completions.enter(S::Platform::current_thread()));
            }
        }
        if let Some(callbacks) = &running.callbacks {
            match message {
                Message::Ask { target, .. } => running.returned = callbacks.advance_tail(target),
                Message::Complete { status, is_pinned } => callbacks.log_growth_complete(status, is_pinned),
                Message::Unpinned => callbacks.log_unpinned(),
            }
        }
    }
}

/// A callback that runs; dropped when it has returned, or is unwound.
struct Running<'a, S: Setting> {
    manager: &'a Manager<S>,
    entry: &'a Entry<S>,
    client: ClientKey,
    serial: CallSerial,
    place: CallPlace,
    /// There until it has returned.
    callbacks: Option<Callbacks<S>>,
    message: Message,
    /// What it has returned; until then, what a panic stands for.
    returned: Status,
}

impl<S: Setting> Drop for Running<'_, S> {
    fn drop(&mut self) {
        // First: dropping the last reference may close the log.
        drop(self.callbacks.take());
        if let Message::Complete { .. } = self.message {
            self.manager.completions.with(|completions| completions.leave(S::Platform::current_thread()));
        }
        if self.place == CallPlace::Drain {
            self.manager.platform.leave_client();
        }
        let Self { manager, entry, client, serial, message, returned, .. } = *self;
        // The log is looked at first: a tail that moved ends the ask, whatever was returned.
        manager.fact(entry, Snapshot::Newest, |state| {
            if state.end_call(serial) {
                manager.waits.with(|waits| waits.handle_call_ended(entry.key, serial));
            }
            match message {
                Message::Ask { ask, .. } => {
                    state.engine.handle_ask_returned(client, ask, returned, manager.platform.now());
                }
                Message::Complete { .. } => state.engine.handle_completion_returned(client),
                Message::Unpinned => {}
            }
        });
    }
}
