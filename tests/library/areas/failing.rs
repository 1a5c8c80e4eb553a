//! Areas and read contexts when the disk fails.

use std::sync::Arc;

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::library::{AppendRequest, Reach, RoomSource};
use clfsmgmt::log::Direction;
use clfsmgmt::units::Status;

use super::world::{TestArea, TestReading, World, append, area, parts, reserve};
use crate::faulty::{Call, Plan};

fn failing(world: &World, call: Call) {
    world.storage.faults.start(Plan { call, nth: 1, from_then_on: true, is_done: false });
}

fn append_as_far_as(area: &TestArea, reach: Reach) -> Result<(), Status> {
    let record = Some(parts(&[b"record"]));
    let request = AppendRequest { record, source: RoomSource::Free, adjustments: &mut [700], reach };
    area.append(request).map(drop)
}

#[test]
fn a_record_that_could_not_be_flushed_was_appended_all_the_same() {
    for (call, reach) in [(Call::Flush, Reach::Disk), (Call::Write, Reach::Disk), (Call::Write, Reach::Container)] {
        let world = World::new();
        let area = area(&world.ready("", 2));
        append(&area, b"the stream's block is there").unwrap();
        failing(&world, call);
        assert_eq!(append_as_far_as(&area, reach), Err(Status::LOG_APPENDED_FLUSH_FAILED));
        assert_eq!(area.reserved(), (1, 1_024));
        assert_eq!(append_as_far_as(&area, reach), Err(Status::LOG_STATE_INVALID), "the log is stopped");
        assert_eq!(area.reserved(), (1, 1_024));
        world.storage.faults.stop();
    }
}

#[test]
fn a_record_that_finds_the_disk_failing_takes_its_reservations_back() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    append(&area, &[1; 60_000]).unwrap();
    failing(&world, Call::Write);
    let record = Some(parts(&[&[2; 60_000]]));
    let mut sizes = [100, 200];
    let request = AppendRequest { record, source: RoomSource::Free, adjustments: &mut sizes, reach: Reach::Memory };
    assert_eq!(area.append(request), Err(Status::IO_DEVICE_ERROR));
    assert_eq!((sizes, area.reserved()), ([100, 200], (0, 0)));
    world.storage.faults.stop();
}

#[test]
fn an_area_is_deleted_though_its_records_could_not_be_written() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    append(&area, b"lost").unwrap();
    reserve(&area, &mut [100]).unwrap();
    failing(&world, Call::Flush);
    assert_eq!(area.delete(), Err(Status::IO_DEVICE_ERROR));
    assert_eq!(area.reserved(), (0, 0));
    assert_eq!(area.delete(), Err(Status::INVALID_PARAMETER));
    world.storage.faults.stop();
}

#[test]
fn a_context_goes_on_where_it_was_when_the_disk_reads_again() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let mut lsns = Vec::new();
    for _ in 0..3 {
        lsns.push(append(&area, b"one block each").unwrap());
        area.flush().unwrap();
    }
    let reading = TestReading::new(Arc::clone(&area), Direction::Forward).unwrap();
    assert_eq!(reading.read(lsns[0], |record| record.lsn), Ok(lsns[0]));
    failing(&world, Call::Read);
    for _ in 0..2 {
        let outcome = reading.read_next(RecordKind::DATA, None, |record| record.lsn);
        assert_eq!(outcome, Err(Status::IO_DEVICE_ERROR));
    }
    world.storage.faults.stop();
    assert_eq!(reading.read_next(RecordKind::DATA, None, |record| record.lsn), Ok(lsns[1]));
}
