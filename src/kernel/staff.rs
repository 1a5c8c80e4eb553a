//! A manager with the image's worker threads.

use super::platform::KernelPlatform;
use super::shared::Shared;
use super::work::WORK;
use crate::manager::ports::{ClientCallbacks, ManagedLog};
use crate::manager::{LogKey, Manager};
use crate::units::Status;

/// A manager for whom the image's workers work. There is one in an image: the workers ask `drain` where it is.
pub struct KernelStaff<L: ManagedLog, C: ClientCallbacks> {
    manager: Shared<Manager<(KernelPlatform, L, C)>>,
}

impl<L: ManagedLog, C: ClientCallbacks> KernelStaff<L, C> {
    /// A new manager. The workers hand each log that was queued to `drain`, which finds this manager again. They are
    /// started when the first log comes under management.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn hire(drain: fn(LogKey)) -> Result<Self, Status> {
        let manager = Shared::new(Manager::new(KernelPlatform))?;
        WORK.set_drain(drain);
        Ok(Self { manager })
    }

    /// The manager.
    pub const fn manager(&self) -> &Shared<Manager<(KernelPlatform, L, C)>> {
        &self.manager
    }
}
