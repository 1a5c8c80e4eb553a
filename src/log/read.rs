//! From LSNs back to records.
//!
//! In a dedicated log an LSN names the block's position. In a multiplexed log it names a position that the block lies
//! at or behind: the search starts at that region and asks the owner pages, which say for each stream the LSNs that
//! begin in their region and where its blocks start.

use alloc::vec::Vec;

use super::Log;
use super::format::block::{BlockHeader, BlockKind, HEADER_BYTES, parse_header, unseal, write_header};
use super::format::owner_page::{LsnRange, OwnerPage};
use super::format::record::{RecordHeader, RecordKind, Records};
use super::open_block::OpenBlock;
use super::storage::{Storage, StorageFile};
use super::write::position;
use crate::units::memory::{try_extend, try_resize};
use crate::units::{Lsn, SECTOR_BYTES, Status, StreamId};

/// In which order a cursor goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As appended.
    Forward,
    /// Along the records' previous LSNs.
    Previous,
    /// Along the records' undo-next LSNs.
    UndoNext,
}

/// A record as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRecord<'a> {
    /// The record's LSN.
    pub lsn: Lsn,
    /// Data or restart.
    pub kind: RecordKind,
    /// As the client gave it.
    pub undo_next: Lsn,
    /// As the client gave it; of a restart record, the restart record before it.
    pub previous: Lsn,
    /// The client's data.
    pub data: &'a [u8],
}

/// A reader of one stream: where it is, and the block it is in.
#[derive(Debug)]
pub struct Cursor {
    stream: StreamId,
    direction: Direction,
    /// The block, unsealed; empty before the first read.
    block: Vec<u8>,
    header: BlockHeader,
    /// The LSN of the block's first record.
    block_lsn: Lsn,
    /// Whether the block is still the open one in memory.
    is_unwritten: bool,
    /// How many records an unwritten block had when it was copied.
    records: u32,
    record: Option<(usize, RecordHeader)>,
    page: Option<(Lsn, OwnerPage)>,
}

impl Cursor {
    /// A cursor over a stream.
    pub fn new(stream: StreamId, direction: Direction) -> Self {
        Self {
            stream,
            direction,
            block: Vec::new(),
            header: BlockHeader::new(0, stream, 0, Lsn::INVALID, Lsn::INVALID),
            block_lsn: Lsn::INVALID,
            is_unwritten: false,
            records: 0,
            record: None,
            page: None,
        }
    }

    /// The stream that is read.
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// The physical position of the block that the cursor is in; `INVALID` while it is in memory only.
    pub const fn position(&self) -> Lsn {
        self.header.current
    }

