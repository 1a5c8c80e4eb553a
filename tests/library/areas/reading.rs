//! Read contexts: where they go, where they end, and how long they live.

use std::sync::Arc;
use std::thread;

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::library::{AppendRequest, AreaLimits, Reach, Rights, RoomSource};
use clfsmgmt::log::{Direction, ReadRecord, RecordParts};
use clfsmgmt::units::{Lsn, Status};

use super::world::{LIMITS, TestArea, TestReading, World, append, area};

const ANY: RecordKind = RecordKind::DATA.union(RecordKind::RESTART);

fn lsn(record: ReadRecord<'_>) -> Lsn {
    record.lsn
}

fn reading(area: &Arc<TestArea>, direction: Direction) -> TestReading {
    TestReading::new(Arc::clone(area), direction).unwrap()
}

fn chained(area: &TestArea, undo_next: Lsn, previous: Lsn) -> Lsn {
    let record = Some(RecordParts { data: &[b"chained"], undo_next, previous });
    let request = AppendRequest { record, source: RoomSource::Free, adjustments: &mut [], reach: Reach::Memory };
    area.append(request).unwrap().unwrap()
}

fn restart(area: &TestArea, base: Option<Lsn>) -> Lsn {
    area.write_restart_area(&[b"restart"], base, RoomSource::Free).unwrap().lsn
}

#[test]
fn forward_contexts_find_the_kinds_they_ask_for() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let data = append(&area, b"1").unwrap();
    let first = restart(&area, None);
    let more = append(&area, b"2").unwrap();
    let last = restart(&area, None);
    let walk = |wanted| {
        let reading = reading(&area, Direction::Forward);
        reading.read(data, lsn).unwrap();
        let mut found = Vec::new();
        loop {
            match reading.read_next(wanted, None, lsn) {
                Ok(lsn) => found.push(lsn),
                Err(status) => return (found, status),
            }
        }
    };
    assert_eq!(walk(RecordKind::DATA), (vec![more], Status::END_OF_FILE));
    assert_eq!(walk(RecordKind::RESTART), (vec![first, last], Status::END_OF_FILE));
    assert_eq!(walk(ANY), (vec![first, more, last], Status::END_OF_FILE));
}

#[test]
fn a_search_that_finds_nothing_leaves_the_context_where_it_was() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let start = append(&area, b"1").unwrap();
    let first = restart(&area, None);
    for _ in 0..3 {
        restart(&area, None);
    }
    let reading = reading(&area, Direction::Forward);
    reading.read(start, lsn).unwrap();
    assert_eq!(reading.read_next(RecordKind::DATA, None, lsn), Err(Status::END_OF_FILE));
    let late = append(&area, b"late").unwrap();
    assert_eq!(reading.read_next(ANY, None, lsn), Ok(first));
    assert_eq!(reading.read_next(RecordKind::DATA, None, |record| record.data.to_vec()), Ok(b"late".to_vec()));
    assert_eq!(reading.read_next(ANY, None, lsn), Err(Status::END_OF_FILE));
    let later = append(&area, b"later").unwrap();
    assert!(later > late);
    assert_eq!(reading.read_next(ANY, None, lsn), Ok(later), "the end was not the end for ever");
}

#[test]
fn chains_end_at_an_invalid_lsn_or_below_the_base() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let one = chained(&area, Lsn::INVALID, Lsn::INVALID);
    let two = chained(&area, Lsn::INVALID, one);
    let three = chained(&area, one, two);
    let previous = reading(&area, Direction::Previous);
    assert_eq!(previous.read(three, |record| (record.undo_next, record.previous)), Ok((one, two)));
    assert_eq!(previous.read_next(RecordKind::DATA, None, lsn), Ok(two));
    assert_eq!(previous.read_next(RecordKind::DATA, None, lsn), Ok(one));
    assert_eq!(previous.read_next(RecordKind::DATA, None, lsn), Err(Status::END_OF_FILE));
    let undo = reading(&area, Direction::UndoNext);
    undo.read(three, lsn).unwrap();
    area.advance_base(two).unwrap();
    assert_eq!(undo.read_next(RecordKind::DATA, None, lsn), Err(Status::LOG_START_OF_LOG));
    assert_eq!(undo.read(one, lsn), Err(Status::LOG_START_OF_LOG));
}

#[test]
fn a_users_lsn_replaces_one_step_backward() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let one = chained(&area, Lsn::INVALID, Lsn::INVALID);
    let two = chained(&area, Lsn::INVALID, Lsn::INVALID);
    let three = chained(&area, Lsn::INVALID, two);
    let chain = reading(&area, Direction::Previous);
    chain.read(three, lsn).unwrap();
    for not_below in [three, Lsn::INVALID] {
        assert_eq!(chain.read_next(ANY, Some(not_below), lsn), Err(Status::INVALID_PARAMETER));
    }
    assert_eq!(chain.read_next(ANY, Some(one), lsn), Ok(one));
    assert_eq!(chain.read_next(ANY, None, lsn), Err(Status::END_OF_FILE));
    let forward = reading(&area, Direction::Forward);
    forward.read(two, lsn).unwrap();
    assert_eq!(forward.read_next(ANY, Some(one), lsn), Ok(one));
    assert_eq!(forward.read_next(ANY, Some(three), lsn), Ok(three));
    let between = Lsn::from_raw(two.raw() + 400);
    assert!(forward.read_next(ANY, Some(between), lsn).is_err());
    assert_eq!(forward.read_next(ANY, Some(one), lsn), Ok(one), "an error moves nothing");
    assert_eq!(forward.read_next(RecordKind::DATA, None, lsn), Ok(two));
}

