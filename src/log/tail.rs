//! Moving tails, and recycling what they leave behind.
//!
//! A container is recycled when every stream's base, and the archive tail, has passed it. The metadata that say so are
//! durable before anything is written into it.

use super::cursor::{Cursor, Direction};
use super::physical_log::Log;
use super::storage::Storage;
use super::stream::Stream;
use crate::units::memory::OutOfMemory;
use crate::units::{Lsn, Status, StreamId};

impl<S: Storage> Log<S> {
    /// Moves a stream's base to `base`: records below it are no longer wanted. Durable when it returns, as far as the
    /// log is: a crash may take a base that is ahead of what was flushed back to there.
    ///
    /// The LSN need not be a record's; it may be [`Log::last_lsn`]. A restart area below it is gone.
    ///
    /// # Errors
    /// * `LOG_START_OF_LOG`: below the present base. `LOG_TAIL_INVALID`: behind the stream's end.
    /// * `LOG_MULTIPLEXED`: the physical log has no tail of its own.
    /// * `INVALID_PARAMETER`: no LSN, or no such stream. `ACCESS_DENIED`: opened to be read.
    /// * `LOG_METADATA_FLUSH_FAILED`, or `LOG_STATE_INVALID`: the log is stopped.
    pub fn advance_base(&mut self, id: StreamId, base: Lsn) -> Result<(), Status> {
        self.check_base(id, base)?;
        self.set_base(id, base)?;
        self.recycle()
    }

    /// Makes a stream as if nothing had been written to it: its base, and the archive tail, go to its end, and with
    /// them its restart areas. LSNs go on from there. Durable when it returns, as [`Log::advance_base`].
    ///
    /// # Errors
    /// As [`Log::advance_base`].
    pub fn reset_stream(&mut self, id: StreamId) -> Result<(), Status> {
        let end = self.last_lsn(id)?;
        self.check_base(id, end)?;
        let stream = self.streams.get_mut(id)?;
        stream.archive_tail = stream.archive_tail.map(|_| end);
        self.advance_base(id, end)
    }

    /// Whether `base` may become the stream's base.
    pub(super) fn check_base(&self, id: StreamId, base: Lsn) -> Result<(), Status> {
        self.condition.writable()?;
        let stream = self.streams.get(id)?;
        if self.is_multiplexed() && id == StreamId::PHYSICAL {
            return Err(Status::LOG_MULTIPLEXED);
        }
        if !base.is_valid() {
            return Err(Status::INVALID_PARAMETER);
        }
        if base < stream.base {
            return Err(Status::LOG_START_OF_LOG);
        }
        if base > self.last_lsn(id)? {
            return Err(Status::LOG_TAIL_INVALID);
        }
        Ok(())
    }

    pub(super) fn set_base(&mut self, id: StreamId, base: Lsn) -> Result<(), Status> {
        let last = self.last_lsn(id)?;
        // Checked before a restart area was appended, which may have given an empty stream its base: that one is not
        // taken back to where others have recycled.
        let base = base.max(self.streams.get(id)?.base);
        let base_position = self.position_of(id, base);
        let stream = self.streams.get_mut(id)?;
        stream.base = base;
        stream.base_position = base_position;
        stream.has_records = base < last && stream.has_records;
        if stream.restart < base {
            stream.restart = Lsn::INVALID;
        }
        self.condition.changed();
        Ok(())
    }

    /// Where a stream's record is in the physical log: of a dedicated log, where its LSN says.
    ///
    /// # Errors
    /// `LOG_RECORD_NONEXISTENT`: no record of the stream has this LSN, or it has not been written. Else as
    /// [`Log::read`].
    pub fn physical_lsn(&self, id: StreamId, lsn: Lsn) -> Result<Lsn, Status> {
        let mut cursor = Cursor::new(id, Direction::Forward);
        let found = self.read(&mut cursor, lsn)?.lsn;
        let position = cursor.position();
        if found != lsn || !position.is_valid() {
            return Err(Status::LOG_RECORD_NONEXISTENT);
        }
        Ok(position.with_record(lsn.record()))
    }

    /// The physical LSN of a stream's record, `INVALID` when it is not on disk or not a record.
    fn position_of(&self, id: StreamId, lsn: Lsn) -> Lsn {
        if !self.is_multiplexed() {
            return Lsn::INVALID;
        }
        let mut cursor = Cursor::new(id, Direction::Forward);
        let is_found = self.read(&mut cursor, lsn).is_ok();
        let position = cursor.position();
        if is_found && position.is_valid() { position.with_record(lsn.record()) } else { Lsn::INVALID }
    }

    /// Sets the archive tail of a non-ephemeral log: what lies below it has been archived. Durable when it returns.
    ///
    /// # Errors
    /// `LOG_EPHEMERAL`: the log is not archived. `LOG_TAIL_INVALID`: below the present archive tail or behind the end.
    /// `INVALID_PARAMETER`: no LSN. Else as [`Log::advance_base`].
    pub fn set_archive_tail(&mut self, tail: Lsn) -> Result<(), Status> {
        self.condition.writable()?;
        if !tail.is_valid() {
            return Err(Status::INVALID_PARAMETER);
        }
        let last = self.last_lsn(StreamId::PHYSICAL)?;
        let present = self.streams.get(StreamId::PHYSICAL)?.archive_tail.ok_or(Status::LOG_EPHEMERAL)?;
        if tail < present || tail > last {
            return Err(Status::LOG_TAIL_INVALID);
        }
        self.streams.get_mut(StreamId::PHYSICAL)?.archive_tail = Some(tail);
        self.recycle()
    }

    /// The oldest container that anything still wants; the one at the end of the log at the latest.
    pub(super) fn first_wanted(&self) -> u32 {
        let tails = self.streams.iter().filter_map(Stream::tail);
        let archive = self.streams.iter().filter_map(|stream| stream.archive_tail);
        tails.chain(archive).map(Lsn::container).fold(self.end_container(), u32::min)
    }

    /// Gives containers that nothing wants any more their next life, or removes those that were to be deleted.
    pub(super) fn recycle(&mut self) -> Result<(), Status> {
        if self.first_wanted() > self.head.flushed().container() {
            // The metadata name what is durable, which must not lie in a container that goes.
            self.flush_written()?;
        }
        let passed = self.first_wanted().saturating_sub(self.ring.first()).min(self.ring.count());
        for _ in 0..passed {
            let is_pending = self.ring.get(self.ring.first()).is_some_and(|container| container.is_pending_delete);
            // The last container stays: a log without one has lost its place.
            if is_pending && self.ring.count() > 1 {
                if let Some(container) = self.ring.remove_first() {
                    self.base.leave(container.physical)?;
                }
            } else if self.ring.recycle_first().is_none() {
                break;
            }
        }
        self.hold_restart_room();
        self.persist()?;
        self.condition.changed();
        self.base.delete_left(&self.storage);
        self.settle()
    }

    /// Makes room for `more` containers to leave, besides those that are pending.
    pub(super) fn reserve_leaving(&mut self, more: usize) -> Result<(), OutOfMemory> {
        let pending = self.ring.iter().filter(|container| container.is_pending_delete);
        let room = pending.count().saturating_add(more);
        self.base.reserve_leaving(room)
    }
}
