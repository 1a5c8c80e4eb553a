//! The one loop that carries actions out: lock, take an action, unlock, perform, report the result, again.
//!
//! One thread at a time drains a log, so its clients' callbacks come in the order of the decisions. It leaves when it
//! finds nothing to do *under the lock*, or when it has done its share: then the log is queued again, behind all others
//! that wait for a worker. So no log waits longer than for one share of each log that is at work.

use super::call::{Call, Message};
use super::cookie::LogKey;
use super::entry::{Entry, Snapshot, State};
use super::ports::{Guarded, Platform};
use super::setting::Setting;
use super::table::Manager;
use crate::engine::Action;
use crate::units::Time;

/// Callbacks in one share. A container more or less ends it too: that takes as long as the disk does.
const CALLS_PER_SHARE: u32 = 16;

/// An action with what is needed to perform it without the lock.
enum Step<S: Setting> {
    Grow,
    Shrink,
    Call(Call<S>),
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
    /// Performs a share of what is decided for a log, and queues it again if more is left. For worker threads, as
    /// [`Platform::queue_drain`] asks: it calls clients and creates files.
    pub fn drain(&self, log: LogKey) {
        let Ok(entry) = self.find(log) else {
            return;
        };
        let Some(_drain) = DrainGuard::begin(self, &entry) else {
            return;
        };
        // Where a callback has returned the log was looked at right then.
        let mut snapshot = Snapshot::Newest;
        for _ in 0..CALLS_PER_SHARE {
            match self.next_step(&entry, snapshot) {
                Some(Step::Call(call)) => self.perform_call(&entry, call),
                Some(Step::Grow) => return self.grow(&entry),
                Some(Step::Shrink) => return self.shrink(&entry),
                None => return,
            }
            snapshot = Snapshot::Last;
        }
    }

    fn next_step(&self, entry: &Entry<S>, snapshot: Snapshot) -> Option<Step<S>> {
        // Looked at only if something is due; what comes due after this is found where the drain ends.
        if !entry.state.with(|state| state.engine.has_action()) {
            return None;
        }
        let now = self.platform.now();
        self.fact(entry, snapshot, |state| state.next_step(now))
    }
}

impl<S: Setting> State<S> {
    fn next_step(&mut self, now: Time) -> Option<Step<S>> {
        loop {
            let (client, message) = match self.engine.poll_action(now)? {
                Action::Grow => return Some(Step::Grow),
                Action::Shrink => return Some(Step::Shrink),
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
            match self.begin_worker_call(client, message) {
                Some(call) => return Some(Step::Call(call)),
                None => debug_assert!(false, "a client that is not registered"),
            }
        }
    }
}
