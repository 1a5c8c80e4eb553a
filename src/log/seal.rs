//! Sealing blocks: from the records in memory to the bytes of a container.
//!
//! Blocks are sealed in a buffer of their own, so that a failed write leaves the open block as it was.

use alloc::vec::Vec;

use super::open_block::{BlockLimit, OpenBlock};
use super::regions::PlacedBlock;
use crate::format::block::{BlockHeader, BlockKind, seal, write_header};
use crate::units::memory::{OutOfMemory, try_resize, try_zeroed};
use crate::units::{Lsn, Status};

/// The block that was sealed last.
#[derive(Debug)]
pub(super) struct Sealer {
    buffer: Vec<u8>,
    length: usize,
}

impl Sealer {
    /// With no memory: nothing can be sealed.
    pub(super) const fn without_memory() -> Self {
        Self { buffer: Vec::new(), length: 0 }
    }

    /// With memory for blocks of up to this size.
    pub(super) fn new(limit: BlockLimit) -> Result<Self, OutOfMemory> {
        Ok(Self { buffer: try_zeroed(limit.bytes())?, length: 0 })
    }

    /// Takes the memory that blocks of this limit need.
    pub(super) fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), OutOfMemory> {
        try_resize(&mut self.buffer, limit.bytes())
    }

    /// The sealed block.
    pub(super) fn sealed(&self) -> Result<&[u8], Status> {
        self.buffer.get(..self.length).ok_or(Status::LOG_STATE_INVALID)
    }

    /// Seals the records of an open block.
    pub(super) fn seal(&mut self, open: &OpenBlock, block: &PlacedBlock, next: Lsn) -> Result<(), Status> {
        let target = self.target(block)?;
        let content = open.content();
        let (head, slack) = target.split_at_mut_checked(content.len()).ok_or(Status::LOG_STATE_INVALID)?;
        head.copy_from_slice(content);
        slack.fill(0);
        open.mark_last(target)?;
        let header = BlockHeader::new(block.usn, block.stream, block.sectors, block.at, next);
        let header = BlockHeader { undurable: block.undurable, ..header }.with_digests();
        write_header(target, &header)?;
        Ok(seal(target, BlockKind::Data)?)
    }

    fn target(&mut self, block: &PlacedBlock) -> Result<&mut [u8], Status> {
        self.length = block.bytes();
        self.buffer.get_mut(..self.length).ok_or(Status::LOG_STATE_INVALID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::block::{signatures_offset, unseal};
    use crate::format::record::{RecordKind, Records};
    use crate::log::open_block::RecordParts;
    use crate::units::StreamId;

    fn placed(sectors: u16) -> PlacedBlock {
        let at = Lsn::new(2, 0x400, 0).unwrap();
        PlacedBlock {
            at,
            following: at,
            sectors,
            usn: 9,
            stream: StreamId(5),
            first: at,
            last: at,
            undurable: 4,
            is_changed: false,
        }
    }

    #[test]
    fn a_sealed_block_has_the_records_and_padding_of_no_earlier_block() {
        let limit = BlockLimit::of(4096, 0).unwrap();
        let mut sealer = Sealer::new(limit).unwrap();
        let mut open = OpenBlock::new(limit).unwrap();
        for (data, sectors) in [([7; 3000].as_slice(), 7), (b"short", 1)] {
            let block = placed(sectors);
            let parts = RecordParts { data: &[data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
            open.push(block.at, RecordKind::DATA, &parts).unwrap();
            sealer.seal(&open, &block, block.at).unwrap();
            open.clear();
            let mut bytes = sealer.sealed().unwrap().to_vec();
            let header = unseal(&mut bytes, BlockKind::Data).unwrap();
            assert_eq!((header.usn, header.stream, header.next), (9, StreamId(5), block.at));
            assert_eq!(header.undurable, 4);
            let (offset, record, found) = Records::new(&bytes, &header).next().unwrap().unwrap();
            assert_eq!(found, data);
            let behind = offset + crate::units::index(record.length);
            let end = crate::units::index(signatures_offset(sectors));
            assert!(bytes[behind..end].iter().all(|byte| *byte == 0), "{} bytes", data.len());
        }
    }

    #[test]
    fn a_block_that_has_no_memory_is_refused() {
        let open = OpenBlock::new(BlockLimit::DEFAULT).unwrap();
        let refused = Sealer::without_memory().seal(&open, &placed(1), Lsn::INVALID);
        assert_eq!(refused, Err(Status::LOG_STATE_INVALID));
    }
}
