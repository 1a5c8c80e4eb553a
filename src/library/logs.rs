//! The logs of a program or a machine: opening them by name, finding them by handle, closing, deleting.

use super::area::Area;
use super::handle::{LogHandle, LogRef};
use super::log_file::ManagerOf;
use super::name::{LogName, NamedPart};
use super::opened::{LogSlot, LogSlotGuard, OpenedLogs};
use super::opening::{Disposition, OpenRequest, Opening};
use super::reading::Reading;
use super::registry::Registry;
use super::setting::{Setting, Shared};
use super::sharing::Rights;
use super::volume::Volume;
use crate::log::Log;
use crate::manager::AddressMap;
use crate::manager::ports::{Guarded, Platform};
use crate::units::Status;

/// All handles, and all logs behind them.
pub struct Library<S: Setting> {
    manager: Shared<S, ManagerOf<S>>,
    volume: S::Volume,
    readings: Registry<S::Platform, Reading<S>>,
    areas: Registry<S::Platform, Area<S>>,
    opened: Shared<S, OpenedLogs<S>>,
    handles: AddressMap<S::Platform, LogHandle<S>>,
}

impl<S: Setting> Library<S> {
    /// A library without logs.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn new(manager: Shared<S, ManagerOf<S>>, volume: S::Volume) -> Result<Self, Status> {
        let opened = S::Platform::share(OpenedLogs::new())?;
        let first = volume.first_generation();
        let (readings, areas) = (Registry::starting_after(first, 1), Registry::starting_after(first, 2));
        Ok(Self { manager, volume, readings, areas, opened, handles: AddressMap::default() })
    }

    /// The marshalling areas by their handles.
    pub const fn areas(&self) -> &Registry<S::Platform, Area<S>> {
        &self.areas
    }

    /// The read contexts by their handles.
    pub const fn readings(&self) -> &Registry<S::Platform, Reading<S>> {
        &self.readings
    }

    /// Where the logs are kept.
    pub const fn volume(&self) -> &S::Volume {
        &self.volume
    }

    /// The manager of all its logs.
    pub const fn manager(&self) -> &Shared<S, ManagerOf<S>> {
        &self.manager
    }

    /// Opens or creates a log or a stream; returns the address of the handle.
    ///
    /// # Errors
    /// * `OBJECT_NAME_INVALID`: as [`LogName::parse`] and [`Volume::storage`].
    /// * `OBJECT_NAME_NOT_FOUND`, `OBJECT_NAME_COLLISION`: the stream does not exist, or does.
    /// * `LOG_DEDICATED`, `LOG_MULTIPLEXED`: the log is of the other kind than its name says.
    /// * `SHARING_VIOLATION`: another handle of the stream, or another program, does not share it.
    /// * `DELETE_PENDING`: the stream or its log is to be deleted with its last handle.
    /// * `NOT_SUPPORTED`: a new multiplexed log that is archived. `ACCESS_DENIED`: the files may only be read.
    /// * As [`Log::open`] and [`Log::create`]. What was created before the failure is gone again.
    pub fn open(&self, request: &OpenRequest<'_>) -> Result<u64, Status> {
        let handle = self.open_handle(request)?;
        let address = handle.address();
        // An address that is taken belongs to a handle whose object is gone: it is not closed under the lock.
        let _stale = self.handles.insert(address, handle.clone())?;
        handle.publish();
        Ok(address)
    }

    fn open_handle(&self, request: &OpenRequest<'_>) -> Result<Shared<S, LogHandle<S>>, Status> {
        let name = LogName::parse(request.name)?;
        let guard = self.slot(&name)?;
        let opening = Opening { manager: &self.manager, volume: &self.volume, slot: &guard.slot, request, name };
        let (log, claim) = guard.slot.state.with(|state| opening.admit(state))?;
        let reference = LogRef::new(guard, log, claim);
        let object = self.volume.object(&reference.slot().storage)?;
        Ok(S::Platform::share(LogHandle::new(reference, object)?)?)
    }

    fn slot(&self, name: &LogName<'_>) -> Result<LogSlotGuard<S>, Status> {
        OpenedLogs::slot(&self.opened, &self.volume, name.path)
    }

    /// The handle with this address.
    pub fn find(&self, address: u64) -> Option<Shared<S, LogHandle<S>>> {
        self.handles.find(address)
    }

    /// Closes a handle. What was made of it goes on; with the last user of the log's last handle, the log closes.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no open handle has this address. If this closed the log, what writing it out or deleting it
    /// reported; the handle is closed all the same.
    pub fn close(&self, address: u64) -> Result<(), Status> {
        let handle = self.handles.remove(address).ok_or(Status::INVALID_PARAMETER)?;
        let log = handle.shared_log();
        drop(handle);
        log.take_outcome()
    }

    /// Closes a handle; once all handles of its stream are closed, the stream's records are gone.
    ///
    /// # Errors
    /// As [`Library::close`]. `ACCESS_DENIED`: the handle was not opened to write; `LOG_MULTIPLEXED`: it is open on no
    /// stream; it stays open then.
    pub fn close_and_reset(&self, address: u64) -> Result<(), Status> {
        let handle = self.find(address).ok_or(Status::INVALID_PARAMETER)?;
        if handle.is_physical_of_multiplexed() {
            return Err(Status::LOG_MULTIPLEXED);
        }
        if !handle.may_write() {
            return Err(Status::ACCESS_DENIED);
        }
        handle.mark_for_reset();
        drop(handle);
        self.close(address)
    }

    /// Marks a handle's stream for deletion: it goes with its last handle, and cannot be opened any more. A dedicated
    /// log goes as a whole, and so does a multiplexed one if the handle is open on it and not on a stream.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no open handle has this address. `ACCESS_DENIED`: it was not opened to delete.
    pub fn delete_open(&self, address: u64) -> Result<(), Status> {
        let handle = self.find(address).ok_or(Status::INVALID_PARAMETER)?;
        if !handle.may_delete() {
            return Err(Status::ACCESS_DENIED);
        }
        handle.mark_for_deletion();
        Ok(())
    }

    /// Deletes a stream, or a dedicated log, by its name: at once if it is not open, else with its last handle. A log
    /// that cannot be opened because some of its containers are missing, or another's, is deleted with what is left of
    /// it.
    ///
    /// # Errors
    /// As [`Library::open`] of an existing stream for deletion, sharing everything; as [`Library::close`].
    pub fn delete(&self, name: &[u16]) -> Result<(), Status> {
        let access = Rights { delete: true, ..Rights::default() };
        let request = OpenRequest {
            name,
            access,
            share: Rights::ALL,
            ignores_sharing: false,
            disposition: Disposition::OpenExisting,
            is_archived: false,
        };
        let handle = match self.open_handle(&request) {
            Err(Status::LOG_CONTAINER_OPEN_FAILED | Status::LOG_METADATA_INCONSISTENT | Status::SHARING_VIOLATION) => {
                return self.delete_remains(name);
            }
            outcome => outcome?,
        };
        handle.mark_for_deletion();
        let log = handle.shared_log();
        drop(handle);
        log.take_outcome()
    }

    fn delete_remains(&self, name: &[u16]) -> Result<(), Status> {
        let name = LogName::parse(name)?;
        let guard = self.slot(&name)?;
        let slot: &LogSlot<S> = &guard.slot;
        slot.state.with(|state| {
            if state.log.is_some() {
                return Err(Status::SHARING_VIOLATION);
            }
            match (name.part, Log::is_closed_multiplexed(&slot.storage)?) {
                (NamedPart::Dedicated, true) => Err(Status::LOG_MULTIPLEXED),
                (NamedPart::Multiplexed | NamedPart::Stream(_), false) => Err(Status::LOG_DEDICATED),
                // A stream of a log that cannot be opened cannot be taken out of it.
                (NamedPart::Stream(_), true) => Err(Status::LOG_CONTAINER_OPEN_FAILED),
                _ => Ok(Log::delete_closed(&slot.storage)?),
            }
        })
    }
}
