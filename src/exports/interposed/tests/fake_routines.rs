//! The fake's base routines, with the signatures of the WDK.

use core::ffi::c_void;
use std::cell::RefCell;
use std::string::String;
use std::vec::Vec;

use super::fake::{FakeHandle, FakeLog};
use crate::abi::{
    Boolean, ClfsContainerInformation, ClfsLsn, ClfsScanContext, ClfsStreamIdInformation, NtStatus, UnicodeString,
};
use crate::exports::client::LogFileObject;
use crate::exports::interposed::routines::{
    AllocateFunction, BaseRoutines, FreeFunction, MarshalContext, WriteEntries,
};
use crate::units::{Lsn, Status};

/// The fake as a table.
pub(super) static FAKE: BaseRoutines = BaseRoutines {
    query_log_file_information: query,
    add_log_container: add,
    add_log_container_set: add_set,
    remove_log_container: remove,
    remove_log_container_set: remove_set,
    create_scan_context: create_scan,
    scan_log_containers: scan,
    get_container_name: container_name,
    set_archive_tail,
    close_log_file_object: close,
    close_and_reset_log_file: close,
    delete_log_by_pointer: delete,
    create_marshalling_area: create_area,
    create_marshalling_area_ex: create_area_ex,
    delete_marshalling_area: delete_area,
    reserve_and_append_log: append,
    reserve_and_append_log_aligned: append_aligned,
    alloc_reserved_log: alloc_reserved,
    free_reserved_log: free_reserved,
    advance_log_base: advance,
    write_restart_area: write_restart,
};

#[derive(Clone, Copy)]
struct FakeArea {
    log: FakeLog,
    stream: u8,
}

unsafe fn handle<'a>(log: LogFileObject) -> &'a FakeHandle {
    // SAFETY: the tests pass what FakeLog::open made, and it is never freed.
    unsafe { &*log.cast::<FakeHandle>() }
}

unsafe fn area(context: MarshalContext) -> FakeArea {
    // SAFETY: the tests pass what create_area made, and it is never freed.
    unsafe { *context.cast::<FakeArea>() }
}

unsafe fn text(string: *const UnicodeString) -> String {
    // SAFETY: the routine's contract.
    let string = unsafe { *string };
    // SAFETY: as above.
    let units = unsafe { core::slice::from_raw_parts(string.buffer, usize::from(string.length) / 2) };
    String::from_utf16(units).unwrap()
}

fn answer(outcome: Result<(), Status>) -> NtStatus {
    outcome.into()
}

unsafe fn put<T>(output: *mut c_void, length: *mut u32, value: T) -> Result<(), Status> {
    // SAFETY: the routine's contract.
    let room = unsafe { *length };
    if usize::try_from(room).unwrap() < size_of::<T>() {
        return Err(Status::BUFFER_TOO_SMALL);
    }
    // SAFETY: there is room for it.
    unsafe { output.cast::<T>().write_unaligned(value) };
    // SAFETY: the routine's contract.
    unsafe { *length = u32::try_from(size_of::<T>()).unwrap() };
    Ok(())
}

unsafe extern "system" fn query(
    log: LogFileObject,
    class: i32,
    _: *const c_void,
    _: u32,
    output: *mut c_void,
    length: *mut u32,
) -> NtStatus {
    // SAFETY: the routine's contract.
    let handle = unsafe { handle(log) };
    let mut space = match handle.log() {
        Ok(space) => space,
        Err(status) => return status.into(),
    };
    space.queries += 1;
    if let Some(status) = space.query_failure {
        return status.into();
    }
    let outcome = match class {
        // SAFETY: the routine's contract.
        0 => unsafe { put(output, length, space.information(Some(handle.stream))) },
        // SAFETY: the routine's contract.
        1 => unsafe { put(output, length, space.information(None)) },
        2 => {
            let path: Vec<u16> = r"\Device\Disk\logs\sales.blf".encode_utf16().collect();
            let mut name = [0_u16; 28];
            name[0] = u16::try_from(path.len() * 2).unwrap();
            name[1..=path.len()].copy_from_slice(&path);
            // SAFETY: the routine's contract.
            unsafe { put(output, length, name) }
        }
        // SAFETY: the routine's contract.
        3 => unsafe { put(output, length, ClfsStreamIdInformation { stream_identifier: handle.stream }) },
        _ => Err(Status::INVALID_PARAMETER),
    };
    if let Some((stream, base)) = space.moves_when_asked.take() {
        space.advance(stream, base).unwrap();
    }
    answer(outcome)
}

