//! Several handles of one log, some of them closed: through which of them containers come and go.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::foreign::Attached;
use clfsmgmt::manager::{LogError, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::{Bench, Call};
use crate::fake::{FakeLog, Kind};

#[test]
fn a_closed_handle_that_was_there_first_fails_no_resize_and_no_growth_through_the_others() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 2);
    let (first, second) = (log.open(1), log.open(2));
    let _gone = bench.register(&first);
    let client = bench.register(&second);
    assert_eq!(bench.close(&first), Ok(()));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    assert_eq!(bench.manager.set_log_size(client.log, 3), Ok(ContainerCount(3)));
    bench.fill(&bench.area(&second));
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Success));
}

#[test]
fn what_a_handle_that_answers_is_told_is_reported_and_not_that_another_is_closed() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 2);
    let (first, second) = (log.open(1), log.open(2));
    let client = bench.register(&first);
    let _gone = bench.register(&second);
    second.close().unwrap();
    log.space().add_failure = Some(Status::DISK_FULL);
    assert_eq!(bench.manager.set_log_size(client.log, 4), Err(LogError::Failed(Status::DISK_FULL)));
    log.space().add_failure = Some(Status::ACCESS_DENIED);
    assert_eq!(bench.manager.set_log_size(client.log, 4), Err(LogError::Failed(Status::ACCESS_DENIED)));
    assert!(log.space().added_through.is_empty());
}

#[test]
fn when_all_handles_are_closed_a_resize_says_so() {
    let bench = Bench::new();
    let object = FakeLog::new(1, Kind::Multiplexed, 2).open(1);
    let client = bench.register(&object);
    object.close().unwrap();
    let resized = bench.manager.set_log_size(client.log, 4);
    assert_eq!(resized, Err(LogError::Failed(Status::LOG_STATE_INVALID)));
}

#[test]
fn the_handle_of_the_call_is_used_first_also_when_it_was_there_before() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 2);
    let objects = [log.open(1), log.open(2), log.open(3)];
    for object in &objects {
        bench.install(object, Policy::MaximumSize(ContainerCount(20)));
    }
    for (index, size) in [(1, 3), (0, 4), (2, 5), (1, 6)] {
        let Attached { log: key, hold: _hold, .. } = bench.attach(&objects[index]).unwrap();
        assert_eq!(bench.manager.set_log_size(key, size), Ok(ContainerCount(u32::try_from(size).unwrap())));
    }
    let used: Vec<_> = log.space().added_through.clone();
    assert_eq!(used, [1, 0, 2, 1].map(|index: usize| objects[index].id));
}

#[test]
fn a_client_whose_handle_is_closed_holds_nothing_once_the_base_has_passed_what_was_last_seen_of_it() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (first, second) = (log.open(1), log.open(2));
    let (gone, client) = (bench.register(&first), bench.register(&second));
    bench.install(&second, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&second);
    log.space().append(1).unwrap();
    bench.append(&area).unwrap();
    bench.logs.handle_log_changed(&second);
    assert_eq!(bench.close(&first), Ok(()));
    // The stream goes on through a handle that management was not given.
    let end = log.space().streams[&1].last;
    log.space().advance(1, end).unwrap();
    for _ in 0..6 {
        bench.append(&area).unwrap();
    }
    assert_eq!(bench.advance(&area, 1), Ok(()));
    bench.fill(&area);
    assert_eq!(bench.log_full(&client), Ok(RequestOutcome::Pending));
    assert_eq!(gone.calls(), [], "what it was last seen to hold has gone");
    assert_eq!(bench.manager.tail_advance_failure(gone.cookie, Status::CANCELLED), Ok(()));
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(3))], "it is not told that the log is pinned");
    assert_eq!(bench.advance(&area, 3), Ok(()));
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
}
