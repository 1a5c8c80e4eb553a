//! KEEPS: a CLFS log in the real on-disk format, pure over a [`storage::Storage`] port.
//!
//! A log is a base log file (`.blf`: metadata, two copies of everything) and containers (the records). A dedicated log
//! is one stream; a multiplexed log carries up to 96 named streams in the same containers.
//!
//! | file | subject |
//! |---|---|
//! | `create`, `open`, `recovery` | the life of a log; finding the end after a crash |
//! | `append`, `open_block`, `write`, `flush` | records into blocks, blocks into containers, containers onto the disk |
//! | `reservations`, `enlarge` | room for records to come; larger blocks for larger records |
//! | `space`, `layout`, `ring` | what is promised and what is left; where data goes; the order of the containers |
//! | `tail`, `restart`, `containers`, `streams` | base LSNs and recycling, restart areas, adding and removing |
//! | `regions`, `locate`, `cursor`, `read` | from LSNs back to records |
//! | `information`, `io_statistics` | what can be asked |
//! | `persist` | the one place that writes metadata |
//!
//! # Invariants
//! * A record whose flush returned is found again, whatever happens later; recovery never invents a record.
//! * A container is given away only after the metadata that say so are durable.
//! * A container is begun only after the one before it is durable, with metadata that name its end: what may have been
//!   lost is always within one container.
//! * Whatever was admitted can be written: room is promised before a record is taken (`space`).
//! * A failed write or flush stops the log ([`Log::fault`]): what the disk holds is no longer known, so nothing more is
//!   acknowledged until the log is opened, and recovered, again.
#![forbid(unsafe_code)]

mod append;
mod containers;
mod create;
mod cursor;
mod enlarge;
mod flush;
mod information;
mod io_statistics;
mod layout;
mod locate;
mod open;
mod open_block;
mod persist;
mod read;
mod recovery;
mod regions;
mod reservations;
mod restart;
mod ring;
mod space;
pub mod storage;
mod stream;
mod streams;
mod tail;
mod write;

use alloc::vec::Vec;

pub use append::Admission;
pub use containers::Removal;
pub use create::LogOptions;
pub use cursor::{Cursor, Direction, ReadRecord};
pub use flush::FlushTicket;
pub use information::{ContainerInformation, ContainerState, LogInformation, StreamInformation};
pub use io_statistics::IoStatistics;
pub use open::OpenError;
pub use open_block::{BlockLimit, RecordParts, lone_record_bytes};
pub use restart::WrittenRestartArea;
pub use space::{RESTART_BYTES_HELD, ReservationAccount};

use self::layout::Layout;
use self::ring::Ring;
use self::space::{Promises, Room};
use self::storage::{Access, Storage};
use self::stream::Stream;
use crate::format::metadata::Metadata;
use crate::format::symbol::Symbol;
use crate::units::{Lsn, Status, StreamId};

/// An open log.
///
/// Nothing here locks: the owner makes sure that one thread at a time is inside. Slow work that can be done outside
/// the owner's lock is cut in two ([`Log::begin_flush`], [`Log::join_container`]).
#[derive(Debug)]
pub struct Log<S: Storage> {
    storage: S,
    base_file: S::File,
    access: Access,
    metadata: Metadata,
    /// Reused for every metadata write.
    metadata_buffer: Vec<u8>,
    layout: Layout,
    block_limit: BlockLimit,
    /// The limit that a record has asked for in vain, because the log was full for it; at least `block_limit`. Whoever
    /// makes room makes it for blocks of this size.
    wanted_limit: BlockLimit,
    ring: Ring<S::File>,
    /// By stream id.
    streams: Vec<Option<Stream>>,
    /// Where the next block goes. Its container need not exist yet when the log is full.
    end: Lsn,
    /// Everything before is durable. In the same container as `end`.
    flushed: Lsn,
    /// Open blocks from before this container have been written.
    drained: u32,
    /// The owner page of the region that `end` is in (multiplexed).
    region: regions::CurrentRegion,
    promises: Promises,
    /// Blocks are sealed here, so that a failed write leaves the open block as it was.
    scratch: Vec<u8>,
    /// Containers that have left the log and whose files go once the metadata say so; with room for all that are
    /// pending, so that moving a tail needs no memory.
    leaving: Vec<Symbol>,
    version: u64,
    fault: Option<Status>,
    io: IoStatistics,
}

impl<S: Storage> Log<S> {
    /// Whether streams share this log.
    pub const fn is_multiplexed(&self) -> bool {
        self.layout.is_multiplexed
    }

    /// Whether the log was opened to be read.
    pub const fn is_read_only(&self) -> bool {
        matches!(self.access, Access::Read)
    }

    /// The status that stopped the log, if a write or a flush failed.
    pub const fn fault(&self) -> Option<Status> {
        self.fault
    }

    /// The storage below.
    pub const fn storage(&self) -> &S {
        &self.storage
    }

    /// Grows with every change of space, tails or containers.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Where the next block goes: the end of the physical log.
    pub const fn end(&self) -> Lsn {
        self.end
    }

    /// The logical id of the container that the next block goes into; appends that change it deserve a closer look.
    pub const fn end_container(&self) -> u32 {
        self.end.container()
    }

    fn changed(&mut self) {
        self.version = self.version.saturating_add(1);
    }

    fn stream(&self, id: StreamId) -> Result<&Stream, Status> {
        self.streams.get(usize::from(id.0)).and_then(Option::as_ref).ok_or(Status::INVALID_PARAMETER)
    }

    fn stream_mut(&mut self, id: StreamId) -> Result<&mut Stream, Status> {
        self.streams.get_mut(usize::from(id.0)).and_then(Option::as_mut).ok_or(Status::INVALID_PARAMETER)
    }

    fn open_streams(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().flatten()
    }

    /// Refuses changes of a stopped log and of one that was opened to be read.
    fn writable(&self) -> Result<(), Status> {
        match (self.fault, self.access) {
            (Some(status), _) => Err(status),
            (None, Access::Read) => Err(Status::ACCESS_DENIED),
            (None, Access::Write) => Ok(()),
        }
    }

    /// Stops the log because of `status`.
    fn stop(&mut self, status: Status) -> Status {
        self.changed();
        *self.fault.get_or_insert(status)
    }

    /// The first container that nothing has been written into: the one at the end of the log, if it is untouched.
    fn first_free(&self) -> u32 {
        let end = self.end.container();
        if self.end.block_offset() == 0 { end } else { end.saturating_add(1) }
    }

    /// The first container that may be taken away: records that wait in memory name the one at the end already.
    fn first_removable(&self) -> u32 {
        if self.promises.open_blocks > 0 { self.end.container().saturating_add(1) } else { self.first_free() }
    }

    fn room(&self) -> Room {
        let is_begun = self.end.block_offset() > 0;
        Room {
            current: if is_begun { self.layout.room(u64::from(self.end.block_offset())) } else { 0 },
            free_containers: self.ring.next().saturating_sub(self.first_free().max(self.ring.first())),
            layout: self.layout,
            block_bytes: self.block_bytes(),
        }
    }

    fn block_bytes(&self) -> u64 {
        self.block_limit.disk_bytes()
    }
}
