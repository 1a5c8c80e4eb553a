//! Counted references: `Arc` over tagged pool, made fallibly.
//!
//! # Invariants
//! * The block exists as long as its count is not 0; each [`Shared`] is one of the count.
//! * A count that comes near its end stays there: the block is never freed then, rather than too early.

use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use super::pool;
use crate::units::memory::OutOfMemory;

/// From here on a count does not change any more.
const STUCK: usize = usize::MAX / 2;

/// A shared reference to a `T` in non-paged pool; clones are the same `T`.
///
/// # IRQL
/// <= `DISPATCH_LEVEL`; where the last reference is dropped, what dropping a `T` asks for.
pub struct Shared<T> {
    block: NonNull<Block<T>>,
    /// The last one drops the block.
    owned: PhantomData<Block<T>>,
}

struct Block<T> {
    references: AtomicUsize,
    value: T,
}

// SAFETY: as `Arc`: references on several threads reach the same `T` (Sync), and any of them may drop it (Send).
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Moves `value` into shared memory.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(value: T) -> Result<Self, OutOfMemory> {
        let block = pool::allocate(Block { references: AtomicUsize::new(1), value })?;
        Ok(Self { block, owned: PhantomData })
    }

    fn block(&self) -> &Block<T> {
        // SAFETY: the block exists as long as this reference does, and is only shared until the last one drops it.
        unsafe { self.block.as_ref() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        let more = |count: usize| count.checked_add(1).filter(|count| *count <= STUCK);
        // A stuck count refuses, and needs no more counting. Relaxed: the caller of `clone` has a reference already.
        let _ = self.block().references.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        Self { block: self.block, owned: PhantomData }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.block().value
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let less = |count: usize| count.checked_sub(1).filter(|_| count < STUCK);
        // Release: what this reference did comes before the block goes.
        let before = self.block().references.fetch_update(Ordering::Release, Ordering::Relaxed, less);
        if before == Ok(1) {
            // What the other references did comes before the block goes.
            fence(Ordering::Acquire);
            // SAFETY: from `allocate`; the count is 0, so this was the last reference.
            unsafe { pool::free(self.block) };
        }
    }
}
