//! Where the driver begins and ends.
//!
//! It has no hardware: a control device, made at the beginning, is all that it shows. The framework deletes the device,
//! and what hangs on it, after the unload routine; the I/O manager calls that only when no handle is open.

use core::ptr::null_mut;

use wdk_sys::{
    _WDF_DRIVER_INIT_FLAGS, NTSTATUS, PCUNICODE_STRING, PDRIVER_OBJECT, WDF_DRIVER_CONFIG, WDFDRIVER,
    call_unsafe_wdf_function_binding,
};

use crate::status::{size_of_structure, status_of, succeeded};
use crate::{device, session, work_item};

/// `WdfDriverInitNonPnpDriver`, as the number that the configuration takes.
const NON_PNP_DRIVER: u32 = 1;
const _: () = assert!(_WDF_DRIVER_INIT_FLAGS::WdfDriverInitNonPnpDriver == 1, "as in wdfdriver.h");

/// The driver is loaded.
///
/// # Errors
/// What the framework answered, when the driver or its device could not be made.
///
/// # Safety
/// Called once, by the framework's entry routine, with what the system gave that.
///
/// # IRQL
/// `PASSIVE_LEVEL`
// SAFETY: no other symbol of the image has this name; the framework's entry library wants it.
#[unsafe(export_name = "DriverEntry")]
pub(crate) unsafe extern "system" fn driver_entry(
    driver_object: PDRIVER_OBJECT,
    registry_path: PCUNICODE_STRING,
) -> NTSTATUS {
    // SAFETY: as this function's.
    let begun = unsafe { create_driver(driver_object, registry_path) };
    status_of(begun.and_then(device::create))
}

/// Makes the framework's driver.
///
/// # Safety
/// As [`driver_entry`].
unsafe fn create_driver(driver_object: PDRIVER_OBJECT, registry_path: PCUNICODE_STRING) -> Result<WDFDRIVER, NTSTATUS> {
    let mut config = WDF_DRIVER_CONFIG {
        Size: size_of_structure::<WDF_DRIVER_CONFIG>(),
        EvtDriverUnload: Some(unload),
        DriverInitFlags: NON_PNP_DRIVER,
        ..WDF_DRIVER_CONFIG::default()
    };
    let mut driver: WDFDRIVER = null_mut();
    // SAFETY: the caller's arguments as they came; the other pointers are to locals, and the configuration has its size.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfDriverCreate,
            driver_object,
            registry_path,
            null_mut(),
            &raw mut config,
            &raw mut driver
        )
    };
    succeeded(status).map(|()| driver)
}

/// The driver is unloaded: ends all that requests have begun. IRQL `PASSIVE_LEVEL`.
extern "C" fn unload(_driver: WDFDRIVER) {
    session::end();
    work_item::end();
}
