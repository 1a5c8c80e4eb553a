//! The truncate record of the scratch block.
//!
//! No known log has it in use, and no log written here does; its layout in use is not settled. What follows the two
//! offsets is kept as bytes, so that a block re-encodes identically, and never looked into.

use alloc::vec::Vec;

use super::bytes::{put, u32_at, u64_at};
use super::violation::Rule;
use crate::units::index;
use crate::units::memory::try_copied;

/// The size of the part that is known.
const HEADER_BYTES: usize = 16;

/// A truncate record.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(any(feature = "host", test), derive(Clone))]
pub struct TruncateRecord {
    /// Which version of the record this is.
    pub dump_count: u64,
    /// The offset of the first client change, or 0.
    pub client_change_offset: u32,
    /// The offset of the saved owner page, or 0.
    pub owner_page_offset: u32,
    body: Vec<u8>,
}

impl TruncateRecord {
    /// The truncate record of a new log: a constant of the format.
    pub const fn new() -> Self {
        Self { dump_count: 1, client_change_offset: 0, owner_page_offset: 0, body: Vec::new() }
    }

    /// Reads the record.
    ///
    /// # Errors
    /// The offset in the record and the rule that is broken.
    pub fn parse(record: &[u8]) -> Result<Self, (usize, Rule)> {
        let number = |offset| u32_at(record, offset).ok_or((offset, Rule::RecordRoom));
        let dump_count = u64_at(record, 0).ok_or((0, Rule::RecordRoom))?;
        let offsets = [number(8)?, number(12)?];
        for (offset, place) in offsets.iter().zip([8, 12]) {
            let offset = index(*offset);
            let inside = offset >= HEADER_BYTES && offset < record.len();
            if offset != 0 && !(inside && offset.is_multiple_of(8)) {
                return Err((place, Rule::TruncateOffsets));
            }
        }
        let body = record.get(HEADER_BYTES..).unwrap_or_default();
        let used = body.iter().rposition(|byte| *byte != 0);
        let used = body.get(..used.map_or(0, |last| last.saturating_add(1)));
        let body = try_copied(used.unwrap_or_default()).map_err(|error| (0, error.into()))?;
        let [client_change_offset, owner_page_offset] = offsets;
        Ok(Self { dump_count, client_change_offset, owner_page_offset, body })
    }

    /// Writes the record over `record`, which is zero.
    ///
    /// # Errors
    /// There is no room.
    pub fn write(&self, record: &mut [u8]) -> Result<(), Rule> {
        self.fill(record).ok_or(Rule::RecordRoom)
    }

    fn fill(&self, record: &mut [u8]) -> Option<()> {
        put(record, 0, &self.dump_count.to_le_bytes())?;
        put(record, 8, &self.client_change_offset.to_le_bytes())?;
        put(record, 12, &self.owner_page_offset.to_le_bytes())?;
        put(record, HEADER_BYTES, &self.body)
    }
}

impl Default for TruncateRecord {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_in_use_comes_back_and_wild_offsets_do_not() {
        let mut record = [0; 392];
        TruncateRecord::new().write(&mut record).unwrap();
        assert_eq!(TruncateRecord::parse(&record), Ok(TruncateRecord::new()));
        record[8] = 16;
        record[40] = 7;
        let parsed = TruncateRecord::parse(&record).unwrap();
        let mut again = [0; 392];
        parsed.write(&mut again).unwrap();
        assert_eq!(again, record);
        for wild in [8, 17, 200] {
            record[12] = wild;
            record[13] = u8::from(wild == 200);
            let refused = TruncateRecord::parse(&record);
            assert_eq!(refused, Err((12, Rule::TruncateOffsets)));
        }
    }
}
