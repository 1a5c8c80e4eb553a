//! Records and restart areas, read.
//!
//! Buffers lie in the memory of their read context: they are to be read only, and stay until the context is used again
//! or terminated.

use core::ffi::c_void;

use super::area::{area_of, context_of};
use super::found::{Found, Outputs};
use super::own_logs::OwnSetting;
use super::{ObjectGuard, answer_for, logs};
use crate::abi::{ClfsLsn, NtStatus, direction, record_kinds};
use crate::exports::platform::ThePlatform;
use crate::exports::pointers::{self, address_of};
use crate::library::Reading;
use crate::log::Direction;
use crate::manager::ports::Platform;
use crate::units::{Lsn, Status};

type OwnReading = Reading<OwnSetting>;

/// Reads the record at `*plsn_first` and makes a read context that goes on from there.
///
/// # Errors
/// * `INVALID_PARAMETER`: no such area, a NULL pointer, or no valid LSN.
/// * `LOG_READ_MODE_INVALID`: neither undo-next, previous nor forward.
/// * `LOG_START_OF_LOG`: below the base. `END_OF_FILE`: at or behind the end. `LOG_RECORD_NONEXISTENT`: no record's
///   LSN.
/// * `LOG_BLOCKS_EXHAUSTED`: the area has as many read contexts as it may. `ACCESS_DENIED`: the log file is not open
///   for reading. `LOG_MULTIPLEXED`: it is a multiplexed log as a whole.
/// * `LOG_BLOCK_INVALID` or a sibling: the block is damaged. `INSUFFICIENT_RESOURCES`; what the storage reported.
///
/// # Safety
/// `plsn_first` is NULL, or readable and writable; the other pointers are NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReadLogRecord(
    pv_marshal_context: *mut c_void,
    plsn_first: *mut ClfsLsn,
    pe_context_mode: i32,
    ppv_read_buffer: *mut *mut c_void,
    pcb_read_buffer: *mut u32,
    pe_record_type: *mut u8,
    plsn_undo_next: *mut ClfsLsn,
    plsn_previous: *mut ClfsLsn,
    ppv_read_context: *mut *mut c_void,
) -> NtStatus {
    let links = Some((plsn_undo_next, plsn_previous, pe_record_type));
    let outputs = Outputs { buffer: ppv_read_buffer, length: pcb_read_buffer, lsn: plsn_first, links };
    let first = |reading: &OwnReading, lsn| reading.read(lsn, |record| Found::of(&record));
    // SAFETY: this routine's contract.
    unsafe { read(pv_marshal_context, pe_context_mode, &outputs, ppv_read_context, first) }.into()
}

/// Reads the first record at or behind `*plsn_first`, which need not be a record's and becomes its LSN, and makes a
/// read context that goes on from there. Below the base it begins at the base.
///
/// # Errors
/// * `END_OF_FILE`: there is no record at or behind it.
/// * Else as [`ClfsReadLogRecord`], but for `LOG_START_OF_LOG` and `LOG_RECORD_NONEXISTENT`.
///
/// # Safety
/// As [`ClfsReadLogRecord`].
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsMgmtxReadLogRecordFrom(
    pv_marshal_context: *mut c_void,
    plsn_first: *mut ClfsLsn,
    pe_context_mode: i32,
    ppv_read_buffer: *mut *mut c_void,
    pcb_read_buffer: *mut u32,
    pe_record_type: *mut u8,
    plsn_undo_next: *mut ClfsLsn,
    plsn_previous: *mut ClfsLsn,
    ppv_read_context: *mut *mut c_void,
) -> NtStatus {
    let links = Some((plsn_undo_next, plsn_previous, pe_record_type));
    let outputs = Outputs { buffer: ppv_read_buffer, length: pcb_read_buffer, lsn: plsn_first, links };
    let first = |reading: &OwnReading, lsn| reading.read_from(lsn, |record| Found::of(&record));
    // SAFETY: this routine's contract.
    unsafe { read(pv_marshal_context, pe_context_mode, &outputs, ppv_read_context, first) }.into()
}

