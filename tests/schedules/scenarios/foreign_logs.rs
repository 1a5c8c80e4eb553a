//! Somebody else's logs: handles, areas, requests and the timer's look at the same time.

use real::sync::Arc;

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{ContainerCount, Status};
use shuttle::thread;

use crate::bench::{Bench, Call, advance_unseen};
use crate::explore::explore;
use crate::fake::{FakeLog, Kind};

/// Two streams of a log are opened, written full, let go of and closed, while the timer looks.
pub(crate) fn streams_come_and_go() {
    let bench = Arc::new(Bench::new());
    let log = FakeLog::new(1, Kind::Multiplexed, 3);
    let lives = [1_u8, 2].map(|stream| {
        let (bench, log) = (bench.clone(), log.clone());
        thread::spawn(move || {
            let object = log.open(stream);
            let client = bench.register(&object);
            let area = bench.area(&object);
            for _ in 0..6 {
                if bench.append(&area) == Err(Status::LOG_FULL) {
                    let _ = bench.log_full(&client);
                }
            }
            let end = log.space().streams[&stream].last;
            log.space().advance(stream, end).unwrap();
            bench.logs.handle_area_changed(area.context);
            bench.delete(&area);
            assert_eq!(bench.close(&object), Ok(()));
            assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
        })
    });
    bench.tick();
    bench.tick();
    for life in lives {
        life.join().unwrap();
    }
    bench.work();
    assert!(!bench.tick(), "something is watched that nobody waits for");
    assert_eq!(bench.manager.logs_attached(), 0);
}

/// A base moves behind management's back while a request is opened: the timer's look ends it.
pub(crate) fn unseen_base_ends_a_request() {
    let bench = Arc::new(Bench::new());
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    let object = log.open(1);
    let client = bench.register(&object);
    bench.install(&object, Policy::MaximumSize(ContainerCount(4)));
    let area = bench.area(&object);
    bench.fill(&area);
    let mover = {
        let area = area.clone();
        thread::spawn(move || advance_unseen(&area, 3).unwrap())
    };
    let ticker = {
        let bench = bench.clone();
        thread::spawn(move || bench.tick())
    };
    let outcome = bench.log_full(&client);
    mover.join().unwrap();
    ticker.join().unwrap();
    bench.tick();
    if outcome == Ok(RequestOutcome::Pending) {
        let is_told = client.calls().contains(&Call::Complete(Status::SUCCESS, false));
        assert!(is_told, "the timer does not look, or finds nothing");
    }
    assert!(log.space().append(1).is_ok(), "there was space");
}

#[test]
fn streams_that_come_and_go_leave_nothing_behind() {
    explore(streams_come_and_go);
}

#[test]
fn a_base_that_moves_unseen_ends_the_request() {
    explore(unseen_base_ends_a_request);
}
