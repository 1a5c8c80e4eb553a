//! The driver object that the system hands to an image which is started as a service.

pub use wdk_sys::DRIVER_OBJECT as DriverObject;

use super::thread;

/// Units of 100 nanoseconds between two looks whether the image may go.
const LOOK_AGAIN: i64 = 1_000_000;

/// Five seconds: longer than a driver takes that is being stopped itself, and shorter than who stops it waits.
const LOOKS: u32 = 50;

/// Says what is to be called when the service is stopped.
///
/// # Safety
/// `driver` is the object that `DriverEntry` was called with, which has not returned.
///
/// # IRQL
/// `PASSIVE_LEVEL`
pub unsafe fn set_unload(driver: *mut DriverObject, unload: unsafe extern "C" fn(*mut DriverObject)) {
    // SAFETY: valid, and ours alone to write until `DriverEntry` returns, by the caller's contract.
    unsafe { (*driver).DriverUnload = Some(unload) };
}

/// Waits until `is_over`, for some seconds at most; returns whether it is. Polled ten times a second: what it depends
/// on notifies nobody of its end.
///
/// # IRQL
/// `PASSIVE_LEVEL`
pub fn wait_for(is_over: impl Fn() -> bool) -> bool {
    for _ in 0..LOOKS {
        if is_over() {
            return true;
        }
        thread::sleep(LOOK_AGAIN);
    }
    is_over()
}
