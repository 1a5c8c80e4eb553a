//! Which logs' requests have waited for long: a client that ended without deregistering makes everybody wait in
//! silence.

use core::time::Duration;

use super::cookie::LogKey;
use super::error::NoSuchLog;
use super::ports::{Guarded, ManagedLog, Platform};
use super::setting::Setting;
use super::table::Manager;

/// A log whose requests wait for space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingLog {
    /// The log; [`Manager::pin_report`] says for whom it waits.
    pub log: LogKey,
    /// Since the oldest of its requests was made.
    pub waited: Duration,
}

impl<S: Setting> Manager<S> {
    /// Hands the name of a log's base file, without its extension, to `use_name`.
    ///
    /// # Errors
    /// No such log.
    pub fn with_log_name<R>(&self, log: LogKey, use_name: impl FnOnce(&[u16]) -> R) -> Result<R, NoSuchLog> {
        Ok(self.find(log)?.log.with_log_name(use_name))
    }

    /// Calls `tell` for every log that is to be told of now, with no lock held, and returns whether any waits. For
    /// whoever looks from time to time. Its cost grows with the number of logs. IRQL <= `APC_LEVEL`.
    pub fn for_each_waiting(&self, mut tell: impl FnMut(WaitingLog)) -> bool {
        let now = self.platform.monotonic_nanoseconds();
        let (mut slot, mut is_any_awaited) = (0, false);
        while let Some(entry) = self.next_entry(&mut slot) {
            let (waits, due) = entry.state.with(|state| (state.notice.is_awaited(), state.notice.take(now)));
            is_any_awaited |= waits;
            if let Some(waited) = due {
                tell(WaitingLog { log: entry.key, waited });
            }
        }
        is_any_awaited
    }
}
