//! A multiplexed log that is opened as a whole (`log:x::`): the physical log has no tail, and pins nothing.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Area, Bench, Call, Registered};
use crate::fake::{FakeLog, FakeObject, Kind};

/// A log of four containers that cannot grow, full: its maximum was installed through a handle of it as a whole, and
/// its stream has a client.
fn full(bench: &Bench) -> (FakeObject, Area, Registered) {
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (whole, object) = (log.open_whole(), log.open(1));
    bench.install(&whole, Policy::MaximumSize(ContainerCount(4)));
    let client = bench.register(&object);
    let area = bench.area(&object);
    bench.fill(&area);
    (whole, area, client)
}

#[test]
fn a_log_whose_policies_were_installed_through_it_as_a_whole_is_not_pinned_by_that() {
    let bench = Bench::new();
    let (_whole, area, client) = full(&bench);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert_eq!(pins.len(), 1, "{pins:?}");
    assert_eq!(bench.advance(&area, 2), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_client_of_the_log_as_a_whole_is_never_asked_and_is_told_of_the_space_that_others_make() {
    let bench = Bench::new();
    let (whole, area, client) = full(&bench);
    let keeper = bench.register(&whole);
    assert_eq!(bench.log_full(&keeper), Ok(RequestOutcome::Pending));
    assert_eq!((keeper.calls(), client.calls()), (vec![], vec![Call::Ask(Lsn::container_start(2))]));
    assert_eq!(bench.advance(&area, 2), Ok(()));
    bench.work();
    assert_eq!((keeper.calls(), client.calls()), (vec![Call::Complete(Status::SUCCESS, false)], vec![]));
}

#[test]
fn a_stream_that_nobody_sees_holds_the_log_behind_a_handle_of_it_as_a_whole() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    log.open(7);
    log.space().append(7).unwrap();
    let (whole, object) = (log.open_whole(), log.open(1));
    bench.install(&whole, Policy::MaximumSize(ContainerCount(4)));
    let client = bench.register(&object);
    let area = bench.area(&object);
    bench.fill(&area);
    assert_eq!(bench.advance(&area, 3), Ok(()));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Complete(Status::LOG_PINNED, true)]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert_eq!(pins.iter().map(|pin| pin.stream).collect::<Vec<_>>(), [clfsmgmt::foreign::UNSEEN]);
}
