//! Interposed routines that are given a marshalling context.

use core::ffi::c_void;

use super::gateway;
use super::gateway::{Reservations, place_for, record_at};
use super::routines::{MarshalContext, WriteEntries};
use crate::abi::{ClfsLsn, NtStatus};

/// `ClfsDeleteMarshallingArea`, which management hears of.
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
    gateway.area_left(status, context, area);
    status
}

/// `ClfsReserveAndAppendLog`. Management hears of it when the record went into another container than the one before,
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
    let freed = unsafe { Reservations::of(reserve_count, reservations) };
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
    let freed = unsafe { Reservations::of(reserve_count, reservations) };
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

/// `ClfsAllocReservedLog`. It takes room and gives none, and whoever needs the sum asks the log: nothing is told.
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

/// `ClfsFreeReservedLog`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_free_reserved_log(
    context: MarshalContext,
    records: u32,
    adjustment: *const i64,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.free_reserved_log)(context, records, adjustment) };
    gateway.area_changed(status, context);
    status
}

/// `ClfsAdvanceLogBase`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_advance_log_base(
    context: MarshalContext,
    base: *const ClfsLsn,
    flags: u32,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.advance_log_base)(context, base, flags) };
    gateway.area_changed(status, context);
    status
}

/// `ClfsWriteRestartArea`, which management hears of: it may move the base, and it is a record.
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
pub(super) unsafe extern "system" fn clfsmgmt_write_restart_area(
    context: MarshalContext,
    buffer: *const c_void,
    length: u32,
    base: *const ClfsLsn,
    flags: u32,
    written: *mut u32,
    next: *mut ClfsLsn,
) -> NtStatus {
    let gateway = gateway();
    let write = gateway.routines.write_restart_area;
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { write(context, buffer, length, base, flags, written, next) };
    gateway.area_changed(status, context);
    status
}
