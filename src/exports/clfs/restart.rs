//! Restart areas, written.

use core::ffi::c_void;

use super::area::area_of;
use crate::abi::{AppendFlags, ClfsLsn, NtStatus};
use crate::exports::pointers;
use crate::library::RoomSource;
use crate::units::{Lsn, Status};

/// Writes a restart area, makes it and all records before it durable, and moves the base if one is given: all of that
/// or nothing survives a crash.
///
/// Tells the size of the block that was written for it, and its LSN. Room for one small restart area is held back, so
/// that it can be written on a full log.
///
/// # Errors
/// * `INVALID_PARAMETER`: no such area, no buffer, or flags other than `CLFS_FLAG_USE_RESERVATION`.
/// * `LOG_FULL`; `LOG_NOT_ENOUGH_CONTAINERS`. `LOG_BLOCKS_EXHAUSTED`: it does not fit into a block of the area.
/// * `LOG_SPACE_RESERVED_INVALID`: nothing, or not enough, is reserved.
/// * `LOG_START_OF_LOG`, `LOG_TAIL_INVALID`: the base lies below the present one, or behind the end.
/// * `LOG_MULTIPLEXED`, `ACCESS_DENIED`: the area cannot write. `LOG_STATE_INVALID`: the log is stopped.
///
/// # Safety
/// `pv_restart_buffer` is NULL, or readable for `cb_restart_buffer` bytes and not written during the call; `plsn_base`
/// is NULL or readable; the other pointers are NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsWriteRestartArea(
    pv_marshal_context: *mut c_void,
    pv_restart_buffer: *const c_void,
    cb_restart_buffer: u32,
    plsn_base: *const ClfsLsn,
    f_flags: u32,
    pcb_written: *mut u32,
    plsn_next: *mut ClfsLsn,
) -> NtStatus {
    let Some(source) = source(f_flags).filter(|_| !pv_restart_buffer.is_null()) else {
        return Status::INVALID_PARAMETER.into();
    };
    // SAFETY: readable and constant for the call, by this routine's contract.
    let data = unsafe { pointers::bytes(pv_restart_buffer.cast(), crate::units::index(cb_restart_buffer)) };
    // SAFETY: NULL or readable, by this routine's contract.
    let base = unsafe { pointers::read(plsn_base) }.map(Lsn::from);
    // SAFETY: NULL or writable, by this routine's contract.
    unsafe { write(pv_marshal_context, &Restart { data, base, source }, pcb_written, plsn_next) }.into()
}

struct Restart<'call> {
    data: &'call [u8],
    base: Option<Lsn>,
    source: RoomSource,
}

fn source(flags: u32) -> Option<RoomSource> {
    match AppendFlags::from_bits(flags)? {
        flags if flags.is_empty() => Some(RoomSource::Free),
        AppendFlags::USE_RESERVATION => Some(RoomSource::Reserved),
        _ => None,
    }
}

/// # Safety
/// The pointers are NULL or writable.
unsafe fn write(
    marshal_context: *mut c_void,
    restart: &Restart<'_>,
    bytes_written: *mut u32,
    lsn: *mut ClfsLsn,
) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    let written = area.write_restart_area(&[restart.data], restart.base, restart.source)?;
    // SAFETY: NULL or writable, by the caller's contract.
    unsafe { pointers::write(bytes_written, u32::try_from(written.block_bytes).unwrap_or(u32::MAX)) };
    // SAFETY: NULL or writable, by the caller's contract.
    unsafe { pointers::write(lsn, written.lsn.into()) };
    Ok(())
}
