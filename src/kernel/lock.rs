//! Locks and gates of kernel threads.
//!
//! The lock is a fast mutex inside a critical region: no thread is suspended while it holds it, but the IRQL is not
//! raised and special kernel APCs come through, so file I/O may be done under it.
//!
//! # Invariants
//! * A fast mutex holds an event, which must not move. A lock is returned by value, and moved; so `home` keeps the
//!   address at which the mutex was initialised. Elsewhere it is initialised anew: moving needs exclusive ownership,
//!   so nobody held the lock or waited for it then.
//! * Only the thread that set `home` to [`BUSY`] writes the mutex, and everybody else waits until `home` is an address.

use core::cell::UnsafeCell;
use core::ptr::{self, null_mut};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use wdk_sys::ntddk::{
    ExAcquireFastMutexUnsafe, ExReleaseFastMutexUnsafe, KeEnterCriticalRegion, KeInitializeEvent, KeLeaveCriticalRegion,
};
use wdk_sys::{_EVENT_TYPE, FAST_MUTEX, FM_LOCK_BIT};

use super::event::Event;
use super::thread;
use crate::manager::ports::{Gate, Guarded};

/// `home` of a lock that was never used.
const NOWHERE: usize = 0;
/// `home` while a thread initialises the mutex. No address: a lock is aligned.
const BUSY: usize = 1;

/// A lock around `T`, not recursive. Ready as a static; needs no destruction.
///
/// # IRQL
/// <= `APC_LEVEL`, and the same inside.
pub struct KernelLock<T> {
    mutex: Mutex,
    value: UnsafeCell<T>,
}

/// The lock without what it guards: the same code for every `T`.
struct Mutex {
    home: AtomicUsize,
    /// All zeros until it is initialised in place.
    mutex: UnsafeCell<FAST_MUTEX>,
}

// SAFETY: a lock that is moved to another thread takes its `T` along (Send); nothing else in it belongs to a thread, as
// the mutex is initialised anew at its new address.
unsafe impl<T: Send> Send for KernelLock<T> {}
// SAFETY: threads that share the lock reach the `T` one at a time (`with`), as if it were handed from one to the other,
// so `T: Send` is enough. `mutex` is written by one thread only (`Mutex::ready`) and otherwise used by kernel routines
// that are made for several threads.
unsafe impl<T: Send> Sync for KernelLock<T> {}

impl<T> KernelLock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Self {
        // SAFETY: integers, null pointers and list links: zeros are a valid value of each.
        let mutex = unsafe { core::mem::zeroed() };
        let mutex = Mutex { home: AtomicUsize::new(NOWHERE), mutex: UnsafeCell::new(mutex) };
        Self { mutex, value: UnsafeCell::new(value) }
    }
}

impl Mutex {
    /// Waits until no other thread holds the lock. Out of line, or it would be in every function. IRQL <= `APC_LEVEL`.
    #[inline(never)]
    fn acquire(&self) {
        // SAFETY: IRQL <= APC_LEVEL, as the lock asks; left again in `release`.
        unsafe { KeEnterCriticalRegion() };
        let mutex = self.ready();
        // SAFETY: initialised at this address; normal kernel APCs are disabled; IRQL <= APC_LEVEL.
        unsafe { ExAcquireFastMutexUnsafe(mutex) };
    }

    /// Lets the next thread have the lock.
    ///
    /// # Safety
    /// This thread acquired it, and what it guards is not used any more.
    #[inline(never)]
    unsafe fn release(&self) {
        // SAFETY: this thread acquired it, by the caller's contract.
        unsafe { ExReleaseFastMutexUnsafe(self.mutex.get()) };
        // SAFETY: entered in `acquire`.
        unsafe { KeLeaveCriticalRegion() };
    }

    /// The mutex, initialised at this address. Called inside a critical region, so that the thread that initialises it
    /// is not suspended half-way.
    fn ready(&self) -> *mut FAST_MUTEX {
        let here = ptr::from_ref(self).addr();
        let mutex = self.mutex.get();
        loop {
            let home = self.home.load(Ordering::Acquire);
            if home == here {
                return mutex;
            }
            if home == BUSY {
                thread::pause();
                continue;
            }
            if self.home.compare_exchange(home, BUSY, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                // SAFETY: `home` was another address and is BUSY by this thread: nobody else uses the mutex.
                unsafe { initialize(mutex) };
                self.home.store(here, Ordering::Release);
            }
        }
    }
}

