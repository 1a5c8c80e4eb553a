//! Time spans, and sleeping.

use wdk_sys::ntddk::KeDelayExecutionThread;
use wdk_sys::{_MODE, KPROCESSOR_MODE, LARGE_INTEGER};

/// Waits are the kernel's own.
pub(crate) const KERNEL_MODE: KPROCESSOR_MODE = 0;
const _: () = assert!(_MODE::KernelMode == 0, "the mode is not what it was");

/// Units of 100 nanoseconds in a millisecond.
const UNITS: u64 = 10_000;

/// So long from now, as the kernel takes it.
pub(crate) fn from_now(milliseconds: u64) -> LARGE_INTEGER {
    let units = i64::try_from(milliseconds.saturating_mul(UNITS)).unwrap_or(i64::MAX);
    LARGE_INTEGER { QuadPart: units.saturating_neg() }
}

/// Sleeps. IRQL <= `APC_LEVEL`.
pub(crate) fn sleep(milliseconds: u64) {
    delay(from_now(milliseconds));
}

/// Lets other threads run for the shortest time that the clock knows. IRQL <= `APC_LEVEL`.
pub(crate) fn pause() {
    delay(LARGE_INTEGER { QuadPart: -1 });
}

fn delay(mut interval: LARGE_INTEGER) {
    // SAFETY: IRQL <= APC_LEVEL, as the callers ask; the interval is a local.
    let _ = unsafe { KeDelayExecutionThread(KERNEL_MODE, 0, &raw mut interval) };
}
