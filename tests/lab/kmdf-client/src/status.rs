//! Statuses as results.

use wdk_sys::{NT_SUCCESS, NTSTATUS};

/// `Ok` for a status that says success.
///
/// # Errors
/// The status, if it does not.
pub(crate) fn succeeded(status: NTSTATUS) -> Result<(), NTSTATUS> {
    if NT_SUCCESS(status) { Ok(()) } else { Err(status) }
}

/// The status of a result.
pub(crate) fn status_of(result: Result<(), NTSTATUS>) -> NTSTATUS {
    result.err().unwrap_or(wdk_sys::STATUS_SUCCESS)
}

/// The size of a structure, as the framework's structures say it of themselves.
pub(crate) const fn size_of_structure<T>() -> u32 {
    const { assert!(size_of::<T>() <= 0xffff, "a structure of the framework is small") };
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "checked above")]
    {
        size_of::<T>() as u32
    }
}
