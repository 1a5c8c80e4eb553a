//! Making a new log, and deleting one.

use alloc::vec::Vec;

use super::Log;
use super::io_statistics::IoStatistics;
use super::layout::Layout;
use super::open::{OpenError, read_metadata};
use super::open_block::BlockLimit;
use super::regions::CurrentRegion;
use super::ring::Ring;
use super::space::Promises;
use super::storage::{Access, Storage, StorageFile};
use super::stream::Stream;
use crate::format::attributes::FileAttributes;
use crate::format::base_record::LogState;
use crate::format::context::ClientContext;
use crate::format::control::BlockIndex;
use crate::format::metadata::Metadata;
use crate::units::memory::{try_push, try_with_capacity, try_zeroed};
use crate::units::{Lsn, Status, StreamId, index};

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

/// The memory of an open log, taken before any file is made.
pub(super) struct Tables {
    access: Access,
    block_limit: BlockLimit,
    streams: Vec<Option<Stream>>,
    region: CurrentRegion,
    scratch: Vec<u8>,
    metadata_buffer: Vec<u8>,
}

impl Tables {
    pub(super) fn new(metadata: &Metadata, access: Access, block_limit: BlockLimit) -> Result<Self, Status> {
        let mut streams = try_with_capacity(StreamId::SLOTS)?;
        for _ in 0..StreamId::SLOTS {
            try_push(&mut streams, None)?;
        }
        // A padded block is up to twice as large as the largest one.
        let (scratch, general) = match access {
            Access::Write => {
                (block_limit.bytes().saturating_mul(2), index(metadata.control.block(BlockIndex::General).bytes))
            }
            Access::Read => (0, 0),
        };
        Ok(Self {
            access,
            block_limit,
            streams,
            region: CurrentRegion::at(Lsn::NULL)?,
            scratch: try_zeroed(scratch)?,
            metadata_buffer: try_with_capacity(general)?,
        })
    }
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
        let tables = Tables::new(&metadata, Access::Write, options.block_limit)?;
        let base_file = storage.create_base()?;
        let mut log = Self::assemble(storage, base_file, metadata, tables);
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
    pub(super) fn assemble(storage: S, base_file: S::File, metadata: Metadata, tables: Tables) -> Self {
        let is_multiplexed = metadata.base.state.contains(LogState::MULTIPLEXED);
        Self {
            storage,
            base_file,
            access: tables.access,
            metadata,
            metadata_buffer: tables.metadata_buffer,
            layout: Layout { is_multiplexed, container_bytes: 0 },
            block_limit: tables.block_limit,
            wanted_limit: tables.block_limit,
            ring: Ring::new(),
            streams: tables.streams,
            end: Lsn::NULL,
            flushed: Lsn::NULL,
            drained: 0,
            region: tables.region,
            promises: Promises::default(),
            scratch: tables.scratch,
            leaving: Vec::new(),
            version: 1,
            fault: None,
            io: IoStatistics::default(),
        }
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
    /// that could not be deleted can be deleted again, by [`Log::delete_closed`].
    pub fn delete(self) -> Result<(), Status> {
        if self.access == Access::Read {
            return Err(Status::ACCESS_DENIED);
        }
        delete_files(&self.storage, &self.metadata)
    }

    /// Deletes a log that is not open, by its metadata alone: also one whose containers are not all there, such as one
    /// whose deletion failed half-way.
    ///
    /// # Errors
    /// `SHARING_VIOLATION`: it is open. A violation of the format. Or what the storage reported.
    pub fn delete_closed(storage: &S) -> Result<(), OpenError> {
        let base_file = storage.open_base(Access::Write)?;
        let metadata = read_metadata(&base_file)?;
        drop(base_file);
        Ok(delete_files(storage, &metadata)?)
    }

    /// Whether a log that is not open is multiplexed, by its metadata alone.
    ///
    /// # Errors
    /// `SHARING_VIOLATION`: it is open. A violation of the format. Or what the storage reported.
    pub fn is_closed_multiplexed(storage: &S) -> Result<bool, OpenError> {
        let base_file = storage.open_base(Access::Read)?;
        Ok(read_metadata(&base_file)?.base.state.contains(LogState::MULTIPLEXED))
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
    physical.attributes.set(FileAttributes::DEDICATED, !options.is_multiplexed);
    physical.attributes.set(FileAttributes::ARCHIVE, options.is_archived);
    metadata.base.add_client(options.name, physical)?;
    Ok(metadata)
}

fn delete_files(storage: &impl Storage, metadata: &Metadata) -> Result<(), Status> {
    for container in metadata.base.containers() {
        storage.delete_container(metadata.base.container_name(container.physical).unwrap_or_default())?;
    }
    storage.delete_base()
}
