//! The default for programs: a manager with worker threads, and logs in ordinary files.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::vec::Vec;

use super::clock::HostClock;
use super::files::FileStorage;
use super::platform::HostPlatform;
use super::volume::HostVolume;
use super::worker_pool::HostWorkerPool;
use crate::library::{LogFile, OpenLog};
use crate::log::Log;
use crate::manager::ports::ClientCallbacks;
use crate::units::Status;

/// Logs in files, and clients `C`.
type HostSetting<C> = (HostPlatform, HostVolume, C);

/// A managed log in files.
pub type HostLog<C> = OpenLog<HostSetting<C>>;

/// A manager with its workers. Dropped, it waits for them; keep it until its logs are closed, or requests that are
/// still pending never end.
pub struct LogHost<C: ClientCallbacks> {
    pool: HostWorkerPool<LogFile<HostSetting<C>>, C>,
}

impl<C: ClientCallbacks + Send + Sync + 'static> LogHost<C> {
    /// Starts the workers. Reports use `clock`.
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn start(clock: HostClock) -> io::Result<Self> {
        Ok(Self { pool: HostWorkerPool::with_clock(clock)? })
    }

    /// Puts an open log under management.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn manage(&self, log: Log<FileStorage>) -> Result<HostLog<C>, Status> {
        let name = log.storage().base_path().file_stem().map_or_else(Vec::new, utf16);
        OpenLog::new(Arc::clone(self.pool.manager()), log, &name)
    }

    /// Waits until the workers have nothing to do. Must not be called from a callback.
    pub fn wait_idle(&self) {
        self.pool.wait_idle();
    }
}

fn utf16(name: &std::ffi::OsStr) -> Vec<u16> {
    Path::new(name).to_string_lossy().encode_utf16().collect()
}
