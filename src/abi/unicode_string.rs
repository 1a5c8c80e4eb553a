//! `UNICODE_STRING`.

use core::mem::offset_of;

use crate::units::Status;

/// `UNICODE_STRING`: lengths in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct UnicodeString {
    /// Bytes of the text, without a NUL.
    pub length: u16,
    /// Bytes of the buffer.
    pub maximum_length: u16,
    /// The text.
    pub buffer: *mut u16,
}

const _: () = {
    assert!(size_of::<UnicodeString>() == 16);
    assert!(offset_of!(UnicodeString, maximum_length) == 2);
    assert!(offset_of!(UnicodeString, buffer) == 8);
};

impl UnicodeString {
    /// How many UTF-16 units the text has.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: half a unit, or a text at NULL.
    pub const fn units(&self) -> Result<usize, Status> {
        if !self.length.is_multiple_of(2) || (self.length > 0 && self.buffer.is_null()) {
            return Err(Status::INVALID_PARAMETER);
        }
        let [low, high] = self.length.to_le_bytes();
        Ok(usize::from_le_bytes([low, high, 0, 0, 0, 0, 0, 0]) >> 1)
    }
}
