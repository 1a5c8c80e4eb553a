//! The logs of a program or a machine: opening them by name, finding them by handle, closing, deleting.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use super::handle::{Hold, LogHandle};
use super::name::{EXTENSION, LogName, NamedPart};
use super::opened::{OpenedLogs, PhysicalLog, Place, PlaceState, Visit};
use super::sharing::{Claim, Rights};
use super::{AddressMap, LogFile, OpenLog, Volume};
use crate::log::storage::{Access, Storage};
use crate::log::{BlockLimit, Log, LogOptions};
use crate::manager::Manager;
use crate::manager::ports::{ClientCallbacks, Guarded, Platform};
use crate::units::memory::{try_copied, try_extend};
use crate::units::{Status, StreamId};

/// What to do about a stream that exists, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// `CREATE_NEW`: it must not exist.
    CreateNew,
    /// `OPEN_EXISTING`: it must exist.
    OpenExisting,
    /// `OPEN_ALWAYS`: it is created if it does not exist.
    OpenAlways,
}

/// What somebody wants to open.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    /// As [`LogName`] reads it.
    pub name: &'a [u16],
    /// What the handle is for. With none, only attributes can be looked at.
    pub access: Rights,
    /// What other handles of the stream may be for.
    pub share: Rights,
    /// Sharing binds neither this handle nor others because of it.
    pub ignores_sharing: bool,
    /// What to do about a stream that exists, or does not.
    pub disposition: Disposition,
    /// Whether a dedicated log, if it is created, keeps records until they are archived.
    pub is_archived: bool,
}

type ManagerOf<P, V, C> = Manager<P, LogFile<P, <V as Volume>::Storage>, C>;
type StateOf<P, V, C> = PlaceState<P, <V as Volume>::Storage, C>;
type SharedLog<P, V, C> = <P as Platform>::Shared<PhysicalLog<P, <V as Volume>::Storage, C>>;

/// All handles, and all logs behind them.
pub struct Library<P: Platform, V: Volume, C: ClientCallbacks> {
    manager: P::Shared<ManagerOf<P, V, C>>,
    volume: V,
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
        Ok(Self { manager, volume, opened, handles: AddressMap::default() })
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
        handle.hold.is_new.store(false, Ordering::Release);
        Ok(address)
    }

    fn open_handle(&self, request: &OpenRequest<'_>) -> Result<P::Shared<LogHandle<P, V, C>>, Status> {
        let name = LogName::parse(request.name)?;
        let visit = OpenedLogs::visit(&self.opened, &self.volume, name.path)?;
        let opening = Opening { library: self, visit: &visit, request, name };
        let (physical, claim, is_new) = visit.place.state.with(|state| opening.admit(state))?;
        let hold = Hold { visit, physical, claim, is_new: AtomicBool::new(is_new) };
        let object = self.volume.object(&hold.visit.place.storage)?;
        Ok(LogHandle::new(hold, object)?.shared()?)
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
        let visit = OpenedLogs::<P, V, C>::visit(&self.opened, &self.volume, name.path)?;
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

/// One opening, under the lock of the log's place.
struct Opening<'a, P: Platform, V: Volume, C: ClientCallbacks> {
    library: &'a Library<P, V, C>,
    visit: &'a Visit<P, V, C>,
    request: &'a OpenRequest<'a>,
    name: LogName<'a>,
}

