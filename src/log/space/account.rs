//! Reservation accounts.

use super::super::open_block::lone_record_bytes;
use crate::units::{SECTOR, Status};

/// Room that a client has reserved for records it will have to write, such as the end of a transaction.
///
/// One account belongs to one marshalling area; its reservations are the client's to use or to give back. It counts
/// records and the room of all of them together: a client that uses more for one record than it reserved has less left
/// for the others. What is left when no record is reserved any more is given back: nothing could use it.
///
/// # Invariants
/// Without records there are no bytes.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use = "a dropped account leaks its reservations until the log is closed"]
pub struct ReservationAccount {
    records: u64,
    bytes: u64,
}

impl ReservationAccount {
    /// Records that are reserved.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Bytes on disk that are reserved.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The same once more, to try changes on.
    pub(super) const fn copy(&self) -> Self {
        Self { records: self.records, bytes: self.bytes }
    }

    pub(super) const fn put(&mut self, records: u64, bytes: u64) {
        self.records = self.records.saturating_add(records);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Takes records and bytes out; returns the bytes that no longer are reserved, which with the last record are all.
    pub(super) fn take(&mut self, records: u64, bytes: u64) -> u64 {
        self.records = self.records.saturating_sub(records);
        let taken = if self.records == 0 { self.bytes } else { bytes.min(self.bytes) };
        self.bytes = self.bytes.saturating_sub(taken);
        taken
    }

    /// Reserves a record of that many data bytes, or frees one of that size if `wanted` is negative; returns what was
    /// reserved or freed, header and alignment included.
    ///
    /// A size to free may be the one that was asked for, or the one that was returned, which is a multiple of 512. One
    /// sector stays for each record that is left.
    pub(super) fn adjust(&mut self, wanted: i64, block_bytes: u64) -> Result<i64, Status> {
        let size = wanted.unsigned_abs();
        let lone = || usize::try_from(size).ok().and_then(lone_record_bytes);
        if wanted > 0 {
            let cost = lone().filter(|cost| *cost <= block_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
            self.put(1, cost);
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
}
