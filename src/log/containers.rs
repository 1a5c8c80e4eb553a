//! Adding containers to a log and taking them out.
//!
//! Creating a container file and filling it with zeros is slow and needs no lock: `Storage::create_container` may run
//! outside the owner's lock, `join_container` is the short half inside.

use super::layout::Layout;
use super::physical_log::Log;
use super::ring::Container;
use super::storage::Storage;
use crate::format::context::{CONTAINER_SIZE_MAX, ContainerContext};
use crate::units::{Bytes, CONTAINERS_MAX, Status};

/// What to do with a container that is part of the active log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Refuse, and mark nothing.
    OnlyIfFree,
    /// Remove it as soon as the tail has passed it.
    WhenPassed,
}

impl<S: Storage> Log<S> {
    /// The size that the next container must have: `asked` rounded up to the unit for the first one, the size of the
    /// others after that.
    ///
    /// # Errors
    /// * `LOG_CONTAINER_LIMIT_EXCEEDED`: there are 1,024 already.
    /// * `INVALID_PARAMETER`: no size for the first container, 0, above 4 GiB, too small for two of the largest
    ///   blocks, or, rounded up to the unit, smaller than the containers that exist.
    /// * `ACCESS_DENIED`: the log was opened to be read. Or the status that stopped the log.
    pub fn next_container_size(&self, asked: Option<Bytes>) -> Result<Bytes, Status> {
        self.condition.writable()?;
        if self.ring.count() >= CONTAINERS_MAX.0 {
            return Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED);
        }
        let present = self.ring.layout();
        let unit = Layout::container_unit(present.is_multiplexed);
        if self.ring.count() > 0 {
            let rounded = |asked: Bytes| asked.0.checked_next_multiple_of(unit).unwrap_or(u64::MAX);
            let is_too_small = asked.is_some_and(|asked| rounded(asked) < present.container_bytes);
            return if is_too_small { Err(Status::INVALID_PARAMETER) } else { Ok(Bytes(present.container_bytes)) };
        }
        let asked = asked.filter(|asked| asked.0 > 0).ok_or(Status::INVALID_PARAMETER)?;
        let rounded = asked.0.checked_next_multiple_of(unit).filter(|bytes| *bytes <= CONTAINER_SIZE_MAX);
        let container_bytes = rounded.ok_or(Status::INVALID_PARAMETER)?;
        let layout = Layout { container_bytes, ..present };
        if layout.usable() < self.space.block_bytes().saturating_mul(2) {
            return Err(Status::INVALID_PARAMETER);
        }
        Ok(Bytes(container_bytes))
    }

    /// Whether the log has a container of this name.
    pub fn has_container(&self, path: &[u16]) -> bool {
        self.base.record().container_named(path).is_some()
    }

    /// Joins a container file that `Storage::create_container` made with [`Log::next_container_size`] bytes.
    /// Durable when it returns. On failure the caller deletes the file, unless the log was stopped: the metadata on
    /// disk may name it then, and a log without it could not be opened again.
    ///
    /// # Errors
    /// `OBJECT_NAME_COLLISION`: the log has a container of this name. `LOG_CONTAINER_LIMIT_EXCEEDED`,
    /// `INSUFFICIENT_RESOURCES`, `LOG_METADATA_FLUSH_FAILED`, or as [`Log::next_container_size`].
    pub fn join_container(&mut self, path: &[u16], file: S::File, size: Bytes) -> Result<(), Status> {
        if self.next_container_size(Some(size))? != size {
            return Err(Status::INVALID_PARAMETER);
        }
        if self.has_container(path) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.ring.try_reserve(1)?;
        let logical = self.ring.next();
        let record = self.base.record_mut();
        let usn = record.usn;
        let physical = record.free_container_id().ok_or(Status::LOG_CONTAINER_LIMIT_EXCEEDED)?;
        record.add_container(path, ContainerContext::new(size.0, physical, logical, usn))?;
        let container = Container { physical, logical, usn, is_pending_delete: false, file };
        self.ring.push_back(container, size.0)?;
        self.hold_restart_room();
        self.persist()?;
        self.condition.changed();
        self.settle()
    }

    /// Creates and joins a container in one step.
    ///
    /// # Errors
    /// As [`Log::next_container_size`], [`Log::join_container`] and the storage's; the log is unchanged, or stopped.
    pub fn add_container(&mut self, path: &[u16], asked: Option<Bytes>) -> Result<Bytes, Status> {
        let size = self.next_container_size(asked)?;
        if self.has_container(path) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        let file = self.storage.create_container(path, size)?;
        if let Err(status) = self.join_container(path, file, size) {
            if self.fault().is_none() {
                // The file is not part of the log; the reason for the failure matters more than that it stays.
                let _ = self.storage.delete_container(path);
            }
            return Err(status);
        }
        Ok(size)
    }

    /// Removes a container and deletes its file. Durable when it returns; a file that cannot be deleted stays behind,
    /// and is no part of the log.
    ///
    /// # Errors
    /// * `LOG_CANT_DELETE`: the container is active and removal was to be immediate, it is the last one, or its room
    ///   is promised.
    /// * `OBJECT_NAME_NOT_FOUND`: the log has no container of this name. Or as [`Log::advance_base`].
    pub fn remove_container(&mut self, path: &[u16], removal: Removal) -> Result<(), Status> {
        self.condition.writable()?;
        let context = self.base.record().container_named(path);
        let physical = context.ok_or(Status::OBJECT_NAME_NOT_FOUND)?.physical;
        let logical = self.ring.find_physical(physical).ok_or(Status::OBJECT_NAME_NOT_FOUND)?.logical;
        if self.ring.count() <= 1 {
            return Err(Status::LOG_CANT_DELETE);
        }
        if logical >= self.first_removable() {
            return self.remove_free(logical);
        }
        if removal == Removal::OnlyIfFree {
            return Err(Status::LOG_CANT_DELETE);
        }
        self.reserve_leaving()?;
        if let Some(container) = self.ring.iter_mut().find(|container| container.physical == physical) {
            container.is_pending_delete = true;
        }
        self.condition.changed();
        self.recycle()
    }

    /// Removes the free container that would be used last.
    ///
    /// # Errors
    /// As [`Log::remove_container`]; `LOG_CANT_DELETE` when every container is active.
    pub fn remove_free_container(&mut self) -> Result<(), Status> {
        self.condition.writable()?;
        let last = self.ring.next().checked_sub(1).ok_or(Status::LOG_CANT_DELETE)?;
        if last < self.first_removable() || self.ring.count() <= 1 {
            return Err(Status::LOG_CANT_DELETE);
        }
        self.remove_free(last)
    }

    fn remove_free(&mut self, logical: u32) -> Result<(), Status> {
        if !self.space.can_lose_container(&self.room()) {
            return Err(Status::LOG_CANT_DELETE);
        }
        let physical = self.ring.get(logical).ok_or(Status::LOG_CANT_DELETE)?.physical;
        self.reserve_leaving()?;
        self.ring.remove_free(logical);
        self.base.leave(physical)?;
        self.persist()?;
        self.condition.changed();
        self.base.delete_left(&self.storage);
        Ok(())
    }
}
