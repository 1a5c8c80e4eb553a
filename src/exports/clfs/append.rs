//! Records into the log.

use core::ffi::c_void;

use super::area::area_of;
use super::pieces::{gather, numbers};
use crate::abi::{AppendFlags, ClfsLsn, ClfsWriteEntry, NtStatus};
use crate::exports::pointers;
use crate::library::{AppendRequest, Reach, RoomSource};
use crate::log::RecordParts;
use crate::units::{Lsn, Status};

/// Appends a record, makes and frees reservations: all of it, or nothing. Entries follow each other without gaps.
///
/// Each element of `rgcb_reservation` is the data bytes of a record to reserve room for, or negative to free a
/// reservation of that size; on success it becomes what was reserved or freed on disk. With no entries only that
/// happens. The LSN is the record's own. An LSN that is not given is stored as `CLFS_LSN_INVALID`.
///
/// # Errors
/// Nothing is appended or reserved then, but for the last one.
/// * `INVALID_PARAMETER`: no such area; unknown flags; a count without its array; an entry without its buffer; a
///   reservation of 0; `CLFS_FLAG_USE_RESERVATION` with reservations or without a record.
/// * `LOG_FULL`: no room for all of it. `LOG_NOT_ENOUGH_CONTAINERS`: fewer than two containers.
/// * `LOG_BLOCKS_EXHAUSTED`: a block of the area, or of this log, cannot hold one of the records.
/// * `LOG_RECORDS_RESERVED_INVALID`, `LOG_SPACE_RESERVED_INVALID`: more to free, or to use, than is reserved.
/// * `LOG_MULTIPLEXED`: the log file is a multiplexed log as a whole. `ACCESS_DENIED`: it is not open for writing.
/// * `INSUFFICIENT_RESOURCES`. `LOG_STATE_INVALID`: the log is stopped.
/// * `LOG_APPENDED_FLUSH_FAILED`: appended and reserved, and told, but not written as far as the flags ask.
///
/// # Safety
/// Arrays are NULL, or readable for their counts, the reservations writable too; the buffers of entries are readable
/// and not written during the call; the LSNs are NULL or readable, `plsn` NULL or writable.
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReserveAndAppendLog(
    pv_marshal_context: *mut c_void,
    rg_write_entries: *const ClfsWriteEntry,
    c_write_entries: u32,
    plsn_undo_next: *const ClfsLsn,
    plsn_previous: *const ClfsLsn,
    c_reserve_records: u32,
    rgcb_reservation: *mut i64,
    f_flags: u32,
    plsn: *mut ClfsLsn,
) -> NtStatus {
    let entries = Entries { first: rg_write_entries, count: c_write_entries, alignment: 1 };
    let links = Links { undo_next: plsn_undo_next, previous: plsn_previous };
    let reservations = Reservations { sizes: rgcb_reservation, count: c_reserve_records };
    // SAFETY: this routine's contract.
    unsafe { append(pv_marshal_context, &entries, &links, &reservations, f_flags, plsn) }.into()
}

/// As [`ClfsReserveAndAppendLog`], with each entry at a multiple of `cb_entry_alignment` in the record; gaps are zeros.
///
/// # Errors
/// As [`ClfsReserveAndAppendLog`]; `INVALID_PARAMETER` also for an alignment of 0.
///
/// # Safety
/// As [`ClfsReserveAndAppendLog`].
///
/// # IRQL
/// <= `APC_LEVEL`
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ClfsReserveAndAppendLogAligned(
    pv_marshal_context: *mut c_void,
    rg_write_entries: *const ClfsWriteEntry,
    c_write_entries: u32,
    cb_entry_alignment: u32,
    plsn_undo_next: *const ClfsLsn,
    plsn_previous: *const ClfsLsn,
    c_reserve_records: u32,
    rgcb_reservation: *mut i64,
    f_flags: u32,
    plsn: *mut ClfsLsn,
) -> NtStatus {
    let entries = Entries { first: rg_write_entries, count: c_write_entries, alignment: cb_entry_alignment };
    let links = Links { undo_next: plsn_undo_next, previous: plsn_previous };
    let reservations = Reservations { sizes: rgcb_reservation, count: c_reserve_records };
    // SAFETY: this routine's contract.
    unsafe { append(pv_marshal_context, &entries, &links, &reservations, f_flags, plsn) }.into()
}

struct Entries {
    first: *const ClfsWriteEntry,
    count: u32,
    alignment: u32,
}

struct Links {
    undo_next: *const ClfsLsn,
    previous: *const ClfsLsn,
}

struct Reservations {
    sizes: *mut i64,
    count: u32,
}

/// # Safety
/// As [`ClfsReserveAndAppendLog`].
unsafe fn append(
    marshal_context: *mut c_void,
    entries: &Entries,
    links: &Links,
    reservations: &Reservations,
    flags: u32,
    lsn: *mut ClfsLsn,
) -> Result<(), Status> {
    let area = area_of(marshal_context)?;
    let flags = AppendFlags::from_bits(flags).ok_or(Status::INVALID_PARAMETER)?;
    let source = source(flags, reservations)?;
    // SAFETY: NULL or readable, by the caller's contract.
    let pieces = unsafe { gather(entries.first, entries.count, entries.alignment) }?;
    // SAFETY: NULL or readable, by the caller's contract.
    let undo_next = unsafe { pointers::read(links.undo_next) }.map_or(Lsn::INVALID, Lsn::from);
    // SAFETY: NULL or readable, by the caller's contract.
    let previous = unsafe { pointers::read(links.previous) }.map_or(Lsn::INVALID, Lsn::from);
    // SAFETY: NULL or readable, by the caller's contract.
    let mut sizes = unsafe { numbers(reservations.sizes, reservations.count) }?;
    let record = RecordParts { data: pieces.elements(), undo_next, previous };
    let record = (entries.count > 0).then_some(record);
    let request = AppendRequest { record, source, adjustments: sizes.elements_mut(), reach: reach(flags) };
    let appended = area.append_and_tell(request)?;
    // SAFETY: writable for its count, by the caller's contract.
    unsafe { write_sizes(reservations, sizes.elements()) };
    if let Some(record) = appended.lsn {
        // SAFETY: NULL or writable, by the caller's contract.
        unsafe { pointers::write(lsn, record.into()) };
    }
    appended.reached
}

fn source(flags: AppendFlags, reservations: &Reservations) -> Result<RoomSource, Status> {
    if !flags.contains(AppendFlags::USE_RESERVATION) {
        return Ok(RoomSource::Free);
    }
    let is_alone = reservations.count == 0 && reservations.sizes.is_null();
    if is_alone { Ok(RoomSource::Reserved) } else { Err(Status::INVALID_PARAMETER) }
}

const fn reach(flags: AppendFlags) -> Reach {
    if flags.contains(AppendFlags::FORCE_FLUSH) {
        Reach::Disk
    } else if flags.contains(AppendFlags::FORCE_APPEND) {
        Reach::Container
    } else {
        Reach::Memory
    }
}

/// # Safety
/// The reservations are writable for their count, which is at least that of `sizes`.
unsafe fn write_sizes(reservations: &Reservations, sizes: &[i64]) {
    for (index, size) in sizes.iter().enumerate() {
        // SAFETY: within the array, by the caller's contract.
        let place = unsafe { reservations.sizes.add(index) };
        // SAFETY: writable, by the caller's contract.
        unsafe { pointers::write(place, *size) };
    }
}