/// # Safety
/// As [`ClfsReadLogRecord`].
unsafe fn read(
    marshal_context: *mut c_void,
    mode: i32,
    outputs: &Outputs,
    read_context: *mut *mut c_void,
    first: impl FnOnce(&OwnReading, Lsn) -> Result<Found, Status>,
) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    let direction = direction(mode).ok_or(Status::LOG_READ_MODE_INVALID)?;
    if read_context.is_null() || outputs.is_incomplete() {
        return Err(Status::INVALID_PARAMETER);
    }
    // SAFETY: not NULL, so readable, by the caller's contract.
    let lsn = unsafe { pointers::read(outputs.lsn) }.ok_or(Status::INVALID_PARAMETER)?;
    let reading = ThePlatform::share(OwnReading::new(area.shared(), direction)?)?;
    let found = first(&reading, lsn.into())?;
    let handle = logs()?.library().readings().insert(reading)?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(read_context, context_of(handle)) };
    // SAFETY: as above.
    unsafe { outputs.write(&found) };
    Ok(())
}

/// Reads the next record of the type that `*pe_record_type` asks for: data, restart or both, which it becomes.
///
/// `plsn_user` replaces the first step. It must be below the present record in a context that follows a chain.
///
/// # Errors
/// The context stays at the record that was read last.
/// * `LOG_READ_CONTEXT_INVALID`: no such context.
/// * `INVALID_PARAMETER`: a NULL pointer, another record type, or such an LSN.
/// * `END_OF_FILE`: there is no such record. `LOG_START_OF_LOG`: the chain goes on below the base.
/// * Else as [`ClfsReadLogRecord`].
///
/// # Safety
/// `pe_record_type` is NULL, or readable and writable, `plsn_user` NULL or readable, the other pointers NULL or
/// writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReadNextLogRecord(
    pv_read_context: *mut c_void,
    ppv_buffer: *mut *mut c_void,
    pcb_buffer: *mut u32,
    pe_record_type: *mut u8,
    plsn_user: *const ClfsLsn,
    plsn_undo_next: *mut ClfsLsn,
    plsn_previous: *mut ClfsLsn,
    plsn_record: *mut ClfsLsn,
) -> NtStatus {
    let links = Some((plsn_undo_next, plsn_previous, pe_record_type));
    let outputs = Outputs { buffer: ppv_buffer, length: pcb_buffer, lsn: plsn_record, links };
    // SAFETY: NULL or readable, by this routine's contract.
    let user = unsafe { pointers::read(plsn_user) }.map(Lsn::from);
    // SAFETY: this routine's contract.
    unsafe { read_next(pv_read_context, pe_record_type, user, &outputs) }.into()
}

/// # Safety
/// `wanted` is NULL or readable; the outputs are NULL or writable.
unsafe fn read_next(
    read_context: *mut c_void,
    wanted: *const u8,
    user: Option<Lsn>,
    outputs: &Outputs,
) -> Result<(), Status> {
    let reading = reading_of(read_context)?;
    // SAFETY: NULL or readable, by the caller's contract.
    let wanted = unsafe { pointers::read(wanted) }.and_then(record_kinds).ok_or(Status::INVALID_PARAMETER)?;
    if outputs.is_incomplete() {
        return Err(Status::INVALID_PARAMETER);
    }
    let found = reading.read_next(wanted, user, |record| Found::of(&record))?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { outputs.write(&found) };
    Ok(())
}

