//! The owner page of the region that is being filled: which stream's blocks lie where.
//!
//! The page is kept in memory and written when the region is full. Reading asks the page of a region instead of every
//! block in it.

use alloc::vec::Vec;

use super::layout::{Layout, Piece, page_of, region_of};
use crate::format::owner_page::{OWNER_PAGE_BYTES, OWNER_PAGE_OFFSET, OwnerPage, REGION_BYTES};
use crate::format::violation::Rule;
use crate::units::memory::{OutOfMemory, try_zeroed};
use crate::units::{Lsn, SECTOR, SECTOR_BYTES, Status, StreamId, index, sectors_to_bytes};

/// A block in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedBlock {
    /// Where it begins, and where the next one does.
    pub(super) at: Lsn,
    pub(super) following: Lsn,
    pub(super) sectors: u16,
    pub(super) usn: u8,
    pub(super) stream: StreamId,
    /// The LSNs of its first and last record.
    pub(super) first: Lsn,
    pub(super) last: Lsn,
    /// As [`BlockHeader::undurable`](crate::format::block::BlockHeader::undurable).
    pub(super) undurable: u32,
    /// Its first sector is not as it was written.
    pub(super) is_changed: bool,
}

impl PlacedBlock {
    pub(super) fn bytes(&self) -> usize {
        index(sectors_to_bytes(self.sectors))
    }

    /// What was durable when the block was written, as it says: everything before this position.
    pub(super) fn durable(&self, layout: Layout) -> Option<Lsn> {
        let behind = SECTOR.saturating_mul(self.undurable.checked_sub(1)?.into());
        layout.before(self.at, behind)
    }
}

/// The region that the end of the log is in.
#[derive(Debug)]
pub(super) struct CurrentRegion {
    /// Its first position.
    start: Lsn,
    page: OwnerPage,
    /// Where the page is written out: too large for a kernel stack, and there when a block is written.
    bytes: Vec<u8>,
}

impl CurrentRegion {
    /// An empty region around `position`.
    pub(super) fn at(position: Lsn) -> Result<Self, OutOfMemory> {
        let start = region_of(position);
        Ok(Self { start, page: OwnerPage::new(page_of(start))?, bytes: try_zeroed(OWNER_PAGE_BYTES)? })
    }

    /// Its page, if it is the region that starts at `start`.
    pub(super) fn page(&self, start: Lsn) -> Option<&OwnerPage> {
        (start == self.start).then_some(&self.page)
    }

    /// Notes a block that has been written; hands out the page of every region that it fills.
    pub(super) fn note(
        &mut self,
        layout: Layout,
        block: &PlacedBlock,
        mut write: impl FnMut(Lsn, &[u8]) -> Result<(), Status>,
    ) -> Result<(), Status> {
        for piece in layout.pieces(block.at, block.bytes()) {
            self.note_piece(block, &piece)?;
            let in_region = piece.container_offset.rem_euclid(REGION_BYTES);
            let length = u64::try_from(piece.block_bytes.len()).unwrap_or(u64::MAX);
            if in_region.saturating_add(length) >= OWNER_PAGE_OFFSET {
                self.page.write(&mut self.bytes, block.usn)?;
                write(self.page.lsn, &self.bytes)?;
                self.start = layout.next_region(self.start)?;
                self.page.reset(page_of(self.start));
            }
        }
        Ok(())
    }

    fn note_piece(&mut self, block: &PlacedBlock, piece: &Piece) -> Result<(), Rule> {
        let in_region = piece.container_offset.rem_euclid(REGION_BYTES);
        let first_sector = usize::try_from(in_region).unwrap_or(usize::MAX).div_euclid(SECTOR_BYTES);
        let sectors = piece.block_bytes.len().div_euclid(SECTOR_BYTES);
        let number = piece.block_bytes.start.div_euclid(SECTOR_BYTES);
        if number == 0 {
            self.page.note_range(block.stream, block.first, block.last)?;
        }
        self.page.note_block(first_sector, sectors, block.stream, number)
    }
}
