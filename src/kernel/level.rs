//! What the caller's IRQL, its APC state and what it is inside of allow.

use core::ffi::c_void;

use wdk_sys::ntddk::KeAreAllApcsDisabled;

use crate::manager::GrowthPlace;

unsafe extern "system" {
    /// What the thread does inside a file system: null outside, else a request or a small number. The WDK declares it
    /// (`ntifs.h`); other headers do not. Any IRQL.
    fn IoGetTopLevelIrp() -> *mut c_void;
}

/// Whether this thread may work with files now: the IRQL is `PASSIVE_LEVEL` and special kernel APCs come through, which
/// finish file I/O. A critical region is no hindrance, a guarded region is. IRQL <= `DISPATCH_LEVEL`.
pub fn may_work_with_files() -> bool {
    // SAFETY: no precondition. TRUE in a guarded region and at IRQL >= APC_LEVEL, so the IRQL need not be read too.
    let are_disabled = unsafe { KeAreAllApcsDisabled() };
    are_disabled == 0
}

/// Where a log-full call that is made now may create containers: on a worker, if this thread may not work with files,
/// or is inside a file system, whose locks it may hold and which it would enter once more. IRQL <= `DISPATCH_LEVEL`.
pub fn growth_place() -> GrowthPlace {
    if may_work_with_files() && !is_inside_file_system() { GrowthPlace::Inline } else { GrowthPlace::Worker }
}

fn is_inside_file_system() -> bool {
    // SAFETY: no precondition; any IRQL.
    let request = unsafe { IoGetTopLevelIrp() };
    !request.is_null()
}
