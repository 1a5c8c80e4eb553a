//! Sealing blocks: from the records in memory to the bytes of a container.
//!
//! Blocks are sealed in a buffer of their own, so that a failed write leaves the open block as it was.

use alloc::vec::Vec;

use super::open_block::{BlockLimit, OpenBlock};
use super::regions::PlacedBlock;
use crate::format::block::{BlockHeader, BlockKind, HEADER_BYTES, seal, write_header};
use crate::format::record::{RecordHeader, RecordKind, write_record};
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
        Ok(Self { buffer: try_zeroed(buffer_bytes(limit))?, length: 0 })
    }

    /// Takes the memory that blocks of this limit need.
    pub(super) fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), OutOfMemory> {
        try_resize(&mut self.buffer, buffer_bytes(limit))
    }

    /// The sealed block.
    pub(super) fn sealed(&self) -> Result<&[u8], Status> {
        self.buffer.get(..self.length).ok_or(Status::LOG_STATE_INVALID)
    }

    /// Seals the records of an open block, padded to the size of its place.
    pub(super) fn seal(&mut self, open: &OpenBlock, block: &PlacedBlock, next: Lsn) -> Result<(), Status> {
        let target = self.target(block)?;
        let content = open.content();
        let (head, slack) = target.split_at_mut_checked(content.len()).ok_or(Status::LOG_STATE_INVALID)?;
        head.copy_from_slice(content);
        slack.fill(0);
        open.mark_last(target)?;
        finish(target, block, next)
    }

    /// Seals a block without a client's record.
    pub(super) fn seal_filler(&mut self, block: &PlacedBlock) -> Result<(), Status> {
        let target = self.target(block)?;
        target.fill(0);
        let kind = RecordKind::DATA | RecordKind::START | RecordKind::LAST;
        let record = RecordHeader::new(block.at, Lsn::INVALID, Lsn::INVALID, kind, 0);
        write_record(target, HEADER_BYTES, &record.ok_or(Status::LOG_STATE_INVALID)?, &[])?;
        finish(target, block, Lsn::INVALID)
    }

    fn target(&mut self, block: &PlacedBlock) -> Result<&mut [u8], Status> {
        self.length = block.bytes();
        self.buffer.get_mut(..self.length).ok_or(Status::LOG_STATE_INVALID)
    }
}

/// A padded block is up to twice as large as the largest one.
fn buffer_bytes(limit: BlockLimit) -> usize {
    limit.bytes().saturating_mul(2)
}

fn finish(target: &mut [u8], block: &PlacedBlock, next: Lsn) -> Result<(), Status> {
    let header = BlockHeader::new(block.usn, block.stream, block.sectors, block.at, next);
    let header = BlockHeader { undurable: block.undurable, ..header };
    write_header(target, &header)?;
    Ok(seal(target, BlockKind::Data)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::block::unseal;
    use crate::format::record::Records;
    use crate::log::open_block::RecordParts;
    use crate::units::StreamId;

    fn placed(sectors: u16) -> PlacedBlock {
        let at = Lsn::new(2, 0x400, 0).unwrap();
        PlacedBlock { at, following: at, sectors, usn: 9, stream: StreamId(5), first: at, last: at, undurable: 4 }
    }

    #[test]
    fn a_sealed_block_has_the_records_and_padding_of_no_earlier_block() {
        let limit = BlockLimit::of(4096, 0).unwrap();
        let mut sealer = Sealer::new(limit).unwrap();
        let mut open = OpenBlock::new(limit).unwrap();
        let block = placed(16);
        for data in [[7; 3000].as_slice(), b"short"] {
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
            assert!(bytes[behind..0x1FE0].iter().all(|byte| *byte == 0), "{} bytes", data.len());
        }
    }

    #[test]
    fn a_filler_is_one_record_without_data() {
        let mut sealer = Sealer::new(BlockLimit::DEFAULT).unwrap();
        sealer.seal_filler(&placed(3)).unwrap();
        let mut bytes = sealer.sealed().unwrap().to_vec();
        let header = unseal(&mut bytes, BlockKind::Data).unwrap();
        let (_, record, data) = Records::new(&bytes, &header).next().unwrap().unwrap();
        assert!(data.is_empty() && record.kind.contains(RecordKind::LAST) && !header.next.is_valid());
    }

    #[test]
    fn a_block_that_has_no_memory_is_refused() {
        assert_eq!(Sealer::without_memory().seal_filler(&placed(1)), Err(Status::LOG_STATE_INVALID));
    }
}
