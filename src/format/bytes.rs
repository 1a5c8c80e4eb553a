//! Little-endian numbers at offsets, checked.

/// The `N` bytes at `offset`.
pub(super) fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}

pub(super) fn u8_at(bytes: &[u8], offset: usize) -> Option<u8> {
    bytes.get(offset).copied()
}

pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array_at(bytes, offset).map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    array_at(bytes, offset).map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    array_at(bytes, offset).map(u64::from_le_bytes)
}

/// `length` bytes from `offset`.
pub(super) fn slice(bytes: &[u8], offset: usize, length: usize) -> Option<&[u8]> {
    bytes.get(offset..)?.get(..length)
}

/// `length` bytes from `offset`, to be changed.
pub(super) fn slice_mut(bytes: &mut [u8], offset: usize, length: usize) -> Option<&mut [u8]> {
    bytes.get_mut(offset..)?.get_mut(..length)
}

/// Writes `value` at `offset`; `None`, and nothing written, if it does not fit.
pub(super) fn put(bytes: &mut [u8], offset: usize, value: &[u8]) -> Option<()> {
    slice_mut(bytes, offset, value.len())?.copy_from_slice(value);
    Some(())
}

/// `number` rounded up to a multiple of 8.
pub(super) const fn align8(number: usize) -> Option<usize> {
    match number.checked_add(7) {
        Some(sum) => Some(sum & !7),
        None => None,
    }
}
