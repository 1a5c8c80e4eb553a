//! Vectors that can fail to grow, and from which nothing that is not there can be taken.
//!
//! The only place below `host` that puts an element into a `Vec` or takes one out of its middle: room is reserved
//! fallibly first, so nothing aborts when memory is short, and every place is looked up, so nothing panics. With `--cfg
//! no_global_oom_handling` (and the unstable library) the compiler proves the first, `tests/lab/panic_free` the second.

use alloc::vec::Vec;
use core::mem::swap;

use super::status::Status;

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

/// Puts `element` at `place`, or at the end if that comes first; those behind it move down.
///
/// # Errors
/// There is no memory; the vector is unchanged.
pub fn try_insert<T>(vector: &mut Vec<T>, place: usize, element: T) -> Result<(), OutOfMemory> {
    try_push(vector, element)?;
    if let Some((first, behind)) = vector.get_mut(place..).and_then(<[T]>::split_first_mut) {
        for element in behind {
            swap(first, element);
        }
    }
    Ok(())
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
        match count.checked_sub(vector.len()) {
            Some(missing) if missing <= room(&vector) => vector.resize(count, 0),
            _ => return Err(OutOfMemory),
        }
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

/// Takes the element at `place` out; those behind it move up. `None` where there is none.
pub fn take_at<T>(vector: &mut Vec<T>, place: usize) -> Option<T> {
    // Not `Vec::remove`: the optimiser cannot tell that its panic is out of reach.
    let (taken, behind) = vector.get_mut(place..)?.split_first_mut()?;
    for element in behind.iter_mut().rev() {
        swap(taken, element);
    }
    vector.pop()
}

/// How many elements fit in without growth. Computed as `Vec` does it, so that the optimiser sees that a vector with
/// room does not grow, and drops the growth with its panic.
#[cfg(not(no_global_oom_handling))]
fn room<T>(vector: &Vec<T>) -> usize {
    vector.capacity().wrapping_sub(vector.len())
}

#[cfg(not(no_global_oom_handling))]
fn push_reserved<T>(vector: &mut Vec<T>, element: T) -> Result<(), OutOfMemory> {
    if vector.len() == vector.capacity() {
        return Err(OutOfMemory);
    }
    vector.push(element);
    Ok(())
}

// Apart from its callers, so that the core library's function is always taken apart here, beside the comparison.
#[inline(never)]
#[cfg(not(no_global_oom_handling))]
fn extend_reserved<T: Copy>(vector: &mut Vec<T>, elements: &[T]) -> Result<(), OutOfMemory> {
    if room(vector) < elements.len() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_leaves_the_others_in_their_order() {
        for place in 0..5 {
            let mut vector = std::vec![0, 1, 2, 3, 4];
            let mut expected = vector.clone();
            assert_eq!(take_at(&mut vector, place), Some(expected.remove(place)));
            assert_eq!(vector, expected);
        }
    }

    #[test]
    fn what_is_inserted_leaves_the_others_in_their_order() {
        for place in 0..=3 {
            let mut vector = std::vec![0, 1, 2];
            let mut expected = vector.clone();
            try_insert(&mut vector, place, 9).unwrap();
            expected.insert(place, 9);
            assert_eq!(vector, expected);
        }
        let mut vector = std::vec![0];
        try_insert(&mut vector, usize::MAX, 1).unwrap();
        assert_eq!(vector, [0, 1]);
    }

    #[test]
    fn nothing_is_taken_from_behind_the_end() {
        let mut vector = std::vec![0];
        assert_eq!((take_at(&mut vector, 1), take_at(&mut vector, usize::MAX)), (None, None));
        assert_eq!(take_at(&mut std::vec![0; 0], 0), None);
        assert_eq!(vector, [0]);
    }
}
