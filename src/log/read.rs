//! From LSNs back to records.
//!
//! A cursor keeps the block that it is in. A block that is still open in memory is copied, and copied again when it
//! has grown; one that was written meanwhile is read from its container.

use super::cursor::{Cursor, Direction, ReadRecord};
use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::storage::Storage;
use crate::format::block::{BlockHeader, BlockKind, unseal, write_header};
use crate::format::record::Records;
use crate::units::memory::{try_extend, try_resize};
use crate::units::{Lsn, Status, StreamId};

impl<S: Storage> Log<S> {
    /// Reads the record at `lsn` and places the cursor there.
    ///
    /// # Errors
    /// * `LOG_START_OF_LOG`: below the stream's base. `END_OF_FILE`: at or behind its end.
    /// * `LOG_RECORD_NONEXISTENT`: not the LSN of a record. `INVALID_PARAMETER`: no LSN, or no such stream.
    /// * `LOG_BLOCK_INVALID`, `LOG_SECTOR_PARITY_INVALID`: the block is damaged. Or what the storage reported.
    pub fn read<'c>(&self, cursor: &'c mut Cursor, lsn: Lsn) -> Result<ReadRecord<'c>, Status> {
        match self.place_at(cursor, lsn) {
            // Where a block is to be, one that began before goes on: there is no record.
            Err(status) if self.says_no_record(status, lsn) => return Err(Status::LOG_RECORD_NONEXISTENT),
            outcome => outcome?,
        }
        cursor.here().ok_or(Status::LOG_RECORD_NONEXISTENT)
    }

    fn place_at(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        let stream = self.streams.get(cursor.stream)?;
        if !lsn.is_valid() {
            return Err(Status::INVALID_PARAMETER);
        }
        if lsn < stream.base {
            return Err(Status::LOG_START_OF_LOG);
        }
        if lsn >= self.last_lsn(cursor.stream)? {
            return Err(Status::END_OF_FILE);
        }
        self.load_block_of(cursor, lsn)?;
        if cursor.seek(lsn.record())? { Ok(()) } else { Err(Status::LOG_RECORD_NONEXISTENT) }
    }

    fn says_no_record(&self, status: Status, lsn: Lsn) -> bool {
        let is_of_block =
            matches!(status, Status::LOG_BLOCK_INVALID | Status::LOG_BLOCK_VERSION | Status::LOG_SECTOR_PARITY_INVALID);
        is_of_block && !self.is_multiplexed() && self.ring.is_inside_block(lsn.block())
    }

    /// Reads the first record at or behind the stream's base and places the cursor there.
    ///
    /// # Errors
    /// `END_OF_FILE` if the stream holds none; else as [`Log::read`].
    pub fn read_first<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        self.read_from(cursor, Lsn::NULL)
    }

    /// Reads the first record of the stream at or behind `lsn`, which need not be a record's, and places the cursor
    /// there. The base, where `lsn` is below it.
    ///
    /// # Errors
    /// `END_OF_FILE`: the stream holds none there. `INVALID_PARAMETER`: no LSN, or no such stream. Else as
    /// [`Log::read`].
    pub fn read_from<'c>(&self, cursor: &'c mut Cursor, lsn: Lsn) -> Result<ReadRecord<'c>, Status> {
        let stream = self.streams.get(cursor.stream)?;
        if !lsn.is_valid() {
            return Err(Status::INVALID_PARAMETER);
        }
        let mut at = stream.tail().ok_or(Status::END_OF_FILE)?.max(lsn);
        if at >= self.last_lsn(cursor.stream)? {
            return Err(Status::END_OF_FILE);
        }
        let is_open = stream.unwritten().is_some_and(|open| open.lsn() <= at);
        if !self.is_multiplexed() && !is_open {
            at = self.first_block_from(cursor, at)?;
        }
        // It need not be a record: then the first one is in the stream's next block.
        match self.place_at(cursor, at) {
            Err(Status::LOG_RECORD_NONEXISTENT) => self.place_behind(cursor, at)?,
            outcome => outcome?,
        }
        cursor.here().ok_or(Status::LOG_RECORD_NONEXISTENT)
    }

    /// In a dedicated log: `lsn` if its block starts there, else the start of the first block behind it.
    fn first_block_from(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Lsn, Status> {
        let (wanted, end) = (lsn.block(), self.head.end());
        cursor.block_lsn = Lsn::INVALID;
        if wanted >= end {
            return Ok(lsn);
        }
        let at = self.ring.layout().position_of(wanted);
        if self.ring.is_inside_block(at) {
            return self.ring.first_block(at, end);
        }
        // Where no block begins either, reading says so.
        Ok(if at == wanted { lsn } else { at })
    }

    /// Places the cursor at the first record of the stream's first block behind the one of `lsn`.
    fn place_behind(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        let mut at = self.next_block_lsn(cursor, lsn)?;
        // A block that only fills its container has no record.
        while let Err(status) = self.place_at(cursor, at) {
            if status != Status::LOG_RECORD_NONEXISTENT {
                return Err(status);
            }
            at = self.next_block_lsn(cursor, at)?;
        }
        Ok(())
    }

    /// Moves the cursor on in its direction and reads the record there.
    ///
    /// # Errors
    /// `END_OF_FILE`: there is none, or it is below the base. `LOG_READ_CONTEXT_INVALID`: nothing was read before.
    /// Else as [`Log::read`].
    pub fn read_next<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        let (_, header) = cursor.record.as_ref().ok_or(Status::LOG_READ_CONTEXT_INVALID)?;
        let next = match cursor.direction {
            Direction::Previous => header.previous,
            Direction::UndoNext => header.undo_next,
            Direction::Forward => return self.read_forward(cursor),
        };
        if !next.is_valid() || next >= header.lsn || next < self.streams.get(cursor.stream)?.base {
            return Err(Status::END_OF_FILE);
        }
        self.read(cursor, next)
    }

    fn read_forward<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        let (_, header) = cursor.record.as_ref().ok_or(Status::LOG_READ_CONTEXT_INVALID)?;
        let lsn = header.lsn;
        let was_unwritten = cursor.is_unwritten;
        let mut outcome = Err(Status::LOG_RECORD_NONEXISTENT);
        if was_unwritten || !cursor.is_last_of_block() {
            outcome = self.place_at(cursor, lsn.with_record(lsn.record().saturating_add(1)));
        }
        // The last record of its block; an open block that was read before may have been written meanwhile.
        if matches!(outcome, Err(Status::LOG_RECORD_NONEXISTENT | Status::INVALID_PARAMETER)) {
            outcome = self.place_behind(cursor, lsn);
        }
        outcome?;
        cursor.here().ok_or(Status::LOG_RECORD_NONEXISTENT)
    }

    /// The stream's open block, if its first record is at `lsn`.
    pub(super) fn open_block_at(&self, id: StreamId, lsn: Lsn) -> Result<Option<&OpenBlock>, Status> {
        let open = self.streams.get(id)?.unwritten();
        Ok(open.filter(|open| open.lsn() == lsn))
    }

    /// Brings the block that holds `lsn` into the cursor.
    pub(super) fn load_block_of(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        let wanted = lsn.block();
        if let Some(open) = self.open_block_at(cursor.stream, wanted)? {
            if cursor.is_unwritten && cursor.block_lsn == wanted && cursor.records == open.records() {
                return Ok(());
            }
            cursor.records = open.records();
            cursor.record = None;
            cursor.is_unwritten = true;
            cursor.block_lsn = wanted;
            cursor.header = BlockHeader::new(0, cursor.stream, open.sectors(), Lsn::INVALID, Lsn::INVALID);
            cursor.block.clear();
            try_extend(&mut cursor.block, open.content())?;
            try_resize(&mut cursor.block, cursor.header.total_bytes())?;
            write_header(&mut cursor.block, &cursor.header)?;
            open.mark_last(&mut cursor.block)?;
            return Ok(());
        }
        if cursor.block_lsn == wanted && !cursor.is_unwritten && !cursor.block.is_empty() {
            return Ok(());
        }
        let at = self.locate(cursor, wanted)?;
        self.load_block(cursor, at)?;
        if cursor.block_lsn != wanted {
            return Err(Status::LOG_RECORD_NONEXISTENT);
        }
        Ok(())
    }

    /// Reads and checks the data block at a physical position.
    pub(super) fn load_block(&self, cursor: &mut Cursor, at: Lsn) -> Result<(), Status> {
        cursor.record = None;
        cursor.block_lsn = Lsn::INVALID;
        cursor.is_unwritten = false;
        self.ring.read_block(&mut cursor.block, at)?;
        cursor.header = unseal(&mut cursor.block, BlockKind::Data).map_err(|(_, rule)| Status::from(rule))?;
        let first = Records::new(&cursor.block, &cursor.header).next().ok_or(Status::LOG_BLOCK_INVALID)?;
        let (_, record, _) = first.map_err(|(_, rule)| Status::from(rule))?;
        if cursor.header.stream == self.filler_stream() {
            return Err(Status::LOG_RECORD_NONEXISTENT);
        }
        if cursor.header.stream != cursor.stream {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        cursor.block_lsn = record.lsn.block();
        Ok(())
    }
}