impl<P: Platform, V: Volume, C: ClientCallbacks> Opening<'_, P, V, C> {
    /// Opens or makes what is asked for, and claims it. Answers whether the stream or the log is new.
    fn admit(&self, state: &mut StateOf<P, V, C>) -> Result<(SharedLog<P, V, C>, Claim, bool), Status> {
        if state.doomed.contains(StreamId::PHYSICAL) {
            return Err(Status::DELETE_PENDING);
        }
        state.claims.try_reserve(1).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
        let (physical, is_new_log) = match &state.physical {
            Some(physical) => (physical.clone(), false),
            None => self.open_log()?,
        };
        match self.claim_stream(state, &physical, is_new_log) {
            Ok((claim, is_new)) => {
                let _ = crate::units::memory::try_push(&mut state.claims, claim);
                state.physical = Some(physical.clone());
                Ok((physical, claim, is_new))
            }
            Err(status) => {
                if state.physical.is_none() {
                    // Nobody has seen it. Why it is not opened matters more than how it is closed.
                    let _ = if is_new_log { physical.open.shut_and_delete() } else { physical.open.shut() };
                }
                Err(status)
            }
        }
    }

    fn claim_stream(
        &self,
        state: &StateOf<P, V, C>,
        physical: &PhysicalLog<P, V::Storage, C>,
        is_new_log: bool,
    ) -> Result<(Claim, bool), Status> {
        let is_multiplexed = physical.open.with(|log| log.is_multiplexed())?;
        let known = match self.name.part {
            NamedPart::Dedicated if is_multiplexed => return Err(Status::LOG_MULTIPLEXED),
            NamedPart::Multiplexed | NamedPart::Stream(_) if !is_multiplexed => return Err(Status::LOG_DEDICATED),
            NamedPart::Stream(stream) => physical.open.with(|log| log.find_stream(stream))?,
            _ => Some(StreamId::PHYSICAL),
        };
        let existed = known.filter(|_| !is_new_log);
        let id = match (existed, self.request.disposition) {
            (Some(_), Disposition::CreateNew) => return Err(Status::OBJECT_NAME_COLLISION),
            (None, Disposition::OpenExisting) => return Err(Status::OBJECT_NAME_NOT_FOUND),
            _ => known,
        };
        let claim = |stream| Claim {
            stream,
            access: self.request.access,
            share: self.request.share,
            ignores_sharing: self.request.ignores_sharing,
        };
        if let Some(stream) = id {
            if state.doomed.contains(stream) {
                return Err(Status::DELETE_PENDING);
            }
            let claim = claim(stream);
            let is_allowed = state.claims.iter().all(|other| claim.allows(other));
            return if is_allowed { Ok((claim, is_new_log)) } else { Err(Status::SHARING_VIOLATION) };
        }
        let NamedPart::Stream(stream) = self.name.part else {
            return Err(Status::OBJECT_NAME_NOT_FOUND);
        };
        Ok((claim(physical.open.create_stream(stream)?), true))
    }

    /// Opens or creates the physical log. Answers whether it is new.
    fn open_log(&self) -> Result<(SharedLog<P, V, C>, bool), Status> {
        // The stream is what must not exist; its log may.
        let creates_log =
            self.request.disposition == Disposition::CreateNew && !matches!(self.name.part, NamedPart::Stream(_));
        let may_create = self.request.disposition != Disposition::OpenExisting;
        let (log, is_new) = if creates_log {
            (self.create_log()?, true)
        } else {
            match self.open_existing() {
                Err(Status::OBJECT_NAME_NOT_FOUND) if may_create => (self.create_log()?, true),
                outcome => (outcome?, false),
            }
        };
        let delete_if_new = self.visit.place.storage.clone();
        let open = OpenLog::new(self.library.manager.clone(), log, self.name.file_name());
        let shared = open.and_then(|open| Ok(P::share(PhysicalLog::new(open))?));
        if shared.is_err() && is_new {
            // Why it is not opened matters more.
            let _ = delete_if_new.delete_base();
        }
        Ok((shared?, is_new))
    }

    fn open_existing(&self) -> Result<Log<V::Storage>, Status> {
        let open = |access| Ok(Log::open(self.visit.place.storage.clone(), access, BlockLimit::DEFAULT)?);
        match open(Access::Write) {
            // Files that may only be read serve who only wants to read.
            Err(Status::ACCESS_DENIED) if !self.request.access.write && !self.request.access.delete => {
                open(Access::Read)
            }
            outcome => outcome,
        }
    }

    fn create_log(&self) -> Result<Log<V::Storage>, Status> {
        let mut name: Vec<u16> = try_copied(self.name.path)?;
        try_extend(&mut name, &EXTENSION)?;
        let options = LogOptions {
            is_multiplexed: self.name.part != NamedPart::Dedicated,
            is_archived: self.request.is_archived,
            log_id: self.library.volume.new_identity(),
            name: &name,
            block_limit: BlockLimit::DEFAULT,
        };
        Log::create(self.visit.place.storage.clone(), &options)
    }
}
