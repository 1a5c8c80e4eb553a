//! Loading and unloading the driver's image.
//!
//! Usually it is loaded for the drivers that import from it: the system calls `DllInitialize`, and `DllUnload` when the
//! last of them has gone. It may be started as a service too: then `DriverEntry` and its unload routine are called.
//! Nothing relies on a beginning; an end does all that is to be done, wherever it comes from.
//!
//! # Invariants
//! * As long as a log is open or a client is registered the image stays: `DllUnload` refuses, the service's end waits.
//! * After the end no thread of the image runs, and none of its memory is left.

use core::ffi::c_void;

use super::world;
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
    kernel::begin();
    NtStatus::SUCCESS
}

/// The last driver that imports from the image has gone.
///
/// # Errors
/// `UNSUCCESSFUL`: one of them has left a log open or a client registered. The image then stays in memory: what is open
/// may have work under way.
///
/// # Safety
/// Called by the system: no driver imports from the image any more.
///
/// # IRQL
/// `PASSIVE_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DllUnload() -> NtStatus {
    if is_in_use() {
        return Status::UNSUCCESSFUL.into();
    }
    // SAFETY: by this routine's contract nobody calls any more.
    unsafe { end() };
    NtStatus::SUCCESS
}

/// The image was started as a service.
///
/// # Errors
/// None.
///
/// # Safety
/// Called by the system, with the image's driver object.
///
/// # IRQL
/// `PASSIVE_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DriverEntry(driver: *mut DriverObject, _registry_path: *const c_void) -> NtStatus {
    // SAFETY: the image's driver object, and this is its entry.
    unsafe { kernel::set_unload(driver, unload) };
    kernel::begin();
    NtStatus::SUCCESS
}

/// The service is stopped. That cannot be refused, so this waits until the last log is closed.
///
/// # Safety
/// Called by the system. The drivers that import from the image have been stopped, or only close what they have open:
/// nobody can tell the image whether there are any.
unsafe extern "C" fn unload(_driver: *mut DriverObject) {
    kernel::wait_until(|| !is_in_use());
    // SAFETY: no log is open, and by this routine's contract nobody calls any more.
    unsafe { end() };
}

/// Whether a log is open or a client registered.
fn is_in_use() -> bool {
    // A realm that cannot be made is in nobody's use.
    world::realm().is_ok_and(|realm| super::realm::Realm::manager(realm).logs_attached() > 0)
}

/// # Safety
/// No routine of this module runs, and none is called later.
unsafe fn end() {
    // SAFETY: this function's contract is the same.
    unsafe { world::end() };
    kernel::end();
}
