//! Feeding a fact to a log's engine, and the facts that the owner of a log reports.
//!
//! [`Manager::fact`] is the one protocol: look at the log, decide under its lock, follow up with no lock held. Each
//! decision names the snapshot that it is made on. Those on [`Snapshot::Last`] do not look; to oblige them, remove that
//! variant.
//!
//! # Invariants
//! * A look and the decision after it are one section under the log's lock: none is made on an older snapshot between.
//! * With the log's lock or the snapshot's held, no client is called and nothing is queued, woken or removed.

use super::cookie::LogKey;
use super::entry::{Entry, FollowUp, Snapshot, State};
use super::ports::{Gate, Guarded, ManagedLog, Platform};
use super::setting::Setting;
use super::table::Manager;

impl<S: Setting> Manager<S> {
    /// Looks at the log, decides under its lock, and follows up: queues a worker for what is due, wakes the threads
    /// that wait for what has ended, removes a log without users from the table.
    pub(super) fn fact<R>(&self, entry: &Entry<S>, snapshot: Snapshot, decide: impl FnOnce(&mut State<S>) -> R) -> R {
        let (result, left) = self.decide(entry, snapshot, |state| (decide(state), state.follow_up()));
        self.follow_up(entry, &left);
        result
    }

    /// [`Manager::fact`] without the follow-up: for decisions that lead to nothing, and for holders of a guard that
    /// follows up when dropped. The time that it takes is counted, without that of the look.
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
            state.note_wait(begun);
            self.count_time(state, begun);
            result
        })
    }

    // As `State::follow_up`.
    #[inline(never)]
    fn count_time(&self, state: &mut State<S>, begun: u64) {
        let taken = self.platform.monotonic_nanoseconds().saturating_sub(begun);
        state.statistics.add_time(taken);
    }

    /// Changes the users of a log or the threads that work on it, and follows up. Nothing is decided.
    pub(super) fn change<R>(&self, entry: &Entry<S>, change: impl FnOnce(&mut State<S>) -> R) -> R {
        let (result, left) = entry.state.with(|state| (change(state), state.follow_up()));
        self.follow_up(entry, &left);
        result
    }

    // As `State::follow_up`.
    #[inline(never)]
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
    /// append went on to another container. Calls no client. The caller holds no lock that the log's
    /// [`ManagedLog::observe`] takes. IRQL <= `APC_LEVEL`.
    pub fn handle_log_changed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.fact(&entry, Snapshot::Newest, |_| ());
        }
    }

    /// Whether a client waits for something that only the log shows: an owner that is not notified of every change of
    /// its log polls it as long as this is so. IRQL <= `APC_LEVEL`.
    pub fn needs_polling(&self, log: LogKey) -> bool {
        self.find(log).is_ok_and(|entry| entry.state.with(|state| state.engine.needs_polling()))
    }

    /// The log has been closed while clients are registered: requests that wait end with `LOG_STATE_INVALID`, later
    /// ones are refused. IRQL <= `APC_LEVEL`.
    pub fn handle_log_closed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.fact(&entry, Snapshot::Last, |state| state.engine.handle_log_closed());
        }
    }
}
