//! Drivers that are not relinked: what they do is seen by polling, and only while somebody waits.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Area, Bench, Call, Registered, advance_unseen, queries};
use crate::fake::{FakeLog, FakeObject, Kind};

/// A log of four containers and its client.
fn log(bench: &Bench) -> (FakeLog, FakeObject, Registered) {
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    let client = bench.register(&object);
    (log, object, client)
}

/// As above, full, and it cannot grow.
fn full(bench: &Bench) -> (FakeLog, Area, Registered) {
    let (log, object, client) = log(bench);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&object);
    bench.fill(&area);
    (log, area, client)
}

#[test]
fn a_base_that_moves_unseen_completes_the_request_within_one_look() {
    let bench = Bench::new();
    let (log, area, client) = full(&bench);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert!(bench.tick(), "the request is open");
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    advance_unseen(&area, 2).unwrap();
    bench.work();
    assert_eq!(client.calls(), []);
    bench.tick();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert!(!bench.tick());
    assert_eq!(queries(&log, || assert!(!bench.tick())), 0, "nobody waits");
}

#[test]
fn space_that_comes_unseen_to_a_pinned_log_is_notified_once() {
    let bench = Bench::new();
    let (_, area, client) = full(&bench);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(bench.manager.tail_advance_failure(client.cookie, Status::ACCESS_DENIED), Ok(()));
    bench.work();
    assert_eq!(client.calls()[1..], [Call::Complete(Status::ACCESS_DENIED, true)]);
    assert!(bench.tick(), "a notification is owed");
    advance_unseen(&area, 1).unwrap();
    bench.tick();
    assert_eq!(client.calls(), [Call::Unpinned]);
    assert!(!bench.tick());
    assert!(bench.append(&area).is_ok());
}

#[test]
fn an_idle_log_is_never_looked_at() {
    let bench = Bench::new();
    let (log, object, client) = log(&bench);
    bench.fill(&bench.area(&object));
    assert_eq!(queries(&log, || assert!(!bench.tick())), 0);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Success));
    assert_eq!(queries(&log, || assert!(!bench.tick())), 0, "the request has ended in the call");
}

#[test]
fn a_log_that_left_is_not_looked_at_any_more() {
    let bench = Bench::new();
    let (log, object, client) = log(&bench);
    log.space().add_failure = Some(Status::DISK_FULL);
    bench.fill(&bench.area(&object));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(queries(&log, || assert!(!bench.tick())), 0);
}
