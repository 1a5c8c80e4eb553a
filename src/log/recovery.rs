//! Finding the end of the log, and making sure that nothing behind it can come back.
//!
//! The metadata name a position up to which everything is durable, at least the start of the container that was being
//! written. From there blocks are followed as long as each is whole and belongs where it lies. What follows may hold
//! pieces of blocks that never were acknowledged: they carry the container's present USN, and a later torn write could
//! make them look whole, so they are erased before anything new is written.

use alloc::vec::Vec;

use super::Log;
use super::open::OpenError;
use super::regions::{CurrentRegion, NotedBlock, region_of};
use super::storage::{Access, Storage, StorageFile};
use crate::format::block::{BlockKind, unseal};
use crate::format::record::Records;
use crate::units::memory::try_zeroed;
use crate::units::{Lsn, SECTOR_BYTES, Status, StreamId};

/// Erasing reads this much at a time.
const CHUNK: usize = 1024 * 1024;

/// A whole block that was found, with the LSNs of its first and last record.
#[derive(Clone, Copy, Debug)]
struct FoundBlock {
    noted: NotedBlock,
    behind: Lsn,
}

impl<S: Storage> Log<S> {
    /// Brings the log to its end.
    ///
    /// # Errors
    /// `LOG_BLOCK_INVALID` or a sibling: a block that was durable is damaged. What the storage reported.
    pub(super) fn recover(&mut self) -> Result<(), OpenError> {
        let durable_end = self.end;
        let container = self.end.container();
        self.region = CurrentRegion::at(self.end)?;
        if !self.ring.contains(container) {
            self.hold_restart_room();
            return Ok(());
        }
        self.follow_blocks(container, durable_end)?;
        if self.access == Access::Write {
            self.make_end_certain(container, durable_end)?;
            self.leave_short_container()?;
        } else {
            self.flushed = self.end;
        }
        self.drained = self.end.container();
        self.hold_restart_room();
        Ok(())
    }

    fn follow_blocks(&mut self, container: u32, durable_end: Lsn) -> Result<(), Status> {
        let mut block = Vec::new();
        let mut at = Lsn::container_start(container);
        self.region = CurrentRegion::at(at)?;
        while at.container() == container {
            match self.found_block(&mut block, at) {
                Ok(found) if at < durable_end || (self.could_be_next(&found) && self.could_be_read(&found)?) => {
                    self.take_in(&found, at >= durable_end)?;
                    at = found.behind;
                }
                Err(status) if at < durable_end || !says_no_block(status) => return Err(status),
                _ => break,
            }
        }
        self.end = at;
        Ok(())
    }

    fn found_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<FoundBlock, Status> {
        self.read_block(block, at)?;
        let header = unseal(block, BlockKind::Data).map_err(|(_, rule)| Status::from(rule))?;
        let mut ends = None;
        for record in Records::new(block, &header) {
            let (_, record, _) = record.map_err(|(_, rule)| Status::from(rule))?;
            let (first, _) = *ends.get_or_insert((record.lsn, record.lsn));
            ends = Some((first, record.lsn));
        }
        let (first, last) = ends.ok_or(Status::LOG_BLOCK_INVALID)?;
        let noted =
            NotedBlock { at, sectors: header.total_sectors, stream: header.stream, first, last, usn: header.usn };
        Ok(FoundBlock { noted, behind: self.behind_block(at, header.total_bytes())? })
    }

    /// Whether a block behind the durable end is one that this log wrote there.
    fn could_be_next(&self, found: &FoundBlock) -> bool {
        let FoundBlock { noted, .. } = found;
        if noted.stream == self.filler_stream() && noted.first == noted.at {
            return found.behind.container() != noted.at.container();
        }
        if self.layout.is_multiplexed {
            noted.stream != StreamId::PHYSICAL && noted.first.block() <= noted.at
        } else {
            noted.stream == StreamId::PHYSICAL && noted.first == noted.at
        }
    }

