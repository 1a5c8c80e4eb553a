//! `NTSTATUS` and `BOOLEAN` as C has them.

use crate::units::Status;

/// `BOOLEAN`: 0 or 1.
pub type Boolean = u8;

/// `NTSTATUS`, a signed 32-bit number.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NtStatus(i32);

impl NtStatus {
    /// `STATUS_SUCCESS`.
    pub const SUCCESS: Self = Self(0);

    /// The number.
    pub const fn raw(self) -> i32 {
        self.0
    }
}

impl From<Status> for NtStatus {
    fn from(status: Status) -> Self {
        Self(status.raw().cast_signed())
    }
}

impl From<NtStatus> for Status {
    fn from(status: NtStatus) -> Self {
        Self::from_raw(status.0.cast_unsigned())
    }
}

impl From<Result<(), Status>> for NtStatus {
    fn from(outcome: Result<(), Status>) -> Self {
        outcome.err().unwrap_or(Status::SUCCESS).into()
    }
}
