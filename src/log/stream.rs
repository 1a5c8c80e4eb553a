//! The streams of an open log.

use alloc::vec::Vec;

use super::open_block::{BlockLimit, OpenBlock};
use crate::units::memory::{OutOfMemory, try_push, try_with_capacity};
use crate::units::{Lsn, Status, StreamId, StreamSet};

/// One stream.
///
/// # Invariants
/// `base ≤` every record's LSN that is still wanted; `base ≤ restart` unless `restart` is `INVALID`.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    /// The oldest LSN that is still wanted: the tail.
    pub(super) base: Lsn,
    /// Where the base LSN's record lies; `INVALID` when that is not known.
    pub(super) base_position: Lsn,
    /// The newest restart record, `INVALID` for none.
    pub(super) restart: Lsn,
    /// Set in a non-ephemeral log: what lies at or behind it still waits to be archived.
    pub(super) archive_tail: Option<Lsn>,
    /// Behind the stream's last block on disk.
    pub(super) written_end: Lsn,
    /// While `written_end` is behind the flushed position: the stream's records below this LSN are durable.
    pub(super) undurable_from: Lsn,
    /// While the log is opened: no block that is found from here on has a record below.
    pub(super) rises_from: Lsn,
    /// Whether a record at or above the base exists.
    pub(super) has_records: bool,
    /// The block that new records go into; memory is taken with the first one.
    pub(super) block: Option<OpenBlock>,
}

impl Stream {
    /// A stream without records, whose first one will be at `next` or behind.
    pub(super) const fn empty(id: StreamId, next: Lsn) -> Self {
        Self {
            id,
            base: next,
            base_position: Lsn::INVALID,
            restart: Lsn::INVALID,
            archive_tail: None,
            written_end: next,
            undurable_from: Lsn::INVALID,
            rises_from: Lsn::NULL,
            has_records: false,
            block: None,
        }
    }

    /// The block that records go into; its memory is taken with the first one.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn open_block(&mut self, limit: BlockLimit) -> Result<&mut OpenBlock, OutOfMemory> {
        match &mut self.block {
            Some(block) => Ok(block),
            none => Ok(none.insert(OpenBlock::new(limit)?)),
        }
    }

    /// The block with unwritten records.
    pub(super) fn unwritten(&self) -> Option<&OpenBlock> {
        self.block.as_ref().filter(|block| !block.is_empty())
    }

    /// Notes that the open block is on disk, before `following`; returns the bytes that it took.
    pub(super) fn note_written(&mut self, following: Lsn, flushed: Lsn) -> u64 {
        let is_first_undurable = self.written_end <= flushed;
        self.written_end = following;
        let Some(block) = self.block.as_mut() else {
            return 0;
        };
        if is_first_undurable {
            self.undurable_from = block.lsn();
        }
        let bytes = block.disk_bytes();
        block.clear();
        bytes
    }

    /// The tail if it pins anything: an empty stream does not.
    pub(super) fn tail(&self) -> Option<Lsn> {
        self.has_records.then_some(self.base)
    }
}

/// All of them.
///
/// # Invariants
/// There is a slot for each stream that the format has room for; each stream is in the slot of its id.
#[derive(Debug)]
pub(super) struct StreamTable {
    slots: Vec<Option<Stream>>,
}

impl StreamTable {
    /// No stream; all the memory that it will ever use.
    pub(super) fn new() -> Result<Self, OutOfMemory> {
        let mut slots = try_with_capacity(StreamId::SLOTS)?;
        for _ in 0..StreamId::SLOTS {
            try_push(&mut slots, None)?;
        }
        Ok(Self { slots })
    }

    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub(super) fn get(&self, id: StreamId) -> Result<&Stream, Status> {
        self.slots.get(usize::from(id.0)).and_then(Option::as_ref).ok_or(Status::INVALID_PARAMETER)
    }

    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub(super) fn get_mut(&mut self, id: StreamId) -> Result<&mut Stream, Status> {
        self.slots.get_mut(usize::from(id.0)).and_then(Option::as_mut).ok_or(Status::INVALID_PARAMETER)
    }

    pub(super) fn insert(&mut self, stream: Stream) {
        if let Some(slot) = self.slots.get_mut(usize::from(stream.id.0)) {
            *slot = Some(stream);
        }
    }

    pub(super) fn remove(&mut self, id: StreamId) {
        if let Some(slot) = self.slots.get_mut(usize::from(id.0)) {
            *slot = None;
        }
    }

    /// By id, rising.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.slots.iter().flatten()
    }

    pub(super) fn ids(&self) -> StreamSet {
        let mut ids = StreamSet::EMPTY;
        self.iter().for_each(|stream| ids.insert(stream.id));
        ids
    }
}
