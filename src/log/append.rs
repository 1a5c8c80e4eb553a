//! Taking records in: admission, packing, reservations.

use super::open_block::{RecordParts, lone_record_bytes};
use super::physical_log::Log;
use super::space::{Claim, ReservationAccount};
use super::storage::Storage;
use crate::format::record::RecordKind;
use crate::units::{Lsn, SECTOR, Status, StreamId};

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
    /// * `LOG_BLOCKS_EXHAUSTED`: the record is larger than the stream's blocks may become ([`Log::allow_record`]).
    /// * `LOG_SPACE_RESERVED_INVALID`: the account holds no reserved record, or less room than this one takes.
    /// * `INVALID_PARAMETER`: no such stream. `ACCESS_DENIED`: the log was opened to be read.
    /// * `LOG_STATE_INVALID`: the log is stopped.
    pub fn append(&mut self, id: StreamId, parts: &RecordParts<'_>, admission: Admission<'_>) -> Result<Lsn, Status> {
        match admission {
            Admission::Free => self.append_record(id, parts, RecordKind::DATA, self.space.claim_free()),
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
        if account.records() == 0 || account.bytes() < cost {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        let lsn = self.append_record(id, parts, kind, self.space.claim_promised(cost))?;
        if self.space.spend(account, cost) {
            self.hold_restart_room();
        }
        self.condition.changed();
        Ok(lsn)
    }

    /// Puts a record into the stream's open block, if the room covers it beside what is promised to others.
    pub(super) fn append_record(
        &mut self,
        id: StreamId,
        parts: &RecordParts<'_>,
        kind: RecordKind,
        claim: Claim,
    ) -> Result<Lsn, Status> {
        self.may_append(id, claim.is_promised())?;
        let data_bytes = parts.data_bytes();
        let block = self.streams.get_mut(id)?.open_block(self.space.usual_limit())?;
        if !block.could_hold(data_bytes) {
            return Err(Status::LOG_BLOCKS_EXHAUSTED);
        }
        let has_room = block.has_room(data_bytes);
        let more = if has_room {
            block.disk_bytes_with(data_bytes).saturating_sub(block.disk_bytes())
        } else {
            lone_record_bytes(data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?
        };
        claim.admit(&self.room(), more)?;
        if !has_room {
            self.write_block(id)?;
            self.settle()?;
        }
        self.push_record(id, parts, kind)
    }

    fn push_record(&mut self, id: StreamId, parts: &RecordParts<'_>, kind: RecordKind) -> Result<Lsn, Status> {
        let end = self.head.end();
        let stream = self.streams.get_mut(id)?;
        let block = stream.block.as_mut().ok_or(Status::LOG_STATE_INVALID)?;
        let before = block.disk_bytes();
        let opens = block.is_empty();
        let lsn = block.push(end, kind, parts).map_err(|_| Status::LOG_BLOCKS_EXHAUSTED)?;
        let more = block.disk_bytes().saturating_sub(before);
        let is_first = !stream.has_records;
        if is_first {
            stream.has_records = true;
            stream.base = lsn;
            stream.base_position = Lsn::INVALID;
        }
        self.space.note_open(more);
        if more > 0 || opens || is_first {
            self.condition.changed();
        }
        Ok(lsn)
    }

    /// Room that was promised can be used however few containers are left.
    pub(super) fn may_append(&self, id: StreamId, is_promised: bool) -> Result<(), Status> {
        self.condition.writable()?;
        if self.is_multiplexed() && id == StreamId::PHYSICAL {
            return Err(Status::LOG_MULTIPLEXED);
        }
        if !is_promised && self.ring.count() < 2 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        self.streams.get(id).map(drop)
    }
}

/// Room for records to come: one at a time, or several with or without a record, all of it or nothing.
impl<S: Storage> Log<S> {
    /// Reserves room for one more record of up to `data_bytes`.
    ///
    /// # Errors
    /// `LOG_FULL`: no room that is not promised. `LOG_BLOCKS_EXHAUSTED`: no block could hold the record.
    /// `LOG_NOT_ENOUGH_CONTAINERS`, or `LOG_STATE_INVALID`: the log is stopped.
    pub fn reserve(&mut self, account: &mut ReservationAccount, data_bytes: usize) -> Result<(), Status> {
        self.condition.writable()?;
        if self.ring.count() < 2 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        let cost = lone_record_bytes(data_bytes).filter(|cost| *cost <= self.space.block_bytes());
        self.promise(account, 1, cost.ok_or(Status::LOG_BLOCKS_EXHAUSTED)?)
    }

    /// Appends a record into free room, if there is one, and changes reservations: each element of `adjustments` is the
    /// data bytes of a record to reserve, or negative to free a reservation of that size. Elements become what was
    /// reserved or freed on disk. What is freed counts as free for the record and for the other elements behind it.
    ///
    /// # Errors
    /// Nothing has changed then, `adjustments` included.
    /// * As [`Log::append`].
    /// * `LOG_FULL`: not enough room for all of it. `LOG_BLOCKS_EXHAUSTED`: no block could hold one of the records.
    /// * `LOG_RECORDS_RESERVED_INVALID`: more to free than is reserved. `INVALID_PARAMETER`: an element is 0.
    pub fn append_and_reserve(
        &mut self,
        id: StreamId,
        parts: Option<&RecordParts<'_>>,
        account: &mut ReservationAccount,
        adjustments: &mut [i64],
    ) -> Result<Option<Lsn>, Status> {
        let plan = self.space.plan(account, adjustments)?;
        // Giving back is possible however few containers are left.
        self.may_append(id, parts.is_none() && !plan.takes_room())?;
        let claim = self.space.claim_beside(plan);
        let lsn = match parts {
            Some(parts) => Some(self.append_record(id, parts, RecordKind::DATA, claim)?),
            None if plan.takes_room() => claim.admit(&self.room(), 0).map(|()| None)?,
            None => None,
        };
        if self.space.adjust(account, adjustments)? {
            self.hold_restart_room();
        }
        self.condition.changed();
        Ok(lsn)
    }

    /// Reserves `bytes` on disk for `records` more records of any sizes.
    ///
    /// # Errors
    /// * `LOG_RECORDS_RESERVED_INVALID`: no record. `LOG_SPACE_RESERVED_INVALID`: `bytes` is no sum of what
    ///   [`lone_record_bytes`] returns for so many records that blocks of this log can hold.
    /// * As [`Log::append_and_reserve`].
    pub fn allocate_reserved(
        &mut self,
        id: StreamId,
        account: &mut ReservationAccount,
        records: u64,
        bytes: u64,
    ) -> Result<(), Status> {
        if records == 0 {
            return Err(Status::LOG_RECORDS_RESERVED_INVALID);
        }
        let (least, most) = (records.saturating_mul(SECTOR), records.saturating_mul(self.space.block_bytes()));
        if !bytes.is_multiple_of(SECTOR) || bytes < least || bytes > most {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        self.may_append(id, false)?;
        self.promise(account, records, bytes)
    }

    fn promise(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) -> Result<(), Status> {
        let room = self.room();
        self.space.reserve(&room, account, records, bytes)?;
        self.condition.changed();
        Ok(())
    }

    /// Gives the reservations of `records` records back, and `bytes` on disk; with the last record, everything.
    ///
    /// # Errors
    /// `LOG_RECORDS_RESERVED_INVALID`, `LOG_SPACE_RESERVED_INVALID`: the account holds less.
    pub fn free_reserved(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) -> Result<(), Status> {
        if records > account.records() {
            return Err(Status::LOG_RECORDS_RESERVED_INVALID);
        }
        if bytes > account.bytes() {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        self.take_back(account, records, bytes);
        Ok(())
    }

    /// Gives everything back that the account holds.
    pub fn free_account(&mut self, account: &mut ReservationAccount) {
        self.take_back(account, account.records(), account.bytes());
    }

    fn take_back(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) {
        self.space.take_back(account, records, bytes);
        self.hold_restart_room();
        self.condition.changed();
    }
}
