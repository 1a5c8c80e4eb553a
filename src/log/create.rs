//! Making a new log, and deleting one.

use super::assemble::Tables;
use super::containers::is_container;
use super::open::{OpenError, read_metadata};
use super::open_block::BlockLimit;
use super::physical_log::Log;
use super::storage::{Access, Storage};
use super::stream::Stream;
use crate::format::attributes::FileAttributes;
use crate::format::base_record::{BaseRecord, LogState};
use crate::format::context::ClientContext;
use crate::format::metadata::Metadata;
use crate::units::{Lsn, Status, StreamId};

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
        let tables = Tables::new(&metadata, Access::Write, options.block_limit)?;
        let base_file = storage.create_base()?;
        storage.identify(options.name);
        let mut log = Self::assemble(storage, base_file, metadata, tables);
        if let Err(status) = log.base.write_image(&image) {
            // What matters to the caller is why the log could not be written.
            let _ = log.storage.delete_base();
            return Err(status);
        }
        let mut stream = Stream::empty(StreamId::PHYSICAL, Lsn::NULL);
        stream.archive_tail = options.is_archived.then_some(Lsn::NULL);
        log.streams.insert(stream);
        Ok(log)
    }

    /// Deletes the log and all its files.
    ///
    /// # Errors
    /// `ACCESS_DENIED`: opened to be read. Or what the storage reported: the base log file goes last, so that a log
    /// that could not be deleted can be deleted again, by [`Log::delete_closed`].
    pub fn delete(self) -> Result<(), Status> {
        if self.is_read_only() {
            return Err(Status::ACCESS_DENIED);
        }
        delete_files(&self.storage, self.base.record())
    }

    /// Deletes a log that is not open, by its metadata alone: also one whose containers are not all there, such as one
    /// whose deletion failed half-way. A file that is no container, or another log's, is left where it is.
    ///
    /// # Errors
    /// `SHARING_VIOLATION`: it is open. A violation of the format. Or what the storage reported.
    pub fn delete_closed(storage: &S) -> Result<(), OpenError> {
        let base_file = storage.open_base(Access::Write)?;
        let record = read_metadata(&base_file)?.base;
        storage.identify(record.client_name(StreamId::PHYSICAL).unwrap_or_default());
        for container in record.containers() {
            let name = record.container_name(container.physical).unwrap_or_default();
            let file = storage.open_container(name, Access::Write);
            if file.is_ok_and(|file| is_container(&file, container.size) == Ok(true)) {
                storage.delete_container(name)?;
            }
        }
        drop(base_file);
        Ok(storage.delete_base()?)
    }

    /// Whether a log that is not open is multiplexed, by its metadata alone.
    ///
    /// # Errors
    /// `SHARING_VIOLATION`: it is open. A violation of the format. Or what the storage reported.
    pub fn is_closed_multiplexed(storage: &S) -> Result<bool, OpenError> {
        let base_file = storage.open_base(Access::Read)?;
        Ok(read_metadata(&base_file)?.base.is_multiplexed())
    }

    /// Writes and flushes every record, and the metadata. Dropping a log instead is a crash, which it survives.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn close(mut self) -> Result<(), Status> {
        if self.is_read_only() {
            return Ok(());
        }
        for id in self.streams.ids().iter() {
            self.flush(id)?;
        }
        self.persist_closed()
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

fn delete_files(storage: &impl Storage, record: &BaseRecord) -> Result<(), Status> {
    for container in record.containers() {
        storage.delete_container(record.container_name(container.physical).unwrap_or_default())?;
    }
    storage.delete_base()
}
