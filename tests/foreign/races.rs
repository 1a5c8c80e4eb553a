//! What other threads do between two steps of ours.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Bench, Call};
use crate::fake::{FakeLog, Kind};

#[test]
fn a_handle_that_is_opened_at_the_address_of_one_that_was_just_closed_keeps_its_policies() {
    let bench = Bench::new();
    let object = FakeLog::new(1, Kind::Multiplexed, 4).open(1);
    let closing = bench.logs.object_closes(object.id);
    object.close().unwrap();
    object.open_again();
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    assert!(closing.is_none(), "to management the older one was nothing");
    assert_eq!(bench.manager.logs_attached(), 1);
    assert_eq!(bench.close(&object), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn a_base_that_moves_while_the_log_is_asked_is_not_taken_for_a_stream_that_is_not_seen() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    bench.fill(&bench.area(&object));
    log.space().moves_when_asked = Some((1, Lsn::container_start(3)));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Success));
    assert_eq!(client.calls(), []);
}

#[test]
fn a_log_that_lacks_memory_to_answer_when_a_handle_of_it_is_closed_is_not_taken_for_closed() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (object, other) = (log.open(1), log.open(1));
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    bench.install(&other, Policy::MinimumSize(ContainerCount(2)));
    bench.fill(&bench.area(&object));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(2))]);
    log.space().query_failure = Some(Status::INSUFFICIENT_RESOURCES);
    assert_eq!(bench.close(&other), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [], "the request goes on");
    log.space().query_failure = None;
    log.space().advance(1, Lsn::container_start(2)).unwrap();
    bench.tick();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
}
