//! Which completions threads are inside: noted on their own stacks, which stay in memory meanwhile.
//!
//! A driver has nothing that belongs to a thread, and a table would have to grow. So each place is on the stack of its
//! thread, linked as those that wait at a gate. A client's callback runs meanwhile, and may wait in user mode; the
//! system takes the stack of a thread that does out of memory, unless `KeSetKernelStackSwapEnable` has forbidden it.

use core::ptr::null_mut;

use wdk_sys::BOOLEAN;
use wdk_sys::ntddk::KeSetKernelStackSwapEnable;

use super::lock::KernelLock;
use super::thread::{ThreadId, current_thread};
use crate::manager::Completion;
use crate::manager::ports::Guarded;

struct Place {
    next: *mut Place,
    thread: ThreadId,
    completion: Completion,
}

/// The first of the places.
struct Places(*mut Place);

// SAFETY: the list is reached under its lock only, and each place stays until it was taken out.
unsafe impl Send for Places {}

static PLACES: KernelLock<Places> = KernelLock::new(Places(null_mut()));

impl Places {
    fn link(&mut self, place: *mut Place) {
        // SAFETY: the caller's own, and not yet in the list.
        unsafe { (*place).next = self.0 };
        self.0 = place;
    }

    fn unlink(&mut self, place: *mut Place) {
        let mut link = &raw mut self.0;
        loop {
            // SAFETY: the list's first, or the `next` of a place that is in it: both are there under the lock.
            let linked = unsafe { link.read() };
            if linked.is_null() {
                return;
            }
            // SAFETY: in the list, so it is there; only the place of a field is computed.
            let next = unsafe { &raw mut (*linked).next };
            if linked == place {
                // SAFETY: as above.
                let behind = unsafe { next.read() };
                // SAFETY: as above; nobody else reads it under the lock.
                unsafe { link.write(behind) };
                return;
            }
            link = next;
        }
    }

    fn of(&self, thread: ThreadId) -> Option<Completion> {
        let mut place = self.0.cast_const();
        // SAFETY: null, or in the list, whose places are there and written by nobody under the lock.
        while let Some(found) = unsafe { place.as_ref() } {
            if found.thread == thread {
                return Some(found.completion);
            }
            place = found.next;
        }
        None
    }
}

/// Runs `action` with `completion` noted of the running thread. IRQL <= `APC_LEVEL`.
pub(super) fn inside<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
    let was_enabled = set_stack_swap(0);
    let mut place = Place { next: null_mut(), thread: current_thread(), completion };
    let place = &raw mut place;
    PLACES.with(|places| places.link(place));
    // No panic is caught in a driver: what follows is reached, or nothing is.
    let result = action();
    PLACES.with(|places| places.unlink(place));
    set_stack_swap(was_enabled);
    result
}

/// What is noted of the running thread. IRQL <= `APC_LEVEL`.
pub(super) fn noted() -> Option<Completion> {
    let thread = current_thread();
    PLACES.with(|places| places.of(thread))
}

fn set_stack_swap(is_enabled: BOOLEAN) -> BOOLEAN {
    // SAFETY: no precondition but that it is enabled again before the thread ends, which `inside` does.
    unsafe { KeSetKernelStackSwapEnable(is_enabled) }
}
