//! Records onto the disk, and the stream's base.

use core::ffi::c_void;

use super::area::area_of;
use crate::abi::{ClfsLsn, NtStatus};
use crate::exports::pointers;
use crate::units::{Lsn, Status};

/// Makes all records of the area's stream durable.
///
/// # Errors
/// `INVALID_PARAMETER`: no such area. `ACCESS_DENIED`: the log file is not open for writing. What the storage reported;
/// the log is stopped then.
///
/// # Safety
/// None: the context is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsFlushBuffers(pv_marshal_context: *mut c_void) -> NtStatus {
    area_of(pv_marshal_context).and_then(|area| area.flush()).into()
}

/// Makes the records up to and including `*plsn_flush` durable, all of them for `CLFS_LSN_NULL`, and returns the LSN
/// below which they are: that of the oldest record that is not, or of the next one.
///
/// # Errors
/// `INVALID_PARAMETER`: no such area, no LSN, or one that the stream has not reached. `LOG_MULTIPLEXED`: the log file
/// is a multiplexed log as a whole. Else as [`ClfsFlushBuffers`].
///
/// # Safety
/// `plsn_flush` is NULL or readable, `plsn_last_flushed` NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsFlushToLsn(
    pv_marshal_context: *mut c_void,
    plsn_flush: *const ClfsLsn,
    plsn_last_flushed: *mut ClfsLsn,
) -> NtStatus {
    // SAFETY: this routine's contract.
    unsafe { flush_to_lsn(pv_marshal_context, plsn_flush, plsn_last_flushed) }.into()
}

/// # Safety
/// As [`ClfsFlushToLsn`].
unsafe fn flush_to_lsn(
    marshal_context: *mut c_void,
    lsn: *const ClfsLsn,
    last_flushed: *mut ClfsLsn,
) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    // SAFETY: NULL or readable, by the caller's contract.
    let lsn = unsafe { pointers::read(lsn) }.ok_or(Status::INVALID_PARAMETER)?;
    let durable = area.flush_to_lsn(lsn.into())?;
    // SAFETY: NULL or writable, by the caller's contract.
    unsafe { pointers::write(last_flushed, durable.into()) };
    Ok(())
}

/// Moves the base of the area's stream: what lies below is no longer wanted. Any area of the stream will do. The LSN
/// need not be a record's; it may be the next one to come.
///
/// # Errors
/// * `INVALID_PARAMETER`: no such area, no valid LSN, or flags.
/// * `LOG_START_OF_LOG`: below the present base. `LOG_TAIL_INVALID`: behind the stream's end.
/// * `LOG_MULTIPLEXED`: the log file is a multiplexed log as a whole. `ACCESS_DENIED`: it is not open for writing.
/// * `LOG_METADATA_FLUSH_FAILED`, or `LOG_STATE_INVALID`: the log is stopped.
///
/// # Safety
/// `plsn_base` is NULL or readable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsAdvanceLogBase(
    pv_marshal_context: *mut c_void,
    plsn_base: *const ClfsLsn,
    f_flags: u32,
) -> NtStatus {
    // SAFETY: NULL or readable, by this routine's contract.
    let base = unsafe { pointers::read(plsn_base) }.filter(|_| f_flags == 0).map(Lsn::from);
    area_of(pv_marshal_context).and_then(|area| area.advance_base(base.ok_or(Status::INVALID_PARAMETER)?)).into()
}
