//! What appends, reservations and containers report, and what they cost.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::foreign::Reservations;
use clfsmgmt::manager::LogError;
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Area, Bench, Call, queries};
use crate::fake::{FakeLog, Kind, acts_as_owner};

/// Asked once for its space, and once for each stream with a handle: what one look costs.
const LOOK: u32 = 2;

#[test]
fn an_append_asks_nothing_while_it_stays_in_its_container_and_looks_once_when_it_goes_on() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    let object = log.open(0);
    let client = bench.register(&object);
    let area = bench.area(&object);
    for _ in 0..4 {
        assert_eq!(queries(&log, || assert!(bench.append(&area).is_ok())), 0);
    }
    assert_eq!(queries(&log, || assert!(bench.append(&area).is_ok())), LOOK);
    assert_eq!(queries(&log, || assert!(bench.append(&area).is_ok())), 0);
    assert_eq!(bench.manager.set_log_size(client.log, 5), Ok(ContainerCount(5)));
}

#[test]
fn each_area_has_its_own_place_and_a_log_that_is_not_managed_is_not_asked() {
    let bench = Bench::new();
    let (log, unmanaged) = (FakeLog::new(1, Kind::Multiplexed, 8), FakeLog::new(2, Kind::Multiplexed, 8));
    let one = bench.area(&log.open(1));
    let (object, elsewhere) = (log.open(2), bench.area(&unmanaged.open(1)));
    bench.register(&object);
    let other = bench.area(&object);
    for _ in 0..4 {
        bench.append(&one).unwrap();
    }
    // Somebody unseen seems to hold the log: it is asked once more.
    assert_eq!(queries(&log, || assert!(bench.append(&other).is_ok())), LOOK + 1);
    assert_eq!(queries(&log, || assert!(bench.append(&one).is_ok())), LOOK + 1);
    assert_eq!(queries(&unmanaged, || bench.fill(&elsewhere)), 0);
}

#[test]
fn an_area_that_was_made_behind_our_back_or_has_left_passes_through_untouched() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    bench.register(&object);
    let (unseen, left) = (Area::unseen(&object), bench.area(&object));
    assert!(bench.is_known(&left) && !bench.is_known(&unseen));
    bench.delete(&left);
    assert!(!bench.is_known(&left));
    assert_eq!(queries(&log, || bench.delete(&left)), 0, "a second time");
    assert_eq!(queries(&log, || bench.delete(&unseen)), 0);
    assert_eq!(queries(&log, || bench.fill(&unseen)), 0);
}

#[test]
fn an_area_that_could_not_be_deleted_is_still_known() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    bench.register(&object);
    let area = bench.area(&object);
    let leaving = bench.logs.area_leaves(area.context).unwrap();
    assert!(!bench.is_known(&area));
    bench.logs.handle_area_stays(leaving);
    assert!(bench.is_known(&area));
}

#[test]
fn a_context_that_is_used_again_names_the_newer_area() {
    let bench = Bench::new();
    let (older, newer) = (FakeLog::new(1, Kind::Multiplexed, 4), FakeLog::new(2, Kind::Multiplexed, 4));
    let (older, newer) = (older.open(1), newer.open(1));
    bench.register(&older);
    bench.register(&newer);
    let area = bench.area(&older);
    bench.logs.handle_area_created(&newer, area.context);
    assert!(!bench.is_known(&area), "its log is asked no more");
    let area = Area { log: newer.log.clone(), ..area };
    assert!(bench.is_known(&area));
    bench.delete(&area);
    assert!(!bench.is_known(&area), "there was one");
}

#[test]
fn reservations_are_reported_when_they_are_given_back_and_not_when_they_are_made() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    bench.register(&object);
    let area = bench.area(&object);
    let reserve = |reservations| bench.logs.handle_appended(area.context, Lsn::INVALID, reservations);
    assert_eq!(queries(&log, || reserve(Reservations::NotFreed)), 0);
    assert_eq!(queries(&log, || reserve(Reservations::Freed)), LOOK);
}

#[test]
fn an_area_that_is_deleted_gives_its_reservations_back_and_that_is_reported() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    bench.register(&object);
    let area = bench.area(&object);
    assert_eq!(queries(&log, || bench.delete(&area)), LOOK);
}

#[test]
fn reservations_that_fill_the_log_are_named_as_what_pins_it() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let client = bench.register(&log.open(1));
    log.space().add_failure = Some(Status::DISK_FULL);
    log.space().reserved_quarters = 16;
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls().len(), 1);
    log.space().reserved_quarters = 0;
    assert!(!bench.tick());
    assert_eq!(client.calls(), [Call::Unpinned]);
}

#[test]
fn a_container_that_a_driver_adds_itself_is_space_for_whoever_waits() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 2);
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::log_tail(0, 1).unwrap());
    bench.fill(&bench.area(&object));
    log.space().add_failure = Some(Status::DISK_FULL);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(1))]);
    log.space().add_failure = None;
    log.space().add("own".into()).unwrap();
    bench.logs.handle_log_changed(&object);
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_log_shrinks_by_the_free_containers_that_would_be_written_last() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 11);
    let client = bench.register(&log.open(1));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    let left: Vec<_> = log.space().names.iter().cloned().collect();
    assert_eq!(left, ["container0", "container1", "container2", "container3"]);
}

#[test]
fn one_walk_over_all_containers_serves_many_removals_until_something_else_changes_the_log() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 40);
    let object = log.open(1);
    let client = bench.register(&object);
    assert_eq!(bench.manager.set_log_size(client.log, 20), Ok(ContainerCount(20)));
    assert_eq!(log.space().walks, 1);
    log.space().add("own".into()).unwrap();
    assert_eq!(bench.manager.set_log_size(client.log, 20), Ok(ContainerCount(20)));
    assert_eq!(log.space().walks, 2, "the last container is another one now");
    assert!(!log.space().names.contains(&"own".into()));
    // Somebody takes one out and puts one in: all numbers stay as they were.
    log.space().names.pop_back();
    log.space().add("other".into()).unwrap();
    assert_eq!(bench.manager.set_log_size(client.log, 19), Ok(ContainerCount(19)));
    let space = log.space();
    assert_eq!((space.walks, space.total()), (3, 19), "what is no longer there is looked for anew");
}

#[test]
fn a_log_whose_containers_are_all_active_does_not_shrink() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    let client = bench.register(&object);
    bench.fill(&bench.area(&object));
    assert_eq!(bench.manager.set_log_size(client.log, 3), Err(LogError::Failed(Status::COULD_NOT_RESIZE_LOG)));
    assert_eq!(log.space().total(), 4);
}

#[test]
fn containers_are_added_and_removed_in_the_name_of_whoever_attached_the_log() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    let client = bench.register(&log.open(0));
    // The fake lets nobody else.
    assert_eq!(bench.manager.set_log_size(client.log, 5), Ok(ContainerCount(5)));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    assert!(!acts_as_owner());
}
