//! Marshalling areas: made, found, ended.

use core::ffi::c_void;

use super::own_logs::OwnSetting;
use super::{ObjectGuard, answer_for, handle, logs};
use crate::abi::{AllocateFunction, FreeFunction, MarshallingFlags, NtStatus};
use crate::exports::platform::ThePlatform;
use crate::exports::pointers::{self, address_of};
use crate::library::{Area, AreaLimits};
use crate::manager::ports::Platform;
use crate::units::Status;

/// An area of our own logs.
pub(super) type OwnArea = Area<OwnSetting>;

/// An opaque pointer that names something and points nowhere.
pub(super) fn context_of(handle: u64) -> *mut c_void {
    core::ptr::without_provenance_mut(usize::try_from(handle).unwrap_or(0))
}

/// The area that a marshalling context names.
pub(super) fn area_of(marshal_context: *mut c_void) -> Result<ObjectGuard<OwnArea>, Status> {
    let handle = address_of(marshal_context);
    ObjectGuard::find(handle, Status::INVALID_PARAMETER, |logs, handle| logs.library().areas().find(handle))
}

/// Makes a marshalling area for the stream of a log file.
///
/// * `e_pool_type`, `pfn_alloc_buffer` and `pfn_free_buffer` are accepted and not used: the log takes its own memory,
///   and all areas of a stream share its block (`docs/decisions/0010-memory-of-blocks.md`).
/// * `cb_marshalling_buffer`, rounded up to whole sectors, bounds the area's records: a block must hold one. Where it
///   is larger than what the log has needed so far, the first record that needs it makes the log's blocks larger, if
///   its containers are large enough for two of them.
/// * `c_max_write_buffers` may be anything; with 0 the area cannot write. `c_max_read_buffers` bounds its read
///   contexts.
///
/// # Errors
/// * `INVALID_PARAMETER`: no open log file; a block size that is 0, or too large to be rounded up; one of the two
///   functions without the other; no place for the context.
/// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has fewer than two. `INSUFFICIENT_RESOURCES`.
///
/// # Safety
/// `ppv_marshal_context` is NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCreateMarshallingArea(
    plfo_log: *mut c_void,
    _e_pool_type: i32,
    pfn_alloc_buffer: Option<AllocateFunction>,
    pfn_free_buffer: Option<FreeFunction>,
    cb_marshalling_buffer: u32,
    c_max_write_buffers: u32,
    c_max_read_buffers: u32,
    ppv_marshal_context: *mut *mut c_void,
) -> NtStatus {
    let is_whole = pfn_alloc_buffer.is_some() == pfn_free_buffer.is_some();
    let limits = limits(cb_marshalling_buffer, c_max_write_buffers, c_max_read_buffers);
    // SAFETY: this routine's contract.
    unsafe { create(plfo_log, limits, is_whole, ppv_marshal_context) }.into()
}

/// As [`ClfsCreateMarshallingArea`]. `c_alignment_size` and `f_flags` are checked and not used: records lie at
/// multiples of 8 in blocks that the log aligns as it needs.
///
/// # Errors
/// As [`ClfsCreateMarshallingArea`]; `INVALID_PARAMETER` also for an alignment that is neither 0 nor a power of two,
/// and for unknown flags.
///
/// # Safety
/// `ppv_marshal_context` is NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsCreateMarshallingAreaEx(
    plfo_log: *mut c_void,
    _e_pool_type: i32,
    pfn_alloc_buffer: Option<AllocateFunction>,
    pfn_free_buffer: Option<FreeFunction>,
    cb_marshalling_buffer: u32,
    c_max_write_buffers: u32,
    c_max_read_buffers: u32,
    c_alignment_size: u32,
    f_flags: u64,
    ppv_marshal_context: *mut *mut c_void,
) -> NtStatus {
    let is_aligned = c_alignment_size == 0 || c_alignment_size.is_power_of_two();
    let is_known = MarshallingFlags::from_bits(f_flags).is_some();
    let is_whole = pfn_alloc_buffer.is_some() == pfn_free_buffer.is_some();
    let limits = limits(cb_marshalling_buffer, c_max_write_buffers, c_max_read_buffers);
    // SAFETY: this routine's contract.
    unsafe { create(plfo_log, limits, is_whole && is_aligned && is_known, ppv_marshal_context) }.into()
}

const fn limits(block_bytes: u32, write_blocks_max: u32, read_blocks_max: u32) -> AreaLimits {
    AreaLimits { block_bytes, write_blocks_max, read_blocks_max }
}

/// # Safety
/// `target` is NULL or writable.
unsafe fn create(
    log_file: *mut c_void,
    limits: AreaLimits,
    is_valid: bool,
    target: *mut *mut c_void,
) -> Result<(), Status> {
    if target.is_null() || !is_valid {
        return Err(Status::INVALID_PARAMETER);
    }
    let logs = logs()?;
    let area = ThePlatform::share(OwnArea::new(handle(log_file)?.shared(), limits)?)?;
    let handle = logs.library().areas().insert(area)?;
    // SAFETY: not NULL, so writable, by the caller's contract.
    unsafe { pointers::write(target, context_of(handle)) };
    Ok(())
}

/// Deletes a marshalling area: its records are written out and flushed, its reservations given back. Its read contexts
/// go on, and keep the log file open with it until they are terminated.
///
/// # Errors
/// `INVALID_PARAMETER`: no such area. The status with which the flush failed; the area is gone all the same.
///
/// # Safety
/// None: the context is looked up, not followed.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsDeleteMarshallingArea(pv_marshal_context: *mut c_void) -> NtStatus {
    answer_for(address_of(pv_marshal_context), |logs, handle| {
        let removed = logs.library().areas().remove(handle);
        removed.ok_or(Status::INVALID_PARAMETER)?.delete()
    })
}
