//! The base interface over logs of our own: logs, containers, records.
//!
//! | file | what |
//! |---|---|
//! | `own_logs` | the library of logs, and what management needs of it |
//! | `text`, `pieces` | names, and the entries and reservations of a record, that callers hand over |
//! | `log_file` | opening, closing, resetting, deleting |
//! | `containers` | adding, removing, naming |
//! | `scan` | the walk over containers |
//! | `area` | marshalling areas |
//! | `append` | records into the log |
//! | `reservations` | room for records to come |
//! | `restart` | restart areas into the log |
//! | `flush` | making records durable, and giving them up |
//! | `read`, `found` | records out of the log, and what is reported of one |
//! | `information` | what a log says of itself, and what of that can be set |
//! | `module` | initialising, which is not needed |
//!
//! # Invariants
//! * Of several bad parameters the first is reported; nothing has happened by then.
//! * Outputs are written on success only, but for lengths that a warning or `BUFFER_TOO_SMALL` is about.
//! * A `PLOG_FILE_OBJECT` or a scan is looked up, never followed.

mod append;
mod area;
mod containers;
mod flush;
mod found;
mod information;
mod log_file;
mod module;
pub(super) mod own_logs;
mod pieces;
mod read;
mod reservations;
mod restart;
mod scan;
mod text;

pub use append::{ClfsReserveAndAppendLog, ClfsReserveAndAppendLogAligned};
pub use area::{ClfsCreateMarshallingArea, ClfsCreateMarshallingAreaEx, ClfsDeleteMarshallingArea};
pub use containers::{
    ClfsAddLogContainer, ClfsAddLogContainerSet, ClfsGetContainerName, ClfsRemoveLogContainer,
    ClfsRemoveLogContainerSet,
};
pub use flush::{ClfsAdvanceLogBase, ClfsFlushBuffers, ClfsFlushToLsn};
pub use information::{
    ClfsGetIoStatistics, ClfsGetLogFileInformation, ClfsQueryLogFileInformation, ClfsSetArchiveTail, ClfsSetEndOfLog,
    ClfsSetLogFileInformation,
};
pub use log_file::{
    ClfsCloseAndResetLogFile, ClfsCloseLogFileObject, ClfsCreateLogFile, ClfsDeleteLogByPointer, ClfsDeleteLogFile,
};
pub use module::{ClfsFinalize, ClfsInitialize};
pub use read::{
    ClfsMgmtxReadLogRecordFrom, ClfsReadLogRecord, ClfsReadNextLogRecord, ClfsReadPreviousRestartArea,
    ClfsReadRestartArea, ClfsTerminateReadLog,
};
pub use reservations::{ClfsAlignReservedLog, ClfsAllocReservedLog, ClfsFreeReservedLog};
pub use restart::ClfsWriteRestartArea;
pub use scan::{ClfsCreateScanContext, ClfsScanLogContainers};

use own_logs::{OwnHandle, OwnLogs};

use crate::abi::NtStatus;
use crate::exports::client::LogFileObject;
use crate::exports::image::{LogsGuard, logs};
use crate::exports::platform::{ThePlatform, status_of_call};
use crate::exports::pointers::address_of;
use crate::manager::ports::Platform;
use crate::units::Status;

/// A counted reference.
type Shared<T> = <ThePlatform as Platform>::Shared<T>;

/// What a routine works on. As long as it has it the logs stay.
pub(in crate::exports) struct ObjectGuard<T> {
    // Dropped before the guard: it may be the last reference.
    object: Shared<T>,
    _logs: LogsGuard,
}

impl<T> ObjectGuard<T> {
    /// What `find` finds by a handle in the logs of this image.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: there are none. `missing`: it is not found. `LOG_STATE_INVALID`: it is of a process
    /// that this one was forked from.
    fn find(
        handle: u64,
        missing: Status,
        find: impl FnOnce(&OwnLogs, u64) -> Option<Shared<T>>,
    ) -> Result<Self, Status> {
        let logs = logs()?;
        let object = find(&logs, handle).ok_or_else(|| status_of_call(handle, missing))?;
        Ok(Self { object, _logs: logs })
    }

    /// To be kept longer than the routine runs.
    fn shared(&self) -> Shared<T> {
        self.object.clone()
    }
}

impl<T> core::ops::Deref for ObjectGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.object
    }
}

/// The open handle that a caller names.
///
/// # Errors
/// `INVALID_PARAMETER`: it names none.
pub(in crate::exports) fn handle(log_file: LogFileObject) -> Result<ObjectGuard<OwnHandle>, Status> {
    ObjectGuard::find(address_of(log_file), Status::INVALID_PARAMETER, |logs, handle| logs.library().find(handle))
}

/// As [`handle`], for what changes the log.
///
/// # Errors
/// `INVALID_PARAMETER`: it names none. `ACCESS_DENIED`: it was not opened to write.
pub(in crate::exports) fn writable_handle(log_file: LogFileObject) -> Result<ObjectGuard<OwnHandle>, Status> {
    let handle = handle(log_file)?;
    if handle.may_write() { Ok(handle) } else { Err(Status::ACCESS_DENIED) }
}

/// As [`answer`], for what takes a handle by itself.
fn answer_for(handle: u64, routine: impl FnOnce(&OwnLogs, u64) -> Result<(), Status>) -> NtStatus {
    answer(|| routine(&*logs()?, handle).map_err(|status| status_of_call(handle, status)))
}

/// Runs a routine; `?` is what most of it is made of.
fn answer(routine: impl FnOnce() -> Result<(), Status>) -> NtStatus {
    routine().into()
}
