//! Making a new log, and deleting one.

use alloc::vec::Vec;

use super::Log;
use super::format::base_record::LogState;
use super::format::context::ClientContext;
use super::format::metadata::Metadata;
use super::layout::Layout;
use super::open_block::BlockLimit;
use super::regions::CurrentRegion;
use super::ring::Ring;
use super::space::Promises;
use super::storage::{Access, Storage, StorageFile};
use super::stream::Stream;
use crate::units::memory::{try_push, try_with_capacity, try_zeroed};
use crate::units::{Lsn, Status, StreamId};

/// `FILE_ATTRIBUTE_DEDICATED`.
pub(super) const ATTRIBUTE_DEDICATED: u16 = 0x100;
/// `FILE_ATTRIBUTE_ARCHIVE`: the log is not ephemeral, it has an archive tail.
pub(super) const ATTRIBUTE_ARCHIVE: u16 = 0x20;
/// What Windows writes into the physical log's context.
const FLUSH_THRESHOLD: u32 = 40_000;

/// What a new log shall be.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions<'a> {
    /// Whether named streams share the log; for life.
    pub is_multiplexed: bool,
    /// Whether records wait to be archived before their containers are recycled; dedicated logs only.
    pub is_archived: bool,
    /// The log's identity, unique in the world.
    pub log_id: [u8; 16],
    /// The full path of the base log file, UTF-16.
    pub name: &'a [u16],
    /// The largest block, and with it the largest record.
    pub block_limit: BlockLimit,
}

impl<S: Storage> Log<S> {
    /// Creates a log without containers; the first one decides the size of all.
    ///
    /// # Errors
    /// `OBJECT_NAME_COLLISION`: the base log file exists. `NOT_SUPPORTED`: an archived multiplexed log.
    /// `INSUFFICIENT_RESOURCES`, or what the storage reported; no file is left behind.
    pub fn create(storage: S, options: &LogOptions<'_>) -> Result<Self, Status> {
        if options.is_archived && options.is_multiplexed {
            return Err(Status::NOT_SUPPORTED);
        }
        let metadata = fresh_metadata(options)?;
        let image = metadata.fresh_image()?;
        let mut log = {
            let base_file = storage.create_base()?;
            Self::assemble(storage, base_file, Access::Write, metadata, options.block_limit)?
        };
        let written = log.base_file.write_at(0, &image).and_then(|()| log.base_file.flush());
        if let Err(status) = written {
            // What matters to the caller is why the log could not be written.
            let _ = log.storage.delete_base();
            return Err(status);
        }
        let mut stream = Stream::empty(StreamId::PHYSICAL, Lsn::NULL);
        stream.archive_tail = options.is_archived.then_some(Lsn::NULL);
        log.set_stream(stream);
        Ok(log)
    }

    /// A log with nothing in its tables yet.
    pub(super) fn assemble(
        storage: S,
        base_file: S::File,
        access: Access,
        metadata: Metadata,
        block_limit: BlockLimit,
    ) -> Result<Self, Status> {
        let mut streams = try_with_capacity(StreamId::SLOTS)?;
        for _ in 0..StreamId::SLOTS {
            try_push(&mut streams, None)?;
        }
        let is_multiplexed = metadata.base.state.contains(LogState::MULTIPLEXED);
        // A padded block is up to twice as large as the largest one.
        let scratch = if access == Access::Write { block_limit.bytes().saturating_mul(2) } else { 0 };
        Ok(Self {
            storage,
            base_file,
            access,
            metadata,
            metadata_buffer: Vec::new(),
            layout: Layout { is_multiplexed, container_bytes: 0 },
            block_limit,
            ring: Ring::new(),
            streams,
            end: Lsn::NULL,
            flushed: Lsn::NULL,
            drained: 0,
            region: CurrentRegion::at(Lsn::NULL)?,
            promises: Promises::default(),
            scratch: try_zeroed(scratch)?,
            leaving: Vec::new(),
            version: 1,
            fault: None,
        })
    }

    pub(super) fn set_stream(&mut self, stream: Stream) {
        let id = usize::from(stream.id.0);
        if let Some(slot) = self.streams.get_mut(id) {
            *slot = Some(stream);
        }
    }

    /// Deletes the log and all its files.
    ///
    /// # Errors
    /// `ACCESS_DENIED`: opened to be read. Or what the storage reported: the base log file goes last, so that a log
    /// that could not be deleted can be deleted again.
    pub fn delete(self) -> Result<(), Status> {
        if self.access == Access::Read {
            return Err(Status::ACCESS_DENIED);
        }
        for container in self.metadata.base.containers() {
            let name = self.metadata.base.container_name(container.physical).unwrap_or_default();
            self.storage.delete_container(name)?;
        }
        self.storage.delete_base()
    }

    /// Writes and flushes every record, and the metadata. Dropping a log instead is a crash, which it survives.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn close(mut self) -> Result<(), Status> {
        if self.access == Access::Read {
            return Ok(());
        }
        for id in (0..=StreamId::MAX.0).map(StreamId) {
            if self.stream(id).is_ok() {
                self.flush(id)?;
            }
        }
        self.persist()
    }
}

fn fresh_metadata(options: &LogOptions<'_>) -> Result<Metadata, Status> {
    let kind = if options.is_multiplexed { LogState::MULTIPLEXED } else { LogState::empty() };
    let state = LogState::ON_DISK_DEDICATED | kind;
    let mut metadata = Metadata::new(options.log_id, state);
    let mut physical = ClientContext::new(StreamId::PHYSICAL);
    physical.flush_threshold = FLUSH_THRESHOLD;
    if !options.is_multiplexed {
        physical.attributes |= ATTRIBUTE_DEDICATED;
    }
    if options.is_archived {
        physical.attributes |= ATTRIBUTE_ARCHIVE;
    }
    metadata.base.add_client(options.name, physical)?;
    Ok(metadata)
}
