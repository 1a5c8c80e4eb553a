//! Larger general blocks, when streams and containers have outgrown those that there are.
//!
//! This way of growing is ours; no extended log of another driver is known. Until a control copy that names the new
//! blocks is durable the present ones are the log's, untouched; from then on the new ones are, which are durable
//! already. The other control copy follows, so that losing one of them does not lead back. New blocks go to the lowest
//! places where none is, so that former places are used again. If a crash has left a control copy that names those, it
//! is the older one, and the next to be written.

use alloc::vec::Vec;

use super::block;
use super::control::{BlockIndex, ControlRecord, Descriptor};
use super::metadata::{FILE_BYTES_MAX, Metadata, Write, encode_general, encode_with, not_encoded};
use crate::units::{SECTOR_BYTES, Status, sectors_to_bytes};

/// New blocks have room for so many eighths of what there is; for less where that is all that finds a place. With a
/// half more, former places soon are large enough again; with as much again they would never be.
const ROOM_EIGHTHS: [usize; 3] = [12, 9, 8];

/// Larger general blocks, planned but not yet written.
#[derive(Debug)]
pub struct Extension {
    /// To be written in this order, each flushed before the next: primary and shadow general block, the control copy
    /// that is not current, the other one. Then [`Metadata::finish_extension`].
    pub writes: [Write; 4],
    control: ControlRecord,
    dump_count: u64,
}

impl Extension {
    /// With this write, counted from 0, the new blocks may become the log's; before it nothing has changed.
    pub const NAMING: usize = 2;
}

impl Metadata {
    /// Whether there is a general block that takes the streams and containers: this one, or a larger one for which the
    /// file has a place.
    pub fn is_writable(&self) -> bool {
        !self.needs_extension() || self.extended().is_some()
    }

    /// Plans larger general blocks.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: there is no memory, or no place in a file that opening would accept. Or
    /// `LOG_METADATA_INVALID` as in [`Metadata::next_general`].
    pub fn plan_extension(&self) -> Result<Extension, Status> {
        let mut control = self.extended().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        // The next odd number for the primary block, and the one after for the shadow.
        let first = self.base.dump_count.checked_add(1).map(|next| next | 1);
        let first = first.ok_or(Status::LOG_METADATA_INVALID)?;
        let dump_count = first.saturating_add(1);
        let [naming, other] = [1, 2].map(|more| self.control.dump_count.saturating_add(more));
        let general = |block, dump_count| {
            let descriptor = control.block(block);
            let mut bytes = Vec::new();
            encode_general(&self.base, descriptor, dump_count, &mut bytes).map_err(not_encoded)?;
            Ok::<Write, Status>(Write { offset: u64::from(descriptor.offset), bytes })
        };
        let writes = [
            general(BlockIndex::General, first)?,
            general(BlockIndex::GeneralShadow, dump_count)?,
            control.copy(naming)?,
            control.copy(other)?,
        ];
        control.dump_count = other;
        Ok(Extension { writes, control, dump_count })
    }

    /// Takes over an extension whose writes are all durable.
    pub fn finish_extension(&mut self, extension: Extension) {
        self.control = extension.control;
        self.base.dump_count = extension.dump_count;
    }

    /// The control record with larger general blocks, as large as there is a place for.
    fn extended(&self) -> Option<ControlRecord> {
        let record = self.base.encoded_bytes()?;
        ROOM_EIGHTHS.into_iter().find_map(|eighths| {
            let bytes = record.checked_mul(eighths)?.checked_div(8)?.checked_add(block::HEADER_BYTES)?;
            // Each sector has 510 bytes but for its two in the array, whose rounding takes at most 8 more.
            let sectors = bytes.checked_add(8)?.div_ceil(SECTOR_BYTES.checked_sub(2)?);
            let mut control = self.control.clone();
            control.place_general(u16::try_from(sectors).ok()?)?;
            Some(control)
        })
    }
}

impl ControlRecord {
    /// The copy with this dump count.
    fn copy(&self, dump_count: u64) -> Result<Write, Status> {
        let block = if dump_count.is_multiple_of(2) { BlockIndex::ControlShadow } else { BlockIndex::Control };
        let descriptor = self.block(block);
        let mut bytes = Vec::new();
        encode_with(descriptor, dump_count, &mut bytes, |record| self.write(record)).map_err(not_encoded)?;
        Ok(Write { offset: u64::from(descriptor.offset), bytes })
    }

    /// Moves both general blocks, `sectors` long, to places where no block is now.
    fn place_general(&mut self, sectors: u16) -> Option<()> {
        let bytes = sectors_to_bytes(sectors);
        let present = self.blocks;
        let first = Descriptor { bytes, offset: free_place(&present, bytes)? };
        let [one, two, three, four, five, six] = present;
        let second = free_place(&[one, two, three, four, five, six, first], bytes)?;
        let second = Descriptor { bytes, offset: second };
        let [_, _, general, shadow, ..] = &mut self.blocks;
        (*general, *shadow) = (first, second);
        Some(())
    }
}

/// The lowest place for so many bytes that none of the blocks lies in.
fn free_place(taken: &[Descriptor], bytes: u32) -> Option<u32> {
    let is_free = |offset: &u32| {
        let end = offset.checked_add(bytes).filter(|end| u64::from(*end) <= FILE_BYTES_MAX);
        let is_apart = |end: u32, block: &Descriptor| {
            end <= block.offset || block.offset.checked_add(block.bytes).is_some_and(|behind| behind <= *offset)
        };
        end.is_some_and(|end| taken.iter().all(|block| is_apart(end, block)))
    };
    taken.iter().filter_map(|block| block.offset.checked_add(block.bytes)).filter(is_free).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKEN: [Descriptor; 3] = [
        Descriptor { bytes: 0x400, offset: 0 },
        Descriptor { bytes: 0x400, offset: 0x1000 },
        Descriptor { bytes: 0x400, offset: 0x2000 },
    ];

    #[test]
    fn the_lowest_gap_that_is_large_enough_is_taken() {
        let place = |bytes| free_place(&TAKEN, bytes);
        assert_eq!((place(0xC00), place(0xE00)), (Some(0x400), Some(0x2400)));
        let closed = [TAKEN[0], Descriptor { bytes: 0xC00, offset: 0x400 }, TAKEN[1], TAKEN[2]];
        assert_eq!(free_place(&closed, 0x200), Some(0x1400));
    }

    #[test]
    fn no_place_is_beyond_what_opening_accepts() {
        let room = u32::try_from(FILE_BYTES_MAX).unwrap() - 0x2400;
        assert_eq!(free_place(&TAKEN, room), Some(0x2400));
        assert_eq!(free_place(&TAKEN, room + 512), None);
        assert_eq!(free_place(&TAKEN, u32::MAX), None);
    }
}
