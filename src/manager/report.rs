//! Reports on a log: its counters, and who pins it.

use alloc::vec::Vec;

use super::cookie::{Cookie, LogKey};
use super::entry::Snapshot;
use super::error::{LogError, NoSuchLog};
use super::ports::Guarded;
use super::setting::Setting;
use super::statistics::Statistics;
use super::table::Manager;
use crate::engine::{Pin, PinHolder};
use crate::units::memory::{OutOfMemory, try_push};

impl<S: Setting> Manager<S> {
    /// What has happened to the log so far.
    ///
    /// # Errors
    /// No such log.
    pub fn statistics(&self, log: LogKey) -> Result<Statistics, NoSuchLog> {
        let entry = self.find(log)?;
        Ok(entry.state.with(|state| Statistics { refusals: state.engine.refusals(), ..state.statistics }))
    }

    /// Who holds the log's oldest containers, and what was asked of them since when.
    ///
    /// # Errors
    /// No such log. `INSUFFICIENT_RESOURCES`.
    pub fn pin_report(&self, log: LogKey) -> Result<Vec<Pin>, LogError> {
        let entry = self.find(log)?;
        let pins = self.fact(&entry, Snapshot::Newest, |state| {
            let mut pins = Vec::new();
            let mut result = Ok::<(), OutOfMemory>(());
            state.engine.for_each_pin(|pin| {
                if result.is_ok() {
                    result = try_push(&mut pins, pin);
                }
            });
            result.map(|()| pins)
        });
        Ok(pins?)
    }

    /// The cookie of the client that a pin names.
    pub fn cookie_of(&self, log: LogKey, pin: &Pin) -> Option<Cookie> {
        match pin.holder {
            PinHolder::Client(client) => Some(Cookie::new(log.slot, client)),
            PinHolder::UnmanagedStream | PinHolder::ArchiveTail => None,
        }
    }
}