#[test]
fn restart_areas_are_read_backward_and_what_follows_them_forward() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let none = reading(&area, Direction::Forward);
    assert_eq!(none.read_restart_area(lsn), Err(Status::LOG_NO_RESTART));
    assert_eq!(none.read_previous_restart_area(lsn), Err(Status::LOG_READ_CONTEXT_INVALID));
    let one = restart(&area, None);
    let two = restart(&area, None);
    let data = append(&area, b"behind").unwrap();
    let reading = reading(&area, Direction::Forward);
    assert_eq!(reading.read_restart_area(|record| (record.lsn, record.data.to_vec())), Ok((two, b"restart".to_vec())));
    assert_eq!(reading.read_next(ANY, None, lsn), Ok(data));
    assert_eq!(reading.read_previous_restart_area(lsn), Ok(one));
    assert_eq!(reading.read_previous_restart_area(lsn), Err(Status::LOG_START_OF_LOG));
    assert_eq!(reading.read_next(RecordKind::RESTART, None, lsn), Ok(two), "it still is at the first one");
    let three = restart(&area, Some(two));
    let reading = self::reading(&area, Direction::Forward);
    assert_eq!(reading.read_restart_area(lsn), Ok(three));
    assert_eq!(reading.read_previous_restart_area(lsn), Ok(two));
    assert_eq!(reading.read_previous_restart_area(lsn), Err(Status::LOG_START_OF_LOG), "below the base");
}

#[test]
fn a_context_in_which_nothing_was_read_goes_nowhere() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    append(&area, b"1").unwrap();
    let reading = reading(&area, Direction::Forward);
    assert_eq!(reading.read_next(ANY, None, lsn), Err(Status::LOG_READ_CONTEXT_INVALID));
    assert_eq!(reading.read(Lsn::container_start(5), lsn), Err(Status::END_OF_FILE));
    assert_eq!(reading.read_next(ANY, None, lsn), Err(Status::LOG_READ_CONTEXT_INVALID));
}

#[test]
fn an_area_has_as_many_contexts_as_it_has_blocks_for_reading() {
    let world = World::new();
    let limits = AreaLimits { read_blocks_max: 2, ..LIMITS };
    let area = Arc::new(TestArea::new(world.ready("", 2), limits).unwrap());
    let first = reading(&area, Direction::Forward);
    let _second = reading(&area, Direction::Forward);
    let third = || TestReading::new(Arc::clone(&area), Direction::Forward);
    assert_eq!(third().err(), Some(Status::LOG_BLOCKS_EXHAUSTED));
    drop(first);
    assert!(third().is_ok());
}

#[test]
fn contexts_outlive_their_area_and_keep_the_log_open() {
    let world = World::new();
    let handle = world.ready("", 2);
    let area = area(&handle);
    let data = append(&area, b"still here").unwrap();
    let reading = reading(&area, Direction::Forward);
    area.delete().unwrap();
    assert_eq!(TestReading::new(Arc::clone(&area), Direction::Forward).err(), Some(Status::INVALID_PARAMETER));
    drop(area);
    world.library.close(handle.address()).unwrap();
    drop(handle);
    assert_eq!(reading.read(data, |record| record.data.to_vec()), Ok(b"still here".to_vec()));
    assert_eq!((world.is_log_in_use(), world.library.manager().logs_attached()), (true, 1));
    drop(reading);
    assert_eq!((world.is_log_in_use(), world.library.manager().logs_attached()), (false, 0));
}

#[test]
fn handles_without_a_stream_or_the_right_to_read_read_nothing() {
    let world = World::new();
    let whole = world.ready("::", 2);
    assert_eq!(TestReading::new(area(&whole), Direction::Forward).err(), Some(Status::LOG_MULTIPLEXED));
    let writer = world.open("::one", Rights { write: true, ..Rights::default() });
    assert_eq!(TestReading::new(area(&writer), Direction::Forward).err(), Some(Status::ACCESS_DENIED));
}

#[test]
fn threads_that_share_a_context_see_each_record_once() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let start = append(&area, b"start").unwrap();
    let written: Vec<Lsn> = (0..400).map(|_| append(&area, &[3; 500]).unwrap()).collect();
    let reading = reading(&area, Direction::Forward);
    reading.read(start, lsn).unwrap();
    let mut seen: Vec<Lsn> = thread::scope(|scope| {
        let walk = || std::iter::from_fn(|| reading.read_next(RecordKind::DATA, None, lsn).ok()).collect::<Vec<_>>();
        let walkers = [scope.spawn(walk), scope.spawn(walk)];
        walkers.into_iter().flat_map(|walker| walker.join().unwrap()).collect()
    });
    seen.sort();
    assert_eq!(seen, written);
}
