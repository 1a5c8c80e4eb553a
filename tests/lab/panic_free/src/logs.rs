//! The log, and open handles to it.

use alloc::vec::Vec;

use crate::log::storage::Access;
use crate::log::{
    Admission, BlockLimit, Cursor, Direction, FlushTicket, LogOptions, RecordParts, Removal, ReservationAccount,
    lone_record_bytes,
};
use crate::units::{Bytes, Lsn, Status, StreamId};

use crate::management::Management;
use crate::operations;
use crate::outside::{Disk, File, Setting, Shared};

type Log = crate::log::Log<Disk>;
type OpenLog = crate::library::OpenLog<Setting>;
type Account = ReservationAccount;

operations! {
    log_create(options: &LogOptions<'_>) Log::create(Disk, options).is_ok();
    log_open(access: Access, limit: BlockLimit) Log::open(Disk, access, limit);
    log_delete(log: Log) log.delete();
    log_delete_closed() Log::delete_closed(&Disk);
    log_close(log: Log) log.close();
    log_block_limit(bytes: u64, data_bytes: usize, size: Bytes)
        BlockLimit::of(bytes, data_bytes).map(|limit| limit.fits_container(size));

    log_append(log: &mut Log, id: StreamId, parts: &RecordParts<'_>) log.append(id, parts, Admission::Free);
    log_allow_record(log: &mut Log, id: StreamId, data_bytes: usize) log.allow_record(id, data_bytes);
    record_bytes(parts: &RecordParts<'_>) lone_record_bytes(parts.data_bytes());
    log_append_and_reserve(
        log: &mut Log, id: StreamId, parts: Option<&RecordParts<'_>>, account: &mut Account, adjustments: &mut [i64]
    ) log.append_and_reserve(id, parts, account, adjustments);
    log_allocate_reserved(log: &mut Log, id: StreamId, account: &mut Account, records: u64, bytes: u64)
        log.allocate_reserved(id, account, records, bytes);
    log_free_reserved(log: &mut Log, account: &mut Account, records: u64, bytes: u64)
        log.free_reserved(account, records, bytes);
    log_append_reserved(log: &mut Log, id: StreamId, parts: &RecordParts<'_>, account: &mut Account)
        log.append(id, parts, Admission::Reserved(account));
    log_reserve(log: &mut Log, account: &mut Account, data_bytes: usize) log.reserve(account, data_bytes);
    log_free_account(log: &mut Log, account: &mut Account)
        (log.free_account(account), account.records(), account.bytes());

    log_next_container_size(log: &Log, asked: Option<Bytes>, count: usize) log.next_container_size(asked, count);
    log_has_container(log: &Log, path: &[u16]) log.has_container(path);
    log_join_container(log: &mut Log, path: &[u16], file: File, size: Bytes) log.join_container(path, file, size);
    log_add_container(log: &mut Log, path: &[u16], asked: Option<Bytes>) log.add_container(path, asked);
    log_remove_container(log: &mut Log, path: &[u16], removal: Removal) log.remove_container(path, removal);
    log_join_containers(log: &mut Log, paths: &[&[u16]], files: Vec<File>, size: Bytes)
        log.join_containers(paths, files, size);
    log_remove_containers(log: &mut Log, paths: &[&[u16]], removal: Removal) log.remove_containers(paths, removal);
    log_remove_free_container(log: &mut Log) log.remove_free_container();

    log_begin_flush(log: &mut Log, id: StreamId) log.begin_flush(id).is_ok();
    log_write_out(log: &mut Log, id: StreamId) log.write_out(id);
    log_run_flush(ticket: &FlushTicket<File>) ticket.run();
    log_finish_flush(log: &mut Log, ticket: &FlushTicket<File>, outcome: Result<(), Status>)
        log.finish_flush(ticket, outcome);
    log_flush(log: &mut Log, id: StreamId) log.flush(id);
    log_flush_to_lsn(log: &mut Log, id: StreamId, lsn: Lsn) log.flush_to_lsn(id, lsn);
    log_durable_lsn(log: &Log, id: StreamId) log.durable_lsn(id);

    log_information(log: &Log) log.information();
    log_stream_information(log: &Log, id: StreamId) log.stream_information(id);
    log_attributes(log: &Log, id: StreamId) (log.attributes(id), log.flush_threshold(), log.io_statistics());
    log_is_closed_multiplexed() Log::is_closed_multiplexed(&Disk);
    log_tails(log: &Log) log.tails().last();
    log_archive_tail(log: &Log) log.archive_tail();
    log_containers(log: &Log) log.containers().last();
    log_state(log: &Log)
        (log.is_multiplexed(), log.is_read_only(), log.fault(), log.version(), log.end(), log.end_container(), log.storage());

    cursor_new(stream: StreamId, direction: Direction) Cursor::new(stream, direction);
    cursor_here(cursor: &Cursor) (cursor.here(), cursor.stream(), cursor.position());
    log_read(log: &Log, cursor: &mut Cursor, lsn: Lsn) log.read(cursor, lsn);
    log_read_first(log: &Log, cursor: &mut Cursor) log.read_first(cursor);
    log_read_from(log: &Log, cursor: &mut Cursor, lsn: Lsn) log.read_from(cursor, lsn);
    log_read_next(log: &Log, cursor: &mut Cursor) log.read_next(cursor);
    log_read_restart_area(log: &Log, cursor: &mut Cursor) log.read_restart_area(cursor);
    log_read_previous_restart_area(log: &Log, cursor: &mut Cursor) log.read_previous_restart_area(cursor);
    log_write_restart_area(log: &mut Log, id: StreamId, data: &[&[u8]], base: Option<Lsn>)
        log.write_restart_area(id, data, base);
    log_write_restart_area_in(log: &mut Log, id: StreamId, data: &[&[u8]], base: Option<Lsn>, account: &mut Account)
        (log.write_restart_area_in(id, data, base, Admission::Free),
            log.write_restart_area_in(id, data, base, Admission::Reserved(account)));

    log_find_stream(log: &Log, name: &[u16]) log.find_stream(name);
    log_stream_name(log: &Log, id: StreamId) log.stream_name(id);
    log_create_stream(log: &mut Log, name: &[u16]) log.create_stream(name);
    log_delete_stream(log: &mut Log, id: StreamId) log.delete_stream(id);
    log_last_lsn(log: &Log, id: StreamId) log.last_lsn(id);
    log_advance_base(log: &mut Log, id: StreamId, base: Lsn) log.advance_base(id, base);
    log_reset_stream(log: &mut Log, id: StreamId) log.reset_stream(id);
    log_physical_lsn(log: &Log, id: StreamId, lsn: Lsn) log.physical_lsn(id, lsn);
    log_set_archive_tail(log: &mut Log, tail: Lsn) log.set_archive_tail(tail);

    open_log_new(manager: Shared<Management>, log: Log, name: &[u16]) OpenLog::new(manager, log, name);
    open_log_management(log: &OpenLog) log.management().1;
    open_log_with(log: &OpenLog) log.with(|log| log.space());
    open_log_append(log: &OpenLog, id: StreamId, parts: &RecordParts<'_>) log.append(id, parts, Admission::Free);
    open_log_append_reserved(log: &OpenLog, id: StreamId, parts: &RecordParts<'_>, account: &mut Account)
        log.append(id, parts, Admission::Reserved(account));
    open_log_flush(log: &OpenLog, id: StreamId) log.flush(id);
    open_log_reserve(log: &OpenLog, account: &mut Account, data_bytes: usize) log.reserve(account, data_bytes);
    open_log_free_account(log: &OpenLog, account: &mut Account) log.free_account(account);
    open_log_write_restart_area(log: &OpenLog, id: StreamId, data: &[&[u8]], base: Option<Lsn>)
        log.write_restart_area(id, data, base);
    open_log_advance_base(log: &OpenLog, id: StreamId, base: Lsn) log.advance_base(id, base);
    open_log_set_archive_tail(log: &OpenLog, tail: Lsn) log.set_archive_tail(tail);
    open_log_create_stream(log: &OpenLog, name: &[u16]) log.create_stream(name);
    open_log_delete_stream(log: &OpenLog, id: StreamId) log.delete_stream(id);
    open_log_flush_to_lsn(log: &OpenLog, id: StreamId, lsn: Lsn) log.flush_to_lsn(id, lsn);
    open_log_add_container(log: &OpenLog, path: &[u16], asked: Option<Bytes>) log.add_container(path, asked);
    open_log_remove_container(log: &OpenLog, path: &[u16], removal: Removal) log.remove_container(path, removal);
    open_log_add_containers(log: &OpenLog, paths: &[&[u16]], asked: Option<Bytes>) log.add_containers(paths, asked);
    open_log_remove_containers(log: &OpenLog, paths: &[&[u16]], removal: Removal)
        log.remove_containers(paths, removal);
    open_log_reset_stream(log: &OpenLog, id: StreamId) log.reset_stream(id);
    open_log_shut(log: &OpenLog) log.shut();
    open_log_shut_and_delete(log: &OpenLog) log.shut_and_delete();
    open_log_close(log: OpenLog) log.close();
    open_log_drop(log: OpenLog) drop(log);
}
