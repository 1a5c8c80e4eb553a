//! Facts: the one way in which they reach a log's engine, and those that the owner of a log reports.
//!
//! [`Manager::fact`] is that way: look at the log, decide under its lock, follow up with no lock held. Every decision
//! says on which snapshot it is made; that all be made on the newest is a matter of this file and its callers' one
//! word.

use super::cookie::LogKey;
use super::entry::{Entry, FollowUp, State};
use super::ports::{Gate, Guarded, ManagedLog, Platform};
use super::setting::Setting;
use super::table::Manager;

/// On which snapshot of the log a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Snapshot {
    /// The manager looks at the log first.
    Newest,
    /// On what was seen last.
    Last,
}

impl<S: Setting> Manager<S> {
    /// Looks at the log, decides under its lock, and follows up: asks a worker to perform what is due, wakes who waits
    /// for what has ended, takes a log that nobody uses any more out of the table.
    pub(super) fn fact<R>(&self, entry: &Entry<S>, snapshot: Snapshot, decide: impl FnOnce(&mut State<S>) -> R) -> R {
        let (result, left) = self.decide(entry, snapshot, |state| (decide(state), state.follow_up()));
        self.follow_up(entry, &left);
        result
    }

    /// [`Manager::fact`] without the follow-up: for decisions that lead to nothing, and for whoever holds a guard whose
    /// end follows up. The time it takes is counted, without that of the look.
    pub(super) fn decide<R>(&self, entry: &Entry<S>, snapshot: Snapshot, decide: impl FnOnce(&mut State<S>) -> R) -> R {
        match snapshot {
            Snapshot::Newest => entry.scratch.with(|view| {
                entry.log.observe(view);
                self.section(entry, |state| {
                    state.engine.handle_view(view);
                    decide(state)
                })
            }),
            Snapshot::Last => self.section(entry, decide),
        }
    }

    fn section<R>(&self, entry: &Entry<S>, section: impl FnOnce(&mut State<S>) -> R) -> R {
        entry.state.with(|state| {
            let begun = self.platform.monotonic_nanoseconds();
            let result = section(state);
            let taken = self.platform.monotonic_nanoseconds().saturating_sub(begun);
            state.statistics.add_time(taken);
            result
        })
    }

    /// Changes who uses a log or is at work on it, and follows up. Nothing is decided.
    pub(super) fn change<R>(&self, entry: &Entry<S>, change: impl FnOnce(&mut State<S>) -> R) -> R {
        let (result, left) = entry.state.with(|state| (change(state), state.follow_up()));
        self.follow_up(entry, &left);
        result
    }

    fn follow_up(&self, entry: &Entry<S>, left: &FollowUp) {
        if left.wakes {
            entry.gate.open();
        }
        if left.queues {
            self.platform.queue_drain(entry.key);
        }
        if left.removes {
            self.remove_if_unused(entry);
        }
    }

    /// The log has changed: its base or archive tail moved, containers came or went, reservations were freed, or an
    /// append went on to another container. Calls no client; whoever calls must hold no lock that the log's
    /// [`ManagedLog::observe`] takes. IRQL <= `APC_LEVEL`.
    pub fn handle_log_changed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.fact(&entry, Snapshot::Newest, |_| ());
        }
    }

    /// Whether a client waits for something that only the log can tell: an owner that does not hear of every change of
    /// its log looks at it as long as this is so. IRQL <= `APC_LEVEL`.
    pub fn awaits_news(&self, log: LogKey) -> bool {
        self.find(log).is_ok_and(|entry| entry.state.with(|state| state.engine.awaits_news()))
    }

    /// The log has been closed while clients are registered: requests that wait end with `LOG_STATE_INVALID`, later ones
    /// are refused. IRQL <= `APC_LEVEL`.
    pub fn handle_log_closed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.fact(&entry, Snapshot::Last, |state| state.engine.handle_log_closed());
        }
    }
}
