//! Log sequence numbers.
//!
//! Bits 63..32 hold the logical container id, 31..9 the block's offset in the container in sectors, 8..0 the record's
//! number in its block (facts: `clfs-stable-storage`). LSNs of one stream strictly increase; LSNs of two streams are
//! not comparable, their *container ids* are.

use core::fmt;

use super::measure::SECTOR_BYTES;

const RECORD_BITS: u32 = 9;
const RECORD_MASK: u64 = (1 << RECORD_BITS) - 1;
const OFFSET_MASK: u64 = 0xFFFF_FFFF & !RECORD_MASK;
const CONTAINER_SHIFT: u32 = 32;

const _: () = assert!(SECTOR_BYTES == 1 << RECORD_BITS);

/// A log sequence number: where a record is, and the order of a stream's records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(u64);

/// A container id, block offset or record number that no LSN can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LsnPartsOutOfRange;

impl Lsn {
    /// The smallest LSN (`CLFS_LSN_NULL`): a valid position, 0:0:0.
    pub const NULL: Self = Self(0);
    /// Larger than every valid LSN (`CLFS_LSN_INVALID`), and not a position.
    pub const INVALID: Self = Self(0xFFFF_FFFF_0000_0000);
    /// The highest id that a container may have: behind it is a position too, for the end of a log that is full.
    pub const CONTAINER_MAX: u32 = u32::MAX - 2;
    /// The highest record number in a block.
    pub const RECORD_MAX: u32 = 511;

    /// The LSN with this 64-bit representation, as stored on disk and passed by callers.
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// The 64-bit representation.
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// Composes an LSN; `block_offset` is in bytes.
    ///
    /// # Errors
    /// The container id is `0xFFFF_FFFF`, the offset is no multiple of 512, or the record number is above 511.
    pub fn new(container: u32, block_offset: u32, record: u32) -> Result<Self, LsnPartsOutOfRange> {
        let offset = u64::from(block_offset);
        if container == u32::MAX || offset & !OFFSET_MASK != 0 || record > Self::RECORD_MAX {
            return Err(LsnPartsOutOfRange);
        }
        Ok(Self((u64::from(container) << CONTAINER_SHIFT) | offset | u64::from(record)))
    }

    /// The first position of a container: `container:0:0`, `INVALID` for the unusable id `0xFFFF_FFFF`.
    pub const fn container_start(container: u32) -> Self {
        let [a, b, c, d] = container.to_le_bytes();
        Self(u64::from_le_bytes([0, 0, 0, 0, a, b, c, d]))
    }

    /// The logical container id.
    pub const fn container(self) -> u32 {
        let [_, _, _, _, a, b, c, d] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// The block's offset in its container, in bytes: a multiple of 512.
    pub const fn block_offset(self) -> u32 {
        let [a, b, c, d, ..] = (self.0 & OFFSET_MASK).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// The record's number in its block: 0 to 511.
    pub const fn record(self) -> u32 {
        let [a, b, ..] = (self.0 & RECORD_MASK).to_le_bytes();
        u32::from_le_bytes([a, b, 0, 0])
    }

    /// The LSN of the block's first record.
    #[must_use]
    pub const fn block(self) -> Self {
        Self(self.0 & !RECORD_MASK)
    }

    /// The same block's record with this number; `INVALID` above 511.
    #[must_use]
    pub fn with_record(self, record: u32) -> Self {
        if record > Self::RECORD_MAX { Self::INVALID } else { Self(self.block().0 | u64::from(record)) }
    }

    /// Whether this names a position: everything below `INVALID`.
    pub const fn is_valid(self) -> bool {
        self.0 < Self::INVALID.0
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::INVALID {
            return formatter.write_str("invalid");
        }
        write!(formatter, "{}:{:#x}:{}", self.container(), self.block_offset(), self.record())
    }
}

impl fmt::Debug for Lsn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_lsn_come_back() {
        let lsn = Lsn::new(7, 0x7F00 * 512, 300).unwrap();
        assert_eq!((lsn.container(), lsn.block_offset(), lsn.record()), (7, 0x7F00 * 512, 300));
        assert_eq!(lsn.block().record(), 0);
        assert_eq!(lsn.block().with_record(300), lsn);
    }

    #[test]
    fn invalid_is_the_documented_bit_pattern_and_above_every_position() {
        assert_eq!(Lsn::INVALID.raw(), 0xFFFF_FFFF_0000_0000);
        let highest = Lsn::new(u32::MAX - 1, !511, 511).unwrap();
        assert!(highest < Lsn::INVALID && highest.is_valid() && !Lsn::INVALID.is_valid());
        assert_eq!(Lsn::container_start(u32::MAX), Lsn::INVALID);
    }

    #[test]
    fn parts_out_of_range_are_refused() {
        assert!(Lsn::new(u32::MAX, 0, 0).is_err());
        assert!(Lsn::new(0, 100, 0).is_err());
        assert!(Lsn::new(0, 0, 512).is_err());
    }
}
