//! The logs of a program or a machine: opening them by name, finding them by handle, closing, deleting.

use core::sync::atomic::Ordering;

use super::handle::{Hold, LogHandle};
use super::name::{LogName, NamedPart};
use super::opened::{OpenedLogs, Place, Visit};
use super::opening::{Disposition, OpenRequest, Opening};
use super::sharing::Rights;
use super::{Area, LogFile, Reading, Registry, Volume};
use crate::log::Log;
use crate::manager::ports::{ClientCallbacks, Guarded, Platform};
use crate::manager::{AddressMap, Manager};
use crate::units::Status;

/// The manager of a library.
pub(super) type ManagerOf<P, V, C> = Manager<P, LogFile<P, <V as Volume>::Storage>, C>;

/// All handles, and all logs behind them.
pub struct Library<P: Platform, V: Volume, C: ClientCallbacks> {
    manager: P::Shared<ManagerOf<P, V, C>>,
    volume: V,
    readings: Registry<P, Reading<P, V, C>>,
    areas: Registry<P, Area<P, V, C>>,
    opened: P::Shared<OpenedLogs<P, V, C>>,
    handles: AddressMap<P, LogHandle<P, V, C>>,
}

impl<P: Platform, V: Volume, C: ClientCallbacks> Library<P, V, C> {
    /// A library without logs.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn new(manager: P::Shared<ManagerOf<P, V, C>>, volume: V) -> Result<Self, Status> {
        let opened = P::share(OpenedLogs::new())?;
        let (readings, areas) = (Registry::of_kind(1), Registry::of_kind(2));
        Ok(Self { manager, volume, readings, areas, opened, handles: AddressMap::default() })
    }

    /// The marshalling areas by their handles.
    pub const fn areas(&self) -> &Registry<P, Area<P, V, C>> {
        &self.areas
    }

    /// The read contexts by their handles.
    pub const fn readings(&self) -> &Registry<P, Reading<P, V, C>> {
        &self.readings
    }

    /// The manager of all its logs.
    pub const fn manager(&self) -> &P::Shared<ManagerOf<P, V, C>> {
        &self.manager
    }

    /// How many handles are open.
    pub fn handles_open(&self) -> usize {
        self.handles.len()
    }

    /// How many logs are open: those of handles, and those whose handles were closed under a client or an area.
    pub fn logs_open(&self) -> usize {
        self.opened.len()
    }

    /// Opens or creates a log or a stream; answers the address of the handle.
    ///
    /// # Errors
    /// * `OBJECT_NAME_INVALID`: as [`LogName::parse`] and [`Volume::storage`].
    /// * `OBJECT_NAME_NOT_FOUND`, `OBJECT_NAME_COLLISION`: the stream does not exist, or does.
    /// * `LOG_DEDICATED`, `LOG_MULTIPLEXED`: the log is of the other kind than its name says.
    /// * `SHARING_VIOLATION`: another handle of the stream, or another program, does not share it.
    /// * `DELETE_PENDING`: the stream or its log is to be deleted with its last handle.
    /// * `NOT_SUPPORTED`: a new multiplexed log that is archived. `ACCESS_DENIED`: the files may only be read.
    /// * As [`Log::open`] and [`Log::create`]. What was made before the failure is gone again.
    pub fn open(&self, request: &OpenRequest<'_>) -> Result<u64, Status> {
        let handle = self.open_handle(request)?;
        let address = handle.address();
        // An address that is taken belongs to a handle whose object is gone: it is not closed under the lock.
        let _stale = self.handles.insert(address, handle.clone())?;
        handle.hold.is_told.store(true, Ordering::Release);
        Ok(address)
    }

    fn open_handle(&self, request: &OpenRequest<'_>) -> Result<P::Shared<LogHandle<P, V, C>>, Status> {
        let name = LogName::parse(request.name)?;
        let visit = self.visit(&name)?;
        let opening = Opening { manager: &self.manager, volume: &self.volume, place: &visit.place, request, name };
        let admitted = visit.place.state.with(|state| opening.admit(state))?;
        let hold = Hold::new(visit, admitted);
        let object = self.volume.object(&hold.visit.place.storage)?;
        Ok(LogHandle::new(hold, object)?.shared()?)
    }

    fn visit(&self, name: &LogName<'_>) -> Result<Visit<P, V, C>, Status> {
        OpenedLogs::visit(&self.opened, &self.volume, name.path)
    }

    /// The handle with this address.
    pub fn find(&self, address: u64) -> Option<P::Shared<LogHandle<P, V, C>>> {
        self.handles.find(address)
    }

    /// Closes a handle. What was made of it goes on; with the last user of the log's last handle, the log closes.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no open handle has this address. If this closed the log, what writing it out or deleting it
    /// reported; the handle is closed all the same.
    pub fn close(&self, address: u64) -> Result<(), Status> {
        let handle = self.handles.remove(address).ok_or(Status::INVALID_PARAMETER)?;
        let physical = handle.hold.physical.clone();
        drop(handle);
        physical.take_outcome()
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
        handle.doom();
        Ok(())
    }

    /// Deletes a stream, or a dedicated log, by its name: at once if it is not open, else with its last handle. A log
    /// that cannot be opened because some of its containers are missing is deleted with what is left of it.
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
            Err(Status::LOG_CONTAINER_OPEN_FAILED | Status::LOG_METADATA_INCONSISTENT) => {
                return self.delete_remains(name);
            }
            outcome => outcome?,
        };
        handle.doom();
        let physical = handle.hold.physical.clone();
        drop(handle);
        physical.take_outcome()
    }

    fn delete_remains(&self, name: &[u16]) -> Result<(), Status> {
        let name = LogName::parse(name)?;
        let visit = self.visit(&name)?;
        let place: &Place<P, V::Storage, C> = &visit.place;
        place.state.with(|state| {
            if state.physical.is_some() {
                return Err(Status::SHARING_VIOLATION);
            }
            match (name.part, Log::is_closed_multiplexed(&place.storage)?) {
                (NamedPart::Dedicated, true) => Err(Status::LOG_MULTIPLEXED),
                (NamedPart::Multiplexed | NamedPart::Stream(_), false) => Err(Status::LOG_DEDICATED),
                // A stream of a log that cannot be opened cannot be taken out of it.
                (NamedPart::Stream(_), true) => Err(Status::LOG_CONTAINER_OPEN_FAILED),
                _ => Ok(Log::delete_closed(&place.storage)?),
            }
        })
    }
}
