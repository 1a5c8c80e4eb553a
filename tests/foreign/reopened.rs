//! A log that is opened again while clients are registered whose handles were all closed.

use std::sync::{Arc, Mutex};

use clfsmgmt::engine::RequestRefused;
use clfsmgmt::engine::policy::{Policy, PolicyKind};
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Bench, Call, Registered};
use crate::fake::{FakeLog, FakeObject, Kind};

/// Registers, installs a maximum, and fills the log.
fn enter(bench: &Bench, log: &FakeLog) -> (FakeObject, Registered) {
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    bench.fill(&bench.area(&object));
    (object, client)
}

#[test]
fn a_log_that_is_opened_again_while_a_client_of_closed_handles_is_registered_has_clients_as_ever() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (object, old) = enter(&bench, &log);
    assert_eq!(bench.close(&object), Ok(()));
    let again = log.open(1);
    let client = bench.register(&again);
    assert_ne!(client.log, old.log);
    assert!(bench.manager.query_policy(client.log, PolicyKind::MaximumSize).is_err(), "volatile");
    assert_eq!(bench.log_full(&old), Err(RequestRefused::Stopped));
    bench.install(&again, Policy::MaximumSize(ContainerCount(4)));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    log.space().advance(1, Lsn::container_start(2)).unwrap();
    bench.logs.handle_log_changed(&again);
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert_eq!(old.calls(), []);
    assert_eq!(bench.manager.logs_attached(), 2);
    assert_eq!(bench.manager.deregister(old.cookie), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 1);
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(bench.close(&again), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn a_log_may_be_opened_again_more_than_once_and_in_the_end_nothing_is_left() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    let clients: Vec<_> = (0..3)
        .map(|_| {
            let object = log.open(0);
            let client = bench.register(&object);
            assert_eq!(bench.close(&object), Ok(()));
            client
        })
        .collect();
    assert_eq!(bench.manager.logs_attached(), 3);
    for client in clients {
        assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    }
    assert_eq!(bench.manager.logs_attached(), 0);
    assert!(!bench.tick());
}

#[test]
fn a_client_that_registers_through_another_handle_while_the_last_one_is_closed_is_not_stopped_with_it() {
    let bench = Arc::new(Bench::new());
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (object, old) = enter(&bench, &log);
    let registered = Arc::new(Mutex::new(None));
    let others = (Arc::clone(&bench), log.clone(), Arc::clone(&registered));
    log.space().when_refused = Some(Box::new(move || {
        let (bench, log, registered) = others;
        *registered.lock().unwrap() = Some(bench.register(&log.open(1)));
    }));
    assert_eq!(bench.close(&object), Ok(()));
    let client = registered.lock().unwrap().take().unwrap();
    assert_eq!(client.log, old.log, "it came while the log was open");
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
}
