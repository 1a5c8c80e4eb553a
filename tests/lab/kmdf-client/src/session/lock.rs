//! A lock around data: a fast mutex inside a critical region, so that its holder is not suspended.
//!
//! Never held across a call of any CLFS routine, nor while waiting: a callback takes the same locks.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

use wdk_sys::ntddk::{
    ExAcquireFastMutexUnsafe, ExReleaseFastMutexUnsafe, KeEnterCriticalRegion, KeInitializeEvent, KeLeaveCriticalRegion,
};
use wdk_sys::{_EVENT_TYPE, FAST_MUTEX, FM_LOCK_BIT};

use super::in_place::InPlace;

/// A lock around a `T`, as a static. Not recursive.
///
/// # IRQL
/// <= `APC_LEVEL`, and the same while it is held.
pub(crate) struct Lock<T> {
    mutex: InPlace<FAST_MUTEX>,
    value: UnsafeCell<T>,
}

// SAFETY: threads that share the lock reach the `T` one at a time, as if it were handed from one to the other.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// A lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self { mutex: InPlace::new(), value: UnsafeCell::new(value) }
    }

    /// Waits until no other thread holds it, and holds it.
    pub(crate) fn lock(&'static self) -> Guard<T> {
        // SAFETY: IRQL <= APC_LEVEL, as the lock asks; left again by the guard.
        unsafe { KeEnterCriticalRegion() };
        let mutex = self.mutex.get(make);
        // SAFETY: ready; normal kernel APCs are disabled; IRQL <= APC_LEVEL.
        unsafe { ExAcquireFastMutexUnsafe(mutex) };
        Guard { lock: self, mutex, of_this_thread: PhantomData }
    }
}

/// `ExInitializeFastMutex`, which the headers define inline.
fn make(mutex: &mut MaybeUninit<FAST_MUTEX>) {
    // SAFETY: integers, null pointers and list links: zeros are a valid value of each.
    let fresh = mutex.write(unsafe { core::mem::zeroed() });
    fresh.Count = FM_LOCK_BIT.cast_signed();
    // SAFETY: storage for an event, in non-paged memory as every static of a driver, and unused. Any IRQL.
    unsafe { KeInitializeEvent(&raw mut fresh.Event, _EVENT_TYPE::SynchronizationEvent, 0) };
}

/// The lock is held as long as this exists.
pub(crate) struct Guard<T: 'static> {
    lock: &'static Lock<T>,
    mutex: *mut FAST_MUTEX,
    /// A mutex is released by the thread that acquired it.
    of_this_thread: PhantomData<*mut T>,
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held: nobody else has a reference that changes the value.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, by this guard alone: nobody else has a reference to the value.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        // SAFETY: this thread acquired it: a guard stays in its thread. No reference to the value outlives the guard.
        unsafe { ExReleaseFastMutexUnsafe(self.mutex) };
        // SAFETY: entered by `lock`.
        unsafe { KeLeaveCriticalRegion() };
    }
}
