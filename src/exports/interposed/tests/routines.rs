//! Base routines for the interposed ones: those of our own log, and what wraps them.

use core::cell::{Cell, RefCell};
use core::ffi::c_void;

use super::NoSecurity;
use crate::abi::{Boolean, NtStatus, UnicodeString};
use crate::exports::clfs;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::routines::{BaseRoutines, MarshalContext};
use crate::units::Status;

/// This crate's routines as a table. Queries are counted.
pub(in crate::exports::interposed) static OWN: BaseRoutines = BaseRoutines {
    query_log_file_information: query,
    add_log_container: clfs::ClfsAddLogContainer,
    add_log_container_set: clfs::ClfsAddLogContainerSet,
    remove_log_container: clfs::ClfsRemoveLogContainer,
    remove_log_container_set: clfs::ClfsRemoveLogContainerSet,
    create_scan_context: clfs::ClfsCreateScanContext,
    scan_log_containers: clfs::ClfsScanLogContainers,
    get_container_name: clfs::ClfsGetContainerName,
    set_archive_tail: clfs::ClfsSetArchiveTail,
    close_log_file_object: clfs::ClfsCloseLogFileObject,
    close_and_reset_log_file: clfs::ClfsCloseAndResetLogFile,
    delete_log_by_pointer: clfs::ClfsDeleteLogByPointer,
    create_marshalling_area: clfs::ClfsCreateMarshallingArea,
    create_marshalling_area_ex: clfs::ClfsCreateMarshallingAreaEx,
    delete_marshalling_area: clfs::ClfsDeleteMarshallingArea,
    reserve_and_append_log: clfs::ClfsReserveAndAppendLog,
    reserve_and_append_log_aligned: clfs::ClfsReserveAndAppendLogAligned,
    alloc_reserved_log: clfs::ClfsAllocReservedLog,
    free_reserved_log: clfs::ClfsFreeReservedLog,
    advance_log_base: clfs::ClfsAdvanceLogBase,
    write_restart_area: clfs::ClfsWriteRestartArea,
};

/// As `OWN`, of a `clfs.sys` in whose logs only their owner adds and removes containers.
pub(super) static OWNERS: BaseRoutines =
    BaseRoutines { add_log_container: add_as_owner, remove_log_container: remove_as_owner, ..OWN };

/// As `OWN`, of a `clfs.sys` that deletes no area.
pub(super) static KEEPING_AREAS: BaseRoutines = BaseRoutines { delete_marshalling_area: keep_area, ..OWN };

/// As `OWN`, but at a handle's address there is another one as soon as it was closed.
pub(super) static REOPENING: BaseRoutines = BaseRoutines { close_log_file_object: close_and_reopen, ..OWN };

std::thread_local! {
    static QUERIES: Cell<u32> = const { Cell::new(0) };
    static AFTER_CLOSE: RefCell<Option<std::boxed::Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// How often logs were asked about themselves on this thread while `action` ran.
pub(super) fn queries(action: impl FnOnce()) -> u32 {
    let before = QUERIES.get();
    action();
    QUERIES.get() - before
}

/// What other threads do between the next closing of a handle and its return.
pub(super) fn after_close(action: impl FnOnce() + 'static) {
    AFTER_CLOSE.set(Some(std::boxed::Box::new(action)));
}

unsafe extern "system" fn query(
    log: LogFileObject,
    class: i32,
    input: *const c_void,
    input_length: u32,
    output: *mut c_void,
    length: *mut u32,
) -> NtStatus {
    QUERIES.set(QUERIES.get() + 1);
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsQueryLogFileInformation(log, class, input, input_length, output, length) }
}

unsafe extern "system" fn add_as_owner(log: LogFileObject, size: *mut u64, path: *const UnicodeString) -> NtStatus {
    if !NoSecurity::is_taken() {
        return Status::ACCESS_DENIED.into();
    }
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsAddLogContainer(log, size, path) }
}

unsafe extern "system" fn remove_as_owner(log: LogFileObject, path: *const UnicodeString, force: Boolean) -> NtStatus {
    if !NoSecurity::is_taken() {
        return Status::ACCESS_DENIED.into();
    }
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsRemoveLogContainer(log, path, force) }
}

unsafe extern "system" fn keep_area(_: MarshalContext) -> NtStatus {
    Status::ACCESS_DENIED.into()
}

/// The handle that is opened at the address of the one that was closed is the same here.
unsafe extern "system" fn close_and_reopen(log: LogFileObject) -> NtStatus {
    if let Some(action) = AFTER_CLOSE.take() {
        action();
        return NtStatus::SUCCESS;
    }
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsCloseLogFileObject(log) }
}
