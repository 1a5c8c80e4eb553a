//! The system's allocator, which counts each thread's allocations and refuses one of them when a test asks for that.
//! What a test does with it concerns its own thread only.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
    /// Allocations until one fails; 0 for never.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    static IS_PAUSED: Cell<bool> = const { Cell::new(false) };
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

impl Counting {
    /// Notes what is taken and given back.
    fn note(taken: usize, given: usize) {
        BYTES.set(BYTES.get().wrapping_add_unsigned(taken).wrapping_sub_unsigned(given));
    }

    /// Counts an allocation; says whether it is to fail.
    fn is_refused() -> bool {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        if IS_PAUSED.get() || LEFT.get() == 0 {
            return false;
        }
        LEFT.set(LEFT.get() - 1);
        let is_refused = LEFT.get() == 0;
        HAS_FAILED.set(HAS_FAILED.get() || is_refused);
        is_refused
    }
}

// SAFETY: everything is the system's allocator's, but that an allocation may be refused, as it may anyway.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Self::is_refused() {
            return std::ptr::null_mut();
        }
        Self::note(layout.size(), 0);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        Self::note(0, layout.size());
        // SAFETY: the block came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if Self::is_refused() {
            return std::ptr::null_mut();
        }
        Self::note(size, layout.size());
        // SAFETY: the block came from `System` with this layout; the caller's promises are those that it asks for.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread has asked for memory.
pub fn allocations() -> u64 {
    ALLOCATIONS.get()
}

/// How many bytes this thread has taken and not given back.
pub fn bytes() -> isize {
    BYTES.get()
}

/// Runs `act` with its `nth` allocation refused; says whether there was one.
pub fn refused<T>(nth: u32, act: impl FnOnce() -> T) -> (T, bool) {
    HAS_FAILED.set(false);
    LEFT.set(nth);
    let outcome = act();
    LEFT.set(0);
    (outcome, HAS_FAILED.get())
}

/// While this is set no allocation is refused.
pub fn pause(is_paused: bool) {
    IS_PAUSED.set(is_paused);
}
