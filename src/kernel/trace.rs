//! What happened, for a debugger: `DbgPrintEx`.
//!
//! Formats are two C strings and numbers: Rust's formatting would pull itself, and panics, into the image. Shown by
//! `ed nt!Kd_IHVDRIVER_Mask 0xf`.

use core::ffi::CStr;

use wdk_sys::ntddk::DbgPrintEx;
use wdk_sys::{_DPFLTR_TYPE, DPFLTR_ERROR_LEVEL, DPFLTR_INFO_LEVEL, DPFLTR_WARNING_LEVEL};

use super::owned::Owned;
use super::routines::counted_string;
use crate::engine::Pin;
use crate::units::{Lsn, Status};

/// The component that drivers from outside Microsoft share. A number: which type the enumeration has depends on who
/// makes the bindings.
const IHV_DRIVER: u32 = 77;
const _: () = assert!(_DPFLTR_TYPE::DPFLTR_IHVDRIVER_ID == 77, "the component is not what it was");

/// Which image speaks: two may be loaded.
const IMAGE: &CStr = if cfg!(feature = "open-clfs") { c"clfs" } else { c"clfsmgmt" };

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something failed that is not reported to its caller.
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
    let (level, image, what) = (severity.level(), IMAGE.as_ptr(), what.as_ptr());
    // SAFETY: the format's three arguments are two C strings that outlive the call and a 32-bit number.
    let _ = unsafe { DbgPrintEx(IHV_DRIVER, level, c"%s: %s: %08X\n".as_ptr(), image, what, status.raw()) };
}

/// Says that requests of the log with this name have waited for so many seconds. IRQL `PASSIVE_LEVEL`.
pub fn waiting(log: &[u16], seconds: u64) {
    const FORMAT: &CStr = c"%s: %wZ: a request has waited for %llu s\n";
    // A name that is too long for a counted string is left out.
    let name = counted_string(log).unwrap_or_default();
    let (level, image) = (Severity::Warning.level(), IMAGE.as_ptr());
    // SAFETY: the format's three arguments are a C string and a counted one, which outlive the call, and a 64-bit
    // number; IRQL PASSIVE_LEVEL, as this function demands.
    let _ = unsafe { DbgPrintEx(IHV_DRIVER, level, FORMAT.as_ptr(), image, &raw const name, seconds) };
}

/// Says who holds such a log: the client's cookie (0: the stream has none, or it is the archive tail), its stream,
/// where its tail is and to where it was asked to move how often, and its last refusal. IRQL: as [`status`].
pub fn holder(pin: &Pin, cookie: u64) {
    const FORMAT: &CStr =
        c"%s:   client %llx of stream %u, at %llx, was asked %u times to move to %llx; its last refusal is %08X\n";
    let (level, image) = (Severity::Warning.level(), IMAGE.as_ptr());
    let (stream, tail, times) = (u32::from(pin.stream.0), pin.tail.raw(), pin.times_asked);
    let target = pin.target.map_or(0, Lsn::raw);
    let refusal = pin.last_refusal.map_or(0, |refusal| refusal.status.raw());
    // SAFETY: the format's seven arguments are a C string that outlives the call and numbers of the sizes it names.
    let _ =
        unsafe { DbgPrintEx(IHV_DRIVER, level, FORMAT.as_ptr(), image, cookie, stream, tail, times, target, refusal) };
}

/// Says at the end what the image still owns. The test VM reads this line. IRQL: as [`status`].
pub(super) fn left(owned: Owned) {
    const FORMAT: &CStr =
        c"%s: left: pool %llu, heap %llu, handles %llu, references %llu, work items %llu, threads %llu\n";
    let (level, format, image) = (Severity::Information.level(), FORMAT.as_ptr(), IMAGE.as_ptr());
    let Owned { pool_blocks, heap_blocks, handles, references, work_items, threads } = owned;
    // SAFETY: the format's seven arguments are a C string that outlives the call and six 64-bit numbers.
    let _ = unsafe {
        DbgPrintEx(IHV_DRIVER, level, format, image, pool_blocks, heap_blocks, handles, references, work_items, threads)
    };
}
