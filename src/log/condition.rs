//! Whether a log may be changed.

use super::storage::Access;
use crate::units::Status;

/// How a log was opened, what has stopped it, and how often it has changed.
///
/// # Invariants
/// The first status that stopped the log stays: what the disk holds is not known any more.
#[derive(Debug)]
pub(super) struct Condition {
    access: Access,
    fault: Option<Status>,
    version: u64,
}

impl Condition {
    pub(super) const fn new(access: Access) -> Self {
        Self { access, fault: None, version: 1 }
    }

    pub(super) const fn access(&self) -> Access {
        self.access
    }

    pub(super) const fn fault(&self) -> Option<Status> {
        self.fault
    }

    /// Grows with every change of space, tails or containers.
    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    /// Refuses changes of a stopped log and of one that was opened to be read. Who met what stopped it was told that.
    pub(super) fn writable(&self) -> Result<(), Status> {
        match (self.fault, self.access) {
            (Some(_), _) => Err(Status::LOG_STATE_INVALID),
            (None, Access::Read) => Err(Status::ACCESS_DENIED),
            (None, Access::Write) => Ok(()),
        }
    }

    /// Notes a change of space, tails or containers.
    pub(super) const fn changed(&mut self) {
        self.version = self.version.saturating_add(1);
    }

    /// Stops the log because of `status`; returns why it is stopped.
    pub(super) fn stop(&mut self, status: Status) -> Status {
        self.changed();
        *self.fault.get_or_insert(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fault_stays_and_refuses_every_change() {
        let mut condition = Condition::new(Access::Write);
        condition.writable().unwrap();
        let before = condition.version();
        assert_eq!(condition.stop(Status::DISK_FULL), Status::DISK_FULL);
        assert_eq!(condition.stop(Status::IO_DEVICE_ERROR), Status::DISK_FULL);
        assert_eq!(
            (condition.writable(), condition.fault()),
            (Err(Status::LOG_STATE_INVALID), Some(Status::DISK_FULL))
        );
        assert!(condition.version() > before);
        assert_eq!(Condition::new(Access::Read).writable(), Err(Status::ACCESS_DENIED));
    }
}