    /// The record that the cursor is at.
    pub fn here(&self) -> Option<ReadRecord<'_>> {
        let (offset, header) = self.record.as_ref()?;
        let start = offset.checked_add(usize::from(header.header_bytes))?;
        let end = offset.checked_add(crate::units::index(header.length))?;
        Some(ReadRecord {
            lsn: header.lsn,
            kind: header.kind & (RecordKind::DATA | RecordKind::RESTART),
            undo_next: header.undo_next,
            previous: header.previous,
            data: self.block.get(start..end)?,
        })
    }

    /// Moves to the record with this number in the block.
    fn seek(&mut self, number: u32) -> Result<bool, Status> {
        let (offset, first) = match &self.record {
            Some((offset, header)) if header.lsn.block() == self.block_lsn && header.lsn.record() <= number => {
                (*offset, header.lsn.record())
            }
            _ => (HEADER_BYTES, 0),
        };
        self.record = None;
        for record in Records::new(&self.block, &self.header).starting_at(offset, first) {
            let (offset, header, _) = record.map_err(|(_, rule)| Status::from(rule))?;
            if header.lsn.record() == number {
                self.record = Some((offset, header));
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_last_of_block(&self) -> bool {
        self.record.as_ref().is_some_and(|(_, header)| header.kind.contains(RecordKind::LAST))
    }
}

impl<S: Storage> Log<S> {
    /// Reads the record at `lsn` and places the cursor there.
    ///
    /// # Errors
    /// * `LOG_START_OF_LOG`: below the stream's base. `END_OF_FILE`: at or behind its end.
    /// * `LOG_RECORD_NONEXISTENT`: not the LSN of a record. `INVALID_PARAMETER`: no LSN, or no such stream.
    /// * `LOG_BLOCK_INVALID`, `LOG_SECTOR_PARITY_INVALID`: the block is damaged. Or what the storage reported.
    pub fn read<'c>(&self, cursor: &'c mut Cursor, lsn: Lsn) -> Result<ReadRecord<'c>, Status> {
        self.place_at(cursor, lsn)?;
        cursor.here().ok_or(Status::LOG_RECORD_NONEXISTENT)
    }

    fn place_at(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        let stream = self.stream(cursor.stream)?;
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

    /// Reads the first record at or behind the stream's base and places the cursor there.
    ///
    /// # Errors
    /// `END_OF_FILE` if the stream holds none; else as [`Log::read`].
    pub fn read_first<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        let stream = self.stream(cursor.stream)?;
        let mut at = stream.tail().ok_or(Status::END_OF_FILE)?;
        if !self.layout.is_multiplexed && stream.unwritten().is_none_or(|open| open.lsn() > at) {
            at = self.first_block_from(cursor, at)?;
        }
        // The base need not be a record: then the first one is in the stream's next block.
        match self.place_at(cursor, at) {
            Err(Status::LOG_RECORD_NONEXISTENT) => self.place_behind(cursor, at)?,
            outcome => outcome?,
        }
        cursor.here().ok_or(Status::LOG_RECORD_NONEXISTENT)
    }

    /// In a dedicated log: `lsn` if its block starts there, else the start of the first block behind it.
    fn first_block_from(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Lsn, Status> {
        let mut at = Lsn::container_start(lsn.container());
        while at < lsn.block() && at < self.end {
            let header = self.read_block(&mut cursor.block, at)?;
            at = self.behind_block(at, header.total_bytes())?;
        }
        cursor.block_lsn = Lsn::INVALID;
        Ok(if at == lsn.block() { lsn } else { at })
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
        if !next.is_valid() || next >= header.lsn || next < self.stream(cursor.stream)?.base {
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
    fn open_block_at(&self, id: StreamId, lsn: Lsn) -> Result<Option<&OpenBlock>, Status> {
        let open = self.stream(id)?.unwritten();
        Ok(open.filter(|open| open.lsn() == lsn))
    }

    /// Brings the block that holds `lsn` into the cursor.
    fn load_block_of(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
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
        self.read_block(&mut cursor.block, at)?;
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

    /// Reads the sealed block at a physical position; its header is checked against the position.
    pub(super) fn read_block(&self, block: &mut Vec<u8>, at: Lsn) -> Result<BlockHeader, Status> {
        let container = self.ring.get(at.container()).ok_or(Status::END_OF_FILE)?;
        let offset = u64::from(at.block_offset());
        try_resize(block, SECTOR_BYTES)?;
        container.file.read_at(offset, block)?;
        let header = parse_header(block)?;
        let room = self.layout.room(offset);
        let length = u64::try_from(header.total_bytes()).unwrap_or(u64::MAX);
        if header.current != at || header.usn != container.usn || length > room {
            return Err(Status::LOG_BLOCK_INVALID);
        }
        try_resize(block, header.total_bytes())?;
        for piece in self.layout.pieces(offset, header.total_bytes()) {
            let bytes = block.get_mut(piece.block_bytes).ok_or(Status::LOG_BLOCK_INVALID)?;
            container.file.read_at(piece.container_offset, bytes)?;
        }
        Ok(header)
    }

    /// The position behind a block.
    pub(super) fn behind_block(&self, at: Lsn, block_bytes: usize) -> Result<Lsn, Status> {
        let length = u64::try_from(block_bytes).unwrap_or(u64::MAX);
        let behind = self.layout.behind(u64::from(at.block_offset()), length);
        if behind >= self.layout.container_bytes {
            return Ok(Lsn::container_start(at.container().saturating_add(1)));
        }
        position(at.container(), behind)
    }
}

/// Finding blocks in a multiplexed log.
impl<S: Storage> Log<S> {
    /// The position of the block whose first record is `wanted`, or of one that is not it when there is none.
    fn locate(&self, cursor: &mut Cursor, wanted: Lsn) -> Result<Lsn, Status> {
        let stream = cursor.stream;
        if !self.layout.is_multiplexed {
            return Ok(wanted);
        }
        let mut region = self.region_from(wanted);
        while region < self.end {
            let page = self.page(cursor, region)?;
            if holds(page.range(stream), |last| last >= wanted) {
                return self.locate_in(cursor, region, wanted);
            }
            region = self.next_region(region)?;
        }
        Err(Status::LOG_RECORD_NONEXISTENT)
    }

    /// Halves the blocks of a region until one is left: their LSNs rise with their positions.
    fn locate_in(&self, cursor: &mut Cursor, region: Lsn, wanted: Lsn) -> Result<Lsn, Status> {
        let stream = cursor.stream;
        let count = self.page(cursor, region)?.block_starts(stream).count();
        let (mut low, mut high) = (0, count);
        let mut found = Err(Status::LOG_RECORD_NONEXISTENT);
        while low < high {
            let middle = low.midpoint(high);
            let sector = self.page(cursor, region)?.block_starts(stream).nth(middle);
            let at = sector_position(region, sector.ok_or(Status::LOG_BLOCK_INVALID)?)?;
            let lsn = self.first_lsn_at(at)?;
            if lsn < wanted {
                low = middle.saturating_add(1);
            } else {
                high = middle;
                found = Ok(at);
            }
        }
        found
    }

    /// The LSN of the first record of the block at a position, without reading the block.
    fn first_lsn_at(&self, at: Lsn) -> Result<Lsn, Status> {
        let container = self.ring.get(at.container()).ok_or(Status::END_OF_FILE)?;
        let mut sector = [0; SECTOR_BYTES];
        container.file.read_at(u64::from(at.block_offset()), &mut sector)?;
        let raw = sector.get(HEADER_BYTES..).and_then(|record| record.first_chunk::<8>());
        raw.map(|raw| Lsn::from_raw(u64::from_le_bytes(*raw)).block()).ok_or(Status::LOG_BLOCK_INVALID)
    }

    /// The owner page of a region: the log's own while the region is being filled, else the cursor's copy.
    fn page<'c>(&'c self, cursor: &'c mut Cursor, region: Lsn) -> Result<&'c OwnerPage, Status> {
        if let Some(page) = self.current_page(region) {
            return Ok(page);
        }
        if cursor.page.as_ref().is_none_or(|(start, _)| *start != region) {
            cursor.page = Some((region, self.owner_page(region)?));
        }
        cursor.page.as_ref().map(|(_, page)| page).ok_or(Status::LOG_BLOCK_INVALID)
    }

    /// The LSN of the first record of the stream's first block behind the one of `lsn`.
    fn next_block_lsn(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Lsn, Status> {
        // A block that was read before it was written may have grown since.
        let was_open = cursor.is_unwritten && cursor.block_lsn == lsn.block();
        let is_open = || self.open_block_at(cursor.stream, lsn.block());
        if was_open && is_open()?.is_none() {
            self.load_block_of(cursor, lsn)?;
        }
        let next = if self.layout.is_multiplexed {
            self.next_block_of_stream(cursor, lsn)?
        } else {
            let behind = self.behind_block(lsn.block(), cursor.header.total_bytes())?;
            Some(behind).filter(|behind| *behind < self.end)
        };
        match next {
            Some(at) if self.layout.is_multiplexed => self.first_lsn_at(at),
            Some(at) => Ok(at),
            None => {
                let open = self.stream(cursor.stream)?.unwritten().map(OpenBlock::lsn);
                open.filter(|open| *open > lsn).ok_or(Status::END_OF_FILE)
            }
        }
    }

    fn next_block_of_stream(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Option<Lsn>, Status> {
        let wanted = lsn.block();
        let is_known = cursor.block_lsn == wanted && cursor.header.current.is_valid();
        let from = if is_known { cursor.header.current } else { wanted };
        let stream = cursor.stream;
        let mut region = self.region_from(from);
        while region < self.end {
            let page = self.page(cursor, region)?;
            if holds(page.range(stream), |last| last.block() > wanted) {
                // The first block of this region whose LSN is above; positions before `from` cannot be.
                for sector in page.block_starts(stream) {
                    let at = sector_position(region, sector)?;
                    if at >= from && self.first_lsn_at(at)? > wanted {
                        return Ok(Some(at));
                    }
                }
            }
            region = self.next_region(region)?;
        }
        Ok(None)
    }
}

/// Whether a stream's range in a region is not empty, and its last LSN is as wanted.
fn holds(range: LsnRange, is_wanted: impl FnOnce(Lsn) -> bool) -> bool {
    !range.is_empty() && is_wanted(range.last)
}

fn sector_position(region: Lsn, sector: usize) -> Result<Lsn, Status> {
    let behind = u64::try_from(sector.saturating_mul(SECTOR_BYTES)).unwrap_or(u64::MAX);
    position(region.container(), u64::from(region.block_offset()).saturating_add(behind))
}
