//! Finding the end of the log, and making sure that nothing behind it can come back.
//!
//! The metadata name a position up to which everything is durable. From the first block of that container on, blocks
//! are followed as long as each is whole and belongs where it lies. Only what is absent or torn is the end: a whole
//! block that is not understood is refused by a writer, and a reader ends before it.
//!
//! What follows may hold pieces of blocks that never were acknowledged: they carry the container's present USN, and a
//! later torn write could make them look whole, so they are erased before anything new is written. Whole blocks among
//! them say what was durable when they were written: if that was behind the end that was found, what is missing there
//! was acknowledged, and nothing is written.

use alloc::vec::Vec;

use super::blocks::Found;
use super::head::Head;
use super::layout::{position, region_of};
use super::open::OpenError;
use super::physical_log::Log;
use super::regions::PlacedBlock;
use super::ring::Container;
use super::storage::{Storage, StorageFile};
use crate::format::block::STREAM_OFFSET;
use crate::format::check::check_streams;
use crate::format::sectors::FirstSector;
use crate::format::violation::Rule;
use crate::units::memory::try_zeroed;
use crate::units::{Lsn, SECTOR, SECTOR_BYTES, Status, StreamId};

/// What lies behind the end is looked at and erased in pieces of this size.
const CHUNK: usize = 1024 * 1024;
/// No block is longer, so none that runs on over a container's end reaches further.
const BLOCK_BYTES_MAX: u64 = 65_535 * SECTOR;

impl<S: Storage> Log<S> {
    /// Brings the log to its end.
    ///
    /// # Errors
    /// The place of a block that was durable and is damaged, and, of a log that is to be written, of one that is not
    /// understood. What the storage reported.
    pub(super) fn recover(&mut self) -> Result<(), OpenError> {
        let durable_end = self.head.end();
        let container = self.ring.get(durable_end.container());
        // Of a container that cannot be opened, which only a reader goes without, nothing is known but its end.
        if container.is_some_and(|container| container.file().is_ok()) {
            self.follow_blocks(durable_end)?;
            if self.is_read_only() {
                self.head.note_flushed(self.head.end());
            } else {
                check_streams(self.base.metadata(), self.head.end())?;
                self.make_end_certain(durable_end)?;
                self.leave_short_container()?;
            }
            self.head.settle_to(self.end_container());
        } else if !self.is_read_only() {
            check_streams(self.base.metadata(), durable_end)?;
        }
        self.hold_restart_room();
        Ok(())
    }

    fn follow_blocks(&mut self, durable_end: Lsn) -> Result<(), OpenError> {
        let mut bytes = Vec::new();
        let first = self.ring.first_block(durable_end.container(), durable_end)?;
        let may_run_on = !self.is_multiplexed() || self.is_read_only();
        if !may_run_on && first.block_offset() > 0 {
            return Err(self.ring.violation(Lsn::container_start(first.container()), 0, Rule::BlockRunsOn).into());
        }
        self.head = Head::at(first)?;
        while self.ring.get(self.end_container()).is_some_and(|container| container.file().is_ok()) {
            let at = self.head.end();
            let is_news = at >= durable_end;
            let fault = match self.ring.find_block(&mut bytes, at)? {
                Found::Block(block) => match self.check_next(&block) {
                    Err((offset, rule)) if is_news => self.ring.violation(at, offset, rule),
                    _ if !may_run_on && runs_on(&block) => self.ring.violation(at, 0, Rule::BlockRunsOn),
                    _ if is_news && !self.could_be_read(&block)? => break,
                    _ => {
                        self.take_in(&block, is_news)?;
                        continue;
                    }
                },
                Found::Nothing(_) if is_news => break,
                Found::Strange(violation) | Found::Nothing(violation) => violation,
            };
            if !self.is_read_only() || self.is_multiplexed() && !is_news {
                return Err(fault.into());
            }
            if is_news {
                break;
            }
            // Whoever reads the block will be told; others can still be read.
            self.head = Head::at(durable_end)?;
        }
        Ok(())
    }

