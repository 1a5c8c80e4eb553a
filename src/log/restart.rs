//! Restart areas: what a client needs to know to begin its recovery, and from where.

use super::append::Admission;
use super::cursor::{Cursor, ReadRecord};
use super::open_block::{OpenBlock, RecordParts};
use super::physical_log::Log;
use super::storage::Storage;
use crate::format::record::RecordKind;
use crate::units::{Lsn, Status, StreamId};

/// A restart area that is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenRestartArea {
    /// Its LSN.
    pub lsn: Lsn,
    /// The size of the block that was written for it, with the records that waited there.
    pub block_bytes: u64,
}

impl<S: Storage> Log<S> {
    /// Appends a restart area, flushes it, and makes it the stream's newest, with a new base if one is given; all of
    /// that or nothing survives a crash. Returns the restart area's LSN.
    ///
    /// Every stream has room held back for one restart area of up to [`super::RESTART_BYTES_HELD`] bytes, so that it
    /// can be written on a full log; that room is held again as soon as there is space.
    ///
    /// # Errors
    /// As [`Log::append`] and [`Log::advance_base`]; nothing has changed then, but that a failed write or flush stops
    /// the log.
    pub fn write_restart_area(&mut self, id: StreamId, data: &[&[u8]], base: Option<Lsn>) -> Result<Lsn, Status> {
        self.write_restart_area_in(id, data, base, Admission::Free).map(|written| written.lsn)
    }

    /// As [`Log::write_restart_area`], in room that `admission` names: room that an account holds is used before the
    /// room that is held back for the stream.
    ///
    /// # Errors
    /// As [`Log::write_restart_area`].
    pub fn write_restart_area_in(
        &mut self,
        id: StreamId,
        data: &[&[u8]],
        base: Option<Lsn>,
        admission: Admission<'_>,
    ) -> Result<WrittenRestartArea, Status> {
        self.condition.writable()?;
        if let Some(base) = base {
            self.check_base(id, base)?;
        }
        let previous = self.streams.get(id)?.restart;
        let parts = RecordParts { data, undo_next: Lsn::NULL, previous };
        let lsn = match admission {
            Admission::Free => self.append_restart(id, &parts)?,
            Admission::Reserved(account) => self.append_reserved(id, &parts, RecordKind::RESTART, account)?,
        };
        let block_bytes = self.streams.get(id)?.unwritten().map_or(0, OpenBlock::disk_bytes);
        self.flush(id)?;
        self.streams.get_mut(id)?.restart = lsn;
        if let Some(base) = base {
            self.set_base(id, base)?;
        }
        self.recycle()?;
        Ok(WrittenRestartArea { lsn, block_bytes })
    }

    fn append_restart(&mut self, id: StreamId, parts: &RecordParts<'_>) -> Result<Lsn, Status> {
        let outcome = self.append_record(id, parts, RecordKind::RESTART, self.space.claim_free());
        let held = self.space.restart_area_of(id);
        match (outcome, held) {
            (Err(Status::LOG_FULL | Status::LOG_NOT_ENOUGH_CONTAINERS), Some(held)) => {
                let lsn = self.append_record(id, parts, RecordKind::RESTART, self.space.claim_promised(held))?;
                self.space.release_restart_area(id);
                Ok(lsn)
            }
            (outcome, _) => outcome,
        }
    }

    /// Reads the stream's newest restart area and places the cursor there.
    ///
    /// # Errors
    /// `LOG_NO_RESTART`: the stream has none. Else as [`Log::read`].
    pub fn read_restart_area<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        let restart = self.streams.get(cursor.stream())?.restart;
        self.read_restart_at(cursor, restart)
    }

    /// Reads the restart area before the one that the cursor is at.
    ///
    /// # Errors
    /// `LOG_NO_RESTART`: there is none, or it is below the base. `LOG_READ_CONTEXT_INVALID`: the cursor is not at a
    /// restart area. Else as [`Log::read`].
    pub fn read_previous_restart_area<'c>(&self, cursor: &'c mut Cursor) -> Result<ReadRecord<'c>, Status> {
        let here = cursor.here().filter(|record| record.kind == RecordKind::RESTART);
        let previous = here.ok_or(Status::LOG_READ_CONTEXT_INVALID)?.previous;
        self.read_restart_at(cursor, previous)
    }

    fn read_restart_at<'c>(&self, cursor: &'c mut Cursor, lsn: Lsn) -> Result<ReadRecord<'c>, Status> {
        if !lsn.is_valid() || lsn < self.streams.get(cursor.stream())?.base {
            return Err(Status::LOG_NO_RESTART);
        }
        let record = self.read(cursor, lsn)?;
        if record.kind == RecordKind::RESTART { Ok(record) } else { Err(Status::LOG_RESTART_INVALID) }
    }
}
