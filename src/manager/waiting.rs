//! Which logs' requests have waited for long: a client that ended without deregistering makes everybody wait in silence.
//!
//! All open requests of a log end together, so a log waits since the first of them was made. It is told of once after a
//! second, and then each time the wait has doubled.

use core::time::Duration;

use super::cookie::LogKey;
use super::entry::State;
use super::error::NoSuchLog;
use super::ports::{Guarded, ManagedLog, Platform};
use super::setting::Setting;
use super::table::Manager;

/// When a log that waits is told of first.
const FIRST_NOTICE: Duration = Duration::from_secs(1);

/// A log whose requests wait for space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingLog {
    /// The log; [`Manager::pin_report`] says for whom it waits.
    pub log: LogKey,
    /// Since the oldest of its requests was made.
    pub waited: Duration,
}

/// Since when a log's requests wait, by the platform's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    since: u64,
    /// How long it is to be before it is told of again.
    next_notice: Duration,
}

impl<S: Setting> State<S> {
    /// A decision was made at `now`: notes whether requests wait from here on.
    pub(super) fn note_wait(&mut self, now: u64) {
        if !self.engine.is_space_awaited() {
            self.wait = None;
        } else if self.wait.is_none() {
            self.wait = Some(Wait { since: now, next_notice: FIRST_NOTICE });
        }
    }

    fn take_notice(&mut self, now: u64) -> Option<Duration> {
        let wait = self.wait.as_mut()?;
        let waited = Duration::from_nanos(now.saturating_sub(wait.since));
        (waited >= wait.next_notice).then(|| {
            wait.next_notice = waited.saturating_mul(2);
            waited
        })
    }
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
            let (waits, due) = entry.state.with(|state| (state.wait.is_some(), state.take_notice(now)));
            is_any_awaited |= waits;
            if let Some(waited) = due {
                tell(WaitingLog { log: entry.key, waited });
            }
        }
        is_any_awaited
    }
}
