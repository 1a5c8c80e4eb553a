//! Finding the end of the log, and making sure that nothing behind it can come back.
//!
//! The metadata name a position up to which everything is durable. From there on blocks are followed as long as each is
//! whole and belongs where it lies. Only what is absent or torn is the end: a whole block that is not understood is
//! refused by a writer, and a reader ends before it.
//!
//! What a writer accepts so it writes once more: after a flush that failed, what is read may be all that there is of
//! it, and the disk may hold something else. Whole blocks behind the end are another matter (`behind`).

use alloc::vec::Vec;

use super::blocks::Found;
use super::head::Head;
use super::layout::{region_of, sector_position};
use super::open::OpenError;
use super::physical_log::Log;
use super::regions::PlacedBlock;
use super::storage::{Storage, StorageFile};
use super::stream::Stream;
use crate::format::block::{BLOCK_DIGEST_OFFSET, STREAM_OFFSET};
use crate::format::check::check_streams;
use crate::format::violation::Rule;
use crate::units::{Lsn, Status, StreamId};

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
        let start = if container.is_some_and(|container| container.file().is_ok()) {
            let start = self.first_to_follow(durable_end)?;
            self.follow_blocks(start, durable_end)?;
            self.head.settle_to(self.end_container());
            start
        } else {
            durable_end
        };
        if self.is_read_only() {
            self.head.note_flushed(self.head.end());
        } else {
            check_streams(self.base.metadata(), self.head.end())?;
            self.make_end_certain(start, durable_end)?;
        }
        self.hold_restart_room();
        Ok(())
    }

    fn follow_blocks(&mut self, start: Lsn, durable_end: Lsn) -> Result<(), OpenError> {
        let mut bytes = Vec::new();
        self.head = Head::at(start)?;
        while self.ring.get(self.end_container()).is_some_and(|container| container.file().is_ok()) {
            let at = self.head.end();
            let is_news = at >= durable_end;
            let fault = match self.ring.find_block(&mut bytes, at)? {
                Found::Block(block) => match self.check_next(&block) {
                    Err((offset, rule)) if is_news => self.ring.violation(at, offset, rule),
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

    /// Where following begins: at the durable end, if that is where a block may begin. In a multiplexed log where the
    /// region around it begins, so that its owner page becomes known, with the block that runs on into it.
    fn first_to_follow(&self, durable_end: Lsn) -> Result<Lsn, Status> {
        if !self.is_multiplexed() {
            let is_placed = self.base.record().is_closed() || !self.ring.is_inside_block(durable_end);
            if is_placed {
                return Ok(durable_end);
            }
            return match self.ring.block_around(durable_end) {
                // A reader goes without what lies in a container that is not there.
                Err(_) if self.is_read_only() => Ok(durable_end),
                around => Ok(around?.unwrap_or(durable_end)),
            };
        }
        let mut region = region_of(durable_end);
        if region == durable_end {
            return Ok(durable_end);
        }
        // A page that is damaged says nothing; nor is a container of use that the log has left behind.
        while let Some(before) = self.ring.layout().region_before(region) {
            let page = match self.ring.owner_page(before) {
                Err(Status::INSUFFICIENT_RESOURCES) => return Err(Status::INSUFFICIENT_RESOURCES),
                Err(status) if self.is_read_only() || says_no_block(status) => break,
                outcome => outcome?,
            };
            if let Some(sector) = page.last_start() {
                return sector_position(before, sector);
            }
            region = before;
        }
        self.ring.first_block(Lsn::container_start(durable_end.container()), durable_end)
    }

    /// Whether a block behind the durable end is one that this log wrote there; else the offset in it and the rule.
    pub(super) fn check_next(&self, block: &PlacedBlock) -> Result<(), (usize, Rule)> {
        const FIRST_RECORD: usize = crate::format::block::HEADER_BYTES;
        let is_filler = block.stream == self.filler_stream();
        let is_at_end = block.following == Lsn::container_start(block.at.container().saturating_add(1));
        let is_as_written = if block.is_changed { Err((BLOCK_DIGEST_OFFSET, Rule::Digest)) } else { Ok(()) };
        if is_filler && block.first == block.at && is_at_end {
            return is_as_written;
        }
        let is_physical = block.stream == StreamId::PHYSICAL;
        if is_filler || is_physical == self.is_multiplexed() || block.stream > StreamId::MAX {
            return Err((STREAM_OFFSET, Rule::BlockStream));
        }
        let is_placed = if is_physical { block.first == block.at } else { block.first.block() <= block.at };
        if !is_placed {
            return Err((FIRST_RECORD, Rule::RecordPlace));
        }
        // Nobody reads what is below the base, which may be ahead of the block that its stream had open.
        let has_fallen = |stream: &Stream| block.last >= stream.base && block.first < stream.rises_from;
        if self.streams.get(block.stream).is_ok_and(has_fallen) {
            Err((FIRST_RECORD, Rule::LsnRise))
        } else {
            is_as_written
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
        self.head.advance(self.ring.layout(), block, |_, _| Ok(()))?;
        // Of a block before the durable end that is not asked for its place, the LSNs may be anything.
        if let (true, Ok(stream)) = (block.first.block() <= block.at, self.streams.get_mut(block.stream)) {
            stream.rises_from = stream.rises_from.max(Lsn::from_raw(block.last.raw().saturating_add(1)));
        }
        // A block may belong to a stream that has been deleted, or lie below a tail that has moved; one that fills a
        // container has no records, though the physical log is a stream.
        let is_wanted = self.streams.get(block.stream).is_ok_and(|stream| block.last >= stream.base);
        if is_news && is_wanted && block.stream != self.filler_stream() {
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

    /// Makes the end durable, after a log that was not closed also that there is nothing behind it.
    ///
    /// # Errors
    /// What lies behind the end says that something before it is missing.
    fn make_end_certain(&mut self, start: Lsn, durable_end: Lsn) -> Result<(), OpenError> {
        let end = self.head.end();
        if end == durable_end && self.base.record().is_closed() && self.base.record().usn == self.ring.lap() {
            self.head.note_flushed(end);
            return Ok(());
        }
        // A log that is refused is left as it was: whatever is a reason to comes before the first write.
        self.clear_behind(end)?;
        self.write_again(start, durable_end)?;
        for container in durable_end.container()..=end.container().saturating_add(1) {
            if let Some(container) = self.ring.get(container) {
                container.file()?.flush().map_err(|status| self.condition.stop(status))?;
            }
        }
        self.head.note_flushed(end);
        Ok(self.persist()?)
    }

    /// Writes what was accepted behind the durable end once more, and the owner pages of the regions that it fills.
    fn write_again(&self, start: Lsn, durable_end: Lsn) -> Result<(), Status> {
        if self.head.end() <= durable_end {
            return Ok(());
        }
        let (ring, mut bytes) = (&self.ring, Vec::new());
        let mut head = Head::at(start)?;
        while head.end() < self.head.end() {
            let Found::Block(block) = ring.find_block(&mut bytes, head.end())? else {
                return Err(Status::LOG_BLOCK_INVALID);
            };
            let is_news = block.at >= durable_end;
            if is_news {
                ring.write_again(&mut bytes, &block)?;
            }
            head.advance(
                ring.layout(),
                &block,
                |page, bytes| if is_news { ring.write_page(page, bytes) } else { Ok(()) },
            )?;
        }
        Ok(())
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
