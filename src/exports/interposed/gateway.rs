//! The way to the real routines, and what is reported to management after each.
//!
//! The real routine's status is returned as it came, whatever becomes of the bookkeeping: a fact that could not be
//! noted is found by polling. Without logs nothing is noted at all: they could not be made, or the image is about to
//! go.

use core::ops::Deref;

use super::logs::{Interposed, InterposedLogs};
use super::object::LogObject;
use super::routines::{BaseRoutines, MarshalContext};
use crate::abi::{ClfsLsn, NtStatus};
use crate::exports::client::LogFileObject;
#[cfg(feature = "interposed")]
use crate::exports::image::{self, LogsGuard};
use crate::exports::pointers::{self, address_of};
use crate::foreign::{ForeignLogs, LeavingArea, ObjectId, Reservations};
use crate::units::{Lsn, Status};

/// The real routines, and the logs that are notified of what they did; those stay as long as this does.
#[derive(Clone, Copy)]
pub(super) struct Gateway<L> {
    pub(super) routines: &'static BaseRoutines,
    pub(super) logs: Option<L>,
}

/// The imported routines, and the logs of this image if they are there: without them nothing is managed.
#[cfg(feature = "interposed")]
pub(super) fn gateway() -> Gateway<LogsGuard> {
    Gateway { routines: &BaseRoutines::IMPORTED, logs: image::existing() }
}

/// As [`gateway`], but the logs are made if they are not there yet: for what is to be known before anything is managed.
#[cfg(feature = "interposed")]
pub(super) fn lasting_gateway() -> Gateway<LogsGuard> {
    Gateway { routines: &BaseRoutines::IMPORTED, logs: image::logs().ok() }
}

impl<L: Deref<Target = InterposedLogs>> Gateway<L> {
    fn logs(&self) -> Option<&ForeignLogs<Interposed>> {
        self.logs.as_deref().map(InterposedLogs::foreign)
    }

    /// The logs, if they are there and the real routine has done its work.
    fn logs_after(&self, status: NtStatus) -> Option<&ForeignLogs<Interposed>> {
        self.logs().filter(|_| Status::from(status).is_success())
    }

    /// An append returned `status`; `record` is where it went, if there is one.
    pub(super) fn appended(&self, status: NtStatus, context: MarshalContext, record: Lsn, reservations: Reservations) {
        // A record that could not be flushed was appended all the same.
        let is_appended = Status::from(status) == Status::LOG_APPENDED_FLUSH_FAILED;
        if let Some(logs) = self.logs_after(if is_appended { NtStatus::SUCCESS } else { status }) {
            logs.handle_appended(address_of(context), record, reservations);
        }
    }

    /// Something about the log of a marshalling area changed, if `status` is a success.
    pub(super) fn area_changed(&self, status: NtStatus, context: MarshalContext) {
        if let Some(logs) = self.logs_after(status) {
            logs.handle_area_changed(address_of(context));
        }
    }

    /// A marshalling area was made, if `status` is a success.
    ///
    /// # Safety
    /// `log` is open; `context` is readable if `status` is a success.
    pub(super) unsafe fn area_created(&self, status: NtStatus, log: LogFileObject, context: *const MarshalContext) {
        let Some(logs) = self.logs_after(status) else {
            return;
        };
        // SAFETY: readable, by the caller's contract.
        if let Some(context) = unsafe { pointers::read(context) } {
            // SAFETY: open, by the caller's contract, and used in this call only.
            let object = unsafe { LogObject::new(log) };
            logs.handle_area_created(&object, address_of(context));
        }
    }

    /// A marshalling area is about to be deleted.
    pub(super) fn area_leaves(&self, context: MarshalContext) -> Option<LeavingArea<Interposed>> {
        self.logs().and_then(|logs| logs.area_leaves(address_of(context)))
    }

    /// The real routine has deleted the area, or it has not.
    pub(super) fn area_left(&self, status: NtStatus, area: Option<LeavingArea<Interposed>>) {
        match self.logs().zip(area) {
            Some((logs, area)) if Status::from(status).is_success() => logs.handle_area_left(&area),
            Some((logs, area)) => logs.handle_area_stays(area),
            None => {}
        }
    }

    /// Something about an open log changed, if `status` is a success.
    ///
    /// # Safety
    /// `log` is open if `status` is a success.
    pub(super) unsafe fn log_changed(&self, status: NtStatus, log: LogFileObject) {
        if let Some(logs) = self.logs_after(status) {
            // SAFETY: open, by the caller's contract, and used in this call only.
            let object = unsafe { LogObject::new(log) };
            logs.handle_log_changed(&object);
        }
    }

    /// Closes a log by a real routine. What it is to management is looked up before: as soon as it is closed, its
    /// address may name another one.
    ///
    /// # Safety
    /// `close` may be called with `log`.
    pub(super) unsafe fn close(
        &self,
        close: unsafe extern "system" fn(LogFileObject) -> NtStatus,
        log: LogFileObject,
    ) -> NtStatus {
        let closing = self.logs().and_then(|logs| logs.object_closes(ObjectId(address_of(log))));
        // SAFETY: this function's contract.
        let status = unsafe { close(log) };
        if let Some((logs, closing)) = self.logs_after(status).zip(closing) {
            logs.handle_object_closed(&closing);
        }
        status
    }
}

/// What an append is asked to do with reservations: negative entries give some back.
///
/// # Safety
/// `entries` is NULL or readable for `count` numbers.
pub(super) unsafe fn reservations_in(count: u32, entries: *const i64) -> Reservations {
    let is_given_back = |index: u32| {
        let place = entries.wrapping_add(crate::units::index(index));
        // SAFETY: below `count`, so readable by the caller's contract.
        unsafe { pointers::read(place) }.is_some_and(i64::is_negative)
    };
    let is_freed = !entries.is_null() && (0..count).any(is_given_back);
    if is_freed { Reservations::Freed } else { Reservations::NotFreed }
}

/// Where the real routine may write an LSN: the caller's place, or one of ours if it wants to know none.
pub(super) fn place_for(theirs: *mut ClfsLsn, ours: &mut ClfsLsn) -> *mut ClfsLsn {
    if theirs.is_null() { core::ptr::from_mut(ours) } else { theirs }
}

/// Where the record went that an append of so many entries wrote; `INVALID` without entries.
///
/// # Safety
/// `place` is readable.
pub(super) unsafe fn record_at(place: *const ClfsLsn, entry_count: u32) -> Lsn {
    // SAFETY: readable, by the caller's contract.
    let lsn = unsafe { pointers::read(place) }.filter(|_| entry_count > 0);
    lsn.map_or(Lsn::INVALID, Lsn::from)
}
