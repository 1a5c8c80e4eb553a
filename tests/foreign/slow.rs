//! One log is slow to answer: that stays its own, and no lock of ours is held meanwhile.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::foreign::ForeignLogs;
use clfsmgmt::units::Status;

use crate::bench::{Bench, Fake, queries};
use crate::fake::{FakeLog, FakeObject, Kind};

/// Longer than anything here takes that does not wait for ever.
const LONG: Duration = Duration::from_secs(5);

/// What happened within [`LONG`], if it did.
type Outcome = mpsc::Receiver<Result<(), mpsc::RecvTimeoutError>>;

/// From now on `log`'s next answer waits until another thread has done `meanwhile`.
fn before_answer(log: &FakeLog, meanwhile: impl FnOnce() + Send + 'static) -> Outcome {
    let (told, outcome) = mpsc::channel();
    log.space().before_answer = Some(Box::new(move || {
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            meanwhile();
            let _ = done.send(());
        });
        told.send(is_done.recv_timeout(LONG)).unwrap();
    }));
    outcome
}

fn managed(bench: &Bench, identity: u8) -> (FakeLog, FakeObject) {
    let log = FakeLog::new(identity, Kind::Multiplexed, 4);
    let object = log.open(1);
    bench.install(&object, Policy::AutoGrow(true));
    (log, object)
}

#[test]
fn while_one_log_answers_others_are_noted_closed_and_put_under_management() {
    let bench = Arc::new(Bench::new());
    let (slow, object) = managed(&bench, 1);
    let (other, other_object) = managed(&bench, 2);
    let (area, others) = (bench.area(&object), Arc::clone(&bench));
    let outcome = before_answer(&slow, move || {
        let area = others.area(&other_object);
        assert_eq!(queries(&other, || others.logs.handle_area_changed(area.context)), 2);
        managed(&others, 3);
        assert_eq!(others.close(&other_object), Ok(()));
    });
    bench.logs.handle_area_changed(area.context);
    assert_eq!(outcome.recv(), Ok(Ok(())), "others waited for a slow log");
    assert_eq!(bench.manager.logs_attached(), 2);
}

#[test]
fn while_a_log_is_asked_a_handle_of_its_own_is_closed() {
    let bench = Arc::new(Bench::new());
    let (slow, object) = managed(&bench, 1);
    let (area, others, closing) = (bench.area(&object), Arc::clone(&bench), slow.open(2));
    bench.install(&closing, Policy::AutoGrow(true));
    let outcome = before_answer(&slow, move || {
        assert!(others.logs.object_closes(closing.id).is_some());
        assert!(others.logs.object_closes(object.id).is_some());
    });
    bench.logs.handle_area_changed(area.context);
    assert_eq!(outcome.recv(), Ok(Ok(())), "a closing waited for a query");
}

#[test]
fn while_a_log_comes_under_management_others_go_on_and_another_thread_may_bring_it_too() {
    let bench = Arc::new(Bench::new());
    let (other, other_object) = managed(&bench, 2);
    let log = FakeLog::new(1, Kind::Dedicated, 4);
    let (object, again) = (log.open(0), log.open(0));
    let (others, area) = (Arc::clone(&bench), bench.area(&other_object));
    let hook = log.clone();
    let (told, outcome) = mpsc::channel();
    // Not the first answer, by which the log is known, but the second: its name.
    log.space().before_answer = Some(Box::new(move || {
        let outcome = before_answer(&hook, move || {
            assert_eq!(queries(&other, || others.logs.handle_area_changed(area.context)), 2);
            let first = others.attach(&again).unwrap();
            first.hold.note_policies();
        });
        told.send(outcome).unwrap();
    }));
    let attached = bench.attach(&object).unwrap();
    assert_eq!(outcome.recv().unwrap().recv(), Ok(Ok(())), "others waited for a log that comes under management");
    assert_eq!(bench.manager.logs_attached(), 2, "it came twice, and is one log");
    drop(attached);
    assert_eq!(bench.manager.logs_attached(), 2, "its policies keep it");
}

#[test]
fn who_may_not_bring_a_log_under_management_leaves_nothing_behind() {
    let bench = Bench::new();
    let object = FakeLog::new(1, Kind::Dedicated, 4).open(0);
    let refused = ForeignLogs::<Fake>::attach(&bench.logs, &object, || Err::<(), _>(Status::DISK_FULL));
    assert_eq!(refused.err(), Some(Status::DISK_FULL));
    assert_eq!(bench.manager.logs_attached(), 0);
}
