//! Which containers go next when a log shrinks.
//!
//! Only a walk over all containers tells which of them are free and would be written last. One walk serves many
//! removals: what it found holds as long as nothing but these removals has changed the log.

use alloc::vec::Vec;

use super::clfs::{Clfs, LogInformation};
use crate::units::{ContainerCount, Status};

/// How many one walk finds.
const FOUND_MAX: usize = 32;

/// Free containers of a log, by name.
#[derive(Default)]
pub(super) struct FreeContainers {
    /// The one that would be written last is at the end.
    names: Vec<Vec<u16>>,
    /// How the log was when they were found, and is after the removals.
    containers: ContainerCount,
    free: ContainerCount,
    base_container: u32,
}

impl FreeContainers {
    /// Removes the free container that would be written last.
    ///
    /// # Errors
    /// `LOG_CANT_DELETE`: there is none. Else what the routines reported.
    pub(super) fn remove_last<C: Clfs>(&mut self, clfs: &C, object: &C::Object) -> Result<(), Status> {
        let log = clfs.log_information(object)?;
        // What fails may have been changed since by somebody who left all numbers as they were.
        if self.are_those_of(&log) && self.remove_known(clfs, object).is_ok() {
            return Ok(());
        }
        *self = Self {
            names: clfs.last_free_containers(object, FOUND_MAX)?,
            containers: log.containers,
            free: log.free_containers,
            base_container: log.extent.base.container(),
        };
        self.remove_known(clfs, object)
    }

    fn are_those_of(&self, log: &LogInformation) -> bool {
        !self.names.is_empty()
            && self.containers == log.containers
            && self.free == log.free_containers
            && self.base_container == log.extent.base.container()
    }

    #[inline(never)]
    fn remove_known<C: Clfs>(&mut self, clfs: &C, object: &C::Object) -> Result<(), Status> {
        let name = self.names.pop().ok_or(Status::LOG_CANT_DELETE)?;
        clfs.remove_container(object, &name)?;
        let one = ContainerCount(1);
        (self.containers, self.free) = (self.containers.saturating_sub(one), self.free.saturating_sub(one));
        Ok(())
    }
}
