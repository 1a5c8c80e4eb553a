//! Blocks and owner pages in the containers: the one place that knows which bytes of which file they are.

use alloc::vec::Vec;

use super::layout::page_of;
use super::regions::PlacedBlock;
use super::ring::Ring;
use super::storage::StorageFile;
use crate::format::block::{self, BlockHeader, BlockKind, CURRENT_OFFSET, HEADER_BYTES, USN_OFFSET, parse_header};
use crate::format::owner_page::{OWNER_PAGE_BYTES, OwnerPage};
use crate::format::record::Records;
use crate::format::sectors::{FirstSector, SectorPlace, first_fault, is_whole};
use crate::format::violation::{Place, Rule, Violation};
use crate::units::memory::{try_resize, try_zeroed};
use crate::units::{Lsn, SECTOR, SECTOR_BYTES, Status, index, sectors_to_bytes};

/// What lies at a position where a block may begin.
#[derive(Debug)]
pub(super) enum Found {
    /// A whole block, and everything in it is understood.
    Block(PlacedBlock),
    /// A whole block of this place, but for this rule.
    Strange(Violation),
    /// No block, or one that is not whole: it was torn, or is damaged.
    Nothing(Violation),
}

impl<F: StorageFile> Ring<F> {
    /// Writes a sealed block at a physical position.
    pub(super) fn write_block(&self, at: Lsn, sealed: &[u8]) -> Result<(), Status> {
        for piece in self.layout().pieces(at, sealed.len()) {
            let file = self.get(piece.container).ok_or(Status::LOG_STATE_INVALID)?.file()?;
            let bytes = sealed.get(piece.block_bytes).ok_or(Status::LOG_STATE_INVALID)?;
            file.write_at(piece.container_offset, bytes)?;
        }
        Ok(())
    }

    /// Writes a sealed owner page in its place.
    pub(super) fn write_page(&self, at: Lsn, sealed: &[u8]) -> Result<(), Status> {
        let container = self.get(at.container()).ok_or(Status::LOG_STATE_INVALID)?;
        container.file()?.write_at(u64::from(at.block_offset()), sealed)
    }

    /// Reads the sealed block at a physical position; its header is checked against the position.
    pub(super) fn read_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<BlockHeader, Status> {
        let header = self.read_header(block, at)?;
        self.read_pieces(block, at, header.total_bytes())?;
        Ok(header)
    }

    /// Reads the header of the block at a physical position and checks it against the position; `sector` becomes the
    /// block's first sector.
    pub(super) fn read_header(&self, sector: &mut Vec<u8>, at: Lsn) -> Result<BlockHeader, Status> {
        try_resize(sector, SECTOR_BYTES)?;
        self.read_sector(sector, at)?;
        self.check_header(sector, at)
    }

