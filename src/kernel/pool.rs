//! Non-paged pool: tags, and the allocator behind `alloc`.
//!
//! Every block is counted while it exists (`owned`). Blocks of our own carry our tag; what goes through `alloc` carries
//! wdk-alloc's (`rust`).

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use wdk_alloc::WdkAllocator;
use wdk_sys::POOL_FLAG_NON_PAGED;
use wdk_sys::ntddk::{ExAllocatePool2, ExFreePoolWithTag};

use super::owned::{HEAP_BLOCKS, POOL_BLOCKS};
use crate::units::memory::OutOfMemory;

/// Pool's alignment on 64-bit systems.
const ALIGNMENT: usize = 16;

/// Shows as `Clfm` in pool tools. What allocates and what frees use the same one.
const TAG: u32 = u32::from_le_bytes(*b"Clfm");

#[global_allocator]
static ALLOCATOR: CountedAllocator = CountedAllocator;

/// Moves `value` into a block of its own. IRQL <= `DISPATCH_LEVEL`.
///
/// # Errors
/// There is no memory.
pub(super) fn allocate<T>(value: T) -> Result<NonNull<T>, OutOfMemory> {
    const { assert!(align_of::<T>() <= ALIGNMENT && size_of::<T>() > 0, "pool cannot hold it") }
    let bytes = u64::try_from(size_of::<T>()).map_err(|_| OutOfMemory)?;
    // SAFETY: non-paged pool may be taken at IRQL <= DISPATCH_LEVEL, which this function asks for; the size is not 0.
    let block = unsafe { ExAllocatePool2(POOL_FLAG_NON_PAGED, bytes, TAG) };
    let block = NonNull::new(block.cast::<T>()).ok_or(OutOfMemory)?;
    // SAFETY: the block is new, large enough, and aligned enough by the assertion.
    unsafe { block.write(value) };
    POOL_BLOCKS.one_more();
    Ok(block)
}

/// Drops the value and gives its block back. IRQL <= `DISPATCH_LEVEL`, if dropping allows it.
///
/// # Safety
/// The block came from [`allocate`], and nobody uses it any more.
pub(super) unsafe fn free<T>(block: NonNull<T>) {
    // SAFETY: the block holds a value since `allocate`, and the caller is its last user.
    unsafe { block.drop_in_place() };
    // SAFETY: it came from ExAllocatePool2 with this tag, and is given back once, by the caller's contract.
    unsafe { ExFreePoolWithTag(block.as_ptr().cast(), TAG) };
    POOL_BLOCKS.one_less();
}

/// wdk-alloc, counted, and refusing an alignment that pool does not have.
struct CountedAllocator;

// SAFETY: it hands on what wdk-alloc gives, which never unwinds; the alignment, which wdk-alloc leaves unchecked, is
// checked here.
unsafe impl GlobalAlloc for CountedAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return null_mut();
        }
        // SAFETY: the caller's contract is the same.
        let block = unsafe { WdkAllocator.alloc(layout) };
        if !block.is_null() {
            HEAP_BLOCKS.one_more();
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same, and every block came from wdk-alloc.
        unsafe { WdkAllocator.dealloc(block, layout) };
        HEAP_BLOCKS.one_less();
    }
}
