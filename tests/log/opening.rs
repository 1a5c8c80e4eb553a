//! Streams, reading and opening: every documented status, met on purpose.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use std::fs;
use std::path::Path;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::log::{BlockLimit, Cursor, Direction, Log, OpenError, Removal, ReservationAccount};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::model::{append, container, create, ready, wide};
use crate::recorder::Recorder;
use crate::smallest::{ONLY, dedicated, multiplexed};

/// The status of a log that cannot be opened.
fn refusal<S: Storage>(storage: S, access: Access) -> Status {
    Log::open(storage, access, BlockLimit::DEFAULT).map(drop).unwrap_err().into()
}

#[test]
fn streams_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    assert_eq!(log.create_stream(&wide("s")), Err(Status::LOG_DEDICATED));
    assert_eq!(log.delete_stream(ONLY), Err(Status::LOG_DEDICATED));
    let (mut log, id) = multiplexed();
    assert_eq!(log.create_stream(&wide("S0")), Err(Status::OBJECT_NAME_COLLISION));
    assert_eq!(log.create_stream(&[]), Err(Status::OBJECT_NAME_INVALID));
    assert_eq!(log.create_stream(&[65, 0]), Err(Status::OBJECT_NAME_INVALID));
    assert_eq!(log.delete_stream(ONLY), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.delete_stream(StreamId(50)), Err(Status::INVALID_PARAMETER));
    for number in 1..96 {
        log.create_stream(&wide(&format!("s{number}"))).unwrap();
    }
    assert_eq!(log.create_stream(&wide("s96")), Err(Status::INSUFFICIENT_RESOURCES));
    assert_eq!(log.find_stream(&wide("S0")), Some(id));
    log.delete_stream(id).unwrap();
    assert_eq!(log.find_stream(&wide("s0")), None);
    assert_eq!(log.stream_name(id), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.stream_information(id), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.flush(id), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.create_stream(&wide("new")), Ok(id));
}

#[test]
fn reads_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    let mut cursor = Cursor::new(ONLY, Direction::Previous);
    assert_eq!(log.read_first(&mut cursor).err(), Some(Status::END_OF_FILE));
    assert_eq!(log.read_next(&mut cursor).err(), Some(Status::LOG_READ_CONTEXT_INVALID));
    assert_eq!(log.read_restart_area(&mut cursor).err(), Some(Status::LOG_NO_RESTART));
    let context = log.read_previous_restart_area(&mut cursor).err();
    assert_eq!(context, Some(Status::LOG_READ_CONTEXT_INVALID));
    let first = append(&mut log, ONLY, &[1; 2_000]).unwrap();
    let second = append(&mut log, ONLY, b"second").unwrap();
    log.flush(ONLY).unwrap();
    log.read(&mut cursor, second).unwrap();
    let context = log.read_previous_restart_area(&mut cursor).err();
    assert_eq!(context, Some(Status::LOG_READ_CONTEXT_INVALID));
    assert_eq!(log.read_next(&mut cursor).err(), Some(Status::END_OF_FILE));
    assert_eq!(log.read(&mut cursor, second.with_record(2)).err(), Some(Status::LOG_RECORD_NONEXISTENT));
    assert_eq!(log.read(&mut cursor, Lsn::new(3, 0, 0).unwrap()).err(), Some(Status::END_OF_FILE));
    assert_eq!(log.read(&mut cursor, Lsn::INVALID).err(), Some(Status::INVALID_PARAMETER));
    assert!(log.read(&mut cursor, Lsn::from_raw(first.raw() + 512)).is_err());
    log.advance_base(ONLY, second).unwrap();
    assert_eq!(log.read(&mut cursor, first).err(), Some(Status::LOG_START_OF_LOG));
    let mut cursor = Cursor::new(StreamId(9), Direction::Forward);
    assert_eq!(log.read(&mut cursor, second).err(), Some(Status::INVALID_PARAMETER));
    assert_eq!(log.flush_to_lsn(ONLY, Lsn::INVALID), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.flush_to_lsn(ONLY, Lsn::new(3, 0, 0).unwrap()), Err(Status::INVALID_PARAMETER));
    assert!(log.flush_to_lsn(ONLY, second).unwrap() > second);
}

fn files(folder: &Path, streams: u32) -> FileStorage {
    let storage = FileStorage::new(folder.join("log.blf"));
    let (mut log, ids) = ready(storage.clone(), streams, 2, 1);
    append(&mut log, ids[0], b"kept").unwrap();
    log.close().unwrap();
    storage
}

