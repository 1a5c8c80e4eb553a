//! The streams of a multiplexed log.

use super::Log;
use super::space::restart_hold;
use super::storage::{Storage, StorageFile};
use super::stream::Stream;
use crate::format::context::ClientContext;
use crate::units::{Lsn, Status, StreamId};

impl<S: Storage> Log<S> {
    /// Finds a stream by its name, as `log:<path>::<name>` does.
    pub fn find_stream(&self, name: &[u16]) -> Option<StreamId> {
        self.metadata.base.client_named(name).map(|client| client.id).filter(|id| *id != StreamId::PHYSICAL)
    }

    /// The name of a stream; of the physical log, the path of the base log file when it was created.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn stream_name(&self, id: StreamId) -> Result<&[u16], Status> {
        self.metadata.base.client_name(id).ok_or(Status::INVALID_PARAMETER)
    }

    /// Adds a stream. Durable when it returns.
    ///
    /// # Errors
    /// * `LOG_DEDICATED`: the log has one stream for life.
    /// * `OBJECT_NAME_INVALID`: an empty name, or one with a NUL. `OBJECT_NAME_COLLISION`: the name is taken.
    /// * `INSUFFICIENT_RESOURCES`: 96 streams exist, or there is no memory.
    /// * `LOG_METADATA_FLUSH_FAILED`, `ACCESS_DENIED`, or the status that stopped the log.
    pub fn create_stream(&mut self, name: &[u16]) -> Result<StreamId, Status> {
        self.writable()?;
        if !self.layout.is_multiplexed {
            return Err(Status::LOG_DEDICATED);
        }
        if name.is_empty() || name.contains(&0) {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        if self.metadata.base.client_named(name).is_some() {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.flush_written()?;
        let id = self.metadata.base.free_client_id().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        self.metadata.base.add_client(name, ClientContext::new(id))?;
        self.set_stream(Stream::empty(id, self.end));
        self.hold_restart_room();
        self.persist()?;
        self.changed();
        Ok(id)
    }

    /// Removes a stream and its records. Durable when it returns.
    ///
    /// # Errors
    /// `LOG_DEDICATED`; `INVALID_PARAMETER`: no such stream, or the physical log. Or as [`Log::advance_base`].
    pub fn delete_stream(&mut self, id: StreamId) -> Result<(), Status> {
        self.writable()?;
        if !self.layout.is_multiplexed {
            return Err(Status::LOG_DEDICATED);
        }
        if id == StreamId::PHYSICAL {
            return Err(Status::INVALID_PARAMETER);
        }
        self.flush_written()?;
        let stream = self.stream(id)?;
        let unwritten = stream.block.as_ref().map_or(0, super::open_block::OpenBlock::disk_bytes);
        let held = if stream.holds_restart_room { restart_hold() } else { 0 };
        self.promises.open_blocks = self.promises.open_blocks.saturating_sub(unwritten);
        self.promises.restart_areas = self.promises.restart_areas.saturating_sub(held);
        if let Some(slot) = self.streams.get_mut(usize::from(id.0)) {
            *slot = None;
        }
        self.metadata.base.remove_client(id);
        self.recycle()
    }

    /// Makes every written block durable, so that recovery cannot take an old stream's block for one of a new stream
    /// with the same id.
    fn flush_written(&mut self) -> Result<(), Status> {
        if let Some(container) = self.ring.get(self.end.container()) {
            container.file.clone().flush().map_err(|status| self.stop(status))?;
        }
        self.flushed = self.end;
        Ok(())
    }

    /// The next available LSN of a stream: above every record's, and what the base may be moved to at most.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn last_lsn(&self, id: StreamId) -> Result<Lsn, Status> {
        let stream = self.stream(id)?;
        Ok(stream.unwritten().map_or_else(|| self.end.max(stream.base), super::open_block::OpenBlock::next_lsn))
    }
}
