//! The streams of a multiplexed log.

use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::storage::Storage;
use super::stream::Stream;
use crate::format::context::ClientContext;
use crate::units::{Lsn, Status, StreamId};

impl<S: Storage> Log<S> {
    /// Finds a stream by its name, as `log:<path>::<name>` does.
    pub fn find_stream(&self, name: &[u16]) -> Option<StreamId> {
        self.base.record().client_named(name).map(|client| client.id).filter(|id| *id != StreamId::PHYSICAL)
    }

    /// The name of a stream; of the physical log, the path of the base log file when it was created.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn stream_name(&self, id: StreamId) -> Result<&[u16], Status> {
        self.base.record().client_name(id).ok_or(Status::INVALID_PARAMETER)
    }

    /// Adds a stream. Durable when it returns.
    ///
    /// # Errors
    /// * `LOG_DEDICATED`: the log has one stream for life.
    /// * `OBJECT_NAME_INVALID`: an empty name, or one with a NUL. `OBJECT_NAME_COLLISION`: the name is taken.
    /// * `INSUFFICIENT_RESOURCES`: 96 streams exist, there is no memory, or no metadata block takes all names. What the
    ///   storage reported, such as `DISK_FULL`: there is no room for the metadata.
    /// * `LOG_METADATA_FLUSH_FAILED`, `ACCESS_DENIED`, or `LOG_STATE_INVALID`: the log is stopped.
    pub fn create_stream(&mut self, name: &[u16]) -> Result<StreamId, Status> {
        self.condition.writable()?;
        if !self.is_multiplexed() {
            return Err(Status::LOG_DEDICATED);
        }
        if name.is_empty() || name.contains(&0) {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        if self.base.record().client_named(name).is_some() {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.flush_written()?;
        let id = self.base.record().free_client_id().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        self.base.record_mut().add_client(name, ClientContext::new(id))?;
        if !self.base.is_writable() {
            self.base.record_mut().remove_client(id);
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        self.streams.insert(Stream::empty(id, self.head.end()));
        self.persist_or(|log| {
            log.streams.remove(id);
            log.base.record_mut().remove_client(id);
        })?;
        self.hold_restart_room();
        self.condition.changed();
        Ok(id)
    }

    /// Removes a stream and its records. Durable when it returns.
    ///
    /// # Errors
    /// `LOG_DEDICATED`; `INVALID_PARAMETER`: no such stream, or the physical log. Or as [`Log::advance_base`].
    pub fn delete_stream(&mut self, id: StreamId) -> Result<(), Status> {
        self.condition.writable()?;
        if !self.is_multiplexed() {
            return Err(Status::LOG_DEDICATED);
        }
        if id == StreamId::PHYSICAL {
            return Err(Status::INVALID_PARAMETER);
        }
        self.flush_written()?;
        let unwritten = self.streams.get(id)?.block.as_ref().map_or(0, OpenBlock::disk_bytes);
        self.space.note_written(unwritten);
        self.space.release_restart_area(id);
        self.streams.remove(id);
        self.base.record_mut().remove_client(id);
        self.recycle()
    }

    /// The next available LSN of a stream: above every record's, and what the base may be moved to at most.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn last_lsn(&self, id: StreamId) -> Result<Lsn, Status> {
        let stream = self.streams.get(id)?;
        Ok(stream.unwritten().map_or_else(|| self.head.end().max(stream.base), OpenBlock::next_lsn))
    }
}
