//! The base routines of a `clfs.sys` that somebody else wrote, as a table.
//!
//! A table rather than calls by name: in the driver it holds what the build's import library resolves, in tests the
//! base routines of this crate, so the whole layer runs over nothing but the C interface.

use core::ffi::c_void;

use crate::abi::{Boolean, ClfsLsn, ClfsScanContext, ClfsWriteEntry, NtStatus, UnicodeString};
use crate::exports::client::LogFileObject;

/// What `ClfsCreateMarshallingArea` answers: names a marshalling area.
pub(in crate::exports) type MarshalContext = *mut c_void;
/// `PALLOCATE_FUNCTION`: passed on, never called.
pub(in crate::exports) type AllocateFunction = Option<unsafe extern "system" fn(i32, usize, u32) -> *mut c_void>;
/// `PFREE_FUNCTION`: passed on, never called.
pub(in crate::exports) type FreeFunction = Option<unsafe extern "system" fn(*mut c_void)>;
/// `PCLFS_WRITE_ENTRY`: passed on, never looked at.
pub(in crate::exports) type WriteEntries = *const ClfsWriteEntry;

macro_rules! base_routines {
    ($($field:ident = $name:ident($($parameter:ident: $kind:ty),* $(,)?);)*) => {
        /// The real routines, with the signatures of the WDK.
        #[derive(Clone, Copy)]
        pub(in crate::exports) struct BaseRoutines {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub(in crate::exports) $field: unsafe extern "system" fn($($kind),*) -> NtStatus,
            )*
        }

        #[cfg(feature = "interposed")]
        mod imported {
            use super::{
                AllocateFunction, Boolean, ClfsLsn, ClfsScanContext, FreeFunction, LogFileObject, MarshalContext,
                NtStatus, UnicodeString, WriteEntries, c_void,
            };

            unsafe extern "system" {
                $(pub(super) fn $name($($parameter: $kind),*) -> NtStatus;)*
            }
        }

        #[cfg(feature = "interposed")]
        impl BaseRoutines {
            /// Those that the import library binds to `clfs.sys`.
            pub(in crate::exports) const IMPORTED: Self = Self { $($field: imported::$name),* };
        }
    };
}

base_routines! {
    query_log_file_information = ClfsQueryLogFileInformation(
        log: LogFileObject, class: i32, input: *const c_void, input_length: u32,
        output: *mut c_void, output_length: *mut u32,
    );
    add_log_container = ClfsAddLogContainer(log: LogFileObject, size: *mut u64, path: *const UnicodeString);
    add_log_container_set = ClfsAddLogContainerSet(
        log: LogFileObject, count: u16, size: *mut u64, paths: *const UnicodeString,
    );
    remove_log_container = ClfsRemoveLogContainer(log: LogFileObject, path: *const UnicodeString, force: Boolean);
    remove_log_container_set = ClfsRemoveLogContainerSet(
        log: LogFileObject, count: u16, paths: *const UnicodeString, force: Boolean,
    );
    create_scan_context = ClfsCreateScanContext(
        log: LogFileObject, from: u32, containers: u32, mode: u8, context: *mut ClfsScanContext,
    );
    scan_log_containers = ClfsScanLogContainers(context: *mut ClfsScanContext, mode: u8);
    get_container_name = ClfsGetContainerName(
        log: LogFileObject, container: u32, name: *mut UnicodeString, length: *mut u32,
    );
    set_archive_tail = ClfsSetArchiveTail(log: LogFileObject, tail: *const ClfsLsn);
    close_log_file_object = ClfsCloseLogFileObject(log: LogFileObject);
    close_and_reset_log_file = ClfsCloseAndResetLogFile(log: LogFileObject);
    delete_log_by_pointer = ClfsDeleteLogByPointer(log: LogFileObject);
    create_marshalling_area = ClfsCreateMarshallingArea(
        log: LogFileObject, pool: i32, allocate: AllocateFunction, free: FreeFunction, buffer_bytes: u32,
        write_buffers: u32, read_buffers: u32, context: *mut MarshalContext,
    );
    create_marshalling_area_ex = ClfsCreateMarshallingAreaEx(
        log: LogFileObject, pool: i32, allocate: AllocateFunction, free: FreeFunction, buffer_bytes: u32,
        write_buffers: u32, read_buffers: u32, alignment: u32, flags: u64, context: *mut MarshalContext,
    );
    delete_marshalling_area = ClfsDeleteMarshallingArea(context: MarshalContext);
    reserve_and_append_log = ClfsReserveAndAppendLog(
        context: MarshalContext, entries: WriteEntries, entry_count: u32, undo_next: *const ClfsLsn,
        previous: *const ClfsLsn, reserve_count: u32, reservations: *mut i64, flags: u32, lsn: *mut ClfsLsn,
    );
    reserve_and_append_log_aligned = ClfsReserveAndAppendLogAligned(
        context: MarshalContext, entries: WriteEntries, entry_count: u32, alignment: u32,
        undo_next: *const ClfsLsn, previous: *const ClfsLsn, reserve_count: u32, reservations: *mut i64, flags: u32,
        lsn: *mut ClfsLsn,
    );
    alloc_reserved_log = ClfsAllocReservedLog(context: MarshalContext, records: u32, adjustment: *const i64);
    free_reserved_log = ClfsFreeReservedLog(context: MarshalContext, records: u32, adjustment: *const i64);
    advance_log_base = ClfsAdvanceLogBase(context: MarshalContext, base: *const ClfsLsn, flags: u32);
    write_restart_area = ClfsWriteRestartArea(
        context: MarshalContext, buffer: *const c_void, length: u32, base: *const ClfsLsn, flags: u32,
        written: *mut u32, next: *mut ClfsLsn,
    );
}
