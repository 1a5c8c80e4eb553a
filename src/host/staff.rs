//! A manager with the threads that work for it.

use std::io;
use std::sync::Arc;

use super::clock::HostClock;
use super::platform::HostPlatform;
use super::work::{WorkQueue, Workers};
use crate::manager::ports::{ClientCallbacks, ManagedLog};
use crate::manager::{LogKey, Manager};
use crate::units::Status;

/// Two workers: while one waits for the disk the other can call clients of other logs.
const WORKERS: usize = 2;

/// A manager and its workers. Dropped, it waits for them; keep it until the manager's logs are closed, or requests that
/// are still pending never end.
pub struct HostStaff<L: ManagedLog, C: ClientCallbacks> {
    manager: Arc<Manager<(HostPlatform, L, C)>>,
    queue: Arc<WorkQueue<LogKey>>,
    _workers: Workers<LogKey>,
}

impl<L, C> HostStaff<L, C>
where
    L: ManagedLog + Send + Sync + 'static,
    C: ClientCallbacks + Send + Sync + 'static,
{
    /// Starts the workers of a new manager, whose reports use `clock`.
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

    /// As [`HostStaff::start`] with the system's clock. These workers know their manager; those of the kernel ask
    /// `drain`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: a thread could not be started.
    pub fn hire(_drain: fn(LogKey)) -> Result<Self, Status> {
        Self::start(HostClock::System).map_err(|_| Status::INSUFFICIENT_RESOURCES)
    }
}

impl<L: ManagedLog, C: ClientCallbacks> HostStaff<L, C> {
    /// The manager.
    pub const fn manager(&self) -> &Arc<Manager<(HostPlatform, L, C)>> {
        &self.manager
    }

    /// Waits until the workers have nothing to do. Must not be called from a callback.
    pub fn wait_idle(&self) {
        self.queue.wait_idle();
    }
}
