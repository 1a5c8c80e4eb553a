//! Base routines with the realm in between: the real routine first, then the fact for the manager.
//!
//! Routines on log file objects are here, those on marshalling contexts in `contexts`. The real routine's status is
//! answered as it came, whatever becomes of the bookkeeping; without a realm nothing is noted at all.

use core::ffi::c_void;

use super::handles::LogObject;
use super::layouts::UnicodeString;
use super::realm::InterposedRealm;
use super::routines::{BaseRoutines, MarshalContext, PoolFunction};
use crate::abi::{Boolean, ClfsLsn, NtStatus};
use crate::exports::client::LogFileObject;
use crate::units::Status;

/// The way to the real routines.
#[derive(Clone, Copy)]
pub(super) struct Gateway<'a> {
    pub(super) routines: &'a BaseRoutines,
    pub(super) realm: Option<&'a InterposedRealm>,
}

impl<'a> Gateway<'a> {
    /// The realm, if there is one and the real routine has done its work.
    pub(super) fn realm_after(&self, status: NtStatus) -> Option<&'a InterposedRealm> {
        self.realm.filter(|_| Status::from(status).is_success())
    }

    /// # Safety
    /// `log` is open.
    unsafe fn note_changed(&self, status: NtStatus, log: LogFileObject) -> NtStatus {
        if let Some(realm) = self.realm_after(status) {
            // SAFETY: open, by the caller's contract, and used in this call only.
            realm.log_of_object_changed(unsafe { LogObject::new(log) });
        }
        status
    }

    /// # Safety
    /// `log` is a name only: nothing is asked of it unless the realm holds a reference on it.
    unsafe fn note_closed(&self, status: NtStatus, log: LogFileObject) -> NtStatus {
        if let Some(realm) = self.realm_after(status) {
            // SAFETY: compared with the objects that the realm references, and used if it is one of them.
            realm.object_closed(unsafe { LogObject::new(log) });
        }
        status
    }

    /// # Safety
    /// That of `ClfsAddLogContainer`.
    pub(super) unsafe fn add_log_container(
        &self,
        log: LogFileObject,
        size: *mut u64,
        path: *mut UnicodeString,
    ) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.add_log_container)(log, size, path) };
        // SAFETY: the routine took it for an open log.
        unsafe { self.note_changed(status, log) }
    }

    /// # Safety
    /// That of `ClfsAddLogContainerSet`.
    pub(super) unsafe fn add_log_container_set(
        &self,
        log: LogFileObject,
        count: u16,
        size: *mut u64,
        paths: *mut UnicodeString,
    ) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.add_log_container_set)(log, count, size, paths) };
        // SAFETY: the routine took it for an open log.
        unsafe { self.note_changed(status, log) }
    }

    /// # Safety
    /// That of `ClfsRemoveLogContainer`.
    pub(super) unsafe fn remove_log_container(
        &self,
        log: LogFileObject,
        path: *mut UnicodeString,
        force: Boolean,
    ) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.remove_log_container)(log, path, force) };
        // SAFETY: the routine took it for an open log.
        unsafe { self.note_changed(status, log) }
    }

    /// # Safety
    /// That of `ClfsRemoveLogContainerSet`.
    pub(super) unsafe fn remove_log_container_set(
        &self,
        log: LogFileObject,
        count: u16,
        paths: *mut UnicodeString,
        force: Boolean,
    ) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.remove_log_container_set)(log, count, paths, force) };
        // SAFETY: the routine took it for an open log.
        unsafe { self.note_changed(status, log) }
    }

    /// # Safety
    /// That of `ClfsSetArchiveTail`.
    pub(super) unsafe fn set_archive_tail(&self, log: LogFileObject, tail: *mut ClfsLsn) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.set_archive_tail)(log, tail) };
        // SAFETY: the routine took it for an open log.
        unsafe { self.note_changed(status, log) }
    }

    /// # Safety
    /// That of `ClfsDeleteLogByPointer`.
    pub(super) unsafe fn delete_log_by_pointer(&self, log: LogFileObject) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.delete_log_by_pointer)(log) };
        // SAFETY: only a name from here on: a reference that the realm has keeps the object.
        unsafe { self.note_closed(status, log) }
    }

    /// # Safety
    /// That of `ClfsCloseLogFileObject`.
    pub(super) unsafe fn close_log_file_object(&self, log: LogFileObject) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.close_log_file_object)(log) };
        // SAFETY: only a name from here on: a reference that the realm has keeps the object.
        unsafe { self.note_closed(status, log) }
    }

    /// # Safety
    /// That of `ClfsCloseAndResetLogFile`.
    pub(super) unsafe fn close_and_reset_log_file(&self, log: LogFileObject) -> NtStatus {
        // SAFETY: the caller's contract is the routine's.
        let status = unsafe { (self.routines.close_and_reset_log_file)(log) };
        // SAFETY: only a name from here on: a reference that the realm has keeps the object.
        unsafe { self.note_closed(status, log) }
    }

    /// # Safety
    /// That of `ClfsCreateMarshallingArea`.
    #[expect(clippy::too_many_arguments, reason = "the routine's")]
    pub(super) unsafe fn create_marshalling_area(
        &self,
        log: LogFileObject,
        pool: i32,
        functions: [PoolFunction; 2],
        buffers: [u32; 3],
        context: *mut MarshalContext,
    ) -> NtStatus {
        let ([allocate, free], [bytes, writes, reads]) = (functions, buffers);
        // SAFETY: the caller's contract is the routine's.
        let status =
            unsafe { (self.routines.create_marshalling_area)(log, pool, allocate, free, bytes, writes, reads, context) };
        // SAFETY: the routine took both as they should be.
        unsafe { self.note_area(status, log, context) }
    }

    /// # Safety
    /// `log` is open; `context` is readable if `status` is a success.
    pub(super) unsafe fn note_area(
        &self,
        status: NtStatus,
        log: LogFileObject,
        context: *mut MarshalContext,
    ) -> NtStatus {
        if let Some(realm) = self.realm_after(status) {
            // SAFETY: the routine has written it.
            let context: *mut c_void = unsafe { context.read_unaligned() };
            // SAFETY: open, by the caller's contract, and used in this call only.
            realm.area_created(unsafe { LogObject::new(log) }, context);
        }
        status
    }
}
