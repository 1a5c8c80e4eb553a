//! What is written and reserved through areas, and what becomes of it when they go.

use std::sync::Arc;
use std::thread;

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::library::{AppendRequest, AreaLimits, Reach, Rights, RoomSource};
use clfsmgmt::log::lone_record_bytes;
use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use super::world::{LIMITS, TestArea, World, add_containers, append, append_from, area, parts, register, reserve};
use crate::listener::Told;

fn total_reservation(area: &TestArea) -> u64 {
    area.handle().log().with(|log| log.space().total_reservation.0).unwrap()
}

fn durable(area: &TestArea) -> Lsn {
    let stream = area.handle().stream();
    area.handle().log().with(|log| log.durable_lsn(stream).unwrap()).unwrap()
}

fn fill(area: &TestArea) {
    while append(area, &[1; 3_000]).is_ok() {}
}

#[test]
fn an_area_needs_two_containers_and_blocks_of_whole_sectors() {
    let world = World::new();
    let handle = world.ready("", 1);
    let with = |block_bytes| TestArea::new(Arc::clone(&handle), AreaLimits { block_bytes, ..LIMITS }).err();
    assert_eq!(with(4_096), Some(Status::LOG_NOT_ENOUGH_CONTAINERS));
    add_containers(&handle, 1..2);
    assert_eq!((with(0), with(u32::MAX)), (Some(Status::INVALID_PARAMETER), Some(Status::INVALID_PARAMETER)));
    assert_eq!((with(512), with(1_000)), (None, None), "rounded up");
}

#[test]
fn the_blocks_of_an_area_bound_its_records() {
    let world = World::new();
    let handle = world.ready("", 2);
    let small = TestArea::new(Arc::clone(&handle), AreaLimits { block_bytes: 512, ..LIMITS }).unwrap();
    append(&small, &[1; 300]).unwrap();
    for size in [600, 5_000_000] {
        assert_eq!(append(&small, &vec![1; size]), Err(Status::LOG_BLOCKS_EXHAUSTED));
        assert_eq!(reserve(&small, &mut [1, i64::try_from(size).unwrap()]), Err(Status::LOG_BLOCKS_EXHAUSTED));
        assert_eq!(
            small.write_restart_area(&[&vec![1; size]], None, RoomSource::Free).err(),
            Some(Status::LOG_BLOCKS_EXHAUSTED)
        );
    }
    assert_eq!(small.reserved(), (0, 0));
    let large = AreaLimits { block_bytes: 256 * 1_024, ..LIMITS };
    let large = TestArea::new(Arc::clone(&handle), large).unwrap();
    append(&large, &vec![2; 200_000]).unwrap();
    assert_eq!(append(&large, &vec![2; 300_000]), Err(Status::LOG_BLOCKS_EXHAUSTED), "larger than the area's blocks");
    let huge = TestArea::new(handle, AreaLimits { block_bytes: 1 << 20, ..LIMITS }).unwrap();
    assert_eq!(append(&huge, &vec![2; 300_000]), Err(Status::LOG_BLOCKS_EXHAUSTED), "two do not fit into a container");
}

#[test]
fn an_area_without_write_blocks_cannot_write() {
    let world = World::new();
    let handle = world.ready("", 2);
    let area = TestArea::new(handle, AreaLimits { write_blocks_max: 0, ..LIMITS }).unwrap();
    assert_eq!(append(&area, b"x"), Err(Status::LOG_BLOCKS_EXHAUSTED));
    assert_eq!(area.flush(), Ok(()));
}

#[test]
fn a_handle_that_is_not_for_writing_changes_nothing() {
    let world = World::new();
    let _writer = world.ready("", 2);
    let area = area(&world.open("", Rights { read: true, ..Rights::default() }));
    assert_eq!(append(&area, b"x"), Err(Status::ACCESS_DENIED));
    assert_eq!(area.align(&[1]), Err(Status::ACCESS_DENIED));
    assert_eq!(area.allocate_reserved(1, 512), Err(Status::ACCESS_DENIED));
    assert_eq!(area.free_reserved(1, -512), Err(Status::ACCESS_DENIED));
    assert_eq!(area.advance_base(Lsn::NULL), Err(Status::ACCESS_DENIED));
    assert_eq!(area.flush(), Err(Status::ACCESS_DENIED));
    assert_eq!(area.delete(), Ok(()));
}

#[test]
fn a_multiplexed_log_as_a_whole_takes_no_records() {
    let world = World::new();
    let whole = world.ready("::", 2);
    let area = area(&whole);
    assert_eq!(append(&area, b"x"), Err(Status::LOG_MULTIPLEXED));
    assert_eq!(reserve(&area, &mut [1]), Err(Status::LOG_MULTIPLEXED));
    assert_eq!(area.advance_base(Lsn::NULL), Err(Status::LOG_MULTIPLEXED));
    assert_eq!(area.write_restart_area(&[b"x"], None, RoomSource::Free).err(), Some(Status::LOG_MULTIPLEXED));
    assert_eq!(area.flush(), Ok(()));
    append(&super::world::area(&world.open("::one", Rights::ALL)), b"a stream does").unwrap();
}

