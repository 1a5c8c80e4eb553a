//! Making records durable.
//!
//! A flush is cut in two so that the slow half, the disk's, can run outside the owner's lock: `begin_flush` writes the
//! stream's open block and says which file to flush, `finish_flush` notes the outcome. Several flushes may overlap.

use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::storage::{Storage, StorageFile};
use crate::units::{Lsn, Status, StreamId};

/// What is to be flushed for a stream's records to be durable.
#[derive(Debug)]
#[must_use = "the records are durable only when the file was flushed and the log has noted it"]
pub struct FlushTicket<F> {
    file: F,
    upto: Lsn,
}

impl<F: StorageFile> FlushTicket<F> {
    /// The slow half: flushes the file. Needs no lock.
    ///
    /// # Errors
    /// What the storage reported; hand it to [`Log::finish_flush`] either way.
    pub fn run(&self) -> Result<(), Status> {
        self.file.flush()
    }
}

impl<S: Storage> Log<S> {
    /// Writes the stream's unwritten records; `None` when everything of the stream is durable already.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream. `ACCESS_DENIED`: opened to be read. `LOG_STATE_INVALID`: stopped. Or what
    /// the storage reported; the log is stopped then.
    pub fn begin_flush(&mut self, id: StreamId) -> Result<Option<FlushTicket<S::File>>, Status> {
        self.write_out(id)?;
        if self.streams.get(id)?.written_end <= self.head.flushed() {
            return Ok(None);
        }
        let container = self.ring.get(self.end_container()).ok_or(Status::LOG_STATE_INVALID)?;
        Ok(Some(FlushTicket { file: container.file()?.clone(), upto: self.head.end() }))
    }

    /// Writes the stream's unwritten records; they are not durable yet.
    ///
    /// # Errors
    /// As [`Log::begin_flush`].
    pub fn write_out(&mut self, id: StreamId) -> Result<(), Status> {
        self.condition.writable()?;
        self.write_block(id)?;
        self.settle()
    }

    /// Notes how a flush ended.
    ///
    /// # Errors
    /// The flush's own; the log is stopped then, because the disk may have dropped what it could not write. The status
    /// that stopped the log meanwhile. Outcomes may come in any order: that no flush beside one that failed succeeds is
    /// the storage's part ([`StorageFile::flush`]).
    pub fn finish_flush(&mut self, ticket: &FlushTicket<S::File>, outcome: Result<(), Status>) -> Result<(), Status> {
        outcome.map_err(|status| self.condition.stop(status))?;
        self.condition.fault().map_or(Ok(()), Err)?;
        self.io.note_flush();
        // The container may have been left meanwhile; leaving one flushes it.
        self.head.note_flushed(ticket.upto);
        Ok(())
    }

    /// Makes every record of the stream durable.
    ///
    /// # Errors
    /// As [`Log::begin_flush`] and [`Log::finish_flush`].
    pub fn flush(&mut self, id: StreamId) -> Result<(), Status> {
        let Some(ticket) = self.begin_flush(id)? else {
            return Ok(());
        };
        let outcome = ticket.run();
        self.finish_flush(&ticket, outcome)
    }

    /// Makes the stream's records up to and including `lsn` durable, and returns the LSN below which they are.
    ///
    /// # Errors
    /// As [`Log::flush`]; `INVALID_PARAMETER` for an LSN that the stream has not reached.
    pub fn flush_to_lsn(&mut self, id: StreamId, lsn: Lsn) -> Result<Lsn, Status> {
        if !lsn.is_valid() || lsn > self.last_lsn(id)? {
            return Err(Status::INVALID_PARAMETER);
        }
        if !self.is_durable(id, lsn)? {
            self.flush(id)?;
        }
        self.durable_lsn(id)
    }

    /// Makes every written block durable. So recovery cannot take an old stream's block for one of a new stream with
    /// the same id, nor miss what ran on out of a container that goes.
    pub(super) fn flush_written(&mut self) -> Result<(), Status> {
        if let Some(container) = self.ring.get(self.end_container()) {
            container.file()?.flush().map_err(|status| self.condition.stop(status))?;
        }
        self.head.note_flushed(self.head.end());
        Ok(())
    }

    /// Whether the record at `lsn` is certain to survive.
    pub(super) fn is_durable(&self, id: StreamId, lsn: Lsn) -> Result<bool, Status> {
        Ok(lsn < self.durable_lsn(id)?)
    }

    /// The LSN below which all records of the stream are durable.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn durable_lsn(&self, id: StreamId) -> Result<Lsn, Status> {
        let stream = self.streams.get(id)?;
        if stream.written_end > self.head.flushed() {
            return Ok(stream.undurable_from);
        }
        Ok(stream.unwritten().map_or_else(|| self.head.end().max(stream.base), OpenBlock::lsn))
    }
}
