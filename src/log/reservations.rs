//! Reservations by the set: several at once, with or without a record, all of it or nothing.

use super::Log;
use super::open_block::{RecordParts, lone_record_bytes};
use super::space::ReservationAccount;
use super::storage::Storage;
use crate::format::record::RecordKind;
use crate::units::{Lsn, SECTOR, Status, StreamId};

impl ReservationAccount {
    /// Reserves a record of that many data bytes, or frees one of that size if `wanted` is negative; answers what was
    /// reserved or freed, header and alignment included.
    ///
    /// A size to free may be the one that was asked for, or the one that was answered, which is a multiple of 512. One
    /// sector stays for each record that is left.
    fn adjust(&mut self, wanted: i64, block_bytes: u64) -> Result<i64, Status> {
        let size = wanted.unsigned_abs();
        let lone = || usize::try_from(size).ok().and_then(lone_record_bytes);
        if wanted > 0 {
            let cost = lone().filter(|cost| *cost <= block_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
            self.records = self.records.saturating_add(1);
            self.bytes = self.bytes.saturating_add(cost);
            return i64::try_from(cost).map_err(|_| Status::LOG_BLOCKS_EXHAUSTED);
        }
        if wanted == 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        if self.records == 0 {
            return Err(Status::LOG_RECORDS_RESERVED_INVALID);
        }
        let is_aligned = size.is_multiple_of(SECTOR);
        let size = if is_aligned { size } else { lone().unwrap_or(u64::MAX) };
        let kept = self.records.saturating_sub(1).saturating_mul(SECTOR);
        let freed = self.take(1, size.min(self.bytes.saturating_sub(kept)));
        Ok(i64::try_from(freed).unwrap_or(i64::MAX).saturating_neg())
    }

    const fn copy(&self) -> Self {
        Self { records: self.records, bytes: self.bytes }
    }
}

impl<S: Storage> Log<S> {
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
        let block_bytes = self.block_bytes();
        let mut planned = account.copy();
        for wanted in adjustments.iter() {
            planned.adjust(*wanted, block_bytes)?;
        }
        let takes_room = parts.is_some() || planned.bytes > account.bytes;
        // Giving back is possible however few containers are left.
        self.may_append(id, u64::from(!takes_room))?;
        let before = self.promises.reserved;
        self.promises.reserved = before.saturating_sub(account.bytes).saturating_add(planned.bytes);
        let outcome = match parts {
            Some(parts) => self.append_record(id, parts, RecordKind::DATA, 0).map(Some),
            None if takes_room && self.promises.total() > self.room().certain() => Err(Status::LOG_FULL),
            None => Ok(None),
        };
        if outcome.is_err() {
            self.promises.reserved = before;
            return outcome;
        }
        let is_less = planned.bytes < account.bytes;
        for wanted in adjustments {
            *wanted = account.adjust(*wanted, block_bytes)?;
        }
        if is_less {
            self.hold_restart_room();
        }
        self.changed();
        outcome
    }

    /// Reserves `bytes` on disk for `records` more records of any sizes.
    ///
    /// # Errors
    /// * `LOG_RECORDS_RESERVED_INVALID`: no record. `LOG_SPACE_RESERVED_INVALID`: `bytes` is no sum of what
    ///   [`lone_record_bytes`] answers for so many records that blocks of this log can hold.
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
        let (least, most) = (records.saturating_mul(SECTOR), records.saturating_mul(self.block_bytes()));
        if !bytes.is_multiple_of(SECTOR) || bytes < least || bytes > most {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        self.may_append(id, 0)?;
        self.promise(account, records, bytes)
    }

    /// Promises the account `bytes` on disk for `records` more records, if that much is free.
    pub(super) fn promise(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) -> Result<(), Status> {
        if self.promises.total().saturating_add(bytes) > self.room().certain() {
            return Err(Status::LOG_FULL);
        }
        account.records = account.records.saturating_add(records);
        account.bytes = account.bytes.saturating_add(bytes);
        self.promises.reserved = self.promises.reserved.saturating_add(bytes);
        self.changed();
        Ok(())
    }

    /// Gives the reservations of `records` records back, and `bytes` on disk; with the last record, everything.
    ///
    /// # Errors
    /// `LOG_RECORDS_RESERVED_INVALID`, `LOG_SPACE_RESERVED_INVALID`: the account holds less.
    pub fn free_reserved(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) -> Result<(), Status> {
        if records > account.records {
            return Err(Status::LOG_RECORDS_RESERVED_INVALID);
        }
        if bytes > account.bytes {
            return Err(Status::LOG_SPACE_RESERVED_INVALID);
        }
        let freed = account.take(records, bytes);
        self.give_back(freed);
        Ok(())
    }
}
