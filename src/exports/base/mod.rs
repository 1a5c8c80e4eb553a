//! The base interface over logs of our own: logs, containers, records.
//!
//! | file | what |
//! |---|---|
//! | `realm` | the library of logs, and what management needs of it |
//! | `text` | names that callers hand over |
//! | `log_file` | opening, closing, resetting, deleting |
//! | `containers` | adding, removing, naming |
//! | `scan` | the walk over containers |
//! | `information` | what a log tells of itself, and what of that can be set |
//! | `module` | initialising, which is not needed |
//!
//! # Invariants
//! * Of several bad parameters the first is told; nothing has happened by then.
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
mod pieces;
mod read;
mod realm;
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
    ClfsReadLogRecord, ClfsReadNextLogRecord, ClfsReadPreviousRestartArea, ClfsReadRestartArea, ClfsTerminateReadLog,
};
pub(in crate::exports) use realm::{BaseHandle, BaseRealm, library};
pub use reservations::{ClfsAlignReservedLog, ClfsAllocReservedLog, ClfsFreeReservedLog};
pub use restart::ClfsWriteRestartArea;
pub use scan::{ClfsCreateScanContext, ClfsScanLogContainers};

use crate::abi::NtStatus;
use crate::exports::client::LogFileObject;
use crate::manager::ports::Platform;
use crate::units::Status;

/// A handle in use.
type SharedHandle = <crate::exports::platform::ThePlatform as Platform>::Shared<BaseHandle>;

/// The value that a `PLOG_FILE_OBJECT` is looked up by.
pub(in crate::exports) fn address_of(log_file: LogFileObject) -> u64 {
    const { assert!(usize::BITS == u64::BITS) };
    u64::try_from(log_file.addr()).unwrap_or(0)
}

/// The open handle that a caller names.
///
/// # Errors
/// `INVALID_PARAMETER`: it names none.
pub(in crate::exports) fn handle(log_file: LogFileObject) -> Result<SharedHandle, Status> {
    library()?.find(address_of(log_file)).ok_or(Status::INVALID_PARAMETER)
}

/// As [`handle`], for what changes the log.
///
/// # Errors
/// `INVALID_PARAMETER`: it names none. `ACCESS_DENIED`: it was not opened to write.
pub(in crate::exports) fn writable_handle(log_file: LogFileObject) -> Result<SharedHandle, Status> {
    let handle = handle(log_file)?;
    if handle.may_write() { Ok(handle) } else { Err(Status::ACCESS_DENIED) }
}

/// Runs a routine; `?` is what most of it is made of.
fn answer(routine: impl FnOnce() -> Result<(), Status>) -> NtStatus {
    routine().into()
}
