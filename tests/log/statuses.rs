//! Every status that the log's methods document, met on purpose.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, Removal, ReservationAccount, lone_record_bytes};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::model::{self, append, container, create, parts, ready, wide};
use crate::recorder::Recorder;
use crate::smallest::{ONLY, dedicated, multiplexed};

fn full(log: &mut Log<Recorder>, id: StreamId) {
    while append(log, id, &[0; 30_000]).is_ok() {}
    while append(log, id, &[]).is_ok() {}
}

#[test]
fn appends_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    assert_eq!(append(&mut log, StreamId(1), b""), Err(Status::INVALID_PARAMETER));
    assert_eq!(append(&mut log, ONLY, &[0; 70_000]), Err(Status::LOG_BLOCKS_EXHAUSTED));
    full(&mut log, ONLY);
    assert_eq!(append(&mut log, ONLY, b""), Err(Status::LOG_FULL));
    let (mut log, _) = multiplexed();
    assert_eq!(append(&mut log, ONLY, b""), Err(Status::LOG_MULTIPLEXED));
    let mut log = ready(Recorder::default(), 0, 1, 1).0;
    assert_eq!(append(&mut log, ONLY, b""), Err(Status::LOG_NOT_ENOUGH_CONTAINERS));
    assert_eq!(log.write_restart_area(ONLY, &[&[0; 70_000]], None), Err(Status::LOG_BLOCKS_EXHAUSTED));
}

#[test]
fn reservations_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    let mut account = ReservationAccount::default();
    let reserved = log.append(ONLY, &parts(&[b"x"]), Admission::Reserved(&mut account));
    assert_eq!(reserved, Err(Status::LOG_SPACE_RESERVED_INVALID));
    assert_eq!(
        log.free_reserved(&mut account, 1, lone_record_bytes(10).unwrap()),
        Err(Status::LOG_RECORDS_RESERVED_INVALID)
    );
    log.reserve(&mut account, 10).unwrap();
    assert_eq!(
        log.free_reserved(&mut account, 1, lone_record_bytes(5_000).unwrap()),
        Err(Status::LOG_SPACE_RESERVED_INVALID)
    );
    let large = log.append(ONLY, &parts(&[&[0; 5_000]]), Admission::Reserved(&mut account));
    assert_eq!(large, Err(Status::LOG_SPACE_RESERVED_INVALID));
    assert_eq!(log.free_reserved(&mut account, 1, u64::MAX), Err(Status::LOG_SPACE_RESERVED_INVALID));
    log.free_reserved(&mut account, 1, lone_record_bytes(10).unwrap()).unwrap();
    assert_eq!(log.reserve(&mut account, 70_000), Err(Status::LOG_BLOCKS_EXHAUSTED));
    assert_eq!(log.reserve(&mut account, usize::MAX), Err(Status::LOG_BLOCKS_EXHAUSTED));
    full(&mut log, ONLY);
    assert_eq!(log.reserve(&mut account, 10), Err(Status::LOG_FULL));
    let mut log = create(Recorder::default(), false, BlockLimit::DEFAULT).unwrap();
    assert_eq!(log.reserve(&mut account, 10), Err(Status::LOG_NOT_ENOUGH_CONTAINERS));
}

#[test]
fn bases_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    let first = append(&mut log, ONLY, b"first").unwrap();
    let second = append(&mut log, ONLY, b"second").unwrap();
    log.advance_base(ONLY, second).unwrap();
    assert_eq!(log.advance_base(ONLY, first), Err(Status::LOG_START_OF_LOG));
    let behind = Lsn::new(9, 0, 0).unwrap();
    assert_eq!(log.advance_base(ONLY, behind), Err(Status::LOG_TAIL_INVALID));
    assert_eq!(log.write_restart_area(ONLY, &[b"x"], Some(behind)), Err(Status::LOG_TAIL_INVALID));
    assert_eq!(log.advance_base(ONLY, Lsn::INVALID), Err(Status::INVALID_PARAMETER));
    assert_eq!(log.advance_base(StreamId(3), second), Err(Status::INVALID_PARAMETER));
    let (mut log, _) = multiplexed();
    assert_eq!(log.advance_base(ONLY, Lsn::NULL), Err(Status::LOG_MULTIPLEXED));
}

#[test]
fn archive_tails_are_refused_by_their_documented_statuses() {
    assert_eq!(dedicated().set_archive_tail(Lsn::NULL), Err(Status::LOG_EPHEMERAL));
    let mut options = LogOptions {
        is_multiplexed: true,
        is_archived: true,
        log_id: [1; 16],
        name: &wide("x"),
        block_limit: BlockLimit::DEFAULT,
    };
    assert_eq!(Log::create(Recorder::default(), &options).err(), Some(Status::NOT_SUPPORTED));
    options.is_multiplexed = false;
    let mut log = Log::create(Recorder::default(), &options).unwrap();
    for number in 0..2 {
        log.add_container(&container(number), Some(Bytes(1 << 19))).unwrap();
    }
    append(&mut log, ONLY, b"x").unwrap();
    log.flush(ONLY).unwrap();
    let last = log.last_lsn(ONLY).unwrap();
    assert_eq!(log.set_archive_tail(Lsn::new(7, 0, 0).unwrap()), Err(Status::LOG_TAIL_INVALID));
    assert_eq!(log.set_archive_tail(Lsn::INVALID), Err(Status::INVALID_PARAMETER));
    log.set_archive_tail(last).unwrap();
    assert_eq!(log.set_archive_tail(Lsn::NULL), Err(Status::LOG_TAIL_INVALID));
}

