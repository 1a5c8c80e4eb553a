//! A clock that only goes forward.

use core::hint::black_box;
use core::ptr::with_exposed_provenance;

/// `KUSER_SHARED_DATA.InterruptTime`, as the kernel sees it: the same address on every 64-bit Windows since the first.
/// The headers' `KeQueryInterruptTime` reads it inline.
const INTERRUPT_TIME: usize = 0xFFFF_F780_0000_0008;
/// Units of 100 nanoseconds in a millisecond.
const UNITS: u64 = 10_000;

/// Milliseconds since the system started. IRQL: any.
pub(super) fn milliseconds() -> u64 {
    let time = with_exposed_provenance::<u64>(INTERRUPT_TIME);
    // SAFETY: the page is mapped and readable in the kernel at any IRQL, and the number is at a multiple of 8.
    let units = unsafe { time.read_volatile() };
    // The test VM emulates reading the page by a move only, not by an instruction that also calculates.
    black_box(units).checked_div(UNITS).unwrap_or_default()
}
