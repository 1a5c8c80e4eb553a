//! What a request means.

use wdk_sys::{NTSTATUS, STATUS_INVALID_DEVICE_REQUEST};

/// Answers a request; how many bytes of `output` were written. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// The status of the request.
pub(crate) fn answer(_code: u32, _input: &[u8], _output: &mut [u8]) -> Result<usize, NTSTATUS> {
    Err(STATUS_INVALID_DEVICE_REQUEST)
}

/// Ends everything that requests have begun: the driver is unloaded. IRQL `PASSIVE_LEVEL`.
pub(crate) fn end() {}
