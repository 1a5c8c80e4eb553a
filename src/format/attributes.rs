//! The file attributes of a stream.

use bitflags::bitflags;

bitflags! {
    /// `FILE_ATTRIBUTE_*`, as far as they mean something for a log; on disk their lower 16 bits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct FileAttributes: u32 {
        /// Opened to be read, whatever access is asked for; never on disk.
        const READONLY = 1;
        /// Hidden.
        const HIDDEN = 2;
        /// The log is not ephemeral: it has an archive tail.
        const ARCHIVE = 0x20;
        /// None of the others; never on disk.
        const NORMAL = 0x80;
        /// The log is one stream.
        const DEDICATED = 0x100;
    }
}

impl FileAttributes {
    /// As found on disk, unknown ones among them.
    pub fn from_disk(number: u16) -> Self {
        Self::from_bits_retain(number.into())
    }

    /// The number on disk.
    pub const fn to_disk(self) -> [u8; 2] {
        let [low, high, ..] = self.bits().to_le_bytes();
        [low, high]
    }
}
