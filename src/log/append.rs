//! Taking records in: admission, packing, reservations.

use super::Log;
use super::open_block::{RecordParts, lone_record_bytes};
use super::space::{ReservationAccount, restart_hold};
use super::storage::Storage;
use super::write::Forced;
use crate::format::record::RecordKind;
use crate::units::{Lsn, Status, StreamId};

/// Which room a record may use.
#[derive(Debug)]
pub enum Admission<'a> {
    /// Room that nobody has been promised.
    Free,
    /// Room that this account holds.
    Reserved(&'a mut ReservationAccount),
}

impl<S: Storage> Log<S> {
    /// Appends a data record and returns its LSN. The record is in memory until its block is full or flushed.
    ///
    /// # Errors
    /// * `LOG_FULL`: no room that is not promised; nothing was appended.
    /// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has fewer than two, and no room was reserved.
    /// * `LOG_MULTIPLEXED`: records of a multiplexed log belong to a stream, not to the physical log.
    /// * `LOG_BLOCKS_EXHAUSTED`: the record is larger than the largest block.
    /// * `LOG_SPACE_RESERVED_INVALID`: the account holds no reserved record, or less room than this one takes.
    /// * `INVALID_PARAMETER`: no such stream. `ACCESS_DENIED`: the log was opened to be read.
    /// * The status that stopped the log.
    pub fn append(&mut self, id: StreamId, parts: &RecordParts<'_>, admission: Admission<'_>) -> Result<Lsn, Status> {
        match admission {
            Admission::Free => self.append_record(id, parts, RecordKind::DATA, 0),
            Admission::Reserved(account) => self.append_reserved(id, parts, RecordKind::DATA, account),
        }
    }

    /// Appends a record into room that the account holds. With its last record the account gives back what is left.
    pub(super) fn append_reserved(
        &mut self,
        id: StreamId,
        parts: &RecordParts<'_>,
        kind: RecordKind,
        account: &mut ReservationAccount,
    ) -> Result<Lsn, Status> {
        let cost = lone_record_bytes(parts.data_bytes()).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
        if account.records == 0 || account.bytes < cost {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        let lsn = self.append_record(id, parts, kind, cost)?;
        let spent = account.take(1, cost);
        self.promises.reserved = self.promises.reserved.saturating_sub(spent);
        if spent > cost {
            self.hold_restart_room();
        }
        self.changed();
        Ok(lsn)
    }

    /// Puts a record into the stream's open block; `promised` bytes of the promises are its own.
    pub(super) fn append_record(
        &mut self,
        id: StreamId,
        parts: &RecordParts<'_>,
        kind: RecordKind,
        promised: u64,
    ) -> Result<Lsn, Status> {
        self.may_append(id, promised)?;
        let data_bytes = parts.data_bytes();
        self.open_block_of(id)?;
        let block = self.stream(id)?.block.as_ref().ok_or(Status::LOG_STATE_INVALID)?;
        if !block.could_hold(data_bytes) {
            return Err(Status::LOG_BLOCKS_EXHAUSTED);
        }
        let has_room = block.has_room(data_bytes);
        let more = if has_room {
            block.disk_bytes_with(data_bytes).saturating_sub(block.disk_bytes())
        } else {
            lone_record_bytes(data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?
        };
        let others = self.promises.total().saturating_sub(promised);
        if others.saturating_add(more) > self.room().certain() {
            return Err(Status::LOG_FULL);
        }
        if !has_room {
            self.write_block(id, Forced::No)?;
            self.settle()?;
        }
        self.push_record(id, parts, kind)
    }

    fn push_record(&mut self, id: StreamId, parts: &RecordParts<'_>, kind: RecordKind) -> Result<Lsn, Status> {
        let end = self.end;
        let stream = self.stream_mut(id)?;
        let is_first = !stream.has_records;
        let block = stream.block.as_mut().ok_or(Status::LOG_STATE_INVALID)?;
        let before = block.disk_bytes();
        let opens = block.is_empty();
        let lsn = block.push(end, kind, parts).map_err(|_| Status::LOG_BLOCKS_EXHAUSTED)?;
        let more = block.disk_bytes().saturating_sub(before);
        if is_first {
            stream.has_records = true;
            stream.base = lsn;
            stream.base_position = Lsn::INVALID;
        }
        self.promises.open_blocks = self.promises.open_blocks.saturating_add(more);
        if more > 0 || opens || is_first {
            self.changed();
        }
        Ok(lsn)
    }

    /// Room that was promised can be used however few containers are left.
    pub(super) fn may_append(&self, id: StreamId, promised: u64) -> Result<(), Status> {
        self.writable()?;
        if self.layout.is_multiplexed && id == StreamId::PHYSICAL {
            return Err(Status::LOG_MULTIPLEXED);
        }
        if promised == 0 && self.ring.count() < 2 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        self.stream(id).map(drop)
    }

    /// Makes sure that the stream has memory for its block.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or `INVALID_PARAMETER` for no such stream.
    pub(super) fn open_block_of(&mut self, id: StreamId) -> Result<(), Status> {
        let limit = self.block_limit;
        let stream = self.stream_mut(id)?;
        if stream.block.is_none() {
            stream.block = Some(super::open_block::OpenBlock::new(limit)?);
        }
        Ok(())
    }

    /// Reserves room for one more record of up to `data_bytes`.
    ///
    /// # Errors
    /// `LOG_FULL`: no room that is not promised. `LOG_BLOCKS_EXHAUSTED`: no block could hold the record.
    /// `LOG_NOT_ENOUGH_CONTAINERS`, or the status that stopped the log.
    pub fn reserve(&mut self, account: &mut ReservationAccount, data_bytes: usize) -> Result<(), Status> {
        self.writable()?;
        if self.ring.count() < 2 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        let cost = lone_record_bytes(data_bytes).filter(|cost| *cost <= self.block_bytes());
        self.promise(account, 1, cost.ok_or(Status::LOG_BLOCKS_EXHAUSTED)?)
    }

    /// Gives everything back that the account holds.
    pub fn free_account(&mut self, account: &mut ReservationAccount) {
        let bytes = core::mem::take(account).bytes;
        self.give_back(bytes);
    }

    pub(super) fn give_back(&mut self, bytes: u64) {
        self.promises.reserved = self.promises.reserved.saturating_sub(bytes);
        self.hold_restart_room();
        self.changed();
    }

    /// Holds room back for the restart areas of streams that have none, as far as there is room.
    pub(super) fn hold_restart_room(&mut self) {
        let certain = self.room().certain();
        let mut total = self.promises.total();
        let is_multiplexed = self.layout.is_multiplexed;
        let waiting = self.streams.iter_mut().flatten().filter(|stream| !stream.holds_restart_room);
        for stream in waiting.filter(|stream| !is_multiplexed || stream.id != StreamId::PHYSICAL) {
            total = total.saturating_add(restart_hold());
            if total > certain {
                return;
            }
            stream.holds_restart_room = true;
            self.promises.restart_areas = self.promises.restart_areas.saturating_add(restart_hold());
        }
    }
}
