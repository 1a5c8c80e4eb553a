//! One opening of a log or a stream: what exists is opened, what is missing is made, if that is what was asked for.

use super::log_file::ManagerOf;
use super::name::{LogName, NamedPart};
use super::open_log::OpenLog;
use super::opened::{Created, LogSlot, SlotState};
use super::setting::{Setting, Shared, StorageOf};
use super::sharing::{Claim, Rights};
use super::volume::Volume;
use crate::log::storage::{Access, Storage};
use crate::log::{BlockLimit, Log, LogOptions};
use crate::manager::ports::Platform;
use crate::units::memory::try_push;
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

/// What is to be opened.
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

/// One opening, under the lock of the log's slot.
pub(super) struct Opening<'a, S: Setting> {
    pub(super) manager: &'a Shared<S, ManagerOf<S>>,
    pub(super) volume: &'a S::Volume,
    pub(super) slot: &'a LogSlot<S>,
    pub(super) request: &'a OpenRequest<'a>,
    pub(super) name: LogName<'a>,
}

impl<S: Setting> Opening<'_, S> {
    /// Opens or creates what is asked for, and claims it.
    ///
    /// # Errors
    /// As `Library::open`; what was created before the failure is gone again.
    pub(super) fn admit(&self, state: &mut SlotState<S>) -> Result<(Shared<S, OpenLog<S>>, Claim), Status> {
        state.let_go_of_stopped();
        if state.pending_delete.contains(StreamId::PHYSICAL) {
            return Err(Status::DELETE_PENDING);
        }
        state.claims.try_reserve(1).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
        let (log, is_new_log) = match &state.log {
            // Opened to be read only, because the files allow no more.
            Some(log) if self.changes() && log.with(Log::is_read_only)? => {
                return Err(Status::ACCESS_DENIED);
            }
            Some(log) => (log.clone(), false),
            None => self.open_log()?,
        };
        match self.claim_stream(state, &log, is_new_log) {
            Ok((claim, created)) => {
                let _ = try_push(&mut state.claims, claim);
                state.log = Some(log.clone());
                state.note_admitted(claim, created);
                Ok((log, claim))
            }
            Err(status) => {
                if state.log.is_none() {
                    // No other opening has found it. Why it is not opened matters more than how it is closed.
                    let _ = if is_new_log { log.shut_and_delete() } else { log.shut() };
                }
                Err(status)
            }
        }
    }

    const fn changes(&self) -> bool {
        self.request.access.write || self.request.access.delete
    }

    fn claim_stream(
        &self,
        state: &SlotState<S>,
        log: &OpenLog<S>,
        is_new_log: bool,
    ) -> Result<(Claim, Created), Status> {
        let created = |otherwise| if is_new_log { Created::Log } else { otherwise };
        let is_multiplexed = log.with(Log::is_multiplexed)?;
        let known = match self.name.part {
            NamedPart::Dedicated if is_multiplexed => return Err(Status::LOG_MULTIPLEXED),
            NamedPart::Multiplexed | NamedPart::Stream(_) if !is_multiplexed => return Err(Status::LOG_DEDICATED),
            NamedPart::Stream(stream) => log.with(|log| log.find_stream(stream))?,
            _ => Some(StreamId::PHYSICAL),
        };
        if known.is_some_and(|stream| state.pending_delete.contains(stream)) {
            return Err(Status::DELETE_PENDING);
        }
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
            let claim = claim(stream);
            let is_allowed = state.claims.iter().all(|other| claim.allows(*other));
            return if is_allowed { Ok((claim, created(Created::Nothing))) } else { Err(Status::SHARING_VIOLATION) };
        }
        let NamedPart::Stream(stream) = self.name.part else {
            return Err(Status::OBJECT_NAME_NOT_FOUND);
        };
        Ok((claim(log.create_stream(stream)?), created(Created::Stream)))
    }

    /// Opens or creates the log; returns whether it is new.
    fn open_log(&self) -> Result<(Shared<S, OpenLog<S>>, bool), Status> {
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
        let delete_if_new = self.slot.storage.clone();
        let open = OpenLog::new(self.manager.clone(), log, self.name.file_name());
        let shared = open.and_then(|open| Ok(S::Platform::share(open)?));
        if shared.is_err() && is_new {
            // Why it is not opened matters more.
            let _ = delete_if_new.delete_base();
        }
        Ok((shared?, is_new))
    }

    fn open_existing(&self) -> Result<Log<StorageOf<S>>, Status> {
        let open = |access| Ok(Log::open(self.slot.storage.clone(), access, BlockLimit::DEFAULT)?);
        match open(Access::Write) {
            // Files that may only be read are enough for reading.
            Err(Status::ACCESS_DENIED) if !self.changes() => open(Access::Read),
            outcome => outcome,
        }
    }

    fn create_log(&self) -> Result<Log<StorageOf<S>>, Status> {
        let name = self.volume.base_path(&self.slot.storage, self.name.path)?;
        let options = LogOptions {
            is_multiplexed: self.name.part != NamedPart::Dedicated,
            is_archived: self.request.is_archived,
            log_id: self.volume.new_identity(),
            name: &name,
            block_limit: BlockLimit::DEFAULT,
        };
        Log::create(self.slot.storage.clone(), &options)
    }
}
