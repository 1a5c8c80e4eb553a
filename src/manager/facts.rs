//! What the owner of a log tells the manager: that it has changed, and that it is gone.

use super::cookie::LogKey;
use super::ports::{ClientCallbacks, Guarded, ManagedLog, Platform};
use super::table::Manager;

impl<P: Platform, L: ManagedLog, C: ClientCallbacks> Manager<P, L, C> {
    /// The log has changed: its base or archive tail moved, containers came or went, reservations were freed, or an
    /// append went on to another container. Calls no client; whoever calls must hold no lock that the log's
    /// [`ManagedLog::observe`] takes. IRQL <= `APC_LEVEL`.
    pub fn handle_log_changed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.observe(&entry);
            self.queue_if_needed(&entry);
        }
    }

    /// Whether a client waits for something that only the log can tell: an owner that does not hear of every change of
    /// its log looks at it as long as this is so. IRQL <= `APC_LEVEL`.
    pub fn awaits_news(&self, log: LogKey) -> bool {
        self.find(log).is_ok_and(|entry| entry.state.with(|state| state.engine.needs_polling()))
    }

    /// The log has been closed while clients are registered: requests that wait end with `LOG_STATE_INVALID`, later ones
    /// are refused. IRQL <= `APC_LEVEL`.
    pub fn handle_log_closed(&self, log: LogKey) {
        if let Ok(entry) = self.find(log) {
            self.decide(&entry, |state| state.engine.handle_log_closed());
            self.queue_if_needed(&entry);
        }
    }
}
