//! A kernel event on the stack of the thread that waits for it.

use core::cell::UnsafeCell;
use core::ptr::null_mut;

use wdk_sys::ntddk::{KeInitializeEvent, KeSetEvent, KeWaitForSingleObject};
use wdk_sys::{_EVENT_TYPE, _KWAIT_REASON, KEVENT};

use super::routines::KERNEL_MODE;

/// Happens once: until then waiters wait.
pub(super) struct Event(UnsafeCell<KEVENT>);

impl Event {
    /// One that is not ready to be used.
    pub(super) fn new() -> Self {
        Self(UnsafeCell::new(KEVENT::default()))
    }

    /// Makes it ready: it has not happened.
    ///
    /// # Safety
    /// Nobody else knows of it yet, and it is not moved from now on: a kernel event holds its own address.
    pub(super) unsafe fn make_ready(&self) {
        // SAFETY: the storage is a KEVENT in non-paged memory (a kernel stack whose thread runs), and nobody else uses
        // it. Any IRQL.
        unsafe { KeInitializeEvent(self.0.get(), _EVENT_TYPE::NotificationEvent, 0) };
    }

    /// Waits until it has happened. The waiting thread's stack stays in memory, because the wait is in kernel mode, and
    /// neither a user APC nor the thread's end cuts it short. IRQL <= `APC_LEVEL`.
    ///
    /// # Safety
    /// It is ready ([`Event::make_ready`]).
    pub(super) unsafe fn wait(&self) {
        // SAFETY: an initialised event that exists until the wait is over; IRQL <= APC_LEVEL by contract; no timeout.
        let _ =
            unsafe { KeWaitForSingleObject(self.0.get().cast(), _KWAIT_REASON::Executive, KERNEL_MODE, 0, null_mut()) };
    }

    /// Makes it happen. The event may be gone when this returns: its owner goes on. IRQL <= `DISPATCH_LEVEL`.
    ///
    /// # Safety
    /// `event` is ready, and its owner waits, or will, before it lets it go.
    pub(super) unsafe fn set(event: *const Self) {
        // No reference is made: it would outlive the event.
        let event = event.cast::<KEVENT>().cast_mut();
        // SAFETY: an initialised event, which its owner keeps until this call has signalled it; the kernel does not
        // touch it afterwards (`Wait` is FALSE).
        let _ = unsafe { KeSetEvent(event, 0, 0) };
    }
}
