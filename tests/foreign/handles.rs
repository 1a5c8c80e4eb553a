//! Several handles of one log, some of them closed: through which of them containers come and go.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::foreign::Attached;
use clfsmgmt::manager::{LogError, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status};

use crate::bench::Bench;
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
fn the_tail_of_a_stream_that_does_not_answer_any_more_is_not_below_the_logs_base() {
    let bench = Bench::new();
    let log = FakeLog::new(1, Kind::Multiplexed, 4);
    let (silent, object) = (log.open(1), log.open(2));
    let [_gone, client] = [&silent, &object].map(|object| bench.register(object));
    let [_, area] = [&silent, &object].map(|object| bench.area(object));
    bench.append(&bench.area(&silent)).unwrap();
    bench.fill(&area);
    silent.close().unwrap();
    let end = log.space().streams[&1].last;
    log.space().advance(1, end).unwrap();
    log.space().advance(2, Lsn::container_start(3)).unwrap();
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert!(!pins.is_empty() && pins.iter().all(|pin| pin.tail.container() >= 3), "{pins:?}");
}
