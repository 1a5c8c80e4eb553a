//! Initialising, which is not needed: the first routine that is called does what there is to do.

use crate::abi::NtStatus;
use crate::exports::image;

/// Makes ready what the other routines need, which they would do themselves.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub extern "system" fn ClfsInitialize() -> NtStatus {
    image::logs().map(|_| ()).into()
}

/// Does nothing: logs may still be open, of others than the caller. What there is goes when this module is unloaded.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub extern "system" fn ClfsFinalize() {}
