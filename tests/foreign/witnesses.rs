//! Streams without a client whose marshalling areas were seen: what they hold is known, and nobody is asked in vain.

use clfsmgmt::engine::PinHolder;
use clfsmgmt::engine::policy::Policy;
use clfsmgmt::foreign::UNSEEN;
use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status, StreamId};

use crate::bench::{Area, Bench, Call, Registered};
use crate::fake::{FakeLog, FakeObject, Kind};

fn multiplexed() -> FakeLog {
    FakeLog::new(1, Kind::Multiplexed, 4)
}

/// Stream 7, which holds the first container of the log and has no client; `area` makes its marshalling area.
fn holder(log: &FakeLog, area: impl FnOnce(&FakeObject) -> Area) -> (FakeObject, Area) {
    let object = log.open(7);
    let area = area(&object);
    log.space().append(7).unwrap();
    (object, area)
}

/// A client of stream 1, which holds the first container too, and has filled the log.
fn filler(bench: &Bench, log: &FakeLog) -> (FakeObject, Area, Registered) {
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&object);
    bench.fill(&area);
    (object, area, client)
}

/// What the client is told before the call returns.
fn told_in_the_call(bench: &Bench, client: &Registered) -> Vec<Call> {
    assert_eq!(bench.manager.handle_log_full(client.cookie, GrowthPlace::Inline), Ok(RequestOutcome::Pending));
    client.calls()
}

#[test]
fn a_stream_without_a_client_that_holds_the_log_too_ends_the_request_in_the_call_and_nobody_is_asked() {
    let bench = Bench::new();
    let log = multiplexed();
    let (_, held) = holder(&log, |object| bench.area(object));
    let (_, _, client) = filler(&bench, &log);
    assert_eq!(told_in_the_call(&bench, &client), [Call::Complete(Status::LOG_PINNED, true)]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert!(pins.iter().any(|pin| (pin.holder, pin.stream) == (PinHolder::UnmanagedStream, StreamId(7))), "{pins:?}");
    bench.work();
    assert_eq!(client.calls(), [], "nobody was asked behind its back either");
    assert_eq!(bench.advance(&held, 1), Err(Status::LOG_TAIL_INVALID), "it has nothing further");
    let end = log.space().streams[&7].last;
    log.space().advance(7, end).unwrap();
    bench.logs.handle_area_changed(held.context);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))], "now it can help");
}

#[test]
fn an_area_that_is_made_when_the_log_is_managed_already_is_seen_as_well() {
    let bench = Bench::new();
    let log = multiplexed();
    let _keeper = bench.register(&log.open(2));
    holder(&log, |object| bench.area(object));
    let (_, _, client) = filler(&bench, &log);
    assert_eq!(told_in_the_call(&bench, &client), [Call::Complete(Status::LOG_PINNED, true)]);
}

#[test]
fn an_area_of_a_driver_that_is_not_relinked_is_not_seen_and_the_client_is_asked() {
    let bench = Bench::new();
    let log = multiplexed();
    holder(&log, Area::unseen);
    let (_, area, client) = filler(&bench, &log);
    assert_eq!(told_in_the_call(&bench, &client), []);
    bench.work();
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    assert_eq!(bench.advance(&area, 3), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_PINNED, true)]);
    assert_eq!(bench.manager.pin_report(client.log).unwrap()[0].stream, UNSEEN);
}

#[test]
fn an_area_keeps_its_log_file_object_until_it_is_deleted_or_the_object_closed() {
    let bench = Bench::new();
    let log = multiplexed();
    let objects = [log.open(1), log.open(2)];
    let references = || objects.each_ref().map(FakeObject::references);
    let before = references();
    let areas = objects.each_ref().map(|object| bench.area(object));
    let made = references();
    assert!(made > before);
    let client = bench.register(&log.open(3));
    bench.delete(&areas[0]);
    assert_eq!(bench.close(&objects[1]), Ok(()));
    assert_eq!(references(), before, "also while the log is managed");
    bench.delete(&areas[1]);
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(references(), before);
}

#[test]
fn an_area_that_could_not_be_deleted_is_still_a_witness() {
    let bench = Bench::new();
    let log = multiplexed();
    let (_, held) = holder(&log, |object| bench.area(object));
    let (_, _, client) = filler(&bench, &log);
    let leaving = bench.logs.area_leaves(held.context).unwrap();
    bench.logs.handle_area_stays(leaving);
    assert_eq!(told_in_the_call(&bench, &client), [Call::Complete(Status::LOG_PINNED, true)]);
}

#[test]
fn a_log_that_is_opened_again_has_its_witnesses_and_its_old_clients_keep_none() {
    let bench = Bench::new();
    let log = multiplexed();
    let (object, old) = {
        let object = log.open(5);
        let client = bench.register(&object);
        (object, client)
    };
    let (holding, held) = holder(&log, |object| bench.area(object));
    let before = holding.references();
    assert_eq!(bench.close(&object), Ok(()), "the last that management was given");
    let (_, _, client) = filler(&bench, &log);
    assert_ne!(client.log, old.log);
    assert_eq!(told_in_the_call(&bench, &client), [Call::Complete(Status::LOG_PINNED, true)]);
    bench.delete(&held);
    assert!(holding.references() < before);
}

#[test]
fn the_object_of_a_dedicated_log_is_not_kept() {
    let bench = Bench::new();
    let object = FakeLog::new(1, Kind::Dedicated, 4).open(0);
    let before = object.references();
    let _area = bench.area(&object);
    assert_eq!(object.references(), before);
}
