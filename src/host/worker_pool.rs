//! A manager with the threads that drain its logs.

use std::io;
use std::sync::Arc;

use super::clock::HostClock;
use super::platform::HostPlatform;
use super::watch::Watch;
use super::work::{WorkQueue, Workers};
use crate::manager::ports::{ClientCallbacks, ManagedLog};
use crate::manager::{LogKey, Manager};
use crate::units::Status;

/// Two workers: while one waits for the disk the other can call clients of other logs.
const WORKERS: usize = 2;

/// A manager and its workers. When dropped it waits for them; keep it until the manager's logs are closed, or requests
/// that are still pending never end.
pub struct HostWorkerPool<L: ManagedLog, C: ClientCallbacks> {
    manager: Arc<Manager<(HostPlatform, L, C)>>,
    queue: Arc<WorkQueue<LogKey>>,
    _watch: Option<Watch>,
    _workers: Workers<LogKey>,
}

impl<L, C> HostWorkerPool<L, C>
where
    L: ManagedLog + Send + Sync + 'static,
    C: ClientCallbacks + Send + Sync + 'static,
{
    /// Starts the workers of a new manager, whose reports use `clock`. With `CLFSMGMT_TRACE=1` in the environment it is
    /// said on standard error for whom requests wait that have waited for a second, and then ever more rarely.
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn with_clock(clock: HostClock) -> io::Result<Self> {
        let platform = HostPlatform::new(clock);
        let queue = platform.queue();
        let manager = Arc::new(Manager::new(platform));
        let for_workers = Arc::clone(&manager);
        let workers = Workers::start(Arc::clone(&queue), WORKERS, move |log| {
            for_workers.drain(log);
        })?;
        let watch = if Watch::is_wanted() { Some(Watch::start(&manager)?) } else { None };
        Ok(Self { manager, queue, _watch: watch, _workers: workers })
    }

    /// As [`HostWorkerPool::with_clock`], on the system's clock. `drain` is for the kernel's workers; these have their
    /// manager.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: a thread could not be started.
    pub fn start(_drain: fn(LogKey)) -> Result<Self, Status> {
        Self::with_clock(HostClock::System).map_err(|_| Status::INSUFFICIENT_RESOURCES)
    }
}

impl<L: ManagedLog, C: ClientCallbacks> HostWorkerPool<L, C> {
    /// The manager.
    pub const fn manager(&self) -> &Arc<Manager<(HostPlatform, L, C)>> {
        &self.manager
    }

    /// Waits until the workers have nothing to do. Must not be called from a callback.
    pub fn wait_idle(&self) {
        self.queue.wait_idle();
    }
}
