//! A block of pool with several owners. `alloc` has one, but none that says when there is no memory.

use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

/// There is no memory for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutOfMemory;

struct Block<T> {
    owners: AtomicUsize,
    value: T,
}

/// One of the owners of a `T`.
pub(crate) struct Shared<T>(NonNull<Block<T>>);

// SAFETY: as `Arc`: several threads reach the value by shared references, and one of them drops it.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Moves `value` into a block of its own. IRQL <= `DISPATCH_LEVEL`.
    ///
    /// # Errors
    /// There is no memory.
    pub(crate) fn new(value: T) -> Result<Self, OutOfMemory> {
        // SAFETY: the layout's size is not 0: it has a counter.
        let block = NonNull::new(unsafe { alloc(Layout::new::<Block<T>>()) }).ok_or(OutOfMemory)?.cast();
        // SAFETY: the memory is new, and of this layout.
        unsafe { block.write(Block { owners: AtomicUsize::new(1), value }) };
        Ok(Self(block))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        // SAFETY: the block exists as long as one of its owners.
        unsafe { self.0.as_ref() }.owners.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the block exists as long as one of its owners; nobody changes the value.
        &unsafe { self.0.as_ref() }.value
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: the block exists: this owner has not left it yet.
        if unsafe { self.0.as_ref() }.owners.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: this was the last owner, and a block holds a value since `new`.
            unsafe { self.0.drop_in_place() };
            // SAFETY: taken with this layout in `new`, and given back once.
            unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<Block<T>>()) };
        }
    }
}
