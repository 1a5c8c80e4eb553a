//! One callback of a client: noted before it begins, called with no lock held, and its return reported.
//!
//! # Invariants
//! * Whatever way a callback ends, its note goes and its return is reported: one that panics (in user mode, where that
//!   is possible) counts as an error, so that the log goes on and a deregistration does not wait for ever.
//! * Noting takes no memory, on any number of threads (`running`, `completion`).

use super::completion::{ClientName, Completion};
use super::entry::{Entry, Snapshot, State};
use super::ports::{ClientCallbacks, Guarded, Platform};
use super::running::{CallSerial, OwnCalls, Registration};
use super::setting::{Callbacks, Setting, Shared};
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

/// Where a callback is called.
enum CallPlace<S: Setting> {
    /// In the drain loop, on a worker.
    Worker(CallSerial),
    /// In the call of the client it is for.
    Own(Shared<S, OwnCalls>),
}

/// A callback that was noted and is to be called.
pub(super) struct Call<S: Setting> {
    client: ClientKey,
    place: CallPlace<S>,
    callbacks: Callbacks<S>,
    message: Message,
}

impl<S: Setting> State<S> {
    /// Notes a callback of the thread that drains; `None` of a client that is not registered.
    pub(super) fn begin_worker_call(&mut self, client: ClientKey, message: Message) -> Option<Call<S>> {
        let callbacks = self.registration(client)?.callbacks.clone();
        let serial = self.worker_call.begin(client, S::Platform::current_thread());
        Some(Call { client, place: CallPlace::Worker(serial), callbacks, message })
    }

    /// Notes a callback in the call of its client; `None` of a client that is not registered.
    pub(super) fn begin_own_call(&mut self, client: ClientKey, message: Message) -> Option<Call<S>> {
        let Registration { callbacks, own_calls } = self.registration(client)?;
        own_calls.begin();
        Some(Call { client, place: CallPlace::Own(own_calls.clone()), callbacks: callbacks.clone(), message })
    }

    /// Notes that a callback has returned; returns whether threads wait at the gate, maybe for it.
    fn end_call(&mut self, place: &CallPlace<S>) -> bool {
        match place {
            CallPlace::Worker(_) => self.worker_call.end(),
            CallPlace::Own(own_calls) => own_calls.end(),
        }
        self.note_end()
    }
}

impl<S: Setting> Manager<S> {
    /// Calls a client. For workers, and for log-full calls whose request has ended.
    pub(super) fn perform_call(&self, entry: &Entry<S>, call: Call<S>) {
        let Call { client, place, callbacks, message } = call;
        let own_call_of = match place {
            CallPlace::Worker(_) => {
                self.platform.enter_client();
                None
            }
            CallPlace::Own(_) => Some((entry.key, client)),
        };
        let returned = match message {
            Message::Ask { .. } => Status::UNSUCCESSFUL,
            Message::Complete { .. } | Message::Unpinned => Status::SUCCESS,
        };
        let mut running = Running { manager: self, entry, client, place, message, returned };
        running.returned = self.tell(callbacks, message, own_call_of);
    }

    /// The callbacks are dropped before this returns, or is unwound: dropping the last reference may close the log.
    fn tell(&self, callbacks: Callbacks<S>, message: Message, own_call_of: Option<ClientName>) -> Status {
        match message {
            Message::Ask { target, .. } => return callbacks.advance_tail(target),
            Message::Complete { status, is_pinned } => {
                self.complete(own_call_of, move || callbacks.log_growth_complete(status, is_pinned));
            }
            Message::Unpinned => callbacks.log_unpinned(),
        }
        Status::SUCCESS
    }

    /// Runs `tell` inside a completion.
    fn complete(&self, own_call_of: Option<ClientName>, tell: impl FnOnce()) {
        if S::Platform::completion().is_some() {
            // A worker that was called inside one: what is noted stays.
            return tell();
        }
        S::Platform::inside_completion(Completion::new(self.address(), own_call_of), tell);
    }

    /// The client in whose own call, and completion, this thread is.
    pub(super) fn own_call_here(&self) -> Option<ClientName> {
        S::Platform::completion()?.own_call_of(self.address())
    }

    /// Which manager it is: where it is, which does not change while it calls a client.
    fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

/// A callback that runs; dropped when it has returned, or is unwound.
struct Running<'a, S: Setting> {
    manager: &'a Manager<S>,
    entry: &'a Entry<S>,
    client: ClientKey,
    place: CallPlace<S>,
    message: Message,
    /// What it has returned; until then, what a panic stands for.
    returned: Status,
}

impl<S: Setting> Drop for Running<'_, S> {
    fn drop(&mut self) {
        let Self { manager, entry, client, ref place, message, returned } = *self;
        if let CallPlace::Worker(_) = place {
            manager.platform.leave_client();
        }
        // The log is looked at first: a tail that moved ends the ask, whatever was returned.
        manager.fact(entry, Snapshot::Newest, |state| {
            if state.end_call(place)
                && let CallPlace::Worker(serial) = *place
            {
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
