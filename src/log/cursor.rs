//! A reader's place in a stream: the record it is at, and the block around it.

use alloc::vec::Vec;

use crate::format::block::{BlockHeader, HEADER_BYTES};
use crate::format::owner_page::OwnerPage;
use crate::format::record::{RecordHeader, RecordKind, Records};
use crate::units::{Lsn, Status, StreamId};

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
    pub(super) stream: StreamId,
    pub(super) direction: Direction,
    /// The block, unsealed; empty before the first read.
    pub(super) block: Vec<u8>,
    pub(super) header: BlockHeader,
    /// The LSN of the block's first record.
    pub(super) block_lsn: Lsn,
    /// Whether the block is still the open one in memory.
    pub(super) is_unwritten: bool,
    /// How many records an unwritten block had when it was copied.
    pub(super) records: u32,
    pub(super) record: Option<(usize, RecordHeader)>,
    pub(super) page: Option<(Lsn, OwnerPage)>,
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
    pub(super) fn seek(&mut self, number: u32) -> Result<bool, Status> {
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

    pub(super) fn is_last_of_block(&self) -> bool {
        self.record.as_ref().is_some_and(|(_, header)| header.kind.contains(RecordKind::LAST))
    }
}
