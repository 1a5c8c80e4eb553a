//! What became of one operation.

use crate::wire::{Full, Malformed, Reader, Writer};

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The routine's `NTSTATUS`.
    pub status: i32,
    /// What it answered; [`crate::verbs`] says which is which.
    pub numbers: [u64; Self::NUMBERS],
    text: [u8; Self::TEXT],
    text_length: u8,
}

impl Outcome {
    /// Answers of one operation.
    pub const NUMBERS: usize = 16;
    /// Longest text, in bytes of UTF-8.
    pub const TEXT: usize = 255;
    /// Longest record, in bytes: an output buffer has as much, or nothing is done.
    pub const LENGTH_MAX: usize = 4 + 8 * Self::NUMBERS + 1 + Self::TEXT;

    /// Only a status.
    pub fn of_status(status: i32) -> Self {
        Self { status, numbers: [0; Self::NUMBERS], text: [0; Self::TEXT], text_length: 0 }
    }

    /// The text among the answers.
    pub fn text(&self) -> &str {
        self.text.get(..usize::from(self.text_length)).and_then(|t| str::from_utf8(t).ok()).unwrap_or_default()
    }

    /// Sets the text; of one that is too long, as many whole characters as fit.
    pub fn set_text(&mut self, text: &str) {
        let mut length = text.len().min(Self::TEXT);
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        if let (Some(to), Some(from)) = (self.text.get_mut(..length), text.as_bytes().get(..length)) {
            to.copy_from_slice(from);
            self.text_length = u8::try_from(length).unwrap_or_default();
        }
    }

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        to.i32(self.status)?;
        for number in self.numbers {
            to.u64(number)?;
        }
        to.u8(self.text_length)?;
        to.bytes(self.text().as_bytes())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut outcome = Self::of_status(from.i32()?);
        for number in &mut outcome.numbers {
            *number = from.u64()?;
        }
        let length = from.u8()?;
        outcome.set_text(str::from_utf8(from.bytes(usize::from(length))?).map_err(|_| Malformed)?);
        Ok(outcome)
    }
}
