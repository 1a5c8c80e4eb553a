//! The interposed routines: each calls the real one, and reports what that did.

use core::ffi::c_void;

#[cfg(feature = "interposed")]
use super::gateway::{gateway, lasting_gateway};
use super::gateway::{place_for, record_at, reservations_in};
use super::routines::{MarshalContext, WriteEntries};
use super::signatures::base_routines;
#[cfg(test)]
use super::tests::{gateway, gateway as lasting_gateway};
use crate::abi::{AllocateFunction, Boolean, ClfsLsn, FreeFunction, NtStatus, UnicodeString};
use crate::exports::client::LogFileObject;

/// The way to the real routine: what is to be known before anything is managed makes the logs if they are not there
/// yet.
macro_rules! gateway_for {
    (area_created) => {
        lasting_gateway()
    };
    ($report:ident) => {
        gateway()
    };
}

/// Reports what the real routine did, if it succeeded.
macro_rules! report {
    ($gateway:ident, $status:ident, log_changed($log:ident)) => {
        // SAFETY: the real routine took it for an open log, and has not closed it.
        unsafe { $gateway.log_changed($status, $log) }
    };
    ($gateway:ident, $status:ident, area_changed($context:ident)) => {
        $gateway.area_changed($status, $context)
    };
    ($gateway:ident, $status:ident, area_created($log:ident, $context:ident)) => {
        // SAFETY: the real routine took the log for an open one, and has written the context if it succeeded.
        unsafe { $gateway.area_created($status, $log, $context) }
    };
}

/// One interposed routine.
macro_rules! entry {
    ($field:ident = $name:ident($($parameter:ident: $kind:ty),* $(,)?)
        => $exported:ident: $report:ident($($argument:ident),*)) => {
        #[doc = concat!("`", stringify!($name), "`; then `", stringify!($report), "` is reported.")]
        ///
        /// # Errors
        /// Those of the real routine.
        ///
        /// # Safety
        /// That of the real routine.
        ///
        /// # IRQL
        /// <= `APC_LEVEL`.
        #[unsafe(no_mangle)]
        pub(super) unsafe extern "system" fn $exported($($parameter: $kind),*) -> NtStatus {
            let gateway = gateway_for!($report);
            // SAFETY: the caller's contract is the real routine's.
            let status = unsafe { (gateway.routines.$field)($($parameter),*) };
            report!(gateway, status, $report($($argument),*));
            status
        }
    };
}

macro_rules! entries {
    ($($field:ident = $name:ident $parameters:tt $(=> $exported:ident: $report:ident $arguments:tt)?;)*) => {
        $($(entry!($field = $name $parameters => $exported: $report $arguments);)?)*
    };
}

base_routines!(entries);

/// `ClfsCloseLogFileObject`.
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_close_log_file_object(log: LogFileObject) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    unsafe { gateway.close(gateway.routines.close_log_file_object, log) }
}

/// `ClfsCloseAndResetLogFile`.
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_close_and_reset_log_file(log: LogFileObject) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    unsafe { gateway.close(gateway.routines.close_and_reset_log_file, log) }
}

/// `ClfsDeleteMarshallingArea`. Its context is forgotten before, because it may name another area right after.
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_delete_marshalling_area(context: MarshalContext) -> NtStatus {
    let gateway = gateway();
    let area = gateway.area_leaves(context);
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.delete_marshalling_area)(context) };
    gateway.area_left(status, area);
    status
}

/// `ClfsReserveAndAppendLog`. Management is notified when the record went into another container than the one before,
/// or when reservations were given back.
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_reserve_and_append_log(
    context: MarshalContext,
    entries: WriteEntries,
    entry_count: u32,
    undo_next: *const ClfsLsn,
    previous: *const ClfsLsn,
    reserve_count: u32,
    reservations: *mut i64,
    flags: u32,
    lsn: *mut ClfsLsn,
) -> NtStatus {
    let gateway = gateway();
    let append = gateway.routines.reserve_and_append_log;
    // SAFETY: readable for as many numbers as the caller says: its contract.
    let freed = unsafe { reservations_in(reserve_count, reservations) };
    let mut unwanted = ClfsLsn::INVALID;
    let lsn = place_for(lsn, &mut unwanted);
    // SAFETY: the caller's contract is the real routine's; an LSN may be written where the caller wants none.
    let status =
        unsafe { append(context, entries, entry_count, undo_next, previous, reserve_count, reservations, flags, lsn) };
    // SAFETY: readable, and written if a record was.
    gateway.appended(status, context, unsafe { record_at(lsn, entry_count) }, freed);
    status
}

/// `ClfsReserveAndAppendLogAligned`, as [`clfsmgmt_reserve_and_append_log`].
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_reserve_and_append_log_aligned(
    context: MarshalContext,
    entries: WriteEntries,
    entry_count: u32,
    alignment: u32,
    undo: *const ClfsLsn,
    previous: *const ClfsLsn,
    reserve_count: u32,
    reservations: *mut i64,
    flags: u32,
    lsn: *mut ClfsLsn,
) -> NtStatus {
    let gateway = gateway();
    let append = gateway.routines.reserve_and_append_log_aligned;
    // SAFETY: readable for as many numbers as the caller says: its contract.
    let freed = unsafe { reservations_in(reserve_count, reservations) };
    let mut unwanted = ClfsLsn::INVALID;
    let lsn = place_for(lsn, &mut unwanted);
    let (count, reserved) = (entry_count, reserve_count);
    // SAFETY: the caller's contract is the real routine's; an LSN may be written where the caller wants none.
    let status =
        unsafe { append(context, entries, count, alignment, undo, previous, reserved, reservations, flags, lsn) };
    // SAFETY: readable, and written if a record was.
    gateway.appended(status, context, unsafe { record_at(lsn, count) }, freed);
    status
}

/// `ClfsAllocReservedLog`. It takes room and gives none, and whoever needs the sum asks the log: nothing is reported.
///
/// # Errors
/// Those of the real routine.
///
/// # Safety
/// That of the real routine.
///
/// # IRQL
/// <= `APC_LEVEL`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "system" fn clfsmgmt_alloc_reserved_log(
    context: MarshalContext,
    records: u32,
    adjustment: *const i64,
) -> NtStatus {
    // SAFETY: the caller's contract is the real routine's.
    unsafe { (gateway().routines.alloc_reserved_log)(context, records, adjustment) }
}
