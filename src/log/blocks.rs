//! Blocks and owner pages in the containers: the one place that knows which bytes of which file they are.

use alloc::vec::Vec;

use super::layout::page_of;
use super::ring::Ring;
use super::storage::StorageFile;
use crate::format::block::{BlockHeader, HEADER_BYTES, parse_header};
use crate::format::owner_page::{OWNER_PAGE_BYTES, OwnerPage};
use crate::units::memory::{try_resize, try_zeroed};
use crate::units::{Lsn, SECTOR_BYTES, Status};

impl<F: StorageFile> Ring<F> {
    /// Writes a sealed block at a physical position.
    pub(super) fn write_block(&self, at: Lsn, sealed: &[u8]) -> Result<(), Status> {
        let container = self.get(at.container()).ok_or(Status::LOG_STATE_INVALID)?;
        for piece in self.layout().pieces(u64::from(at.block_offset()), sealed.len()) {
            let bytes = sealed.get(piece.block_bytes).ok_or(Status::LOG_STATE_INVALID)?;
            container.file.write_at(piece.container_offset, bytes)?;
        }
        Ok(())
    }

    /// Writes a sealed owner page in its place.
    pub(super) fn write_page(&self, at: Lsn, sealed: &[u8]) -> Result<(), Status> {
        let container = self.get(at.container()).ok_or(Status::LOG_STATE_INVALID)?;
        container.file.write_at(u64::from(at.block_offset()), sealed)
    }

    /// Reads the sealed block at a physical position; its header is checked against the position.
    pub(super) fn read_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<BlockHeader, Status> {
        let container = self.get(at.container()).ok_or(Status::END_OF_FILE)?;
        let offset = u64::from(at.block_offset());
        try_resize(block, SECTOR_BYTES)?;
        container.file.read_at(offset, block)?;
        let header = parse_header(block)?;
        let length = u64::try_from(header.total_bytes()).unwrap_or(u64::MAX);
        if header.current != at || header.usn != container.usn || length > self.layout().room(offset) {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        try_resize(block, header.total_bytes())?;
        for piece in self.layout().pieces(offset, header.total_bytes()) {
            let bytes = block.get_mut(piece.block_bytes).ok_or(Status::LOG_BLOCK_INVALID)?;
            container.file.read_at(piece.container_offset, bytes)?;
        }
        Ok(header)
    }

    /// The LSN of the first record of the block at a position, without reading the block.
    pub(super) fn first_lsn_at(&self, at: Lsn) -> Result<Lsn, Status> {
        let container = self.get(at.container()).ok_or(Status::END_OF_FILE)?;
        let mut sector = [0; SECTOR_BYTES];
        container.file.read_at(u64::from(at.block_offset()), &mut sector)?;
        let raw = sector.get(HEADER_BYTES..).and_then(|record| record.first_chunk::<8>());
        raw.map(|raw| Lsn::from_raw(u64::from_le_bytes(*raw)).block()).ok_or(Status::LOG_BLOCK_INVALID)
    }

    /// The owner page of a full region.
    pub(super) fn owner_page(&self, start: Lsn) -> Result<OwnerPage, Status> {
        let container = self.get(start.container()).ok_or(Status::LOG_BLOCK_INVALID)?;
        let mut bytes = try_zeroed(OWNER_PAGE_BYTES)?;
        container.file.read_at(u64::from(page_of(start).block_offset()), &mut bytes)?;
        let usn = parse_header(&bytes)?.usn;
        let page = OwnerPage::parse(&mut bytes).map_err(|(_, rule)| Status::from(rule))?;
        if page.lsn != page_of(start) || usn != container.usn {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        Ok(page)
    }
}
