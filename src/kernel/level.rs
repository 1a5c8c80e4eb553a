//! What the caller's IRQL and APC state allow.

use wdk_sys::ntddk::KeAreAllApcsDisabled;

use crate::manager::GrowthPlace;

/// Whether this thread may work with files now: the IRQL is `PASSIVE_LEVEL` and special kernel APCs come through, which
/// finish file I/O. A critical region is no hindrance, a guarded region is. IRQL <= `DISPATCH_LEVEL`.
pub fn may_work_with_files() -> bool {
    // SAFETY: no precondition. TRUE in a guarded region and at IRQL >= APC_LEVEL, so the IRQL need not be read too.
    let are_disabled = unsafe { KeAreAllApcsDisabled() };
    are_disabled == 0
}

/// Where a log-full call that is made now may create containers.
pub fn growth_place() -> GrowthPlace {
    if may_work_with_files() { GrowthPlace::Inline } else { GrowthPlace::Worker }
}
