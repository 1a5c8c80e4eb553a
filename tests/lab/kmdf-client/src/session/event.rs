//! Something that has happened or has not, for those who wait until it has.

use core::mem::MaybeUninit;

use wdk_sys::ntddk::{KeClearEvent, KeInitializeEvent, KeSetEvent, KeWaitForSingleObject};
use wdk_sys::{_EVENT_TYPE, _KWAIT_REASON, KEVENT, STATUS_SUCCESS};

use super::in_place::InPlace;
use super::time::{self, KERNEL_MODE};

/// As a static. It has not happened at first, and stays happened until it is cleared.
///
/// # IRQL
/// <= `APC_LEVEL`.
pub(crate) struct Event(InPlace<KEVENT>);

impl Event {
    /// It has not happened.
    pub(crate) const fn new() -> Self {
        Self(InPlace::new())
    }

    /// It has happened.
    pub(crate) fn set(&'static self) {
        // SAFETY: a ready event, static; no wait follows at once.
        let _ = unsafe { KeSetEvent(self.0.get(make), 0, 0) };
    }

    /// It has not happened, from now on.
    pub(crate) fn clear(&'static self) {
        // SAFETY: a ready event, static.
        unsafe { KeClearEvent(self.0.get(make)) };
    }

    /// Waits until it has happened, or for so long; whether it has. No APC of user mode cuts it short.
    pub(crate) fn wait(&'static self, milliseconds: u64) -> bool {
        let mut interval = time::from_now(milliseconds);
        let event = self.0.get(make).cast();
        // SAFETY: a ready event, static; IRQL <= APC_LEVEL, as asked for; the interval is a local.
        let status =
            unsafe { KeWaitForSingleObject(event, _KWAIT_REASON::Executive, KERNEL_MODE, 0, &raw mut interval) };
        status == STATUS_SUCCESS
    }
}

fn make(event: &mut MaybeUninit<KEVENT>) {
    // SAFETY: storage for an event, in non-paged memory as every static of a driver, and unused. Any IRQL.
    unsafe { KeInitializeEvent(event.as_mut_ptr(), _EVENT_TYPE::NotificationEvent, 0) };
}