    fn check_header(&self, sector: &[u8], at: Lsn) -> Result<BlockHeader, Status> {
        let header = parse_header(sector)?;
        let container = self.get(at.container()).ok_or(Status::END_OF_FILE)?;
        if header.current != at || !self.admits(container.usn, header.usn) {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        Ok(header)
    }

    fn read_sector(&self, sector: &mut [u8], at: Lsn) -> Result<(), Status> {
        let container = self.get(at.container()).ok_or(Status::END_OF_FILE)?;
        cut_short(container.file()?.read_at(u64::from(at.block_offset()), sector))
    }

    /// Reads `bytes` of a block; what would lie behind the last container is cut short.
    fn read_pieces(&self, block: &mut Vec<u8>, at: Lsn, bytes: usize) -> Result<(), Status> {
        try_resize(block, bytes)?;
        for piece in self.layout().pieces(at, bytes) {
            let file = self.get(piece.container).ok_or(Status::LOG_BLOCK_INCOMPLETE)?.file()?;
            let bytes = block.get_mut(piece.block_bytes).ok_or(Status::LOG_BLOCK_INVALID)?;
            cut_short(file.read_at(piece.container_offset, bytes))?;
        }
        Ok(())
    }

    /// Writes the block again that lies at a position, as it is read there; `block` becomes it.
    pub(super) fn write_again(&self, block: &mut Vec<u8>, at: &PlacedBlock) -> Result<(), Status> {
        self.read_pieces(block, at.at, at.bytes())?;
        self.write_block(at.at, block)
    }

    /// What lies at a position; `block` becomes the block, unsealed if it is understood.
    ///
    /// # Errors
    /// What the storage reported; there is no such container, or no memory.
    pub(super) fn find_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<Found, Status> {
        let first = match self.first_sector(block, at)? {
            Ok(first) => first,
            Err((offset, rule)) => return Ok(Found::Nothing(self.violation(at, offset, rule))),
        };
        match self.read_pieces(block, at, index(sectors_to_bytes(first.total_sectors))) {
            Err(Status::LOG_BLOCK_INCOMPLETE) => {
                return Ok(Found::Nothing(self.violation(at, 0, Rule::FileLength)));
            }
            outcome => outcome?,
        }
        let is_whole = is_whole(block);
        Ok(match self.understand(block, at) {
            Ok(placed) => Found::Block(placed),
            Err((_, Rule::Memory)) => return Err(Status::INSUFFICIENT_RESOURCES),
            Err((offset, rule)) if is_whole => Found::Strange(self.violation(at, offset, rule)),
            Err((offset, rule)) => Found::Nothing(self.violation(at, offset, rule)),
        })
    }

    /// The first sector of the block at a position, or why there is none.
    pub(super) fn first_sector(
        &self,
        sector: &mut Vec<u8>,
        at: Lsn,
    ) -> Result<Result<FirstSector, (usize, Rule)>, Status> {
        try_resize(sector, SECTOR_BYTES)?;
        match self.read_sector(sector, at) {
            Err(Status::LOG_BLOCK_INCOMPLETE) => return Ok(Err((0, Rule::FileLength))),
            outcome => outcome?,
        }
        let container = self.get(at.container()).ok_or(Status::END_OF_FILE)?;
        Ok(match FirstSector::parse(sector) {
            Some(first) if first.current != at => Err((CURRENT_OFFSET, Rule::BlockPosition)),
            Some(first) if !self.admits(container.usn, first.usn) => Err((USN_OFFSET, Rule::BlockUsn)),
            Some(first) => Ok(first),
            None => Err(first_fault(sector)),
        })
    }

    /// Unseals a block and judges its header and its records.
    fn understand(&self, block: &mut [u8], at: Lsn) -> Result<PlacedBlock, (usize, Rule)> {
        // What else is wrong says more.
        let is_changed = block::forget_digests_of_changed(block);
        let header = block::unseal(block, BlockKind::Data)?;
        let mut ends = None;
        for record in Records::new(block, &header) {
            let (offset, record, _) = record?;
            record.check_understood().map_err(|(field, rule)| (offset.saturating_add(field), rule))?;
            let (first, _) = *ends.get_or_insert((record.lsn, record.lsn));
            ends = Some((first, record.lsn));
        }
        let (first, last) = ends.ok_or((0, Rule::RecordLast))?;
        let following = self.layout().behind_block(at, header.total_bytes());
        let following = following.map_err(|_| (0, Rule::BlockLength))?;
        let (sectors, usn, stream) = (header.total_sectors, header.usn, header.stream);
        Ok(PlacedBlock { at, following, sectors, usn, stream, first, last, undurable: header.undurable, is_changed })
    }

    /// A rule that is broken at an offset in the block at a position, with its place in a file.
    pub(super) fn violation(&self, at: Lsn, offset: usize, rule: Rule) -> Violation {
        let piece = self.layout().pieces(at, offset.saturating_add(1)).last();
        let (container, start, behind) = piece.map_or((at.container(), u64::from(at.block_offset()), 0), |piece| {
            (piece.container, piece.container_offset, offset.saturating_sub(piece.block_bytes.start))
        });
        let physical = self.get(container).map_or(container, |container| container.physical);
        let offset = start.saturating_add(u64::try_from(behind).unwrap_or(0));
        Violation { place: Place::Container(physical), offset, rule }
    }

    /// Where the first block at or behind `from` begins: behind the sectors of one that began before, at most at
    /// `limit`.
    pub(super) fn first_block(&self, from: Lsn, limit: Lsn) -> Result<Lsn, Status> {
        let mut at = from;
        let mut sector = [0; SECTOR_BYTES];
        while at < limit && self.contains(at.container()) {
            self.read_sector(&mut sector, at)?;
            let Some((place, _)) = SectorPlace::parse(&sector) else { break };
            if place == SectorPlace::First {
                break;
            }
            at = self.layout().behind_block(at, SECTOR_BYTES)?;
            if place == SectorPlace::Last {
                break;
            }
        }
        Ok(at)
    }

    /// Where the block begins that goes on at a position, if the nearest one before it does.
    pub(super) fn block_around(&self, position: Lsn) -> Result<Option<Lsn>, Status> {
        let mut sector = [0; SECTOR_BYTES];
        let mut at = position;
        for _ in 0..u16::MAX {
            let Some(before) = self.layout().before(at, SECTOR) else { break };
            at = before;
            let Some(container) = self.get(at.container()) else { break };
            self.read_sector(&mut sector, at)?;
            let first = FirstSector::parse(&sector).filter(|first| first.current == at);
            if let Some(first) = first.filter(|first| self.admits(container.usn, first.usn)) {
                let behind = self.layout().behind_block(at, index(sectors_to_bytes(first.total_sectors)))?;
                return Ok(Some(at).filter(|_| behind > position));
            }
        }
        Ok(None)
    }

    /// Whether a position lies inside a block that began before it.
    pub(super) fn is_inside_block(&self, at: Lsn) -> bool {
        let mut sector = [0; SECTOR_BYTES];
        let Some(container) = self.get(at.container()) else { return false };
        let is_read = self.read_sector(&mut sector, at).is_ok();
        let inside = SectorPlace::parse(&sector).filter(|(place, _)| *place != SectorPlace::First);
        is_read && inside.is_some_and(|(_, usn)| self.admits(container.usn, usn))
    }

    /// The LSN of the first record of the block at a position, without reading the block.
    ///
    /// # Errors
    /// There is no block, or one of an earlier lap: whoever took its LSN would pass over what was lost.
    pub(super) fn first_lsn_at(&self, at: Lsn) -> Result<Lsn, Status> {
        let mut sector = [0; SECTOR_BYTES];
        self.read_sector(&mut sector, at)?;
        self.check_header(&sector, at)?;
        let raw = sector.get(HEADER_BYTES..).and_then(|record| record.first_chunk::<8>());
        raw.map(|raw| Lsn::from_raw(u64::from_le_bytes(*raw)).block()).ok_or(Status::LOG_BLOCK_INVALID)
    }

    /// The owner page of a full region.
    pub(super) fn owner_page(&self, start: Lsn) -> Result<OwnerPage, Status> {
        let container = self.get(start.container()).ok_or(Status::LOG_BLOCK_INVALID)?;
        let mut bytes = try_zeroed(OWNER_PAGE_BYTES)?;
        cut_short(container.file()?.read_at(u64::from(page_of(start).block_offset()), &mut bytes))?;
        let usn = parse_header(&bytes)?.usn;
        let page = OwnerPage::parse(&mut bytes).map_err(|(_, rule)| Status::from(rule))?;
        if page.lsn != page_of(start) || !self.admits(container.usn, usn) {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        Ok(page)
    }
}

/// A file that ends where there should be a block: a copy that is not complete. It is no end of the log.
fn cut_short(outcome: Result<(), Status>) -> Result<(), Status> {
    outcome.map_err(|status| if status == Status::END_OF_FILE { Status::LOG_BLOCK_INCOMPLETE } else { status })
}
