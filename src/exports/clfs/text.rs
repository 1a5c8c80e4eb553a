//! Names that callers hand over.

use alloc::vec::Vec;

use crate::abi::UnicodeString;
use crate::exports::pointers;
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// A copy of a caller's text.
///
/// # Errors
/// `INVALID_PARAMETER`: NULL, half a unit, or a text at NULL. `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// NULL, or readable, and its text too.
pub(super) unsafe fn text(string: *const UnicodeString) -> Result<Vec<u16>, Status> {
    // SAFETY: NULL or readable, by the caller's contract.
    let string = unsafe { pointers::read(string) }.ok_or(Status::INVALID_PARAMETER)?;
    let units = string.units()?;
    // SAFETY: readable for `units`, by the caller's contract; not NULL unless there are none.
    Ok(unsafe { pointers::copy(string.buffer.cast_const(), units) }?)
}

/// Copies of several texts.
///
/// # Errors
/// As [`text`]; `INVALID_PARAMETER` also if there are none.
///
/// # Safety
/// NULL, or readable for `count` strings, and their texts too.
pub(super) unsafe fn texts(strings: *const UnicodeString, count: u16) -> Result<Vec<Vec<u16>>, Status> {
    if strings.is_null() || count == 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut copies = try_with_capacity(usize::from(count))?;
    for index in 0..usize::from(count) {
        // SAFETY: below `count`: within what the caller says is there.
        let string = unsafe { strings.add(index) };
        // SAFETY: readable with its text, by the caller's contract.
        try_push(&mut copies, unsafe { text(string) }?)?;
    }
    Ok(copies)
}
