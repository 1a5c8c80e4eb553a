//! Reservations by their sums.

use core::ffi::c_void;

use super::area::area_of;
use super::pieces::numbers;
use crate::abi::NtStatus;
use crate::exports::pointers;
use crate::units::Status;

/// Tells how much must be reserved for a set of records of these data bytes.
///
/// # Errors
/// `INVALID_PARAMETER`: no such area, no sizes, one that is not above 0, or no place for the answer.
/// `LOG_BLOCKS_EXHAUSTED`: a block of the area, or of this log, cannot hold one of the records. `LOG_FULL`: it could,
/// but not with what is promised now. `LOG_MULTIPLEXED`, `ACCESS_DENIED`: the area cannot write.
/// `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `rgcb_reservation` is NULL, or readable for `c_records` numbers; `pcb_align_reservation` is NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsAlignReservedLog(
    pv_marshal_context: *mut c_void,
    c_records: u32,
    rgcb_reservation: *const i64,
    pcb_align_reservation: *mut i64,
) -> NtStatus {
    // SAFETY: this routine's contract.
    unsafe { align(pv_marshal_context, c_records, rgcb_reservation, pcb_align_reservation) }.into()
}

/// # Safety
/// As [`ClfsAlignReservedLog`].
unsafe fn align(marshal_context: *mut c_void, count: u32, sizes: *const i64, aligned: *mut i64) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    if aligned.is_null() {
        return Err(Status::INVALID_PARAMETER);
    }
    // SAFETY: NULL or readable, by the caller's contract.
    let sizes = unsafe { numbers(sizes, count) }?;
    let bytes = area.align(sizes.elements())?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(aligned, bytes) };
    Ok(())
}

/// Reserves room for a set of records: as many bytes as [`ClfsAlignReservedLog`] returned for as many records.
///
/// # Errors
/// * `INVALID_PARAMETER`: no such area, or no size.
/// * `LOG_RECORDS_RESERVED_INVALID`: no record. `LOG_SPACE_RESERVED_INVALID`: no such size for so many records.
/// * `LOG_FULL`: no room. `LOG_NOT_ENOUGH_CONTAINERS`: fewer than two containers.
/// * `LOG_MULTIPLEXED`, `ACCESS_DENIED`: the area cannot write. `LOG_STATE_INVALID`: the log is stopped.
///
/// # Safety
/// `pcb_adjustment` is NULL or readable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsAllocReservedLog(
    pv_marshal_context: *mut c_void,
    c_records: u32,
    pcb_adjustment: *const i64,
) -> NtStatus {
    // SAFETY: NULL or readable, by this routine's contract.
    let bytes = unsafe { pointers::read(pcb_adjustment) }.ok_or(Status::INVALID_PARAMETER);
    area_of(pv_marshal_context).and_then(|area| area.allocate_reserved(c_records, bytes?)).into()
}

/// Frees reservations. A positive `*pcb_adjustment` says how much is to stay reserved, for `c_records` records;
/// otherwise `c_records` records and its absolute value are freed. With the last record everything is freed.
///
/// # Errors
/// `INVALID_PARAMETER`: no such area, or no size. `LOG_RECORDS_RESERVED_INVALID`, `LOG_SPACE_RESERVED_INVALID`: the
/// area holds less. `LOG_MULTIPLEXED`, `ACCESS_DENIED`: the area cannot write.
///
/// # Safety
/// `pcb_adjustment` is NULL or readable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsFreeReservedLog(
    pv_marshal_context: *mut c_void,
    c_records: u32,
    pcb_adjustment: *const i64,
) -> NtStatus {
    // SAFETY: NULL or readable, by this routine's contract.
    let adjustment = unsafe { pointers::read(pcb_adjustment) }.ok_or(Status::INVALID_PARAMETER);
    area_of(pv_marshal_context).and_then(|area| area.free_reserved(c_records, adjustment?)).into()
}
