//! Two at one log, in an order that is made certain.

use std::sync::mpsc::channel;
use std::thread;

use clfsmgmt::library::{Disposition, Reach, Rights, RoomSource};
use clfsmgmt::units::Status;

use crate::world::{World, append, area, grow};

/// Opens `name` as the one that makes it and fails in the end; `other` comes in between.
fn fail_beside(world: &World, name: &str, other: impl FnOnce()) {
    let (has_come, comes) = channel();
    let (go_on, may_go_on) = channel();
    world.volume.refuse_object(move || {
        has_come.send(()).unwrap();
        may_go_on.recv().unwrap();
    });
    thread::scope(|scope| {
        let first = scope.spawn(|| world.open(name, Disposition::OpenAlways));
        comes.recv().unwrap();
        other();
        go_on.send(()).unwrap();
        assert_eq!(first.join().unwrap(), Err(Status::INSUFFICIENT_RESOURCES));
    });
}

#[test]
fn a_log_that_another_has_used_stays_when_the_opening_that_made_it_fails() {
    for (name, beside) in [("log:a", "log:a"), ("log:a::s", "log:a::s"), ("log:a::s", "log:a::t")] {
        let world = World::new();
        fail_beside(&world, name, || {
            let second = world.open(beside, Disposition::OpenAlways).unwrap();
            grow(&world.find(second), 2);
            append(&area(world.find(second)), b"kept", RoomSource::Free, &mut [], Reach::Disk).unwrap();
            world.library.close(second).unwrap();
        });
        world.assert_nothing_is_left();
        let again = world.open(beside, Disposition::OpenExisting).unwrap_or_else(|status| panic!("{beside}: {status}"));
        let handle = world.find(again);
        assert!(handle.log().with(|log| log.stream_information(handle.stream()).unwrap().has_records).unwrap());
    }
}

#[test]
fn what_nobody_else_has_used_goes_with_the_opening_that_made_it() {
    for name in ["log:a", "log:a::", "log:a::s"] {
        let world = World::new();
        fail_beside(&world, name, || {});
        world.assert_nothing_is_left();
        assert_eq!(world.disk("a").files(), 0, "{name}");
    }
    let world = World::new();
    let other = world.always("log:a::t");
    fail_beside(&world, "log:a::s", || {});
    assert_eq!(world.open("log:a::s", Disposition::OpenExisting), Err(Status::OBJECT_NAME_NOT_FOUND));
    world.library.close(other).unwrap();
    assert_eq!(world.disk("a").files(), 1, "the log is another's");
}

#[test]
fn a_log_that_is_open_to_be_read_is_not_opened_to_be_changed() {
    let world = World::new();
    world.library.close(world.always("log:a")).unwrap();
    world.disk("a").protect();
    let read = Rights { read: true, ..Rights::default() };
    let reader = world.open_for("log:a", read, Disposition::OpenExisting).unwrap();
    for access in [Rights { write: true, ..read }, Rights { delete: true, ..read }] {
        assert_eq!(world.open_for("log:a", access, Disposition::OpenExisting), Err(Status::ACCESS_DENIED));
    }
    let second = world.open_for("log:a", read, Disposition::OpenExisting).unwrap();
    for handle in [reader, second] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    world.assert_nothing_is_left();
}
