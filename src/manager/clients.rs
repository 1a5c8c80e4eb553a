//! Registering, deregistering, and a client's report that it cannot move its tail.

use super::cookie::{Cookie, LogKey};
use super::entry::{Attendance, Snapshot};
use super::error::LogError;
use super::ports::{Guarded, Platform};
use super::running::{OwnCalls, Registration};
use super::setting::Setting;
use super::table::{Manager, SharedEntry};
use super::waits::Waiter;
use crate::engine::NotAClient;
use crate::units::{Status, StreamId};

impl<S: Setting> Manager<S> {
    /// Registers a client of a stream. Its callbacks may be called before this returns. The client keeps the log's
    /// state and policies alive. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// No such log. `INSUFFICIENT_RESOURCES`; `INVALID_PARAMETER`: no such stream; `UNSUCCESSFUL`: the log is being
    /// released, or its management has stopped.
    pub fn register(&self, log: LogKey, stream: StreamId, callbacks: S::Callbacks) -> Result<Cookie, LogError> {
        let entry = self.find(log)?;
        // Kept outside the section: what is not taken in is dropped with no lock held.
        let callbacks = S::Platform::share(callbacks)?;
        let own_calls = S::Platform::share(OwnCalls::default())?;
        let mut registration = Some(Registration { callbacks, own_calls });
        let client = self.fact(&entry, Snapshot::Newest, |state| {
            if state.attendance == Attendance::Removed {
                return Err::<_, Status>(Status::UNSUCCESSFUL);
            }
            state.reserve_client()?;
            let client = state.engine.register(stream)?;
            if let Some(place) = state.registrations.get_mut(client.slot.index()) {
                *place = registration.take();
            }
            Ok(client)
        });
        Ok(Cookie::new(log.slot, client?))
    }

    /// Deregisters a client: when this returns none of its callbacks runs, and none is called any more. From inside a
    /// callback of the same client it does not wait for that callback, only for those on other threads; none begins
    /// after it. Of clients, of one log or of several, that deregister each other from inside their callbacks, the last
    /// does not wait.
    /// IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// The cookie names no client.
    pub fn deregister(&self, cookie: Cookie) -> Result<(), NotAClient> {
        let entry = self.find_of(cookie)?;
        let client = cookie.client();
        let registration = self.decide(&entry, Snapshot::Newest, |state| {
            state.engine.deregister(client)?;
            Ok(state.registrations.get_mut(client.slot.index()).and_then(Option::take))
        })?;
        let Registration { callbacks, own_calls } = registration.ok_or(NotAClient)?;
        // First: dropping them may close the log, and then no worker is to be queued for it.
        drop(callbacks);
        self.change(&entry, |_| ());
        let waiter = Waiter { thread: S::Platform::current_thread(), inside: self.own_call_here() };
        entry.wait_for(|state| {
            let running = state.worker_call.with(&own_calls, client);
            let must_wait = self.waits.with(|waits| waits.renew(waiter, (entry.key, client), running));
            (!must_wait).then_some(())
        });
        Ok(())
    }

    /// The client cannot move its tail as it was asked to; `reason` may be any status. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// The cookie names no client.
    pub fn tail_advance_failure(&self, cookie: Cookie, reason: Status) -> Result<(), NotAClient> {
        let entry = self.find_of(cookie)?;
        let now = self.platform.now();
        let client = cookie.client();
        self.fact(&entry, Snapshot::Newest, |state| state.engine.handle_tail_failure(client, reason, now))
    }

    /// The log of a registered client.
    pub fn log_of(&self, cookie: Cookie) -> Option<LogKey> {
        let entry = self.find_of(cookie).ok()?;
        entry.state.with(|state| state.engine.is_client(cookie.client())).then_some(entry.key)
    }

    /// Whether a cookie names a registered client of `log`.
    pub(super) fn is_client_of(&self, cookie: Cookie, log: LogKey) -> bool {
        let is_registered = |entry: SharedEntry<S>| entry.state.with(|state| state.engine.is_client(cookie.client()));
        cookie.log_slot() == log.slot && self.find(log).is_ok_and(is_registered)
    }
}