    /// Whether a block behind the durable end is one that this log wrote there; else the offset in it and the rule.
    fn check_next(&self, block: &PlacedBlock) -> Result<(), (usize, Rule)> {
        const FIRST_RECORD: usize = crate::format::block::HEADER_BYTES;
        let is_filler = block.stream == self.filler_stream();
        let is_at_end = block.following == Lsn::container_start(block.at.container().saturating_add(1));
        if is_filler && block.first == block.at && is_at_end {
            return Ok(());
        }
        let is_physical = block.stream == StreamId::PHYSICAL;
        if is_filler || is_physical == self.is_multiplexed() || block.stream > StreamId::MAX {
            return Err((STREAM_OFFSET, Rule::BlockStream));
        }
        let is_placed = if is_physical { block.first == block.at } else { block.first.block() <= block.at };
        if is_placed { Ok(()) } else { Err((FIRST_RECORD, Rule::RecordPlace)) }
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
    ///
    /// # Errors
    /// What lies behind the end says that something before it is missing.
    fn make_end_certain(&mut self, durable_end: Lsn) -> Result<(), OpenError> {
        let end = self.head.end();
        let erased = self.clear_behind(end)?;
        if !erased && end == durable_end {
            self.head.note_flushed(end);
            return Ok(());
        }
        for container in durable_end.container()..=end.container().saturating_add(1) {
            if let Some(container) = self.ring.get(container) {
                container.file()?.flush().map_err(|status| self.condition.stop(status))?;
            }
        }
        self.head.note_flushed(end);
        Ok(self.persist()?)
    }

    /// Makes sure that nothing acknowledged lies behind the end, then erases; says whether there was anything.
    fn clear_behind(&self, end: Lsn) -> Result<bool, OpenError> {
        let container_bytes = self.ring.layout().container_bytes;
        let rest = container_bytes.saturating_sub(u64::from(end.block_offset()));
        // Only a block that ran on can have left sectors in the next container, and only Windows writes such blocks.
        let run_on = BLOCK_BYTES_MAX.saturating_sub(rest).min(container_bytes);
        let next = Lsn::container_start(end.container().saturating_add(1));
        let follower = self.ring.get(next.container());
        let is_untouched = follower.is_some_and(|container| container.logical == container.physical);
        let areas = [(end, rest), (next, if is_untouched { run_on } else { 0 })];
        let mut chunk = try_zeroed(CHUNK)?;
        let mut carries = [false; 2];
        for ((from, length), carries) in areas.iter().zip(&mut carries) {
            *carries = self.each_chunk(&mut chunk, *from, *length, |at, container, bytes| {
                self.check_behind(end, position(container.logical, at)?, bytes)?;
                Ok(bytes.chunks_exact(SECTOR_BYTES).any(|sector| carries_usn(sector, container.usn)))
            })?;
        }
        for ((from, length), carries) in areas.into_iter().zip(carries) {
            if carries {
                self.each_chunk(&mut chunk, from, length, erase)?;
            }
        }
        Ok(carries.contains(&true))
    }

    /// Reads the sectors from a position on, piece by piece; whether `look` said yes of one.
    fn each_chunk(
        &self,
        chunk: &mut [u8],
        from: Lsn,
        length: u64,
        mut look: impl FnMut(u64, &Container<S::File>, &mut [u8]) -> Result<bool, OpenError>,
    ) -> Result<bool, OpenError> {
        let Some(container) = self.ring.get(from.container()) else {
            return Ok(false);
        };
        let mut offset = u64::from(from.block_offset());
        let end = offset.saturating_add(length);
        let mut any = false;
        while offset < end {
            let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(CHUNK);
            let bytes = chunk.get_mut(..left.min(CHUNK)).ok_or(Status::LOG_STATE_INVALID)?;
            container.file()?.read_at(offset, bytes)?;
            any |= look(offset, container, bytes)?;
            offset = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        Ok(any)
    }

    /// Refuses to go on where a whole block behind the end is not understood, or was written when more was durable than
    /// has been found.
    fn check_behind(&self, end: Lsn, from: Lsn, bytes: &[u8]) -> Result<(), OpenError> {
        let mut block = Vec::new();
        let mut next = from.raw();
        for sector in bytes.chunks_exact(SECTOR_BYTES) {
            let at = Lsn::from_raw(next);
            next = next.saturating_add(SECTOR);
            if at <= end || FirstSector::parse(sector).is_none_or(|first| first.current != at) {
                continue;
            }
            let found = match self.ring.find_block(&mut block, at)? {
                Found::Nothing(_) => continue,
                Found::Strange(violation) => return Err(violation.into()),
                Found::Block(found) => found,
            };
            self.check_next(&found).map_err(|(offset, rule)| self.ring.violation(at, offset, rule))?;
            if found.durable().is_none_or(|durable| durable > end) {
                return Err(self.ring.violation(end, 0, Rule::BlockBehind).into());
            }
        }
        Ok(())
    }
}

/// Whether a block goes on in the container behind its own.
fn runs_on(block: &PlacedBlock) -> bool {
    block.following > Lsn::container_start(block.at.container().saturating_add(1))
}

/// Zeroes the sectors that carry the container's present USN.
fn erase<F: StorageFile>(offset: u64, container: &Container<F>, bytes: &mut [u8]) -> Result<bool, OpenError> {
    for sector in bytes.chunks_exact_mut(SECTOR_BYTES) {
        if carries_usn(sector, container.usn) {
            sector.fill(0);
        }
    }
    container.file()?.write_at(offset, bytes)?;
    Ok(true)
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
