//! The name of a log, written piece by piece as ASCII text.

use core::fmt;

use clfs_client_interface::Load;

/// A name in UTF-16, with room for the folder and what is added to it.
pub(super) struct Name {
    units: [u16; Self::LENGTH],
    used: usize,
}

impl Name {
    const LENGTH: usize = Load::FOLDER + 64;

    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { units: [0; Self::LENGTH], used: 0 }
    }

    /// What was written.
    pub(super) fn text(&mut self) -> &mut [u16] {
        self.units.get_mut(..self.used).unwrap_or_default()
    }
}

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for unit in text.encode_utf16() {
            *self.units.get_mut(self.used).ok_or(fmt::Error)? = unit;
            self.used = self.used.saturating_add(1);
        }
        Ok(())
    }
}
