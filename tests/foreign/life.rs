//! Requests over a foreign log, from the first to its end.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::engine::{ClientKey, PinHolder};
use clfsmgmt::foreign::{ForeignLogs, UNSEEN};
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Area, Bench, Call, Fake, Registered, queries};
use crate::fake::{FakeLog, FakeObject, Kind};

/// A log of four containers that cannot grow, full, and its client.
fn full(bench: &Bench, log: &FakeLog) -> (FakeObject, Area, Registered) {
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&object);
    bench.fill(&area);
    (object, area, client)
}

fn multiplexed(identity: u8) -> FakeLog {
    FakeLog::new(identity, Kind::Multiplexed, 4)
}

#[test]
fn a_full_log_grows_by_the_real_routine_under_names_made_of_its_own() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 2);
    let object = log.open(0);
    let client = bench.register(&object);
    let area = bench.area(&object);
    bench.fill(&area);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Success));
    assert_eq!(client.calls(), []);
    assert_eq!(log.space().names[2], r"%BLF%\salesContainer00000000000000000001");
    assert!(bench.append(&area).is_ok());
}

#[test]
fn a_name_that_a_file_has_already_is_passed_over() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 2);
    log.space().names[1] = r"%BLF%\salesContainer00000000000000000001".into();
    let object = log.open(0);
    let client = bench.register(&object);
    bench.fill(&bench.area(&object));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Success));
    assert_eq!(log.space().names[2], r"%BLF%\salesContainer00000000000000000002");
}

#[test]
fn a_base_that_moves_seen_completes_the_request_at_once() {
    let bench = Bench::new();
    let (_, area, client) = full(&bench, &multiplexed(1));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    assert_eq!(bench.advance(&area, 2), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert!(bench.append(&area).is_ok());
}

#[test]
fn a_stream_without_a_handle_of_ours_pins_and_is_reported_as_unmanaged() {
    let bench = Bench::new();
    let log = multiplexed(1);
    log.open(7);
    log.space().append(7).unwrap();
    let (_, area, client) = full(&bench, &log);
    assert_eq!(bench.advance(&area, 3), Ok(()));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_PINNED, true)]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert_eq!(pins.len(), 1);
    assert_eq!((pins[0].holder, pins[0].stream), (PinHolder::UnmanagedStream, UNSEEN));
    assert_eq!(pins[0].tail, Lsn::container_start(0));
    let end = log.space().streams[&7].last;
    log.space().advance(7, end).unwrap();
    assert!(!bench.tick());
    assert_eq!(client.calls(), [Call::Unpinned]);
    assert_eq!(bench.manager.pin_report(client.log).unwrap()[0].holder, PinHolder::Client(pin_client(&bench, &client)));
}

fn pin_client(bench: &Bench, client: &Registered) -> ClientKey {
    match bench.manager.pin_report(client.log).unwrap()[0].holder {
        PinHolder::Client(key) => key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_archive_tail_pins_until_it_is_seen_to_move() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    log.space().archive_tail = Some(Lsn::NULL);
    let object = log.open(0);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&object);
    bench.fill(&area);
    assert_eq!(bench.advance(&area, 3), Ok(()));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_PINNED_ARCHIVE_TAIL, true)]);
    log.space().archive_tail = Some(Lsn::container_start(3));
    log.space().recycle();
    bench.logs.handle_log_changed(&object);
    bench.work();
    assert_eq!(client.calls(), [Call::Unpinned]);
}

#[test]
fn two_logs_are_told_apart_and_two_handles_of_one_are_not() {
    let bench = Bench::new();
    let (one, other) = (multiplexed(1), multiplexed(2));
    let (_, one_area, one_client) = full(&bench, &one);
    let (_, other_area, other_client) = full(&bench, &other);
    assert_eq!(bench.manager.logs_attached(), 2);
    let second = bench.register(&one.open(2));
    assert_eq!((bench.manager.logs_attached(), second.log), (2, one_client.log));
    assert_eq!(bench.log_full(&one_client), Ok(RequestOutcome::Pending));
    assert_eq!(bench.advance(&other_area, 3), Ok(()));
    bench.work();
    assert_eq!(one_client.calls(), [Call::Ask(Lsn::container_start(2))]);
    assert_eq!(other_client.calls(), []);
    assert_eq!(bench.advance(&one_area, 3), Ok(()));
    bench.work();
    assert_eq!(one_client.calls(), [Call::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_log_leaves_with_its_last_client_and_the_last_handle_that_has_policies() {
    let bench = Bench::new();
    let log = multiplexed(1);
    let (object, area, client) = full(&bench, &log);
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 1, "policies were installed through a handle that is open");
    assert!(bench.is_known(&area));
    bench.delete(&area);
    assert!(!bench.is_known(&area));
    assert_eq!(bench.close(&object), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(bench.close(&object), Err(Status::INVALID_PARAMETER));
}

#[test]
fn a_client_keeps_its_log_when_another_handle_is_closed_and_loses_it_with_its_own() {
    let bench = Bench::new();
    let log = multiplexed(1);
    let (object, _, client) = full(&bench, &log);
    let other = log.open(1);
    bench.install(&other, Policy::MinimumSize(ContainerCount(2)));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(bench.close(&other), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    assert_eq!(bench.close(&object), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_STATE_INVALID, false)]);
    assert!(!bench.tick());
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn what_is_no_open_log_is_the_first_parameters_fault() {
    let bench = Bench::new();
    let object = multiplexed(1).open(1);
    assert_eq!(bench.close(&object), Ok(()));
    assert_eq!(bench.attach(&object).err(), Some(Status::INVALID_PARAMETER_1));
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn where_no_log_may_be_opened_any_more_none_comes_under_management() {
    let bench = Bench::new();
    let (known, new) = (multiplexed(1).open(1), multiplexed(2).open(1));
    let client = bench.register(&known);
    let refused = |object| {
        let permit = || Err::<(), _>(Status::INSUFFICIENT_RESOURCES);
        ForeignLogs::<Fake>::attach(&bench.logs, object, permit).map(|attached| attached.log)
    };
    assert_eq!(refused(&new), Err(Status::INSUFFICIENT_RESOURCES));
    assert_eq!(refused(&known), Ok(client.log));
    assert_eq!(bench.manager.logs_attached(), 1);
    assert_eq!(queries(&new.log, || bench.logs.handle_log_changed(&new)), 1, "asked who it is, and nothing more");
}
