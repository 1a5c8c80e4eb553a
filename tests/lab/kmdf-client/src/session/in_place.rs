//! Kernel objects in static memory, made ready by whoever uses them first.
//!
//! A mutex or an event holds its own address and cannot be made ready at compile time. A static never moves, so that its first
//! user may do it, wherever that is: the driver needs no order of beginnings.
//!
//! # Invariants
//! * Only the thread that changed `state` from [`FRESH`] to [`BUSY`] touches the object before `state` is [`READY`].

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, Ordering};

use wdk_sys::ntddk::{KeEnterCriticalRegion, KeLeaveCriticalRegion};

use super::time;

const FRESH: u8 = 0;
const BUSY: u8 = 1;
const READY: u8 = 2;

/// One kernel object.
pub(crate) struct InPlace<T> {
    state: AtomicU8,
    object: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the object is written by one thread before the others get its address (invariant), and from then on used by kernel
// routines only, which are made for several threads.
unsafe impl<T> Sync for InPlace<T> {}

impl<T> InPlace<T> {
    /// One that nobody has used yet.
    pub(crate) const fn new() -> Self {
        Self { state: AtomicU8::new(FRESH), object: UnsafeCell::new(MaybeUninit::zeroed()) }
    }

    /// Its address; `make` makes it ready if nobody did yet. IRQL <= `APC_LEVEL`.
    pub(crate) fn get(&'static self, make: fn(&mut MaybeUninit<T>)) -> *mut T {
        let object = self.object.get();
        while self.state.load(Ordering::Acquire) != READY {
            if self.state.compare_exchange(FRESH, BUSY, Ordering::Acquire, Ordering::Relaxed).is_err() {
                time::pause();
                continue;
            }
            // SAFETY: IRQL <= APC_LEVEL, as asked for; left below. The others wait, so this thread must not be suspended.
            unsafe { KeEnterCriticalRegion() };
            // SAFETY: this thread alone may touch the object now (invariant); it is static.
            make(unsafe { &mut *object });
            self.state.store(READY, Ordering::Release);
            // SAFETY: entered above.
            unsafe { KeLeaveCriticalRegion() };
        }
        object.cast()
    }
}
