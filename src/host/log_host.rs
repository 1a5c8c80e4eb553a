//! The default for programs: a manager with worker threads, and logs in ordinary files.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::vec::Vec;

use super::clock::HostClock;
use super::files::FileStorage;
use super::platform::HostPlatform;
use super::work::{WorkQueue, Workers};
use crate::base::{LogFile, OpenLog};
use crate::log::Log;
use crate::manager::ports::ClientCallbacks;
use crate::manager::{LogKey, Manager};
use crate::units::Status;

/// Two workers: while one waits for the disk the other can call clients of other logs.
const WORKERS: usize = 2;

type HostManager<C> = Manager<HostPlatform, LogFile<HostPlatform, FileStorage>, C>;

/// A managed log in files.
pub type HostLog<C> = OpenLog<HostPlatform, FileStorage, C>;

/// A manager with its workers. Dropped, it waits for them.
pub struct LogHost<C: ClientCallbacks> {
    manager: Arc<HostManager<C>>,
    queue: Arc<WorkQueue<LogKey>>,
    _workers: Workers<LogKey>,
}

impl<C: ClientCallbacks + Send + Sync + 'static> LogHost<C> {
    /// Starts the workers. Reports use `clock`.
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn start(clock: HostClock) -> io::Result<Self> {
        let platform = HostPlatform::new(clock);
        let queue = platform.queue();
        let manager = Arc::new(Manager::new(platform));
        let for_workers = Arc::clone(&manager);
        let workers = Workers::start(Arc::clone(&queue), WORKERS, move |log| {
            for_workers.drain(log);
        })?;
        Ok(Self { manager, queue, _workers: workers })
    }

    /// Puts an open log under management.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn manage(&self, log: Log<FileStorage>) -> Result<HostLog<C>, Status> {
        let name = log.storage().base_path().file_stem().map_or_else(Vec::new, utf16);
        OpenLog::new(Arc::clone(&self.manager), log, &name)
    }

    /// Waits until the workers have nothing to do. Must not be called from a callback.
    pub fn wait_idle(&self) {
        self.queue.wait_idle();
    }
}

fn utf16(name: &std::ffi::OsStr) -> Vec<u16> {
    Path::new(name).to_string_lossy().encode_utf16().collect()
}
