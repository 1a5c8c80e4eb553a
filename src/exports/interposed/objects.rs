//! Interposed routines that are given a log file object.

use super::routines::{AllocateFunction, FreeFunction, MarshalContext};
use super::{gateway, lasting_gateway};
use crate::abi::{Boolean, ClfsLsn, NtStatus, UnicodeString};
use crate::exports::client::LogFileObject;

/// `ClfsAddLogContainer`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_add_log_container(
    log: LogFileObject,
    size: *mut u64,
    path: *const UnicodeString,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.add_log_container)(log, size, path) };
    // SAFETY: the real routine took it for an open log.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsAddLogContainerSet`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_add_log_container_set(
    log: LogFileObject,
    count: u16,
    size: *mut u64,
    paths: *const UnicodeString,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.add_log_container_set)(log, count, size, paths) };
    // SAFETY: the real routine took it for an open log.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsRemoveLogContainer`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_remove_log_container(
    log: LogFileObject,
    path: *const UnicodeString,
    force: Boolean,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.remove_log_container)(log, path, force) };
    // SAFETY: the real routine took it for an open log.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsRemoveLogContainerSet`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_remove_log_container_set(
    log: LogFileObject,
    count: u16,
    paths: *const UnicodeString,
    force: Boolean,
) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.remove_log_container_set)(log, count, paths, force) };
    // SAFETY: the real routine took it for an open log.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsSetArchiveTail`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_set_archive_tail(log: LogFileObject, tail: *const ClfsLsn) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.set_archive_tail)(log, tail) };
    // SAFETY: the real routine took it for an open log.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsDeleteLogByPointer`, which management hears of.
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
pub(super) unsafe extern "system" fn clfsmgmt_delete_log_by_pointer(log: LogFileObject) -> NtStatus {
    let gateway = gateway();
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { (gateway.routines.delete_log_by_pointer)(log) };
    // SAFETY: it was only marked: it stays open until it is closed.
    unsafe { gateway.log_changed(status, log) };
    status
}

/// `ClfsCloseLogFileObject`, which management hears of.
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

/// `ClfsCloseAndResetLogFile`, which management hears of.
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

/// `ClfsCreateMarshallingArea`: from here on management hears of the area's records.
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
pub(super) unsafe extern "system" fn clfsmgmt_create_marshalling_area(
    log: LogFileObject,
    pool: i32,
    allocate: AllocateFunction,
    free: FreeFunction,
    bytes: u32,
    writes: u32,
    reads: u32,
    context: *mut MarshalContext,
) -> NtStatus {
    let gateway = lasting_gateway();
    let create = gateway.routines.create_marshalling_area;
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { create(log, pool, allocate, free, bytes, writes, reads, context) };
    // SAFETY: the real routine took the log for an open one, and has written the context if it succeeded.
    unsafe { gateway.area_created(status, log, context) };
    status
}

/// `ClfsCreateMarshallingAreaEx`: from here on management hears of the area's records.
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
pub(super) unsafe extern "system" fn clfsmgmt_create_marshalling_area_ex(
    log: LogFileObject,
    pool: i32,
    allocate: AllocateFunction,
    free: FreeFunction,
    bytes: u32,
    writes: u32,
    reads: u32,
    alignment: u32,
    flags: u64,
    context: *mut MarshalContext,
) -> NtStatus {
    let gateway = lasting_gateway();
    let create = gateway.routines.create_marshalling_area_ex;
    // SAFETY: the caller's contract is the real routine's.
    let status = unsafe { create(log, pool, allocate, free, bytes, writes, reads, alignment, flags, context) };
    // SAFETY: the real routine took the log for an open one, and has written the context if it succeeded.
    unsafe { gateway.area_created(status, log, context) };
    status
}
