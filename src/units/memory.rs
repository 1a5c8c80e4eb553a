//! Vectors that can fail to grow.
//!
//! The only place below `host` that puts an element into a `Vec`: room is reserved fallibly first, so nothing aborts
//! when memory is short. With `--cfg no_global_oom_handling` (and the unstable library) the compiler proves it.

use alloc::vec::Vec;

use super::Status;

/// There is no memory for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<OutOfMemory> for Status {
    fn from(_: OutOfMemory) -> Self {
        Self::INSUFFICIENT_RESOURCES
    }
}

/// Appends `element`.
///
/// # Errors
/// There is no memory; the vector is unchanged.
pub fn try_push<T>(vector: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    vector.try_reserve(1).map_err(|_| OutOfMemory)?;
    push_reserved(vector, element)
}

/// An empty vector with room for `capacity` elements.
///
/// # Errors
/// There is no memory.
pub fn try_with_capacity<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(capacity).map_err(|_| OutOfMemory)?;
    Ok(vector)
}

/// `count` copies of `element`.
///
/// # Errors
/// There is no memory.
pub fn try_filled<T: Clone>(element: &T, count: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut vector = try_with_capacity(count)?;
    for _ in 0..count {
        push_reserved(&mut vector, element.clone())?;
    }
    Ok(vector)
}

/// Appends copies of all `elements`.
///
/// # Errors
/// There is no memory; the vector is unchanged.
pub fn try_extend<T: Copy>(vector: &mut Vec<T>, elements: &[T]) -> Result<(), OutOfMemory> {
    vector.try_reserve(elements.len()).map_err(|_| OutOfMemory)?;
    extend_reserved(vector, elements)
}

/// A copy of `elements`.
///
/// # Errors
/// There is no memory.
pub fn try_copied<T: Copy>(elements: &[T]) -> Result<Vec<T>, OutOfMemory> {
    let mut vector = try_with_capacity(elements.len())?;
    extend_reserved(&mut vector, elements)?;
    Ok(vector)
}

/// `count` zero bytes.
///
/// # Errors
/// There is no memory.
pub fn try_zeroed(count: usize) -> Result<Vec<u8>, OutOfMemory> {
    #[cfg(no_global_oom_handling)]
    {
        try_filled(&0, count)
    }
    #[cfg(not(no_global_oom_handling))]
    {
        let mut vector = try_with_capacity(count)?;
        vector.resize(count, 0);
        Ok(vector)
    }
}

/// Makes the vector `count` bytes long; new bytes are zero.
///
/// # Errors
/// There is no memory; the vector is unchanged.
pub fn try_resize(vector: &mut Vec<u8>, count: usize) -> Result<(), OutOfMemory> {
    const ZEROS: [u8; 512] = [0; 512];
    let more = count.saturating_sub(vector.len());
    vector.try_reserve(more).map_err(|_| OutOfMemory)?;
    vector.truncate(count);
    while let Some(missing) = count.checked_sub(vector.len()).filter(|missing| *missing > 0) {
        extend_reserved(vector, ZEROS.get(..missing.min(ZEROS.len())).unwrap_or(&ZEROS))?;
    }
    Ok(())
}

#[cfg(not(no_global_oom_handling))]
fn push_reserved<T>(vector: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    if vector.len() == vector.capacity() {
        return Err(OutOfMemory);
    }
    vector.push(element);
    Ok(())
}

#[cfg(not(no_global_oom_handling))]
fn extend_reserved<T: Copy>(vector: &mut Vec<T>, elements: &[T]) -> Result<(), OutOfMemory> {
    if vector.capacity().saturating_sub(vector.len()) < elements.len() {
        return Err(OutOfMemory);
    }
    vector.extend_from_slice(elements);
    Ok(())
}

#[cfg(no_global_oom_handling)]
fn push_reserved<T>(vector: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    vector.push_within_capacity(element).map(|_| ()).map_err(|_| OutOfMemory)
}

#[cfg(no_global_oom_handling)]
fn extend_reserved<T: Copy>(vector: &mut Vec<T>, elements: &[T]) -> Result<(), OutOfMemory> {
    elements.iter().try_for_each(|element| push_reserved(vector, *element))
}
