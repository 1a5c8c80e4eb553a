//! What happened, for a debugger: `DbgPrintEx`.
//!
//! Formats are two C strings and numbers: Rust's formatting would pull itself, and panics, into the image. Shown by
//! `ed nt!Kd_IHVDRIVER_Mask 0xf`.

use core::ffi::CStr;

use wdk_sys::ntddk::DbgPrintEx;
use wdk_sys::{_DPFLTR_TYPE, DPFLTR_ERROR_LEVEL, DPFLTR_INFO_LEVEL, DPFLTR_WARNING_LEVEL};

use crate::units::Status;

/// The component that drivers from outside Microsoft share. A number: which type the enumeration has depends on who
/// makes the bindings.
const IHV_DRIVER: u32 = 77;
const _: () = assert!(_DPFLTR_TYPE::DPFLTR_IHVDRIVER_ID == 77, "the component is not what it was");

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something failed that its caller does not hear of.
    Error,
    /// It went on, but worse than it should.
    Warning,
    /// News.
    Information,
}

impl Severity {
    const fn level(self) -> u32 {
        match self {
            Self::Error => DPFLTR_ERROR_LEVEL,
            Self::Warning => DPFLTR_WARNING_LEVEL,
            Self::Information => DPFLTR_INFO_LEVEL,
        }
    }
}

/// Says what happened, and its status. IRQL: any at which the debugger may be called (<= `DIRQL`).
pub fn status(severity: Severity, what: &CStr, status: Status) {
    // SAFETY: the format's two arguments are a C string that outlives the call and a 32-bit number.
    let _ = unsafe {
        DbgPrintEx(IHV_DRIVER, severity.level(), c"clfsmgmt: %s: %08X\n".as_ptr(), what.as_ptr(), status.raw())
    };
}

/// Says what happened, and a number. IRQL: as [`status`].
pub fn number(severity: Severity, what: &CStr, number: u64) {
    // SAFETY: the format's two arguments are a C string that outlives the call and a 64-bit number.
    let _ =
        unsafe { DbgPrintEx(IHV_DRIVER, severity.level(), c"clfsmgmt: %s: %llu\n".as_ptr(), what.as_ptr(), number) };
}