unsafe extern "system" fn add(log: LogFileObject, _: *mut u64, path: *const UnicodeString) -> NtStatus {
    // SAFETY: the routine's contract.
    let (handle, path) = unsafe { (handle(log), text(path)) };
    answer(handle.log().and_then(|mut space| space.add(path)))
}

unsafe extern "system" fn add_set(
    log: LogFileObject,
    count: u16,
    size: *mut u64,
    paths: *const UnicodeString,
) -> NtStatus {
    for index in 0..usize::from(count) {
        // SAFETY: the routine's contract.
        let status = unsafe { add(log, size, paths.add(index)) };
        if status != NtStatus::SUCCESS {
            return status;
        }
    }
    NtStatus::SUCCESS
}

unsafe extern "system" fn remove(log: LogFileObject, path: *const UnicodeString, _: Boolean) -> NtStatus {
    // SAFETY: the routine's contract.
    let (handle, path) = unsafe { (handle(log), text(path)) };
    answer(handle.log().and_then(|mut space| space.remove(&path)))
}

unsafe extern "system" fn remove_set(
    log: LogFileObject,
    count: u16,
    paths: *const UnicodeString,
    force: Boolean,
) -> NtStatus {
    for index in 0..usize::from(count) {
        // SAFETY: the routine's contract.
        let status = unsafe { remove(log, paths.add(index), force) };
        if status != NtStatus::SUCCESS {
            return status;
        }
    }
    NtStatus::SUCCESS
}

/// The caller's array is filled, as the kernel's documentation has it.
unsafe extern "system" fn create_scan(
    log: LogFileObject,
    from: u32,
    step: u32,
    mode: u8,
    context: *mut ClfsScanContext,
) -> NtStatus {
    // SAFETY: the routine's contract.
    let context = unsafe { &mut *context };
    assert_eq!(mode, 2);
    context.log_file = log;
    context.index.0 = from;
    context.containers.0 = step;
    NtStatus::SUCCESS
}

unsafe extern "system" fn scan(context: *mut ClfsScanContext, mode: u8) -> NtStatus {
    // SAFETY: the routine's contract.
    let context = unsafe { &mut *context };
    if mode == 8 {
        context.log_file = core::ptr::null_mut();
        return NtStatus::SUCCESS;
    }
    // SAFETY: a scan that is not closed.
    let all = unsafe { handle(context.log_file) }.log.space().containers();
    let step = usize::try_from(context.containers.0).unwrap();
    let found: Vec<_> = all.into_iter().skip(usize::try_from(context.index.0).unwrap()).take(step).collect();
    for (index, (name, logical, state)) in found.iter().enumerate() {
        let mut information = ClfsContainerInformation::EMPTY;
        for (place, unit) in information.file_name.iter_mut().zip(name.encode_utf16()) {
            *place = unit;
        }
        information.file_name_actual_length = u32::try_from(name.len()).unwrap();
        information.logical_container_id = *logical;
        information.state = *state;
        // SAFETY: the caller's array has room for a step.
        unsafe { *context.information.add(index) = information };
    }
    context.containers_returned.0 = u32::try_from(found.len()).unwrap();
    context.index.0 += context.containers_returned.0;
    if found.is_empty() { Status::NO_MORE_ENTRIES.into() } else { NtStatus::SUCCESS }
}

unsafe extern "system" fn container_name(_: LogFileObject, _: u32, _: *mut UnicodeString, _: *mut u32) -> NtStatus {
    Status::NOT_IMPLEMENTED.into()
}

unsafe extern "system" fn set_archive_tail(log: LogFileObject, tail: *const ClfsLsn) -> NtStatus {
    // SAFETY: the routine's contract.
    let (handle, tail) = unsafe { (handle(log), *tail) };
    answer(handle.log().map(|mut space| {
        space.archive_tail = tail.into();
        space.recycle();
    }))
}

unsafe extern "system" fn close(log: LogFileObject) -> NtStatus {
    // SAFETY: the routine's contract.
    let outcome = unsafe { handle(log) }.close();
    if let Some(action) = AFTER_CLOSE.take() {
        action();
    }
    answer(outcome)
}

