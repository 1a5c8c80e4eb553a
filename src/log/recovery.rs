//! Finding the end of the log, and making sure that nothing behind it can come back.
//!
//! The metadata name a position up to which everything is durable, at least the start of the container that was being
//! written. From there blocks are followed as long as each is whole and belongs where it lies. What follows may hold
//! pieces of blocks that never were acknowledged: they carry the container's present USN, and a later torn write could
//! make them look whole, so they are erased before anything new is written.

use alloc::vec::Vec;

use super::head::Head;
use super::layout::region_of;
use super::open::OpenError;
use super::physical_log::Log;
use super::regions::PlacedBlock;
use super::storage::{Storage, StorageFile};
use crate::format::block::{BlockKind, unseal};
use crate::format::record::Records;
use crate::units::memory::try_zeroed;
use crate::units::{Lsn, SECTOR_BYTES, Status, StreamId};

/// Erasing reads this much at a time.
const CHUNK: usize = 1024 * 1024;

impl<S: Storage> Log<S> {
    /// Brings the log to its end.
    ///
    /// # Errors
    /// `LOG_BLOCK_INVALID` or a sibling: a block that was durable is damaged. What the storage reported.
    pub(super) fn recover(&mut self) -> Result<(), OpenError> {
        let durable_end = self.head.end();
        let container = durable_end.container();
        if self.ring.contains(container) {
            self.follow_blocks(container, durable_end)?;
            if self.is_read_only() {
                self.head.note_flushed(self.head.end());
            } else {
                self.make_end_certain(container, durable_end)?;
                self.leave_short_container()?;
            }
            self.head.settle_to(self.end_container());
        }
        self.hold_restart_room();
        Ok(())
    }

    fn follow_blocks(&mut self, container: u32, durable_end: Lsn) -> Result<(), Status> {
        let mut bytes = Vec::new();
        self.head = Head::at(Lsn::container_start(container))?;
        while self.end_container() == container {
            let at = self.head.end();
            match self.found_block(&mut bytes, at) {
                Ok(block) if at < durable_end || (self.could_be_next(&block) && self.could_be_read(&block)?) => {
                    self.take_in(&block, at >= durable_end)?;
                }
                Err(status) if at < durable_end || !says_no_block(status) => return Err(status),
                _ => break,
            }
        }
        Ok(())
    }

    /// The block at a position, if there is a whole one.
    fn found_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<PlacedBlock, Status> {
        self.ring.read_block(block, at)?;
        let header = unseal(block, BlockKind::Data).map_err(|(_, rule)| Status::from(rule))?;
        let mut ends = None;
        for record in Records::new(block, &header) {
            let (_, record, _) = record.map_err(|(_, rule)| Status::from(rule))?;
            let (first, _) = *ends.get_or_insert((record.lsn, record.lsn));
            ends = Some((first, record.lsn));
        }
        let (first, last) = ends.ok_or(Status::LOG_BLOCK_INVALID)?;
        let following = self.ring.layout().behind_block(at, header.total_bytes())?;
        let (sectors, usn, stream) = (header.total_sectors, header.usn, header.stream);
        Ok(PlacedBlock { at, following, sectors, usn, stream, first, last })
    }

    /// Whether a block behind the durable end is one that this log wrote there.
    fn could_be_next(&self, block: &PlacedBlock) -> bool {
        if block.stream == self.filler_stream() && block.first == block.at {
            return block.following.container() != block.at.container();
        }
        if self.is_multiplexed() {
            block.stream != StreamId::PHYSICAL && block.first.block() <= block.at
        } else {
            block.stream == StreamId::PHYSICAL && block.first == block.at
        }
    }

    /// Whether the owner pages of the regions that a block fills are there, where they are not written anew: a log that
    /// is opened to be read ends before a page that a crash has lost, or nothing in its region could be found.
    fn could_be_read(&self, block: &PlacedBlock) -> Result<bool, Status> {
        if !self.is_multiplexed() || !self.is_read_only() {
            return Ok(true);
        }
        let mut region = region_of(block.at);
        while region < region_of(block.following) {
            match self.ring.owner_page(region) {
                Err(status) if says_no_block(status) => return Ok(false),
                outcome => outcome.map(drop)?,
            }
            region = self.ring.layout().next_region(region)?;
        }
        Ok(true)
    }

    /// Goes behind a block; one that the metadata did not know brings records.
    fn take_in(&mut self, block: &PlacedBlock, is_news: bool) -> Result<(), Status> {
        let rewrites = is_news && !self.is_read_only();
        let ring = &self.ring;
        self.head.advance(
            ring.layout(),
            block,
            |page, bytes| {
                if rewrites { ring.write_page(page, bytes) } else { Ok(()) }
            },
        )?;
        // A block may belong to a stream that has been deleted, or lie below a tail that has moved.
        let is_wanted = self.streams.get(block.stream).is_ok_and(|stream| block.last >= stream.base);
        if is_news && is_wanted {
            let stream = self.streams.get_mut(block.stream)?;
            if !stream.has_records {
                stream.has_records = true;
                let base = stream.base.max(block.first);
                if base != stream.base {
                    stream.base = base;
                    stream.base_position = Lsn::INVALID;
                }
            }
            stream.written_end = block.following;
        }
        Ok(())
    }

    /// Erases what could be mistaken for blocks behind the end, and makes the end durable.
    fn make_end_certain(&mut self, container: u32, durable_end: Lsn) -> Result<(), Status> {
        let end = self.head.end();
        let erased = if end.container() == container { self.erase_behind(end)? } else { false };
        if !erased && end == durable_end {
            self.head.note_flushed(end);
            return Ok(());
        }
        let flushed = self.ring.get(container).ok_or(Status::LOG_STATE_INVALID)?.file.flush();
        flushed.map_err(|status| self.condition.stop(status))?;
        self.head.note_flushed(end);
        self.persist()
    }

    /// Zeroes the sectors behind `from` that carry the container's present USN; says whether there were any.
    fn erase_behind(&self, from: Lsn) -> Result<bool, Status> {
        let container = self.ring.get(from.container()).ok_or(Status::LOG_STATE_INVALID)?;
        let mut chunk = try_zeroed(CHUNK)?;
        let mut offset = u64::from(from.block_offset());
        let mut erased = false;
        let container_bytes = self.ring.layout().container_bytes;
        while offset < container_bytes {
            let left = usize::try_from(container_bytes.saturating_sub(offset)).unwrap_or(CHUNK);
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
