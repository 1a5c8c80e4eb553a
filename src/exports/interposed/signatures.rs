//! The base routines with the signatures of the WDK, and what becomes of each that is interposed.
//!
//! A row names the routine's place in the table, the routine, and its parameters. A row with an arrow is interposed,
//! and its entry is made of it: the exported name follows, and what is reported to management after a success.
//! Interposed routines that have more to do are written out in `entries`.

/// Calls the macro `$then` with all rows.
macro_rules! base_routines {
    ($then:ident) => {
        $then! {
            query_log_file_information = ClfsQueryLogFileInformation(
                log: LogFileObject, class: i32, input: *const c_void, input_length: u32,
                output: *mut c_void, output_length: *mut u32,
            );
            add_log_container = ClfsAddLogContainer(log: LogFileObject, size: *mut u64, path: *const UnicodeString)
                => clfsmgmt_add_log_container: log_changed(log);
            add_log_container_set = ClfsAddLogContainerSet(
                log: LogFileObject, count: u16, size: *mut u64, paths: *const UnicodeString,
            ) => clfsmgmt_add_log_container_set: log_changed(log);
            remove_log_container = ClfsRemoveLogContainer(
                log: LogFileObject, path: *const UnicodeString, force: Boolean,
            ) => clfsmgmt_remove_log_container: log_changed(log);
            remove_log_container_set = ClfsRemoveLogContainerSet(
                log: LogFileObject, count: u16, paths: *const UnicodeString, force: Boolean,
            ) => clfsmgmt_remove_log_container_set: log_changed(log);
            create_scan_context = ClfsCreateScanContext(
                log: LogFileObject, from: u32, containers: u32, mode: u8, context: *mut ClfsScanContext,
            );
            scan_log_containers = ClfsScanLogContainers(context: *mut ClfsScanContext, mode: u8);
            get_container_name = ClfsGetContainerName(
                log: LogFileObject, container: u32, name: *mut UnicodeString, length: *mut u32,
            );
            set_archive_tail = ClfsSetArchiveTail(log: LogFileObject, tail: *const ClfsLsn)
                => clfsmgmt_set_archive_tail: log_changed(log);
            close_log_file_object = ClfsCloseLogFileObject(log: LogFileObject);
            close_and_reset_log_file = ClfsCloseAndResetLogFile(log: LogFileObject);
            delete_log_by_pointer = ClfsDeleteLogByPointer(log: LogFileObject)
                => clfsmgmt_delete_log_by_pointer: log_changed(log);
            create_marshalling_area = ClfsCreateMarshallingArea(
                log: LogFileObject, pool: i32, allocate: Option<AllocateFunction>, free: Option<FreeFunction>,
                buffer_bytes: u32, write_buffers: u32, read_buffers: u32, context: *mut MarshalContext,
            ) => clfsmgmt_create_marshalling_area: area_created(log, context);
            create_marshalling_area_ex = ClfsCreateMarshallingAreaEx(
                log: LogFileObject, pool: i32, allocate: Option<AllocateFunction>, free: Option<FreeFunction>,
                buffer_bytes: u32, write_buffers: u32, read_buffers: u32, alignment: u32, flags: u64,
                context: *mut MarshalContext,
            ) => clfsmgmt_create_marshalling_area_ex: area_created(log, context);
            delete_marshalling_area = ClfsDeleteMarshallingArea(context: MarshalContext);
            reserve_and_append_log = ClfsReserveAndAppendLog(
                context: MarshalContext, entries: WriteEntries, entry_count: u32, undo_next: *const ClfsLsn,
                previous: *const ClfsLsn, reserve_count: u32, reservations: *mut i64, flags: u32, lsn: *mut ClfsLsn,
            );
            reserve_and_append_log_aligned = ClfsReserveAndAppendLogAligned(
                context: MarshalContext, entries: WriteEntries, entry_count: u32, alignment: u32,
                undo_next: *const ClfsLsn, previous: *const ClfsLsn, reserve_count: u32, reservations: *mut i64,
                flags: u32, lsn: *mut ClfsLsn,
            );
            alloc_reserved_log = ClfsAllocReservedLog(context: MarshalContext, records: u32, adjustment: *const i64);
            free_reserved_log = ClfsFreeReservedLog(context: MarshalContext, records: u32, adjustment: *const i64)
                => clfsmgmt_free_reserved_log: area_changed(context);
            advance_log_base = ClfsAdvanceLogBase(context: MarshalContext, base: *const ClfsLsn, flags: u32)
                => clfsmgmt_advance_log_base: area_changed(context);
            write_restart_area = ClfsWriteRestartArea(
                context: MarshalContext, buffer: *const c_void, length: u32, base: *const ClfsLsn, flags: u32,
                written: *mut u32, next: *mut ClfsLsn,
            ) => clfsmgmt_write_restart_area: area_changed(context);
        }
    };
}
pub(super) use base_routines;
