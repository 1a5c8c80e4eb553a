//! An open log, put together from its parts.

use super::base_file::BaseFile;
use super::condition::Condition;
use super::head::Head;
use super::io_statistics::IoStatistics;
use super::layout::Room;
use super::ring::Ring;
use super::seal::Sealer;
use super::space::Space;
use super::storage::{Access, Storage};
use super::stream::StreamTable;
use crate::units::{Lsn, Status, StreamId};

/// An open log.
///
/// Nothing here locks: the owner makes sure that one thread at a time is inside. Slow work that can be done outside
/// the owner's lock is cut in two ([`Log::begin_flush`], [`Log::join_container`]).
#[derive(Debug)]
pub struct Log<S: Storage> {
    pub(super) storage: S,
    /// The metadata.
    pub(super) base: BaseFile<S::File>,
    /// The containers.
    pub(super) ring: Ring<S::File>,
    pub(super) streams: StreamTable,
    /// Where the log ends.
    pub(super) head: Head,
    /// What is promised.
    pub(super) space: Space,
    pub(super) sealer: Sealer,
    /// Whether the log may be changed.
    pub(super) condition: Condition,
    pub(super) io: IoStatistics,
}

impl<S: Storage> Log<S> {
    /// Whether streams share this log.
    pub const fn is_multiplexed(&self) -> bool {
        self.ring.layout().is_multiplexed
    }

    /// Whether the log was opened to be read.
    pub const fn is_read_only(&self) -> bool {
        matches!(self.condition.access(), Access::Read)
    }

    /// The status that stopped the log, if a write or a flush failed.
    pub const fn fault(&self) -> Option<Status> {
        self.condition.fault()
    }

    /// The storage below.
    pub const fn storage(&self) -> &S {
        &self.storage
    }

    /// Grows with every change of space, tails or containers.
    pub const fn version(&self) -> u64 {
        self.condition.version()
    }

    /// Where the next block goes: the end of the physical log.
    pub const fn end(&self) -> Lsn {
        self.head.end()
    }

    /// The logical id of the container that the next block goes into; appends that change it deserve a closer look.
    pub const fn end_container(&self) -> u32 {
        self.head.end().container()
    }

    /// The first container that may be taken away: records that wait in memory name the one at the end already.
    pub(super) fn first_removable(&self) -> u32 {
        if self.space.has_open_blocks() { self.end_container().saturating_add(1) } else { self.head.first_free() }
    }

    /// The room behind the end.
    pub(super) fn room(&self) -> Room {
        let layout = self.ring.layout();
        let offset = self.head.end().block_offset();
        Room {
            current: if offset > 0 { layout.room(u64::from(offset)) } else { 0 },
            free_containers: self.ring.next().saturating_sub(self.head.first_free().max(self.ring.first())),
            layout,
        }
    }

    /// Holds room back for the restart areas of streams that have none, as far as there is room.
    pub(super) fn hold_restart_room(&mut self) {
        let mut streams = self.streams.ids();
        if self.is_multiplexed() {
            streams.take(StreamId::PHYSICAL);
        }
        let room = self.room();
        self.space.hold_restart_areas(&room, streams);
    }
}