/// `ExInitializeFastMutex`, which the headers define inline.
///
/// # Safety
/// The mutex may be written, and nobody uses it.
unsafe fn initialize(mutex: *mut FAST_MUTEX) {
    // SAFETY: all zeros are a valid FAST_MUTEX, as in `new`.
    let mut fresh: FAST_MUTEX = unsafe { core::mem::zeroed() };
    fresh.Count = FM_LOCK_BIT.cast_signed();
    // SAFETY: writable and unused, by the caller's contract.
    unsafe { mutex.write(fresh) };
    // SAFETY: as above; only the place is computed.
    let event = unsafe { &raw mut (*mutex).Event };
    // SAFETY: storage for an event, in non-paged memory as every lock, and unused. Any IRQL.
    unsafe { KeInitializeEvent(event, _EVENT_TYPE::SynchronizationEvent, 0) };
}

impl<T> Guarded<T> for KernelLock<T> {
    fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> R {
        self.mutex.acquire();
        // SAFETY: the mutex is held: no other thread has a reference to the value.
        let value = unsafe { &mut *self.value.get() };
        let result = action(value);
        // SAFETY: acquired above; `value` is not used any more.
        unsafe { self.mutex.release() };
        result
    }
}

/// A number, and the threads that wait for it to change: each on its own stack, linked under a lock. Ready as a static.
///
/// # IRQL
/// <= `APC_LEVEL`.
pub struct KernelGate {
    turn: AtomicU64,
    waiters: KernelLock<Waiters>,
}

/// The first of the waiting threads' places.
struct Waiters(*mut Waiter);

struct Waiter {
    next: *mut Waiter,
    opened: Event,
}

// SAFETY: the list is reached under the gate's lock only, and each place stays until its event is set.
unsafe impl Send for Waiters {}

impl Default for KernelGate {
    fn default() -> Self {
        Self::new()
    }
}

impl KernelGate {
    /// A gate where nobody waits.
    pub const fn new() -> Self {
        Self { turn: AtomicU64::new(0), waiters: KernelLock::new(Waiters(null_mut())) }
    }
}

impl Gate for KernelGate {
    fn turn(&self) -> u64 {
        self.turn.load(Ordering::Acquire)
    }

    // Out of line, as `Mutex::acquire`.
    #[inline(never)]
    fn wait(&self, turn: u64) {
        let mut place = Waiter { next: null_mut(), opened: Event::new() };
        // SAFETY: nobody knows of it yet, and it stays in `place` until this function returns.
        unsafe { place.opened.make_ready() };
        let place = &raw mut place;
        let is_linked = self.waiters.with(|waiters| {
            // Under the lock: an `open` that changes it later finds this place in the list.
            let is_to_wait = self.turn() == turn;
            if is_to_wait {
                // SAFETY: this thread's own, and not yet in the list.
                unsafe { (*place).next = waiters.0 };
                waiters.0 = place;
            }
            is_to_wait
        });
        if is_linked {
            // SAFETY: `place` exists until this function returns; what others write is behind the event's own cell.
            let opened = unsafe { &(*place).opened };
            // SAFETY: made ready above.
            unsafe { opened.wait() };
        }
    }

    #[inline(never)]
    fn open(&self) {
        let mut waiter = self.waiters.with(|waiters| {
            self.turn.fetch_add(1, Ordering::Release);
            core::mem::take(&mut waiters.0)
        });
        while !waiter.is_null() {
            // SAFETY: a place in the list stays until its event is set, and only the thread that took the list sets it.
            let next = unsafe { (*waiter).next };
            // SAFETY: as above; only the place is computed.
            let opened = unsafe { &raw const (*waiter).opened };
            // SAFETY: made ready before it was linked, and its owner waits for it.
            unsafe { Event::set(opened) };
            waiter = next;
        }
    }
}