    /// Whether the owner pages of the regions that a block fills are there, where they are not written anew: a log that
    /// is opened to be read ends before a page that a crash has lost, or nothing in its region could be found.
    fn could_be_read(&self, found: &FoundBlock) -> Result<bool, Status> {
        if !self.layout.is_multiplexed || self.access == Access::Write {
            return Ok(true);
        }
        let mut region = region_of(found.noted.at);
        while region < region_of(found.behind) {
            match self.owner_page(region) {
                Err(status) if says_no_block(status) => return Ok(false),
                outcome => outcome.map(drop)?,
            }
            region = self.next_region(region)?;
        }
        Ok(true)
    }

    fn take_in(&mut self, found: &FoundBlock, is_news: bool) -> Result<(), Status> {
        let noted = &found.noted;
        if self.layout.is_multiplexed {
            let file = self.ring.get(noted.at.container()).ok_or(Status::LOG_STATE_INVALID)?.file.clone();
            let rewrites = is_news && self.access == Access::Write;
            self.region.note(
                self.layout,
                noted,
                |offset, page| {
                    if rewrites { file.write_at(offset, page) } else { Ok(()) }
                },
            )?;
        }
        // A block may belong to a stream that has been deleted, or lie below a tail that has moved.
        let is_wanted = self.stream(noted.stream).is_ok_and(|stream| noted.last >= stream.base);
        if is_news && is_wanted {
            let stream = self.stream_mut(noted.stream)?;
            if !stream.has_records {
                stream.has_records = true;
                let base = stream.base.max(noted.first);
                if base != stream.base {
                    stream.base = base;
                    stream.base_position = Lsn::INVALID;
                }
            }
            stream.written_end = found.behind;
        }
        Ok(())
    }

    /// Erases what could be mistaken for blocks behind the end, and makes the end durable.
    fn make_end_certain(&mut self, container: u32, durable_end: Lsn) -> Result<(), Status> {
        let erased = if self.end.container() == container { self.erase_behind(self.end)? } else { false };
        if !erased && self.end == durable_end {
            return Ok(());
        }
        let file = self.ring.get(container).ok_or(Status::LOG_STATE_INVALID)?.file.clone();
        file.flush().map_err(|status| self.stop(status))?;
        self.flushed = self.end;
        self.persist()
    }

    /// Zeroes the sectors behind `from` that carry the container's present USN; says whether there were any.
    fn erase_behind(&self, from: Lsn) -> Result<bool, Status> {
        let container = self.ring.get(from.container()).ok_or(Status::LOG_STATE_INVALID)?;
        let mut chunk = try_zeroed(CHUNK)?;
        let mut offset = u64::from(from.block_offset());
        let mut erased = false;
        while offset < self.layout.container_bytes {
            let left = usize::try_from(self.layout.container_bytes.saturating_sub(offset)).unwrap_or(CHUNK);
            let length = left.min(CHUNK);
            let bytes = chunk.get_mut(..length).ok_or(Status::LOG_STATE_INVALID)?;
            container.file.read_at(offset, bytes)?;
            if bytes.chunks_exact(SECTOR_BYTES).any(|sector| carries_usn(sector, container.usn)) {
                for sector in bytes.chunks_exact_mut(SECTOR_BYTES) {
                    if carries_usn(sector, container.usn) {
                        sector.fill(0);
                    }
                }
                container.file.write_at(offset, bytes)?;
                erased = true;
            }
            offset = offset.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        }
        Ok(erased)
    }
}

/// Whether a position holds no whole block, as behind the end of the log. A disk that cannot be read, or memory that is
/// short, says nothing of that kind: what is there may have been acknowledged.
const fn says_no_block(status: Status) -> bool {
    matches!(
        status,
        Status::LOG_BLOCK_INVALID
            | Status::LOG_BLOCK_VERSION
            | Status::LOG_BLOCK_INCOMPLETE
            | Status::LOG_SECTOR_PARITY_INVALID
    )
}

fn carries_usn(sector: &[u8], usn: u8) -> bool {
    matches!(sector.last_chunk::<2>(), Some([kind, sector_usn]) if *kind != 0 && *sector_usn == usn)
}
