//! Loading and unloading the driver's image.
//!
//! Usually it is loaded for the drivers that import from it: the system calls `DllInitialize`, and `DllUnload` when the
//! last of them has gone. It may be started as a service too: then `DriverEntry` and its unload routine are called.
//! A beginning starts all threads, so that the first routine may be called at `APC_LEVEL`; but nothing relies on one.
//! An end does all that is to be done, wherever it comes from. Why in these steps: `docs/decisions/0007-rundown.md`.
//!
//! # Invariants
//! * As long as a log is open or a client is registered the image stays: `DllUnload` refuses, the service's end waits a
//!   while, and is left to whoever closes the last.
//! * The end waits for every routine that runs. A routine that is called later returns `INSUFFICIENT_RESOURCES`; one
//!   that is interposed hands on to the real one.
//! * After the end no thread of the image runs, and none of its memory is left.

use core::ffi::c_void;

use super::image;
use crate::abi::NtStatus;
use crate::kernel::{self, DriverObject};
use crate::units::Status;

/// The image was loaded for a driver that imports from it.
///
/// # Errors
/// None.
///
/// # IRQL
/// `PASSIVE_LEVEL`
#[unsafe(no_mangle)]
pub extern "system" fn DllInitialize(_registry_path: *const c_void) -> NtStatus {
    begin();
    NtStatus::SUCCESS
}

/// The last driver that imports from the image has gone.
///
/// # Errors
/// `UNSUCCESSFUL`: one of them has left a log open or a client registered. The image then stays in memory: what is open
/// may have work under way.
///
/// # Safety
/// Called by the system: no driver imports from the image any more, so its code may go once this has returned.
///
/// # IRQL
/// `PASSIVE_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DllUnload() -> NtStatus {
    if image::is_in_use() {
        return Status::UNSUCCESSFUL.into();
    }
    end();
    NtStatus::SUCCESS
}

/// The image was started as a service.
///
/// # Errors
/// `UNSUCCESSFUL`: the service was stopped while drivers imported from the image, which has stayed in memory for them
/// and can do nothing more. It can be started again when they have gone.
///
/// # Safety
/// Called by the system, with the image's driver object.
///
/// # IRQL
/// `PASSIVE_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DriverEntry(driver: *mut DriverObject, _registry_path: *const c_void) -> NtStatus {
    if image::is_closed() {
        return Status::UNSUCCESSFUL.into();
    }
    // SAFETY: the image's driver object, and this is its entry.
    unsafe { kernel::set_unload(driver, unload) };
    begin();
    NtStatus::SUCCESS
}

/// The service is stopped. That cannot be refused, so from now on no log is opened, and this waits until the last one
/// is closed and the last routine has returned. Not for ever: whoever stops services one after the other comes to the
/// driver that has them open only when this has returned. Then that one's last call ends what is left.
///
/// # Safety
/// Called by the system, and not in a callback of a client, which would wait for it. Drivers that still import from
/// the image keep its code in memory; if there are none, none of its routines is called any more.
unsafe extern "C" fn unload(_driver: *mut DriverObject) {
    image::end_openings();
    // What is open only becomes less from here on.
    if kernel::wait_for(|| !image::is_in_use()) {
        end();
    } else {
        image::leave_end_to_the_last();
    }
}

/// May be done twice: for an importer, and for the service. Whatever fails is tried again by whoever needs it.
fn begin() {
    // The instance first: without it the workers do not know what to do.
    image::begin();
    kernel::begin();
}

/// May be done twice: by the service's end, and later by `DllUnload`.
fn end() {
    image::end();
    kernel::end();
}
