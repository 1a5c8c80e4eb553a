//! Where a replay takes place: the folder, the log, its streams and their clients.

use std::path::{Path, PathBuf};

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::{FileStorage, HostClock, HostLog, LogHost, ManualClock};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, LogOptions, OpenError};
use clfsmgmt::manager::LogError;
use clfsmgmt::units::{Status, StreamId};
use tempfile::TempDir;

use super::arguments::{ReplayArguments, Settings};
use super::client::{Callbacks, Client, NoticeBoard};
use super::interrupted::RemovedOnInterruption;
use super::workload::Workload;
use crate::failure::Failure;

const LOG_NAME: &str = "replay.blf";
/// Blocks are no larger where the records do not ask for it.
const BLOCK_BYTES: u64 = 64 * 1024;

/// The folder of a replay, with its log.
pub(super) struct Stage {
    folder: PathBuf,
    storage: FileStorage,
    pub(super) block_limit: BlockLimit,
    is_kept: bool,
    /// Removed with everything in it at the end.
    _temporary: Option<(RemovedOnInterruption, TempDir)>,
}

/// A log under management, ready to be written.
pub(super) struct Managed {
    pub(super) host: LogHost<Callbacks>,
    pub(super) log: HostLog<Callbacks>,
    pub(super) clock: ManualClock,
    pub(super) clients: Vec<Client>,
}

/// The name of the stream with this number.
pub(super) fn stream_name(stream: u8) -> String {
    format!("stream{stream:02}")
}

