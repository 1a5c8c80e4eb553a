//! One operation: resolved, journalled, called in the manner that was asked for.

use core::ffi::c_void;
use core::ptr::without_provenance_mut;

use clfs_client_interface::{EventKind, Manner, Operation, Outcome, Subject};
use wdk_sys::ntddk::{KeEnterCriticalRegion, KeEnterGuardedRegion, KeLeaveCriticalRegion, KeLeaveGuardedRegion};

use super::routines::{self, Call};
use super::{journal, operands};

unsafe extern "system" {
    /// What the thread does inside a file system. The WDK declares both (`ntifs.h`); other headers do not. Any IRQL.
    fn IoGetTopLevelIrp() -> *mut c_void;
    /// Notes that, or with null that it does nothing there. Any IRQL.
    fn IoSetTopLevelIrp(request: *mut c_void);
}

/// `FSRTL_FSP_TOP_LEVEL_IRP`: inside a file system, for no request in particular.
const INSIDE_FILE_SYSTEM: usize = 1;

/// The subject of an event that has none.
const NO_SUBJECT: u16 = 0xFFFF;

/// Does one operation; `target` is the one of the callback that it belongs to. IRQL <= `APC_LEVEL`.
pub(crate) fn execute(operation: &Operation, target: Option<u64>) -> Outcome {
    let subject = match operation.subject {
        Subject::Slot(slot) => slot,
        Subject::Null | Subject::Raw(_) => NO_SUBJECT,
    };
    journal::record(journal::event(EventKind::Calls(operation.routine), subject, 0));
    let mut outcome = Outcome::of_status(0);
    // Before the manner begins: this asks the log, which may need its files.
    match operands::resolve(&operation.numbers, target) {
        Ok(numbers) => {
            let call = Call { subject: operation.subject, numbers, text: operation.text() };
            let region = Region::enter(operation.manner);
            routines::call(operation.routine, &call, &mut outcome);
            drop(region);
        }
        Err(status) => outcome.status = status,
    }
    journal::record(journal::event(EventKind::Returned(operation.routine), subject, outcome.status));
    outcome
}

/// What APCs are held off, and what the thread says that it is inside of, as long as this exists.
struct Region {
    is_guarded: bool,
    is_critical: bool,
    /// What it said before.
    top_level: Option<*mut c_void>,
}

impl Region {
    /// Enters what the manner says. IRQL <= `APC_LEVEL`.
    fn enter(manner: Manner) -> Self {
        let has = |bit: Manner| manner.0 & bit.0 != 0;
        // SAFETY: any IRQL.
        let top_level = has(Manner::TOP_LEVEL).then(|| unsafe { IoGetTopLevelIrp() });
        let region = Self { is_guarded: has(Manner::GUARDED), is_critical: has(Manner::CRITICAL), top_level };
        if top_level.is_some() {
            // SAFETY: as above; a number that the system knows; laid down when this is dropped, in the same thread.
            unsafe { IoSetTopLevelIrp(without_provenance_mut(INSIDE_FILE_SYSTEM)) };
        }
        if region.is_critical {
            // SAFETY: IRQL <= APC_LEVEL; left when this is dropped, in the same thread.
            unsafe { KeEnterCriticalRegion() };
        }
        if region.is_guarded {
            // SAFETY: as above.
            unsafe { KeEnterGuardedRegion() };
        }
        region
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.is_guarded {
            // SAFETY: entered in this thread.
            unsafe { KeLeaveGuardedRegion() };
        }
        if self.is_critical {
            // SAFETY: entered in this thread.
            unsafe { KeLeaveCriticalRegion() };
        }
        if let Some(before) = self.top_level {
            // SAFETY: any IRQL; what this thread had noted before.
            unsafe { IoSetTopLevelIrp(before) };
        }
    }
}
