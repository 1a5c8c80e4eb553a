//! The control device: its name, who may open it, and its queue.

use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

use clfs_client_interface::{DEVICE, LINK};
use wdk_sys::{
    NTSTATUS, PWDFDEVICE_INIT, STATUS_INSUFFICIENT_RESOURCES, STATUS_NAME_TOO_LONG, UNICODE_STRING, WDFDEVICE,
    WDFDRIVER, call_unsafe_wdf_function_binding,
};

use crate::queue;
use crate::status::succeeded;

/// Who may open it: the system and administrators, for everything. Protected, so that nothing is inherited.
const ACCESS: &str = "D:P(A;;GA;;;SY)(A;;GA;;;BA)";

/// The device, once it is there; until the driver's end. Parent of what the driver makes in the framework.
static CONTROL_DEVICE: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// The control device. `None` before it was made. IRQL: any.
pub(crate) fn control_device() -> Option<WDFDEVICE> {
    let device = CONTROL_DEVICE.load(Ordering::Acquire);
    (!device.is_null()).then(|| device.cast())
}

/// Makes the control device and lets requests come. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// What the framework answered. What was made is deleted with the driver, whose entry fails then.
pub(crate) fn create(driver: WDFDRIVER) -> Result<(), NTSTATUS> {
    let mut preparation = prepare(driver)?;
    let made = name(preparation).and_then(|()| create_from(&mut preparation));
    if !preparation.is_null() {
        // SAFETY: the framework has not taken it, as it would have written NULL there.
        unsafe { call_unsafe_wdf_function_binding!(WdfDeviceInitFree, preparation) };
    }
    let device = made?;
    link(device)?;
    queue::create(device)?;
    CONTROL_DEVICE.store(device.cast(), Ordering::Release);
    // SAFETY: a control device that was just made; only now do its requests come.
    unsafe { call_unsafe_wdf_function_binding!(WdfControlFinishInitializing, device) };
    Ok(())
}

/// What a device is made from.
fn prepare(driver: WDFDRIVER) -> Result<PWDFDEVICE_INIT, NTSTATUS> {
    let access = Text::new(ACCESS)?;
    let string = access.as_unicode();
    // SAFETY: the driver that was just made; the string is a local, and the framework copies it.
    let preparation =
        unsafe { call_unsafe_wdf_function_binding!(WdfControlDeviceInitAllocate, driver, &raw const string) };
    if preparation.is_null() { Err(STATUS_INSUFFICIENT_RESOURCES) } else { Ok(preparation) }
}

fn name(preparation: PWDFDEVICE_INIT) -> Result<(), NTSTATUS> {
    let name = Text::new(DEVICE)?;
    let string = name.as_unicode();
    // SAFETY: `prepare` has given it, and no device was made from it; the string is a local, and the framework copies it.
    let status = unsafe { call_unsafe_wdf_function_binding!(WdfDeviceInitAssignName, preparation, &raw const string) };
    succeeded(status)
}

/// Makes the device. The preparation is NULL then.
fn create_from(preparation: &mut PWDFDEVICE_INIT) -> Result<WDFDEVICE, NTSTATUS> {
    let mut device: WDFDEVICE = null_mut();
    // SAFETY: `prepare` has given it, and no device was made from it; the pointers are to locals.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(WdfDeviceCreate, &raw mut *preparation, null_mut(), &raw mut device)
    };
    succeeded(status).map(|()| device)
}

/// Gives the device its name for user mode. It goes with the device.
fn link(device: WDFDEVICE) -> Result<(), NTSTATUS> {
    let name = Text::new(LINK)?;
    let string = name.as_unicode();
    // SAFETY: a device that was just made; the string is a local, and the framework copies it.
    let status = unsafe { call_unsafe_wdf_function_binding!(WdfDeviceCreateSymbolicLink, device, &raw const string) };
    succeeded(status)
}

/// A short text in UTF-16.
struct Text {
    units: [u16; Self::UNITS],
    length: u16,
}

impl Text {
    const UNITS: usize = 64;

    fn new(text: &str) -> Result<Self, NTSTATUS> {
        let mut units = [0; Self::UNITS];
        let mut length = 0_u16;
        let mut places = units.iter_mut();
        for unit in text.encode_utf16() {
            *places.next().ok_or(STATUS_NAME_TOO_LONG)? = unit;
            length = length.saturating_add(2);
        }
        Ok(Self { units, length })
    }

    /// As the kernel takes it. Points into `self`, and is for reading.
    fn as_unicode(&self) -> UNICODE_STRING {
        UNICODE_STRING { Length: self.length, MaximumLength: self.length, Buffer: self.units.as_ptr().cast_mut() }
    }
}
