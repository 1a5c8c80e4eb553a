//! A marshalling area: what a client writes its records and makes its reservations through.
//!
//! The log packs the records of a stream into one block, whichever area they come from, and keeps the memory for it:
//! an area is a reservation account with limits. Its block size bounds its records: a record is as large as its block
//! allows at most. The blocks of a stream are as large as any of its records has needed so far ([`Log::allow_record`]).
//!
//! # Invariants
//! * The account changes under the log's lock and the area's, in this order; the manager is called with neither.
//! * A deleted area holds no reservation, and gets none.
//!
//! [`Log::allow_record`]: crate::log::Log::allow_record

use super::handle::LogHandle;
use super::open_log::OpenLog;
use super::setting::{Lock, Setting, Shared};
use crate::log::{Admission, ReservationAccount, WrittenRestartArea, lone_record_bytes};
use crate::manager::ports::{Guarded, Platform};
use crate::units::{Lsn, Status, StreamId};

/// What an area may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaLimits {
    /// The size of the area's blocks; rounded up to whole sectors.
    pub block_bytes: u32,
    /// Blocks for writing; with none, the area cannot write. With more than one it needs no more than one.
    pub write_blocks_max: u32,
    /// Blocks for reading, each of which serves one read context.
    pub read_blocks_max: u32,
}

struct AreaState {
    account: ReservationAccount,
    readings: u32,
    is_deleted: bool,
}

impl AreaState {
    /// A thread may have found the area before it was deleted.
    const fn alive(&self) -> Result<(), Status> {
        if self.is_deleted { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
    }
}

/// A marshalling area. It stays until its last read context has gone, and keeps the log's handle open.
pub struct Area<S: Setting> {
    handle: Shared<S, LogHandle<S>>,
    limits: AreaLimits,
    state: Lock<S, AreaState>,
}

impl<S: Setting> Area<S> {
    /// An area over the stream of a handle. Of a multiplexed log as a whole it is good for flushing only.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: the block size is 0, or too large to be rounded up. `LOG_NOT_ENOUGH_CONTAINERS`: the log
    /// has fewer than two.
    pub fn new(handle: Shared<S, LogHandle<S>>, limits: AreaLimits) -> Result<Self, Status> {
        let rounded = limits.block_bytes.checked_next_multiple_of(512).filter(|bytes| *bytes > 0);
        let limits = AreaLimits { block_bytes: rounded.ok_or(Status::INVALID_PARAMETER)?, ..limits };
        if handle.log().with(|log| log.containers().take(2).count())? < 2 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        let state = AreaState { account: ReservationAccount::default(), readings: 0, is_deleted: false };
        Ok(Self { handle, limits, state: S::Platform::lock(state) })
    }

    /// The handle that the area was made of.
    pub const fn handle(&self) -> &Shared<S, LogHandle<S>> {
        &self.handle
    }

    pub(super) fn log(&self) -> &OpenLog<S> {
        self.handle.log()
    }

    pub(super) fn stream(&self) -> StreamId {
        self.handle.stream()
    }

    /// Records and bytes on disk that are reserved.
    pub fn reserved(&self) -> (u64, u64) {
        self.state.with(|state| (state.account.records(), state.account.bytes()))
    }

    /// The account, unless the area was deleted. To be called under the log's lock.
    pub(super) fn with_account<R>(
        &self,
        action: impl FnOnce(&mut ReservationAccount) -> Result<R, Status>,
    ) -> Result<R, Status> {
        self.state.with(|state| {
            state.alive()?;
            action(&mut state.account)
        })
    }

    /// Whether the handle allows to change the stream.
    pub(super) fn check_changes(&self) -> Result<(), Status> {
        if self.handle.is_physical_of_multiplexed() {
            return Err(Status::LOG_MULTIPLEXED);
        }
        if self.handle.may_write() { Ok(()) } else { Err(Status::ACCESS_DENIED) }
    }

    /// Whether records can be written.
    pub(super) fn check_writes(&self) -> Result<(), Status> {
        self.check_changes()?;
        if self.limits.write_blocks_max == 0 { Err(Status::LOG_BLOCKS_EXHAUSTED) } else { Ok(()) }
    }

