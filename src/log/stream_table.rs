//! The streams of an open log.

use alloc::vec::Vec;

use super::open_block::OpenBlock;
use super::stream::Stream;
use crate::units::memory::{OutOfMemory, try_push, try_with_capacity};
use crate::units::{Status, StreamId, StreamSet};

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

    /// The blocks that streams have memory for.
    pub(super) fn blocks_mut(&mut self) -> impl Iterator<Item = &mut OpenBlock> {
        self.slots.iter_mut().flatten().filter_map(|stream| stream.block.as_mut())
    }
}
