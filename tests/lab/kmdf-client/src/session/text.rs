//! Texts, as CLFS takes and gives them: UTF-16, counted.

use alloc::vec::Vec;

use clfs_client_interface::Outcome;
use wdk_sys::{NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_OBJECT_NAME_INVALID, UNICODE_STRING};

/// A text in pool.
pub(crate) struct Wide(Vec<u16>);

impl Wide {
    /// A text, and behind it a number if there is one.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: there is no memory.
    pub(crate) fn new(text: &str, number: Option<u16>) -> Result<Self, NTSTATUS> {
        let mut wide = Vec::new();
        // A character has at most as many units in UTF-16 as bytes in UTF-8; a number has five digits at most.
        let room = text.len().saturating_add(5);
        wide.try_reserve_exact(room).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
        wide.extend(text.encode_utf16());
        if let Some(number) = number {
            push_digits(&mut wide, number);
        }
        Ok(Self(wide))
    }

    /// Room for so many characters.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: there is no memory.
    pub(crate) fn room(characters: usize) -> Result<Self, NTSTATUS> {
        let mut wide = Vec::new();
        wide.try_reserve_exact(characters).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
        wide.resize(characters, 0);
        Ok(Self(wide))
    }

    /// Its UTF-16.
    pub(crate) fn units(&self) -> &[u16] {
        &self.0
    }

    /// Its UTF-16, to be written.
    pub(crate) fn units_mut(&mut self) -> &mut [u16] {
        &mut self.0
    }

    /// The counted string over it: valid as long as this is not moved into, nor dropped.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: it is longer than a counted string can be.
    pub(crate) fn counted(&mut self) -> Result<UNICODE_STRING, NTSTATUS> {
        let bytes = u16::try_from(size_of_val(self.0.as_slice())).map_err(|_| STATUS_OBJECT_NAME_INVALID)?;
        Ok(UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: self.0.as_mut_ptr() })
    }
}

fn push_digits(wide: &mut Vec<u16>, number: u16) {
    let mut is_begun = false;
    for unit in [10_000_u16, 1000, 100, 10, 1] {
        let digit = number.checked_div(unit).unwrap_or(0) % 10;
        is_begun |= digit != 0 || unit == 1;
        if is_begun {
            wide.push(u16::from(b'0').saturating_add(digit));
        }
    }
}

/// Puts UTF-16 into an outcome's text; half characters become U+FFFD, and what is too long is cut.
pub(crate) fn answer(outcome: &mut Outcome, units: &[u16]) {
    let mut bytes = [0; Outcome::TEXT];
    let mut used = 0_usize;
    for character in char::decode_utf16(units.iter().copied()) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut encoded = [0; 4];
        let encoded = character.encode_utf8(&mut encoded).as_bytes();
        let end = used.saturating_add(encoded.len());
        let Some(place) = bytes.get_mut(used..end) else { break };
        place.copy_from_slice(encoded);
        used = end;
    }
    let text = bytes.get(..used).and_then(|text| str::from_utf8(text).ok());
    outcome.set_text(text.unwrap_or_default());
}