#[test]
fn containers_are_refused_by_their_documented_statuses() {
    let mut log = dedicated();
    assert_eq!(log.add_container(&container(0), None), Err(Status::OBJECT_NAME_COLLISION));
    assert_eq!(log.add_container(&wide("%blf%\\CONTAINER1"), None), Err(Status::OBJECT_NAME_COLLISION));
    assert_eq!(log.add_container(&wide(""), None), Err(Status::OBJECT_NAME_INVALID));
    assert_eq!(log.add_container(&container(7), Some(Bytes(0))), Err(Status::INVALID_PARAMETER));
    // ClfsAddLogContainer compares the size that is asked for after it was rounded up.
    assert_eq!(log.add_container(&container(6), Some(Bytes(1))), Ok(Bytes(1 << 19)));
    assert_eq!(log.add_container(&container(7), Some(Bytes(1 << 30))), Ok(Bytes(1 << 19)));
    let missing = log.remove_container(&container(8), Removal::WhenPassed);
    assert_eq!(missing, Err(Status::OBJECT_NAME_NOT_FOUND));
    append(&mut log, ONLY, b"in container 0").unwrap();
    assert_eq!(log.remove_container(&container(0), Removal::OnlyIfFree), Err(Status::LOG_CANT_DELETE));
    full(&mut log, ONLY);
    assert_eq!(log.remove_free_container(), Err(Status::LOG_CANT_DELETE));
    let mut log = create(Recorder::default(), false, BlockLimit::DEFAULT).unwrap();
    assert_eq!(log.remove_free_container(), Err(Status::LOG_CANT_DELETE));
    for size in [None, Some(Bytes(0)), Some(Bytes((1 << 32) + 1)), Some(Bytes(u64::MAX))] {
        assert_eq!(log.add_container(&container(0), size), Err(Status::INVALID_PARAMETER));
    }
    log.add_container(&container(0), Some(Bytes(1))).unwrap();
    assert_eq!(log.remove_free_container(), Err(Status::LOG_CANT_DELETE));
    assert_eq!(log.remove_container(&container(0), Removal::WhenPassed), Err(Status::LOG_CANT_DELETE));
    let limit = BlockLimit::of(65_536, 300_000).unwrap();
    let mut log = create(Recorder::default(), false, limit).unwrap();
    assert_eq!(log.add_container(&container(0), Some(Bytes(1))), Err(Status::INVALID_PARAMETER));
    assert!(BlockLimit::of(65_536, 5_000_000).is_none());
}

#[test]
fn a_container_whose_room_is_promised_cannot_be_removed() {
    let mut log = dedicated();
    let mut account = ReservationAccount::default();
    while log.reserve(&mut account, 10_000).is_ok() {}
    assert_eq!(log.remove_free_container(), Err(Status::LOG_CANT_DELETE));
    assert_eq!(log.remove_container(&container(1), Removal::WhenPassed), Err(Status::LOG_CANT_DELETE));
    log.free_account(&mut account);
    log.remove_free_container().unwrap();
}

#[test]
fn a_log_has_up_to_1024_containers() {
    let disk = Recorder::default();
    let (mut log, _) = ready(disk.clone(), 0, 1024, 1);
    assert_eq!(log.add_container(&container(2_000), None), Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
    append(&mut log, ONLY, b"x").unwrap();
    log.close().unwrap();
    let mut log = Log::open(disk, Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(log.space().total_containers.0, 1024);
    assert_eq!(model::read_all(&log, ONLY).unwrap().len(), 1);
    log.remove_free_container().unwrap();
    log.add_container(&container(2_000), None).unwrap();
}

#[test]
fn names_that_no_metadata_block_takes_are_refused_and_the_log_goes_on() {
    let storage = Recorder::default();
    let (mut log, _) = ready(storage.clone(), 0, 2, 1);
    let size = log.next_container_size(None, 1).unwrap();
    let file = storage.create_container(&container(2), size).unwrap();
    let names: Vec<_> = (0..1022).map(|number| wide(&format!("%BLF%\\{number}{}", "x".repeat(32_000)))).collect();
    let paths: Vec<&[u16]> = names.iter().map(Vec::as_slice).collect();
    let joined = log.join_containers(&paths, vec![file.clone(); paths.len()], size);
    assert_eq!(joined, Err(Status::INSUFFICIENT_RESOURCES));
    assert_eq!((log.fault(), log.space().total_containers.0), (None, 2));
    log.join_container(&container(2), file, size).unwrap();
    append(&mut log, ONLY, b"x").unwrap();
    log.close().unwrap();
    assert_eq!(Log::open(storage, Access::Write, BlockLimit::DEFAULT).unwrap().containers().count(), 3);
}