impl Stage {
    /// Makes the folder and an empty log in it.
    ///
    /// # Errors
    /// The folder cannot be written or holds a log, or the trace's records are too large for the containers.
    pub(super) fn set(
        arguments: &ReplayArguments,
        settings: &Settings,
        workload: &Workload<'_>,
    ) -> Result<Self, Failure> {
        let block_limit = block_limit(settings, workload)?;
        let (folder, temporary) = match &arguments.log {
            Some(folder) => (folder.clone(), None),
            None => temporary_folder(arguments.keep)?,
        };
        std::fs::create_dir_all(&folder).map_err(|error| folder_failure(&folder, &error))?;
        refuse_other_logs(&folder)?;
        let storage = FileStorage::new(folder.join(LOG_NAME));
        let is_kept = arguments.log.is_some() || arguments.keep;
        Ok(Self { folder, storage, block_limit, is_kept, _temporary: temporary })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn base_path(&self) -> &Path {
        self.storage.base_path()
    }

    pub(super) fn storage(&self) -> FileStorage {
        self.storage.clone()
    }

    /// The log's path, if it stays.
    pub(super) fn kept_log(&self) -> Option<String> {
        self.is_kept.then(|| self.base_path().display().to_string())
    }

    pub(super) fn failure(&self, status: Status) -> Failure {
        Failure::of_status(self.base_path().display(), status, self.storage.last_failure())
    }

    pub(super) fn open_failure(&self, error: OpenError) -> Failure {
        match error {
            OpenError::Status(status) => self.failure(status),
            OpenError::Violation(violation) => {
                Failure::new(self.base_path().display(), violation, "this is a bug, please report it")
            }
        }
    }

    /// Removes the log of a replay that is over, unless it is kept: a prefix may have put containers anywhere.
    pub(super) fn clear(&self) {
        if !self.is_kept {
            self.abandon();
        }
    }

    /// Removes what a replay that failed has made, so that it can be tried again.
    pub(super) fn abandon(&self) {
        // The failure that stopped the replay, if any, is the one to tell.
        let _ = Log::delete_closed(&self.storage);
    }

    /// Creates the log, puts it under management, installs the policies, and registers a client for each stream.
    ///
    /// # Errors
    /// What the log or its management reported.
    pub(super) fn manage(
        &self,
        settings: &Settings,
        policies: Vec<Policy>,
        board: &NoticeBoard,
    ) -> Result<Managed, Failure> {
        let failure = |status| self.failure(status);
        let refused = |error: LogError| self.failure(error.into());
        let log = self.create().map_err(failure)?;
        let clock = ManualClock::default();
        let host = LogHost::start(HostClock::Manual(clock.clone()))
            .map_err(|error| Failure::new("threads", error, "let the process start two threads"))?;
        let log = host.manage(log).map_err(failure)?;
        let (manager, key) = log.management();
        for policy in policies {
            manager.install_policy(key, policy, Existing::Keep).map_err(refused)?;
        }
        manager.set_log_size(key, u64::from(settings.containers_min.0)).map_err(refused)?;
        let mut clients = Vec::new();
        for stream in 0..settings.streams {
            let name: Vec<u16> = stream_name(stream).encode_utf16().collect();
            let id: StreamId = log.create_stream(&name).map_err(failure)?;
            let callbacks = Callbacks { stream: usize::from(stream), board: board.clone() };
            let cookie = manager.register(key, id, callbacks).map_err(refused)?;
            clients.push(Client::new(id, cookie));
        }
        Ok(Managed { host, log, clock, clients })
    }

    fn create(&self) -> Result<Log<FileStorage>, Status> {
        let path = std::path::absolute(self.base_path()).unwrap_or_else(|_| self.base_path().to_owned());
        let name: Vec<u16> = path.to_string_lossy().encode_utf16().collect();
        let options = LogOptions {
            is_multiplexed: true,
            is_archived: false,
            log_id: *uuid::Uuid::new_v4().as_bytes(),
            name: &name,
            block_limit: self.block_limit,
        };
        Log::create(self.storage(), &options)
    }
}

/// Every stream may have a block in memory, for which the log keeps room: in a small log they have to be small.
fn block_limit(settings: &Settings, workload: &Workload<'_>) -> Result<BlockLimit, Failure> {
    let largest = workload.largest_record();
    let log_bytes = settings.container_size.0 * u64::from(settings.containers_max.0);
    let share = log_bytes / (8 * u64::from(settings.streams));
    let limit = BlockLimit::of(share.min(BLOCK_BYTES), largest).ok_or_else(|| {
        let what = format!("a record of {largest} bytes is larger than any block, which has at most 4 MiB");
        Failure::new("trace", what, "leave the record out of the trace")
    })?;
    if limit.fits_container(settings.container_size) {
        return Ok(limit);
    }
    let what = format!("too small for two blocks of the trace's largest record, {largest} bytes");
    Err(Failure::new("--container-size", what, "give larger containers, or leave the record out of the trace"))
}

fn temporary_folder(keep: bool) -> Result<(PathBuf, Option<(RemovedOnInterruption, TempDir)>), Failure> {
    let folder = tempfile::Builder::new().prefix("clfsmgmt-replay-").tempdir();
    let folder = folder.map_err(|error| folder_failure(&std::env::temp_dir(), &error))?;
    if keep {
        return Ok((folder.keep(), None));
    }
    Ok((folder.path().to_owned(), Some((RemovedOnInterruption::new(folder.path()), folder))))
}

fn folder_failure(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(folder.display(), error, "choose a folder that can be written with --log")
}

/// A folder that holds a log already is left alone.
fn refuse_other_logs(folder: &Path) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| folder_failure(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| folder_failure(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("blf")) {
            return Err(other_log(&path));
        }
    }
    Ok(())
}

fn other_log(path: &Path) -> Failure {
    let mend = "choose another folder with --log, or remove the log first";
    match Log::open(FileStorage::new(path), Access::Read, BlockLimit::DEFAULT) {
        Err(OpenError::Status(Status::SHARING_VIOLATION)) => {
            Failure::new(path.display(), "the log is open in another program", mend)
        }
        Err(OpenError::Violation(violation)) => {
            Failure::new(path.display(), format!("not a CLFS log, {violation}"), mend)
        }
        Err(OpenError::Status(status)) => Failure::of_status(path.display(), status, None),
        Ok(_) => Failure::new(path.display(), "there is a log already", mend),
    }
}