std::thread_local! {
    static AFTER_CLOSE: RefCell<Option<std::boxed::Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// What other threads do between the next closing of a handle and its return.
pub(super) fn after_close(action: impl FnOnce() + 'static) {
    AFTER_CLOSE.set(Some(std::boxed::Box::new(action)));
}

/// Another log file object comes to where a closed one was.
pub(super) fn open_again(log: LogFileObject) {
    // SAFETY: the tests pass what FakeLog::open made.
    unsafe { handle(log) }.open_again();
}

unsafe extern "system" fn delete(_: LogFileObject) -> NtStatus {
    NtStatus::SUCCESS
}

unsafe extern "system" fn create_area(
    log: LogFileObject,
    _: i32,
    _: AllocateFunction,
    _: FreeFunction,
    _: u32,
    _: u32,
    _: u32,
    context: *mut MarshalContext,
) -> NtStatus {
    // SAFETY: the routine's contract.
    let handle = unsafe { handle(log) };
    let area = std::boxed::Box::new(FakeArea { log: handle.log, stream: handle.stream });
    let area = core::ptr::from_mut(std::boxed::Box::leak(area));
    // SAFETY: the routine's contract.
    unsafe { *context = area.cast::<c_void>() };
    NtStatus::SUCCESS
}

unsafe extern "system" fn create_area_ex(
    log: LogFileObject,
    pool: i32,
    allocate: AllocateFunction,
    free: FreeFunction,
    bytes: u32,
    writes: u32,
    reads: u32,
    _: u32,
    _: u64,
    context: *mut MarshalContext,
) -> NtStatus {
    // SAFETY: the routine's contract.
    unsafe { create_area(log, pool, allocate, free, bytes, writes, reads, context) }
}

unsafe extern "system" fn delete_area(context: MarshalContext) -> NtStatus {
    if context.is_null() { Status::INVALID_PARAMETER.into() } else { NtStatus::SUCCESS }
}

unsafe extern "system" fn append(
    context: MarshalContext,
    _: WriteEntries,
    entries: u32,
    _: *const ClfsLsn,
    _: *const ClfsLsn,
    reserved: u32,
    reservations: *mut i64,
    _: u32,
    lsn: *mut ClfsLsn,
) -> NtStatus {
    // SAFETY: the routine's contract.
    let area = unsafe { area(context) };
    let mut space = area.log.space();
    for index in 0..usize::try_from(reserved).unwrap() {
        // SAFETY: the routine's contract.
        let quarters = unsafe { *reservations.add(index) };
        space.reserved_quarters = space.reserved_quarters.saturating_add_signed(i32::try_from(quarters).unwrap());
    }
    if entries == 0 {
        return NtStatus::SUCCESS;
    }
    let outcome: Result<Lsn, Status> = space.append(area.stream);
    answer(outcome.map(|record| {
        if !lsn.is_null() {
            // SAFETY: the routine's contract.
            unsafe { *lsn = record.into() };
        }
    }))
}

unsafe extern "system" fn append_aligned(
    context: MarshalContext,
    entries: WriteEntries,
    count: u32,
    _: u32,
    undo: *const ClfsLsn,
    previous: *const ClfsLsn,
    reserved: u32,
    reservations: *mut i64,
    flags: u32,
    lsn: *mut ClfsLsn,
) -> NtStatus {
    // SAFETY: the routine's contract.
    unsafe { append(context, entries, count, undo, previous, reserved, reservations, flags, lsn) }
}

unsafe extern "system" fn alloc_reserved(context: MarshalContext, records: u32, _: *const i64) -> NtStatus {
    // SAFETY: the routine's contract.
    unsafe { area(context) }.log.space().reserved_quarters += records;
    NtStatus::SUCCESS
}

unsafe extern "system" fn free_reserved(context: MarshalContext, records: u32, _: *const i64) -> NtStatus {
    // SAFETY: the routine's contract.
    unsafe { area(context) }.log.space().reserved_quarters -= records;
    NtStatus::SUCCESS
}

unsafe extern "system" fn advance(context: MarshalContext, base: *const ClfsLsn, _: u32) -> NtStatus {
    // SAFETY: the routine's contract.
    let (area, base) = unsafe { (area(context), *base) };
    answer(area.log.space().advance(area.stream, base.into()))
}

unsafe extern "system" fn write_restart(
    context: MarshalContext,
    _: *const c_void,
    _: u32,
    base: *const ClfsLsn,
    _: u32,
    _: *mut u32,
    _: *mut ClfsLsn,
) -> NtStatus {
    // SAFETY: the routine's contract.
    unsafe { advance(context, base, 0) }
}
