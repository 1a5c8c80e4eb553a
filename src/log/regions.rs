//! Owner pages: which stream's blocks lie where in a region of a multiplexed log.
//!
//! The page of the region that is being filled is kept in memory and written when the region is full. Reading asks
//! the page of a region instead of every block in it.

use alloc::vec::Vec;

use super::Log;
use super::layout::{Layout, Piece};
use super::storage::{Storage, StorageFile};
use super::write::position_or_next;
use crate::format::block::parse_header;
use crate::format::owner_page::{OWNER_PAGE_BYTES, OWNER_PAGE_OFFSET, OwnerPage, REGION_BYTES};
use crate::format::violation::Rule;
use crate::units::memory::{OutOfMemory, try_zeroed};
use crate::units::{Lsn, SECTOR_BYTES, Status, StreamId, index, sectors_to_bytes};

/// A block as an owner page notes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotedBlock {
    pub(super) at: Lsn,
    pub(super) sectors: u16,
    pub(super) stream: StreamId,
    /// The LSNs of its first and last record.
    pub(super) first: Lsn,
    pub(super) last: Lsn,
    pub(super) usn: u8,
}

impl NotedBlock {
    pub(super) fn bytes(&self) -> usize {
        index(sectors_to_bytes(self.sectors))
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

    /// Notes a block that has been written; hands out the page of every region that it fills.
    pub(super) fn note(
        &mut self,
        layout: Layout,
        block: &NotedBlock,
        mut write: impl FnMut(u64, &[u8]) -> Result<(), Status>,
    ) -> Result<(), Status> {
        for piece in layout.pieces(u64::from(block.at.block_offset()), block.bytes()) {
            self.note_piece(block, &piece)?;
            let region_start = piece.container_offset.div_euclid(REGION_BYTES).saturating_mul(REGION_BYTES);
            let page_at = region_start.saturating_add(OWNER_PAGE_OFFSET);
            let length = u64::try_from(piece.block_bytes.len()).unwrap_or(u64::MAX);
            if piece.container_offset.saturating_add(length) >= page_at {
                self.page.write(&mut self.bytes, block.usn)?;
                write(page_at, &self.bytes)?;
                self.start = behind_region(self.start, layout)?;
                self.page.reset(page_of(self.start));
            }
        }
        Ok(())
    }

    fn note_piece(&mut self, block: &NotedBlock, piece: &Piece) -> Result<(), Rule> {
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

/// The start of the region around a position.
pub(super) fn region_of(position: Lsn) -> Lsn {
    let offset = u64::from(position.block_offset());
    let start = offset.saturating_sub(offset.rem_euclid(REGION_BYTES));
    super::write::position(position.container(), start).unwrap_or(Lsn::INVALID)
}

impl<S: Storage> Log<S> {
    /// The region around a position. A base may be an LSN behind its container's end, where nothing is: then the first
    /// region of the next container.
    pub(super) fn region_from(&self, position: Lsn) -> Lsn {
        if u64::from(position.block_offset()) < self.layout.container_bytes {
            region_of(position)
        } else {
            Lsn::container_start(position.container().saturating_add(1))
        }
    }

    /// The owner page of the region that is being filled, if that one starts at `start`.
    pub(super) fn current_page(&self, start: Lsn) -> Option<&OwnerPage> {
        (start == self.region.start).then_some(&self.region.page)
    }

    /// The owner page of a full region, from the disk.
    pub(super) fn owner_page(&self, start: Lsn) -> Result<OwnerPage, Status> {
        let container = self.ring.get(start.container()).ok_or(Status::LOG_BLOCK_INVALID)?;
        let mut bytes = try_zeroed(OWNER_PAGE_BYTES)?;
        container.file.read_at(u64::from(page_of(start).block_offset()), &mut bytes)?;
        let usn = parse_header(&bytes)?.usn;
        let page = OwnerPage::parse(&mut bytes).map_err(|(_, rule)| Status::from(rule))?;
        if page.lsn != page_of(start) || usn != container.usn {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        Ok(page)
    }

    /// The region behind the one that starts at `start`.
    pub(super) fn next_region(&self, start: Lsn) -> Result<Lsn, Status> {
        behind_region(start, self.layout)
    }
}

/// Where the owner page of the region that starts at `start` lies.
fn page_of(start: Lsn) -> Lsn {
    let offset = u64::from(start.block_offset()).saturating_add(OWNER_PAGE_OFFSET);
    super::write::position(start.container(), offset).unwrap_or(Lsn::INVALID)
}

fn behind_region(start: Lsn, layout: Layout) -> Result<Lsn, Status> {
    let next = u64::from(start.block_offset()).saturating_add(REGION_BYTES);
    position_or_next(layout, start.container(), next)
}
