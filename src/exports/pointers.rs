//! The only reads and writes of callers' memory.
//!
//! A pointer is NULL, which is reported, or it points to what the routine's signature says: that is the caller's
//! contract, and the precondition of every function here. Alignment is not relied on. What is read is copied once.

use alloc::vec::Vec;
use core::ffi::c_void;

use crate::units::memory::{OutOfMemory, try_push, try_with_capacity};

/// The value that a handle in a pointer is looked up by.
pub(super) fn address_of(handle: *const c_void) -> u64 {
    const { assert!(usize::BITS == u64::BITS) };
    u64::try_from(handle.addr()).unwrap_or(0)
}

/// The value that `pointer` points to; `None` for NULL.
///
/// # Safety
/// NULL, or readable for a `T`; every bit pattern is a valid `T`.
pub(super) unsafe fn read<T: Copy>(pointer: *const T) -> Option<T> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not NULL, so readable for a `T` by the caller's contract.
    Some(unsafe { pointer.read_unaligned() })
}

/// Writes `value`, unless `pointer` is NULL.
///
/// # Safety
/// NULL, or writable for a `T`.
pub(super) unsafe fn write<T: Copy>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: not NULL, so writable for a `T` by the caller's contract.
        unsafe { pointer.write_unaligned(value) };
    }
}

/// A copy of `count` elements.
///
/// # Errors
/// There is no memory.
///
/// # Safety
/// Readable for `count` elements, of which every bit pattern is valid; NULL only if `count` is 0.
pub(super) unsafe fn copy<T: Copy>(pointer: *const T, count: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut elements = try_with_capacity(count)?;
    for index in 0..count {
        // SAFETY: `index` is below `count`: within what the caller says is there.
        let place = unsafe { pointer.add(index) };
        // SAFETY: readable, by the caller's contract.
        try_push(&mut elements, unsafe { place.read_unaligned() })?;
    }
    Ok(elements)
}

/// Copies `bytes` to where `pointer` points.
///
/// # Safety
/// Writable for all of `bytes`, and apart from it; NULL only if `bytes` is empty.
pub(super) unsafe fn write_bytes(pointer: *mut u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        // SAFETY: writable for `bytes.len()` and not overlapping, by the caller's contract.
        unsafe { pointer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
}

/// The bytes of a caller's buffer, for as long as the call lasts.
///
/// # Safety
/// Readable for `length` bytes, and not written by anyone until the call returns; NULL only if `length` is 0.
#[cfg(feature = "open-clfs")]
pub(super) unsafe fn bytes<'call>(pointer: *const u8, length: usize) -> &'call [u8] {
    if pointer.is_null() || length == 0 || isize::try_from(length).is_err() {
        return &[];
    }
    // SAFETY: readable for `length` bytes and constant for the call, by the caller's contract.
    unsafe { core::slice::from_raw_parts(pointer, length) }
}