#[test]
fn a_record_gets_as_far_as_it_is_asked_to() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let put = |reach| {
        let record = Some(parts(&[b"record"]));
        let request = AppendRequest { record, source: RoomSource::Free, adjustments: &mut [], reach };
        area.append(request).unwrap().unwrap()
    };
    let end = || area.handle().log().with(clfsmgmt::log::Log::end).unwrap();
    let first = put(Reach::Memory);
    assert_eq!((end(), durable(&area)), (first, first));
    let second = put(Reach::Container);
    assert!(end() > second, "the block was written");
    assert_eq!(durable(&area), first, "but not flushed");
    let third = put(Reach::Disk);
    assert!(durable(&area) > third);
}

#[test]
fn flushing_to_an_lsn_tells_what_is_durable() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let first = append(&area, b"1").unwrap();
    let second = append(&area, b"2").unwrap();
    assert!(area.flush_to_lsn(second).unwrap() > second);
    let third = append(&area, b"3").unwrap();
    assert_eq!(area.flush_to_lsn(second), Ok(third), "nothing had to be flushed");
    assert!(area.flush_to_lsn(Lsn::NULL).unwrap() > third, "all of it");
    assert_eq!(area.flush_to_lsn(Lsn::INVALID), Err(Status::INVALID_PARAMETER));
    assert_eq!(area.flush_to_lsn(Lsn::container_start(77)), Err(Status::INVALID_PARAMETER));
    assert_eq!(first, Lsn::NULL, "the first record of a log is the one that means all");
}

#[test]
fn reservations_are_used_and_what_is_left_is_freed() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    assert_eq!(append_from(&area, b"x", RoomSource::Reserved), Err(Status::LOG_SPACE_RESERVED_INVALID));
    let mut sizes = [100, 5_000];
    reserve(&area, &mut sizes).unwrap();
    fill(&area);
    append_from(&area, &[1; 5_000], RoomSource::Reserved).unwrap();
    assert_eq!(area.reserved(), (1, sizes[0].cast_unsigned()));
    assert_eq!(area.free_reserved(2, 0), Err(Status::LOG_RECORDS_RESERVED_INVALID));
    assert_eq!(area.free_reserved(1, -sizes[0] - 1), Err(Status::LOG_SPACE_RESERVED_INVALID));
    area.free_reserved(1, -sizes[0]).unwrap();
    assert_eq!((area.reserved(), total_reservation(&area)), ((0, 0), 0));
}

#[test]
fn a_positive_adjustment_says_what_stays_reserved() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    let bytes = area.align(&[100, 200, 5_000]).unwrap();
    assert_eq!(
        bytes.cast_unsigned(),
        [100, 200, 5_000].map(|size| lone_record_bytes(size).unwrap()).iter().sum::<u64>()
    );
    area.allocate_reserved(3, bytes).unwrap();
    assert_eq!(area.free_reserved(4, 512), Err(Status::LOG_RECORDS_RESERVED_INVALID));
    assert_eq!(area.free_reserved(1, bytes + 512), Err(Status::LOG_SPACE_RESERVED_INVALID));
    area.free_reserved(2, 1_024).unwrap();
    assert_eq!(area.reserved(), (2, 1_024));
    assert_eq!(area.allocate_reserved(1, -512), Err(Status::LOG_SPACE_RESERVED_INVALID));
    for sizes in [&[][..], &[1, 0], &[-1]] {
        assert_eq!(area.align(sizes), Err(Status::INVALID_PARAMETER));
    }
}

#[test]
fn a_set_with_a_large_record_can_be_reserved_by_its_sum_and_written() {
    let world = World::new();
    let limits = AreaLimits { block_bytes: 256 * 1_024, ..LIMITS };
    let area = TestArea::new(world.ready("", 3), limits).unwrap();
    let bytes = area.align(&[100, 200_000]).unwrap();
    area.allocate_reserved(2, bytes).unwrap();
    fill(&area);
    append_from(&area, &vec![1; 200_000], RoomSource::Reserved).unwrap();
    append_from(&area, &[1; 100], RoomSource::Reserved).unwrap();
    area.flush().unwrap();
}

#[test]
fn a_record_that_uses_a_reservation_makes_none() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    reserve(&area, &mut [100]).unwrap();
    for (record, adjustments) in [(Some(parts(&[b"x"])), &mut [1][..]), (None, &mut [])] {
        let request = AppendRequest { record, source: RoomSource::Reserved, adjustments, reach: Reach::Memory };
        assert_eq!(area.append(request), Err(Status::INVALID_PARAMETER));
    }
    assert_eq!(area.reserved(), (1, 512));
}

