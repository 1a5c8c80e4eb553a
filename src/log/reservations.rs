//! Reservations: one at a time, and by the set, with or without a record, all of it or nothing.

use super::open_block::{RecordParts, lone_record_bytes};
use super::physical_log::Log;
use super::space::ReservationAccount;
use super::storage::Storage;
use crate::format::record::RecordKind;
use crate::units::{Lsn, SECTOR, Status, StreamId};

impl<S: Storage> Log<S> {
    /// Reserves room for one more record of up to `data_bytes`.
    ///
    /// # Errors
    /// `LOG_FULL`: no room that is not promised. `LOG_BLOCKS_EXHAUSTED`: no block could hold the record.
    /// `LOG_NOT_ENOUGH_CONTAINERS`, or the status that stopped the log.
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
            None if plan.takes_room() => self.space.admit(&self.room(), claim, 0).map(|()| None)?,
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
