//! A manager with the image's worker threads.

use super::platform::KernelPlatform;
use super::shared::Shared;
use super::work::WORK;
use crate::manager::ports::{ClientCallbacks, ManagedLog};
use crate::manager::{LogKey, Manager};
use crate::units::Status;

/// A manager whose logs the image's workers drain. There is one in an image: the workers find it through `drain`.
pub struct KernelWorkerPool<L: ManagedLog, C: ClientCallbacks> {
    manager: Shared<Manager<(KernelPlatform, L, C)>>,
}

impl<L: ManagedLog, C: ClientCallbacks> KernelWorkerPool<L, C> {
    /// A new manager. The workers pass each queued log to `drain`, which finds this manager again. Their threads start
    /// when the first log comes under management.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn start(drain: fn(LogKey)) -> Result<Self, Status> {
        let manager = Shared::new(Manager::new(KernelPlatform))?;
        WORK.set_drain(drain);
        Ok(Self { manager })
    }

    /// The manager.
    pub const fn manager(&self) -> &Shared<Manager<(KernelPlatform, L, C)>> {
        &self.manager
    }
}