#[test]
fn a_deleted_area_has_written_its_records_and_given_its_reservations_back() {
    let world = World::new();
    let handle = world.ready("", 2);
    let (one, other) = (area(&handle), area(&handle));
    reserve(&one, &mut [60_000; 10]).unwrap();
    let lsn = append(&one, b"waits").unwrap();
    one.delete().unwrap();
    assert!(durable(&other) > lsn);
    assert_eq!(total_reservation(&other), 0);
    assert_eq!(append(&one, b"late"), Err(Status::INVALID_PARAMETER));
    assert_eq!(reserve(&one, &mut [1]), Err(Status::INVALID_PARAMETER));
    assert_eq!(one.allocate_reserved(1, 512), Err(Status::INVALID_PARAMETER));
    assert_eq!(one.delete(), Err(Status::INVALID_PARAMETER));
    append(&other, b"goes on").unwrap();
}

#[test]
fn an_area_that_is_dropped_holds_no_room() {
    let world = World::new();
    let handle = world.ready("", 2);
    let (one, other) = (area(&handle), area(&handle));
    reserve(&one, &mut [60_000; 10]).unwrap();
    drop(one);
    assert_eq!(total_reservation(&other), 0);
}

#[test]
fn deleting_an_area_that_held_the_room_unpins_the_log() {
    let world = World::new();
    let handle = world.ready("", 2);
    let (holder, writer) = (area(&handle), area(&handle));
    let (cookie, told) = register(&handle);
    while reserve(&holder, &mut [60_000]).is_ok() {}
    while reserve(&holder, &mut [1]).is_ok() {}
    assert_eq!(append(&writer, &[1; 3_000]), Err(Status::LOG_FULL));
    let (manager, key) = handle.log().management();
    manager.install_policy(key, Policy::MaximumSize(ContainerCount(2)), Existing::Keep).unwrap();
    assert_eq!(manager.handle_log_full(cookie, GrowthPlace::Inline), Ok(RequestOutcome::Pending));
    world.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Complete(Status::LOG_PINNED_RESERVATION, true)));
    holder.delete().unwrap();
    world.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Unpinned));
    append(&writer, &[1; 3_000]).unwrap();
}

#[test]
fn a_restart_area_uses_a_reservation_and_moves_the_base() {
    let world = World::new();
    let area = area(&world.ready("", 2));
    reserve(&area, &mut [2_000]).unwrap();
    fill(&area);
    let base = append(&area, b"").unwrap_or(Lsn::NULL);
    let written = area.write_restart_area(&[&[1; 1_000], &[2; 1_000]], Some(base), RoomSource::Reserved).unwrap();
    assert!(written.block_bytes >= lone_record_bytes(2_000).unwrap());
    assert!(durable(&area) > written.lsn);
    assert_eq!(area.reserved(), (0, 0));
    let invalid = area.write_restart_area(&[b"x"], Some(Lsn::container_start(99)), RoomSource::Free);
    assert_eq!(invalid.err(), Some(Status::LOG_TAIL_INVALID));
}

#[test]
fn threads_that_append_and_delete_leave_no_reservation() {
    let world = World::new();
    let handle = world.ready("", 3);
    let keeper = area(&handle);
    for _ in 0..20 {
        let shared = area(&handle);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| while reserve(&shared, &mut [10]).is_ok() {});
            }
            scope.spawn(|| {
                thread::yield_now();
                shared.delete().unwrap();
            });
        });
        drop(shared);
        assert_eq!(total_reservation(&keeper), 0);
    }
}

#[test]
fn a_log_that_is_full_for_larger_blocks_gets_room_for_them() {
    let world = World::new();
    let handle = world.ready("", 4);
    let limits = AreaLimits { block_bytes: 256 * 1_024, ..LIMITS };
    let area = TestArea::new(Arc::clone(&handle), limits).unwrap();
    append(&area, b"begun").unwrap();
    area.flush().unwrap();
    let (cookie, _told) = register(&handle);
    // More than four containers could give certainly if any of their blocks might be the large one.
    area.allocate_reserved(22, 22 * 50 * 1_024).unwrap();
    let manager = world.library.manager();
    let large = vec![1; 250_000];
    for _ in 0..3 {
        match append(&area, &large) {
            Ok(_) => return,
            Err(Status::LOG_FULL) => {}
            Err(status) => panic!("{status}"),
        }
        assert_eq!(manager.handle_log_full(cookie, GrowthPlace::Inline), Ok(RequestOutcome::Success));
    }
    panic!("the manager says that there is room, the log that there is none");
}
