//! Which callbacks run, or are about to.
//!
//! On a worker one of a log at a time, since one thread drains it: that one has a name and a thread. In the calls of
//! clients as many as there are threads: they are counted, apart from the client's place in the table, which may be
//! another's before they have returned.

use core::sync::atomic::{AtomicU32, Ordering};

use super::setting::{Callbacks, Setting, Shared};
use crate::engine::ClientKey;

/// How a registered client is called.
pub(super) struct Registration<S: Setting> {
    pub(super) callbacks: Callbacks<S>,
    pub(super) own_calls: Shared<S, OwnCalls>,
}

/// How many calls of a client are telling it that they have failed. Changed under the log's lock only.
#[derive(Default)]
pub(super) struct OwnCalls(AtomicU32);

impl OwnCalls {
    pub(super) fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn running(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Names one callback on a worker, of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallSerial(u64);

#[cfg(test)]
impl CallSerial {
    /// For tests of what names callbacks.
    pub(super) const fn of(number: u64) -> Self {
        Self(number)
    }
}

/// The callback on the thread that drains a log.
pub(super) struct WorkerCall<T> {
    /// The number of the next one.
    next: u64,
    running: Option<(CallSerial, ClientKey, T)>,
}

impl<T: Copy> WorkerCall<T> {
    pub(super) const fn none() -> Self {
        Self { next: 0, running: None }
    }

    pub(super) fn begin(&mut self, client: ClientKey, thread: T) -> CallSerial {
        debug_assert!(self.running.is_none(), "two threads drain");
        let serial = CallSerial(self.next);
        self.next = self.next.wrapping_add(1);
        self.running = Some((serial, client, thread));
        serial
    }

    pub(super) fn end(&mut self) {
        self.running = None;
    }

    /// The callbacks of `client`, which has those `own_calls`.
    pub(super) fn with(&self, own_calls: &OwnCalls, client: ClientKey) -> RunningCalls<T> {
        let on_worker = self.running.filter(|running| running.1 == client);
        RunningCalls { own: own_calls.running(), on_worker: on_worker.map(|(serial, _, thread)| (serial, thread)) }
    }
}

/// The callbacks of one client.
#[derive(Clone, Copy)]
pub(super) struct RunningCalls<T> {
    /// How many in calls of its own.
    pub(super) own: u32,
    /// The one on a worker, and its thread.
    pub(super) on_worker: Option<(CallSerial, T)>,
}