    /// Whether a block of the area could hold a record.
    pub(super) fn check_record(&self, data_bytes: usize) -> Result<(), Status> {
        let fits = lone_record_bytes(data_bytes).is_some_and(|bytes| bytes <= u64::from(self.limits.block_bytes));
        if fits { Ok(()) } else { Err(Status::LOG_BLOCKS_EXHAUSTED) }
    }

    /// Makes everything that was appended to the stream durable.
    ///
    /// # Errors
    /// As [`crate::log::Log::flush`]. `ACCESS_DENIED`: the handle is not for writing.
    pub fn flush(&self) -> Result<(), Status> {
        match self.check_changes() {
            Err(Status::LOG_MULTIPLEXED) => Ok(()),
            outcome => outcome.and_then(|()| self.log().flush(self.stream())),
        }
    }

    /// Makes the records up to and including `lsn` durable, or all for [`Lsn::NULL`]; returns the LSN below which they
    /// are.
    ///
    /// # Errors
    /// As [`Area::flush`]; `LOG_MULTIPLEXED`. `INVALID_PARAMETER`: the stream has not reached that LSN.
    pub fn flush_to_lsn(&self, lsn: Lsn) -> Result<Lsn, Status> {
        self.check_changes()?;
        let stream = self.stream();
        if lsn == Lsn::NULL {
            self.log().flush(stream)?;
        }
        self.log().flush_to_lsn(stream, lsn)
    }

    /// Moves the stream's base.
    ///
    /// # Errors
    /// As [`crate::log::Log::advance_base`]. `ACCESS_DENIED`: the handle is not for writing.
    pub fn advance_base(&self, base: Lsn) -> Result<(), Status> {
        self.check_changes()?;
        self.log().advance_base(self.stream(), base)
    }

    /// Writes a restart area, makes it durable, and moves the base if one is given.
    ///
    /// # Errors
    /// As [`crate::log::Log::write_restart_area`]. `ACCESS_DENIED`: the handle is not for writing.
    /// `LOG_BLOCKS_EXHAUSTED`: no block of the area could hold it.
    pub fn write_restart_area(
        &self,
        data: &[&[u8]],
        base: Option<Lsn>,
        source: RoomSource,
    ) -> Result<WrittenRestartArea, Status> {
        self.check_writes()?;
        let data_bytes = data.iter().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
        self.check_record(data_bytes)?;
        let stream = self.stream();
        self.log().change(|log| {
            log.allow_record(stream, data_bytes)?;
            self.with_account(|account| {
                let admission = match source {
                    RoomSource::Free => Admission::Free,
                    RoomSource::Reserved => Admission::Reserved(account),
                };
                log.write_restart_area_in(stream, data, base, admission)
            })
        })
    }

    /// Ends the area: writes its records out and gives its reservations back. Read contexts go on.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: it was deleted before. As [`Area::flush`]; the area is deleted all the same.
    pub fn delete(&self) -> Result<(), Status> {
        self.state.with(|state| {
            let outcome = state.alive();
            state.is_deleted = true;
            outcome
        })?;
        let flushed = if self.handle.may_write() { self.flush() } else { Ok(()) };
        self.free_all();
        flushed
    }

    fn free_all(&self) {
        if self.reserved() == (0, 0) {
            return;
        }
        // A log that has been closed holds no promises either.
        let _ = self.log().change(|log| {
            self.state.with(|state| log.free_account(&mut state.account));
            Ok(())
        });
    }

    /// Takes one block for reading.
    pub(super) fn begin_reading(&self) -> Result<(), Status> {
        if !self.handle.may_read() {
            return Err(Status::ACCESS_DENIED);
        }
        if self.handle.is_physical_of_multiplexed() {
            return Err(Status::LOG_MULTIPLEXED);
        }
        self.state.with(|state| {
            state.alive()?;
            if state.readings >= self.limits.read_blocks_max {
                return Err(Status::LOG_BLOCKS_EXHAUSTED);
            }
            state.readings = state.readings.saturating_add(1);
            Ok(())
        })
    }

    /// Gives it back.
    pub(super) fn end_reading(&self) {
        self.state.with(|state| state.readings = state.readings.saturating_sub(1));
    }
}

impl<S: Setting> Drop for Area<S> {
    fn drop(&mut self) {
        self.free_all();
    }
}

/// Which room a record goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomSource {
    /// Room that is not reserved.
    Free,
    /// Room that the area has reserved.
    Reserved,
}
