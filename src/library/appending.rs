//! Records into a log through an area, and reservations for records to come.

use super::area::{Area, RoomSource};
use super::setting::Setting;
use crate::log::{Admission, RecordParts, lone_record_bytes};
use crate::units::{Lsn, Status};

/// How far an appended record gets before the call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Into the stream's block in memory.
    Memory,
    /// Into its container; the disk may still hold it back.
    Container,
    /// Onto the disk.
    Disk,
}

/// What is to be appended and reserved: all of it, or nothing.
#[derive(Debug)]
pub struct AppendRequest<'a> {
    /// The record; `None` to reserve only.
    pub record: Option<RecordParts<'a>>,
    /// Where the record goes.
    pub source: RoomSource,
    /// Data bytes of each record to reserve, or negative to free a reservation of that size. On success what was
    /// reserved or freed on disk. Empty if `source` is `Reserved`.
    pub adjustments: &'a mut [i64],
    /// How far the record gets.
    pub reach: Reach,
}

/// What was appended and reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The record's LSN; `None` if only room was reserved.
    pub lsn: Option<Lsn>,
    /// Whether it got as far as asked, or else `LOG_APPENDED_FLUSH_FAILED`.
    pub reached: Result<(), Status>,
}

impl<S: Setting> Area<S> {
    /// Appends a record, makes and frees reservations; returns the record's LSN.
    ///
    /// # Errors
    /// Nothing is appended or reserved then, but for the last one.
    /// * `ACCESS_DENIED`: the handle is not for writing. `LOG_MULTIPLEXED`: it is open on no stream.
    /// * `LOG_BLOCKS_EXHAUSTED`: no block of the area, or of this log, could hold one of the records.
    /// * `LOG_FULL`: no room for all of it. `LOG_NOT_ENOUGH_CONTAINERS`: fewer than two.
    /// * `LOG_RECORDS_RESERVED_INVALID`: more to free than is reserved. `LOG_SPACE_RESERVED_INVALID`: nothing, or not
    ///   enough, is reserved for the record.
    /// * `INVALID_PARAMETER`: an adjustment is 0, or there are some beside a record that uses a reservation; the area
    ///   was deleted.
    /// * `LOG_STATE_INVALID`: the log is stopped.
    /// * `LOG_APPENDED_FLUSH_FAILED`: all is done, but the record did not get as far as asked; the log is stopped.
    pub fn append(&self, request: AppendRequest<'_>) -> Result<Option<Lsn>, Status> {
        let Appended { lsn, reached } = self.append_and_tell(request)?;
        reached.map(|()| lsn)
    }

    /// As [`Area::append`], for who wants to know what was appended even if it did not get as far as asked.
    ///
    /// # Errors
    /// As there; nothing is appended or reserved then.
    pub fn append_and_tell(&self, request: AppendRequest<'_>) -> Result<Appended, Status> {
        self.check_writes()?;
        let AppendRequest { record, source, adjustments, reach } = request;
        if source == RoomSource::Reserved && (record.is_none() || !adjustments.is_empty()) {
            return Err(Status::INVALID_PARAMETER);
        }
        let largest = self.largest(record.as_ref(), adjustments)?;
        let may_free = source == RoomSource::Reserved || adjustments.iter().any(|wanted| *wanted < 0);
        let stream = self.stream();
        let lsn = self.log().append_with(may_free, |log| {
            log.allow_record(stream, largest)?;
            self.with_account(|account| match (source, &record) {
                (RoomSource::Reserved, Some(parts)) => {
                    log.append(stream, parts, Admission::Reserved(account)).map(Some)
                }
                _ => log.append_and_reserve(stream, record.as_ref(), account, adjustments),
            })
        })?;
        let reached = self.carry_on(reach).map_err(|_| Status::LOG_APPENDED_FLUSH_FAILED);
        Ok(Appended { lsn, reached })
    }

