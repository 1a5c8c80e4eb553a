//! The way to the real routines, and what the realm is told after each.
//!
//! The real routine's status is answered as it came, whatever becomes of the bookkeeping: a fact that could not be
//! noted the watcher finds out. Without an instance nothing is noted at all: it could not be made, or the image is about to go.

use core::ops::Deref;

use super::areas::Area;
use super::handles::LogObject;
use super::logs::{InterposedLogs, World};
use super::routines::{BaseRoutines, MarshalContext};
use crate::abi::{ClfsLsn, NtStatus};
use crate::exports::client::LogFileObject;
use crate::exports::platform::ThePlatform;
use crate::exports::pointers;
use crate::manager::ports::Platform;
use crate::units::{Lsn, Status};

type SharedArea = <ThePlatform as Platform>::Shared<Area>;

/// The real routines, and who hears what they did; who stays as long as this does.
#[derive(Clone, Copy)]
pub(super) struct Gateway<R> {
    pub(super) routines: &'static BaseRoutines,
    pub(super) logs: Option<R>,
}

/// What an append may bring besides a record in another container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reservations {
    /// Reservations are made, used, or left alone.
    NotFreed,
    /// Some are given back, which leaves room.
    Freed,
}

impl Reservations {
    /// What an append is asked to do: negative entries give reservations back.
    ///
    /// # Safety
    /// `entries` is NULL or readable for `count` numbers.
    pub(super) unsafe fn of(count: u32, entries: *const i64) -> Self {
        let is_given_back = |index: u32| {
            let place = entries.wrapping_add(crate::units::index(index));
            // SAFETY: below `count`, so readable by the caller's contract.
            unsafe { pointers::read(place) }.is_some_and(i64::is_negative)
        };
        let is_freed = !entries.is_null() && (0..count).any(is_given_back);
        if is_freed { Self::Freed } else { Self::NotFreed }
    }
}

impl<R: Deref<Target = InterposedLogs>> Gateway<R> {
    fn world(&self) -> Option<&World> {
        self.logs.as_deref().map(InterposedLogs::world)
    }

    /// The world, if there is one and the real routine has done its work.
    fn world_after(&self, status: NtStatus) -> Option<&World> {
        self.world().filter(|_| Status::from(status).is_success())
    }

    /// An append answered `status`; `record` is where it went, if there is one.
    pub(super) fn appended(&self, status: NtStatus, context: MarshalContext, record: Lsn, reservations: Reservations) {
        let Some(world) = self.world_after(status) else {
            return;
        };
        let Some(area) = world.areas.find(context) else {
            return;
        };
        let goes_on = record.is_valid() && area.note_record(record);
        if goes_on || reservations == Reservations::Freed {
            world.log_changed(&area.log);
        }
    }

    /// Something about the log of a marshalling area changed, if `status` is a success.
    pub(super) fn area_changed(&self, status: NtStatus, context: MarshalContext) {
        if let Some(world) = self.world_after(status)
            && let Some(area) = world.areas.find(context)
        {
            world.log_changed(&area.log);
        }
    }

    /// A marshalling area was made, if `status` is a success.
    ///
    /// # Safety
    /// `log` is open; `context` is readable if `status` is a success.
    pub(super) unsafe fn area_created(&self, status: NtStatus, log: LogFileObject, context: *const MarshalContext) {
        let Some(world) = self.world_after(status) else {
            return;
        };
        // SAFETY: readable, by the caller's contract.
        if let Some(context) = unsafe { pointers::read(context) } {
            // SAFETY: open, by the caller's contract, and used in this call only.
            world.area_created(unsafe { LogObject::new(log) }, context);
        }
    }

    /// A marshalling area is about to be deleted: its context may name another one as soon as that is done.
    pub(super) fn area_leaves(&self, context: MarshalContext) -> Option<SharedArea> {
        self.world().and_then(|world| world.areas.remove(context))
    }

    /// The real routine has deleted an area, and given back what it had reserved; or it has not: it is still there then.
    pub(super) fn area_left(&self, status: NtStatus, context: MarshalContext, area: Option<SharedArea>) {
        let Some((world, area)) = self.world().zip(area) else {
            return;
        };
        if Status::from(status).is_success() {
            world.log_changed(&area.log);
        } else {
            // Without memory for it the watcher will see what it does.
            let _ = world.areas.put_back(context, area);
        }
    }

    /// Something about an open log changed, if `status` is a success.
    ///
    /// # Safety
    /// `log` is open if `status` is a success.
    pub(super) unsafe fn log_changed(&self, status: NtStatus, log: LogFileObject) {
        if let Some(world) = self.world_after(status) {
            // SAFETY: open, by the caller's contract, and used in this call only.
            world.log_of_object_changed(unsafe { LogObject::new(log) });
        }
    }

    /// Closes a log by a real routine. What it is to management is looked up before: as soon as it is closed, its address
    /// may name another one.
    ///
    /// # Safety
    /// `close` may be called with `log`.
    pub(super) unsafe fn close(
        &self,
        close: unsafe extern "system" fn(LogFileObject) -> NtStatus,
        log: LogFileObject,
    ) -> NtStatus {
        // SAFETY: only compared, unless the world has a reference on it, which keeps it a log file object.
        let object = unsafe { LogObject::new(log) };
        let closing = self.world().and_then(|world| world.object_closes(object));
        // SAFETY: this function's contract.
        let status = unsafe { close(log) };
        if let Some((world, closing)) = self.world_after(status).zip(closing) {
            world.object_closed(&closing);
        }
        status
    }
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