#[test]
fn a_log_opened_to_be_read_denies_changes() {
    let folder = tempfile::tempdir().unwrap();
    let storage = files(folder.path(), 0);
    let mut log = Log::open(storage.clone(), Access::Read, BlockLimit::DEFAULT).unwrap();
    let denied = Status::ACCESS_DENIED;
    assert_eq!(append(&mut log, ONLY, b""), Err(denied));
    assert_eq!(log.reserve(&mut ReservationAccount::default(), 1), Err(denied));
    assert_eq!(log.flush(ONLY), Err(denied));
    assert_eq!(log.advance_base(ONLY, Lsn::NULL), Err(denied));
    assert_eq!(log.set_archive_tail(Lsn::NULL), Err(denied));
    assert_eq!(log.write_restart_area(ONLY, &[], None), Err(denied));
    assert_eq!(log.add_container(&container(5), None), Err(denied));
    assert_eq!(log.remove_free_container(), Err(denied));
    assert_eq!(log.remove_container(&container(0), Removal::WhenPassed), Err(denied));
    assert_eq!(log.create_stream(&wide("s")), Err(denied));
    assert_eq!(log.delete_stream(ONLY), Err(denied));
    let other = Log::open(storage.clone(), Access::Read, BlockLimit::DEFAULT).unwrap();
    assert_eq!(other.delete(), Err(denied));
    log.close().unwrap();
    Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap();
}

#[test]
fn a_log_in_use_is_not_opened_for_writing_again() {
    let folder = tempfile::tempdir().unwrap();
    let storage = files(folder.path(), 0);
    let writer = Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(refusal(storage.clone(), Access::Write), Status::SHARING_VIOLATION);
    drop(writer);
    let again = create(storage.clone(), false, BlockLimit::DEFAULT).err();
    assert_eq!(again, Some(Status::OBJECT_NAME_COLLISION));
    let large = BlockLimit::of(65_536, 400_000).unwrap();
    let refused = Log::open(storage, Access::Write, large).err();
    assert_eq!(refused, Some(OpenError::Status(Status::INVALID_PARAMETER)));
}

#[test]
fn files_that_are_not_as_the_metadata_say_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let storage = files(folder.path(), 0);
    let path = folder.path().join("container1");
    let content = fs::read(&path).unwrap();
    fs::write(&path, &content[..content.len() - 512]).unwrap();
    assert_eq!(refusal(storage.clone(), Access::Write), Status::LOG_METADATA_INCONSISTENT);
    fs::remove_file(&path).unwrap();
    assert_eq!(refusal(storage.clone(), Access::Write), Status::LOG_CONTAINER_OPEN_FAILED);
    fs::write(&path, content).unwrap();
    drop(Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT).unwrap());
    let path = folder.path().join("container0");
    let mut content = fs::read(&path).unwrap();
    content[510] ^= 1;
    fs::write(&path, content).unwrap();
    // What lies before the durable end is not looked at, and whoever reads it is told.
    let log = Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    let mut cursor = Cursor::new(ONLY, Direction::Forward);
    assert_eq!(log.read_first(&mut cursor).err(), Some(Status::LOG_SECTOR_PARITY_INVALID));
    drop(log);
    let base = folder.path().join("log.blf");
    let content = fs::read(&base).unwrap();
    fs::write(&base, &content[..3_000]).unwrap();
    assert_eq!(refusal(storage.clone(), Access::Write), Status::LOG_METADATA_CORRUPT);
    fs::remove_file(&base).unwrap();
    assert_eq!(refusal(storage, Access::Write), Status::OBJECT_NAME_NOT_FOUND);
}

#[test]
fn a_stream_that_was_empty_begins_with_its_restart_area_whatever_base_comes_with_it() {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), 2, 3, 1);
    let old = log.stream_information(ids[1]).unwrap().base;
    while log.end_container() < 2 {
        append(&mut log, ids[0], &[1; 50_000]).unwrap();
    }
    log.advance_base(ids[0], log.last_lsn(ids[0]).unwrap()).unwrap();
    assert!(log.space().first_container > old.container(), "nobody wants the container that the base names");
    let restart = log.write_restart_area(ids[1], &[b"first"], Some(old)).unwrap();
    assert_eq!(log.stream_information(ids[1]).unwrap().base, restart);
    drop(log);
    let log = Log::open(disk, Access::Write, BlockLimit::DEFAULT).unwrap();
    let mut cursor = Cursor::new(ids[1], Direction::Forward);
    assert_eq!(log.read_restart_area(&mut cursor).map(|record| record.lsn), Ok(restart));
}
