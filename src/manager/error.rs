//! Why an operation was refused. Statuses with the numbers of parameters are made where those are known, in `exports`.

use crate::units::Status;
use crate::units::memory::OutOfMemory;

/// The key names no log that is managed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchLog;

/// Why an operation on a log failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogError {
    /// The key names no log that is managed.
    NoSuchLog,
    /// The cookie names no client of this log.
    NotAClient,
    /// The engine or the log returned this.
    Failed(Status),
}

/// Of a key or a cookie that names nothing, that of a parameter without its number.
impl From<LogError> for Status {
    fn from(error: LogError) -> Self {
        match error {
            LogError::NoSuchLog | LogError::NotAClient => Self::INVALID_PARAMETER,
            LogError::Failed(status) => status,
        }
    }
}

impl From<NoSuchLog> for LogError {
    fn from(_: NoSuchLog) -> Self {
        Self::NoSuchLog
    }
}

impl From<Status> for LogError {
    fn from(status: Status) -> Self {
        Self::Failed(status)
    }
}

impl From<OutOfMemory> for LogError {
    fn from(error: OutOfMemory) -> Self {
        Self::Failed(error.into())
    }
}