    fn carry_on(&self, reach: Reach) -> Result<(), Status> {
        let stream = self.stream();
        match reach {
            Reach::Memory => Ok(()),
            Reach::Container => self.log().append_with(true, |log| log.write_out(stream)),
            Reach::Disk => self.log().flush(stream),
        }
    }

    /// The data bytes of the largest record that blocks must be able to hold.
    fn largest(&self, record: Option<&RecordParts<'_>>, adjustments: &[i64]) -> Result<usize, Status> {
        let mut largest = record.map_or(0, RecordParts::data_bytes);
        for wanted in adjustments.iter().filter(|wanted| **wanted > 0) {
            let bytes = usize::try_from(*wanted).map_err(|_| Status::LOG_BLOCKS_EXHAUSTED)?;
            largest = largest.max(bytes);
        }
        self.check_record(largest)?;
        Ok(largest)
    }

    /// The bytes on disk that reservations for records of these data bytes take.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no sizes, or one is not above 0. `LOG_BLOCKS_EXHAUSTED`: no block of the area, or of this
    /// log, could hold one of the records. `ACCESS_DENIED`, `LOG_MULTIPLEXED`: as [`Area::append`]. `LOG_FULL`: blocks
    /// that large are not possible now.
    pub fn align(&self, sizes: &[i64]) -> Result<i64, Status> {
        self.check_writes()?;
        if sizes.is_empty() || sizes.iter().any(|size| *size <= 0) {
            return Err(Status::INVALID_PARAMETER);
        }
        let largest = self.largest(None, sizes)?;
        // The sum does not show how large the largest is.
        let stream = self.stream();
        self.log().append_with(false, |log| log.allow_record(stream, largest))?;
        sizes
            .iter()
            .try_fold(0_i64, |sum, size| {
                let bytes = lone_record_bytes(usize::try_from(*size).ok()?)?;
                sum.checked_add_unsigned(bytes)
            })
            .ok_or(Status::LOG_BLOCKS_EXHAUSTED)
    }

    /// Reserves room for `records` records, of the size that [`Area::align`] returned.
    ///
    /// # Errors
    /// `LOG_RECORDS_RESERVED_INVALID`: no record. `LOG_SPACE_RESERVED_INVALID`: no such size. `LOG_FULL`,
    /// `LOG_NOT_ENOUGH_CONTAINERS`, `ACCESS_DENIED`, `LOG_MULTIPLEXED`: as [`Area::append`].
    pub fn allocate_reserved(&self, records: u32, bytes: i64) -> Result<(), Status> {
        self.check_writes()?;
        let bytes = u64::try_from(bytes).map_err(|_| Status::LOG_SPACE_RESERVED_INVALID)?;
        let stream = self.stream();
        self.log().append_with(false, |log| {
            self.with_account(|account| log.allocate_reserved(stream, account, records.into(), bytes))
        })
    }

    /// Frees reservations. A positive `adjustment` says how many bytes are to stay reserved, for `records` records;
    /// otherwise `records` records and its absolute value are freed. With the last record all is freed.
    ///
    /// # Errors
    /// `LOG_RECORDS_RESERVED_INVALID`, `LOG_SPACE_RESERVED_INVALID`: less is reserved. `ACCESS_DENIED`,
    /// `LOG_MULTIPLEXED`: as [`Area::append`].
    pub fn free_reserved(&self, records: u32, adjustment: i64) -> Result<(), Status> {
        self.check_writes()?;
        self.log().append_with(true, |log| {
            self.with_account(|account| {
                let (mut records, mut bytes) = (u64::from(records), adjustment.unsigned_abs());
                if adjustment > 0 {
                    let held = (account.records(), account.bytes());
                    records = held.0.checked_sub(records).ok_or(Status::LOG_RECORDS_RESERVED_INVALID)?;
                    bytes = held.1.checked_sub(bytes).ok_or(Status::LOG_SPACE_RESERVED_INVALID)?;
                }
                log.free_reserved(account, records, bytes)
            })
        })
    }
}
