//! Adding containers to a log and taking them out.
//!
//! Creating a container file and filling it with zeros is slow and needs no lock: `Storage::create_container` may run
//! outside the owner's lock, `join_container` is the short half inside.

use alloc::vec::Vec;

use super::layout::Layout;
use super::physical_log::Log;
use super::ring::Container;
use super::storage::{Storage, StorageFile};
use crate::format::base_record::IdSet;
use crate::format::check::is_block_start;
use crate::format::context::{CONTAINER_SIZE_MAX, ContainerContext};
use crate::format::owner_page::OWNER_PAGE_OFFSET;
use crate::format::sectors::SectorPlace;
use crate::units::memory::{try_push, try_with_capacity};
use crate::units::{Bytes, CONTAINERS_MAX, SECTOR, SECTOR_BYTES, Status};

/// What to do with a container that is part of the active log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Refuse, and mark nothing.
    OnlyIfFree,
    /// Remove it as soon as the tail has passed it.
    WhenPassed,
}

impl<S: Storage> Log<S> {
    /// The size that the next `count` containers must have: `asked` rounded up to the unit for the first one, the size
    /// of the others after that.
    ///
    /// # Errors
    /// * `LOG_CONTAINER_LIMIT_EXCEEDED`: there would be more than 1,024, or no ids for them.
    /// * `INVALID_PARAMETER`: none; no size for the first container, 0, above 4 GiB, too small for two of the largest
    ///   blocks, or, rounded up to the unit, smaller than the containers that exist.
    /// * `ACCESS_DENIED`: the log was opened to be read. Or `LOG_STATE_INVALID`: the log is stopped.
    pub fn next_container_size(&self, asked: Option<Bytes>, count: usize) -> Result<Bytes, Status> {
        self.condition.writable()?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count == 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        if self.ring.count().saturating_add(count) > CONTAINERS_MAX.0 || count > self.ring.ids_left() {
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
    /// `INSUFFICIENT_RESOURCES`, also where no metadata block takes all names; or as [`Log::next_container_size`]. What
    /// the storage reported, such as `DISK_FULL`: there is no room for the metadata. `LOG_METADATA_FLUSH_FAILED`: the
    /// log is stopped.
    pub fn join_container(&mut self, path: &[u16], file: S::File, size: Bytes) -> Result<(), Status> {
        let mut files = try_with_capacity(1)?;
        try_push(&mut files, file)?;
        self.join_containers(&[path], files, size)
    }

    /// Joins several, all or none, also after a crash: [`Log::join_container`].
    ///
    /// # Errors
    /// As there, for the first that cannot be joined.
    pub fn join_containers(&mut self, paths: &[&[u16]], files: Vec<S::File>, size: Bytes) -> Result<(), Status> {
        let before = self.ring.next();
        let taken = paths.iter().zip(files).try_for_each(|(path, file)| self.note_container(path, file, size));
        if let Err(status) = taken {
            // Nothing of it is on disk yet.
            self.take_back_to(before);
            return Err(status);
        }
        self.persist_or(|log| log.take_back_to(before))?;
        self.hold_restart_room();
        self.condition.changed();
        self.settle()
    }

    /// Takes containers out in memory that were added behind the first `next`.
    fn take_back_to(&mut self, next: u32) {
        while let Some(last) = self.ring.next().checked_sub(1).filter(|last| *last >= next) {
            if let Some(container) = self.ring.remove_free(last) {
                self.base.record_mut().remove_container(container.physical);
            }
        }
    }

    /// Adds a container in memory.
    fn note_container(&mut self, path: &[u16], file: S::File, size: Bytes) -> Result<(), Status> {
        if self.next_container_size(Some(size), 1)? != size {
            return Err(Status::INVALID_PARAMETER);
        }
        if self.has_container(path) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.ring.try_reserve(1)?;
        let (logical, usn) = (self.ring.next(), self.ring.lap());
        let record = self.base.record_mut();
        let physical = record.free_container_id().ok_or(Status::LOG_CONTAINER_LIMIT_EXCEEDED)?;
        record.add_container(path, ContainerContext::new(size.0, physical, logical, usn))?;
        if !self.base.is_writable() {
            self.base.record_mut().remove_container(physical);
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        let container = Container { physical, logical, usn, is_pending_delete: false, file: Ok(file) };
        // There is room, so this does not fail.
        Ok(self.ring.push_back(container, size.0)?)
    }

    /// Creates and joins a container in one step.
    ///
    /// # Errors
    /// As [`Log::next_container_size`], [`Log::join_container`] and the storage's; the log is unchanged, or stopped.
    pub fn add_container(&mut self, path: &[u16], asked: Option<Bytes>) -> Result<Bytes, Status> {
        let size = self.next_container_size(asked, 1)?;
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
        self.remove_containers(&[path], removal)
    }

    /// Removes several, all or none, also after a crash: [`Log::remove_container`]. What cannot be removed is found
    /// before anything is.
    ///
    /// # Errors
    /// As there, for the first that cannot be removed; `OBJECT_NAME_NOT_FOUND` also for one that is named twice.
    pub fn remove_containers(&mut self, paths: &[&[u16]], removal: Removal) -> Result<(), Status> {
        self.condition.writable()?;
        let free = self.check_removable(paths, removal)?;
        let is_left = self.ring.count() > free.max(1);
        if !is_left || !self.space.can_lose_containers(&self.room(), free) {
            return Err(Status::LOG_CANT_DELETE);
        }
        self.reserve_leaving(paths.len())?;
        let mut marks = false;
        for path in paths {
            let Some(container) = self.named(path) else {
                continue;
            };
            let (physical, logical) = (container.physical, container.logical);
            if logical >= self.first_removable() {
                self.take_out(logical)?;
            } else if let Some(container) = self.ring.iter_mut().find(|container| container.physical == physical) {
                container.is_pending_delete = true;
                marks = true;
            }
        }
        self.condition.changed();
        if marks { self.recycle() } else { self.let_go() }
    }

    /// How many of the containers are free and go at once.
    fn check_removable(&self, paths: &[&[u16]], removal: Removal) -> Result<u32, Status> {
        let (mut seen, mut free) = (IdSet::default(), 0_u32);
        for path in paths {
            let container = self.named(path).ok_or(Status::OBJECT_NAME_NOT_FOUND)?;
            if !seen.insert(container.physical) {
                return Err(Status::OBJECT_NAME_NOT_FOUND);
            }
            if container.logical >= self.first_removable() {
                free = free.saturating_add(1);
            } else if removal == Removal::OnlyIfFree {
                return Err(Status::LOG_CANT_DELETE);
            }
        }
        Ok(free)
    }

    /// The container of this name.
    fn named(&self, path: &[u16]) -> Option<&Container<S::File>> {
        self.ring.find_physical(self.base.record().container_named(path)?.physical)
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
        if !self.space.can_lose_containers(&self.room(), 1) {
            return Err(Status::LOG_CANT_DELETE);
        }
        self.reserve_leaving(1)?;
        self.take_out(logical)?;
        self.let_go()
    }

    /// Takes a free container out in memory; there is room for it to leave.
    #[inline(never)]
    fn take_out(&mut self, logical: u32) -> Result<(), Status> {
        let physical = self.ring.get(logical).ok_or(Status::LOG_CANT_DELETE)?.physical;
        self.ring.remove_free(logical);
        self.condition.changed();
        Ok(self.base.leave(physical)?)
    }

    /// Makes durable that containers have left, and deletes their files.
    #[inline(never)]
    fn let_go(&mut self) -> Result<(), Status> {
        self.persist()?;
        self.base.delete_left(&self.storage);
        Ok(())
    }
}

/// Whether a file can be a container of this size: it begins with a block or inside one, or nothing was written to it.
/// One of the two marks of a block is enough, as the other may be damaged.
pub(super) fn may_be_container(file: &impl StorageFile, size: u64) -> Result<bool, Status> {
    let is_inside = |sector: &[u8]| SectorPlace::parse(sector).is_some_and(|(place, _)| place != SectorPlace::First);
    Ok(first_sector(file, size)?.is_some_and(|sector| is_container_start(&sector) || is_inside(&sector)))
}

/// As [`may_be_container`], for who will delete the file: the rest of a block must end as one does, and what lies
/// behind it must be of a container too.
pub(super) fn is_container(file: &impl StorageFile, size: u64) -> Result<bool, Status> {
    let Some(mut sector) = first_sector(file, size)? else {
        return Ok(false);
    };
    let Some((mut place, usn)) = SectorPlace::parse(&sector).filter(|(place, _)| *place != SectorPlace::First) else {
        return Ok(is_container_start(&sector));
    };
    let mut offset = SECTOR;
    while offset < size {
        file.read_at(offset, &mut sector)?;
        let next = SectorPlace::parse(&sector);
        match (place, next) {
            (SectorPlace::Last, next) => return Ok(next.is_some() || is_container_start(&sector)),
            (_, Some((next, found))) if next != SectorPlace::First => {
                if found != usn {
                    return Ok(false);
                }
                place = next;
            }
            // A block that is longer than a region goes on behind the owner page.
            _ => return Ok(offset >= OWNER_PAGE_OFFSET),
        }
        offset = offset.saturating_add(SECTOR);
    }
    Ok(true)
}

fn is_container_start(sector: &[u8]) -> bool {
    is_block_start(sector) || sector.iter().all(|byte| *byte == 0)
}

/// The first sector of a file that has this size.
fn first_sector(file: &impl StorageFile, size: u64) -> Result<Option<[u8; SECTOR_BYTES]>, Status> {
    if file.size()?.0 != size {
        return Ok(None);
    }
    let mut sector = [0; SECTOR_BYTES];
    file.read_at(0, &mut sector)?;
    Ok(Some(sector))
}
