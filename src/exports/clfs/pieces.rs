//! The data of a record, gathered from a caller's buffers without taking memory, as long as there are few.

use alloc::vec::Vec;

use crate::abi::ClfsWriteEntry;
use crate::exports::pointers;
use crate::log::BlockLimit;
use crate::units::Status;
use crate::units::memory::{OutOfMemory, try_copied, try_push};

/// So many write entries and the gaps between them, or reservations, need no memory.
const FEW: usize = 32;
const ZEROS: [u8; 512] = [0; 512];

/// Elements that are kept in place while they are few.
pub(super) struct Few<T> {
    in_place: [T; FEW],
    count: usize,
    /// All elements, once they are many.
    many: Vec<T>,
}

impl<T: Copy> Few<T> {
    pub(super) const fn new(blank: T) -> Self {
        Self { in_place: [blank; FEW], count: 0, many: Vec::new() }
    }

    fn push(&mut self, element: T) -> Result<(), OutOfMemory> {
        if let Some(place) = self.in_place.get_mut(self.count) {
            *place = element;
            self.count = self.count.saturating_add(1);
            return Ok(());
        }
        if self.many.is_empty() {
            self.many = try_copied(&self.in_place)?;
        }
        try_push(&mut self.many, element)
    }

    pub(super) fn elements(&self) -> &[T] {
        if self.many.is_empty() { self.in_place.get(..self.count).unwrap_or_default() } else { &self.many }
    }

    pub(super) fn elements_mut(&mut self) -> &mut [T] {
        if self.many.is_empty() { self.in_place.get_mut(..self.count).unwrap_or_default() } else { &mut self.many }
    }
}

/// A copy of a caller's numbers.
///
/// # Errors
/// `INVALID_PARAMETER`: a count without numbers. There is no memory.
///
/// # Safety
/// `numbers` is NULL, or readable for `count` of them.
pub(super) unsafe fn numbers(numbers: *const i64, count: u32) -> Result<Few<i64>, Status> {
    if numbers.is_null() && count > 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut copied = Few::new(0);
    for index in 0..crate::units::index(count) {
        // SAFETY: `index` is below `count`: within what the caller says is there.
        let place = unsafe { numbers.add(index) };
        // SAFETY: not NULL, and readable by the caller's contract.
        copied.push(unsafe { pointers::read(place) }.unwrap_or(0))?;
    }
    Ok(copied)
}

/// The data of `count` write entries, each beginning at a multiple of `alignment` in the record.
///
/// # Errors
/// `INVALID_PARAMETER`: no alignment, a count without entries, a length without a buffer. `LOG_BLOCKS_EXHAUSTED`: it is
/// more than any record can have. There is no memory.
///
/// # Safety
/// `entries` is NULL, or readable for `count` of them; their buffers are NULL, or readable for their lengths and not
/// written until the call returns.
pub(super) unsafe fn gather<'call>(
    entries: *const ClfsWriteEntry,
    count: u32,
    alignment: u32,
) -> Result<Few<&'call [u8]>, Status> {
    if alignment == 0 || (entries.is_null() && count > 0) {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut pieces = Few::new([].as_slice());
    let mut length = 0;
    for index in 0..crate::units::index(count) {
        // SAFETY: `index` is below `count`: within what the caller says is there.
        let place = unsafe { entries.add(index) };
        // SAFETY: not NULL, and readable by the caller's contract.
        let entry = unsafe { pointers::read(place) }.ok_or(Status::INVALID_PARAMETER)?;
        if entry.buffer.is_null() && entry.byte_length > 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        length = pad(&mut pieces, length, alignment)?;
        // SAFETY: readable and constant for the call, by the caller's contract.
        let piece =
            unsafe { pointers::bytes(entry.buffer.cast_const().cast(), crate::units::index(entry.byte_length)) };
        pieces.push(piece)?;
        length = within_block(length.saturating_add(piece.len()))?;
    }
    Ok(pieces)
}

/// Fills up with zeros to a multiple of `alignment`; returns the length then.
fn pad(pieces: &mut Few<&[u8]>, length: usize, alignment: u32) -> Result<usize, Status> {
    let padded = length.checked_next_multiple_of(crate::units::index(alignment)).unwrap_or(usize::MAX);
    let padded = within_block(padded)?;
    let mut gap = padded.saturating_sub(length);
    while gap > 0 {
        let zeros = ZEROS.get(..gap.min(ZEROS.len())).unwrap_or(&ZEROS);
        pieces.push(zeros)?;
        gap = gap.saturating_sub(zeros.len());
    }
    Ok(padded)
}

fn within_block(length: usize) -> Result<usize, Status> {
    if length > BlockLimit::MAX.bytes() { Err(Status::LOG_BLOCKS_EXHAUSTED) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn entries(data: &[&[u8]]) -> Vec<ClfsWriteEntry> {
        let entry = |bytes: &&[u8]| ClfsWriteEntry {
            buffer: bytes.as_ptr().cast_mut().cast(),
            byte_length: u32::try_from(bytes.len()).unwrap(),
        };
        data.iter().map(entry).collect()
    }

    fn gathered(data: &[&[u8]], alignment: u32) -> Result<Vec<u8>, Status> {
        let entries = entries(data);
        // SAFETY: the entries and their data live until the end of the function.
        let pieces = unsafe { gather(entries.as_ptr(), u32::try_from(entries.len()).unwrap(), alignment) }?;
        Ok(pieces.elements().concat())
    }

    #[test]
    fn entries_are_joined_one_behind_the_other() {
        assert_eq!(gathered(&[b"ab", b"", b"cde"], 1).unwrap(), b"abcde");
        assert_eq!(gathered(&[], 1).unwrap(), b"");
    }

    #[test]
    fn entries_begin_at_multiples_of_their_alignment_and_nothing_follows_the_last() {
        assert_eq!(gathered(&[b"ab", b"c", b"defgh", b"i"], 4).unwrap(), b"ab\0\0c\0\0\0defgh\0\0\0i");
        assert_eq!(gathered(&[b"abc", b"d"], 3).unwrap(), b"abcd");
        let far = gathered(&[b"a", b"b"], 5_000).unwrap();
        assert_eq!((far.len(), far[0], far[5_000]), (5_001, b'a', b'b'));
    }

    #[test]
    fn many_entries_keep_their_order() {
        let bytes: Vec<u8> = (0..200).collect();
        let data: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(gathered(&data, 1).unwrap(), bytes);
        for count in [FEW - 1, FEW, FEW + 1] {
            assert_eq!(gathered(&data[..count], 1).unwrap(), bytes[..count]);
        }
    }

    #[test]
    fn what_cannot_be_a_record_is_refused() {
        assert_eq!(gathered(&[b"a"], 0).err(), Some(Status::INVALID_PARAMETER));
        assert_eq!(gathered(&[b"a", b"b"], u32::MAX).err(), Some(Status::LOG_BLOCKS_EXHAUSTED));
        let nowhere = ClfsWriteEntry { buffer: core::ptr::null_mut(), byte_length: 1 };
        // SAFETY: the entry is readable; its buffer is NULL.
        let outcome = unsafe { gather(&raw const nowhere, 1, 1) };
        assert_eq!(outcome.err(), Some(Status::INVALID_PARAMETER));
        // SAFETY: NULL.
        let outcome = unsafe { gather(core::ptr::null(), 1, 1) };
        assert_eq!(outcome.err(), Some(Status::INVALID_PARAMETER));
    }
}
