//! Clocks: the system's, and one that only goes forward.
//!
//! The precise routines where the system has them, otherwise the time of the last clock tick from the page that the
//! system shares with everybody, which is what the headers' inline routines read.

use core::ffi::c_void;
use core::ptr::{NonNull, with_exposed_provenance};

use wdk_sys::LARGE_INTEGER;

use super::routines::Routine;
use crate::units::Time;

const NANOSECONDS_PER_UNIT: u64 = 100;

/// The kernel's view of `KUSER_SHARED_DATA`: the same address on every 64-bit Windows since the first.
const SHARED_DATA: usize = 0xFFFF_F780_0000_0000;
/// `KUSER_SHARED_DATA.InterruptTime`: its low and high part follow each other.
const INTERRUPT_TIME: usize = SHARED_DATA + 0x08;
/// `KUSER_SHARED_DATA.SystemTime`.
const SYSTEM_TIME: usize = SHARED_DATA + 0x14;

static SYSTEM_TIME_PRECISE: Routine<24> = Routine::new(b"KeQuerySystemTimePrecise");
static INTERRUPT_TIME_PRECISE: Routine<27> = Routine::new(b"KeQueryInterruptTimePrecise");

/// `KeQuerySystemTimePrecise`.
type QuerySystemTime = unsafe extern "system" fn(current_time: *mut LARGE_INTEGER);
/// `KeQueryInterruptTimePrecise`.
type QueryInterruptTime = unsafe extern "system" fn(performance_counter: *mut u64) -> u64;

/// Looks the routines up, so that later callers at a high IRQL have them too. IRQL `PASSIVE_LEVEL`.
pub(super) fn prepare() {
    let _ = (SYSTEM_TIME_PRECISE.address(), INTERRUPT_TIME_PRECISE.address());
}

/// Now, in 100-nanosecond units since 1601. IRQL: any.
pub(super) fn now() -> Time {
    let units = match SYSTEM_TIME_PRECISE.address() {
        Some(address) => query_system_time(address),
        None => tick_time(SYSTEM_TIME),
    };
    Time(units)
}

/// Nanoseconds since the system started, sleep included. IRQL: any.
pub(super) fn monotonic_nanoseconds() -> u64 {
    let units = match INTERRUPT_TIME_PRECISE.address() {
        Some(address) => query_interrupt_time(address),
        None => tick_time(INTERRUPT_TIME),
    };
    units.saturating_mul(NANOSECONDS_PER_UNIT)
}

fn query_system_time(address: NonNull<c_void>) -> u64 {
    // SAFETY: the address of KeQuerySystemTimePrecise, which has this signature.
    let query = unsafe { core::mem::transmute::<NonNull<c_void>, QuerySystemTime>(address) };
    let mut time = LARGE_INTEGER { QuadPart: 0 };
    // SAFETY: any IRQL; the time is a local.
    unsafe { query(&raw mut time) };
    // SAFETY: every bit pattern is a number.
    unsafe { time.QuadPart }.cast_unsigned()
}

fn query_interrupt_time(address: NonNull<c_void>) -> u64 {
    // SAFETY: the address of KeQueryInterruptTimePrecise, which has this signature.
    let query = unsafe { core::mem::transmute::<NonNull<c_void>, QueryInterruptTime>(address) };
    let mut counter = 0;
    // SAFETY: any IRQL; the counter is a local.
    unsafe { query(&raw mut counter) }
}

/// A time of the last clock tick. The two halves are read at once, as the system writes them.
fn tick_time(address: usize) -> u64 {
    let time = with_exposed_provenance::<Halves>(address);
    // SAFETY: the page is mapped and readable in the kernel at any IRQL; the halves are aligned to 4, which is all that
    // their type asks for.
    let halves = unsafe { time.read_volatile() };
    halves.0
}

/// 8 bytes at a multiple of 4.
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
struct Halves(u64);