/// Reads the stream's newest restart area and makes a read context, in which [`ClfsReadNextLogRecord`] goes forward and
/// [`ClfsReadPreviousRestartArea`] backward.
///
/// # Errors
/// * `LOG_NO_RESTART`: there is none. That is no error to `NT_SUCCESS`: the outputs say so too (no buffer, no length,
///   an invalid LSN, no context).
/// * Else as [`ClfsReadLogRecord`].
///
/// # Safety
/// The pointers are NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReadRestartArea(
    pv_marshal_context: *mut c_void,
    ppv_restart_buffer: *mut *mut c_void,
    pcb_restart_buffer: *mut u32,
    plsn: *mut ClfsLsn,
    ppv_read_context: *mut *mut c_void,
) -> NtStatus {
    let outputs = Outputs { buffer: ppv_restart_buffer, length: pcb_restart_buffer, lsn: plsn, links: None };
    // SAFETY: this routine's contract.
    unsafe { read_restart(pv_marshal_context, &outputs, ppv_read_context) }.into()
}

/// # Safety
/// The pointers are NULL or writable.
unsafe fn read_restart(
    marshal_context: *mut c_void,
    outputs: &Outputs,
    read_context: *mut *mut c_void,
) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    if read_context.is_null() || outputs.is_incomplete() {
        return Err(Status::INVALID_PARAMETER);
    }
    let reading = ThePlatform::share(OwnReading::new(area.shared(), Direction::Forward)?)?;
    let (found, context, outcome) = match reading.read_restart_area(|record| Found::of(&record)) {
        Err(Status::LOG_NO_RESTART) => (Found::NOTHING, core::ptr::null_mut(), Err(Status::LOG_NO_RESTART)),
        found => (found?, context_of(logs()?.library().readings().insert(reading)?), Ok(())),
    };
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(read_context, context) };
    // SAFETY: as above.
    unsafe { outputs.write(&found) };
    outcome
}

/// Reads the restart area before the one that was read last in this context.
///
/// # Errors
/// * `LOG_READ_CONTEXT_INVALID`: no such context, or no restart area was read in it.
/// * `LOG_START_OF_LOG`: there is none before it. `INVALID_PARAMETER`: a NULL pointer. Else as [`ClfsReadLogRecord`].
///
/// # Safety
/// The pointers are NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReadPreviousRestartArea(
    pv_read_context: *mut c_void,
    ppv_restart_buffer: *mut *mut c_void,
    pcb_restart_buffer: *mut u32,
    plsn_restart: *mut ClfsLsn,
) -> NtStatus {
    let outputs = Outputs { buffer: ppv_restart_buffer, length: pcb_restart_buffer, lsn: plsn_restart, links: None };
    // SAFETY: this routine's contract.
    unsafe { read_previous_restart(pv_read_context, &outputs) }.into()
}

/// # Safety
/// The outputs are NULL or writable.
unsafe fn read_previous_restart(read_context: *mut c_void, outputs: &Outputs) -> Result<(), Status> {
    let reading = reading_of(read_context)?;
    if outputs.is_incomplete() {
        return Err(Status::INVALID_PARAMETER);
    }
    let found = reading.read_previous_restart_area(|record| Found::of(&record))?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { outputs.write(&found) };
    Ok(())
}

/// Ends a read context, and with it its buffers. A thread that reads in it at this moment ends its read first.
///
/// # Errors
/// `LOG_READ_CONTEXT_INVALID`: no such context.
///
/// # Safety
/// None: the context is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsTerminateReadLog(pv_cursor_context: *mut c_void) -> NtStatus {
    answer_for(address_of(pv_cursor_context), |logs, handle| {
        let removed = logs.library().readings().remove(handle);
        removed.map(drop).ok_or(Status::LOG_READ_CONTEXT_INVALID)
    })
}

fn reading_of(read_context: *mut c_void) -> Result<ObjectGuard<OwnReading>, Status> {
    let handle = address_of(read_context);
    let missing = Status::LOG_READ_CONTEXT_INVALID;
    ObjectGuard::find(handle, missing, |logs, handle| logs.library().readings().find(handle))
}
