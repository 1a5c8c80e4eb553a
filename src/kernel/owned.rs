//! What the image owns now: counted where it is taken and where it is given back.
//!
//! A test asks for the counts ([`owned`]), and the end of the service traces them: what is not 0 then was lost. In one
//! place, so that new kinds of resources are counted here too. Names nothing of the kernel.
//!
//! # Invariants
//! A count goes up only after the thing is there and down only after it has gone, but for work, which counts from when
//! it is queued. So no count is ever negative, and what is about to be taken is missing for an instant.

use core::sync::atomic::{AtomicU64, Ordering};

/// How many there are now.
pub(super) struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// There is one more. IRQL: any.
    pub(super) fn one_more(&self) {
        // Relaxed, as below: nothing is read by what a count says.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// There is one less. IRQL: any.
    pub(super) fn one_less(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) static POOL_BLOCKS: Count = Count::new();
pub(super) static HEAP_BLOCKS: Count = Count::new();
pub(super) static HANDLES: Count = Count::new();
pub(super) static REFERENCES: Count = Count::new();
pub(super) static WORK_ITEMS: Count = Count::new();
pub(super) static THREADS: Count = Count::new();

/// What the image owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Blocks of pool of our own: those of [`super::Shared`].
    pub pool_blocks: u64,
    /// Blocks of pool taken through `alloc`.
    pub heap_blocks: u64,
    /// Open handles to files and threads.
    pub handles: u64,
    /// References on file objects and tokens.
    pub references: u64,
    /// Logs queued for the workers or with them, and file work that its owners wait for.
    pub work_items: u64,
    /// System threads.
    pub threads: u64,
}

/// What the image owns now. Each count is right; together they are of no one instant while others work. IRQL: any.
pub fn owned() -> Owned {
    Owned {
        pool_blocks: POOL_BLOCKS.now(),
        heap_blocks: HEAP_BLOCKS.now(),
        handles: HANDLES.now(),
        references: REFERENCES.now(),
        work_items: WORK_ITEMS.now(),
        threads: THREADS.now(),
    }
}
