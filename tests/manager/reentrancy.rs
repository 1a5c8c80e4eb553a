//! Callbacks that call back, and clients that go while they are called.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use clfsmgmt::engine::policy::{Existing, Policy, PolicyKind};
use clfsmgmt::engine::{NotAClient, RequestRefused};
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status, StreamId};

use crate::model::{Client, Fixture, Model, OwnCookie, PENDING, TestManager, Told};

/// One public routine, called from inside a callback of the client `own`.
type Routine = fn(&TestManager, LogKey, &Model, Cookie);

const ROUTINES: [(&str, Routine); 9] = [
    ("handle_log_full", |manager, _, _, own| {
        let _ = manager.handle_log_full(own, GrowthPlace::Inline);
        let _ = manager.handle_log_full(own, GrowthPlace::Worker);
    }),
    ("tail_advance_failure", |manager, _, _, own| {
        let _ = manager.tail_advance_failure(own, Status::CANCELLED);
    }),
    ("deregister", |manager, _, _, own| {
        let _ = manager.deregister(own);
        assert_eq!(manager.deregister(own), Err(NotAClient));
    }),
    ("install_policy", |manager, log, _, _| {
        let policy = Policy::AutoGrow(true);
        manager.install_policy(log, policy, Existing::Overwrite).unwrap();
    }),
    ("query_policy", |manager, log, _, _| {
        let _ = manager.query_policy(log, PolicyKind::MaximumSize);
    }),
    ("remove_policy", |manager, log, _, _| {
        let _ = manager.remove_policy(log, PolicyKind::AutoGrow);
    }),
    ("set_log_size", |manager, log, _, own| {
        let size = manager.set_log_size(log, 4);
        assert_eq!(size, Ok(ContainerCount(4)));
        let _ = manager.set_log_size_as_client(log, own, 4);
    }),
    ("handle_log_changed", |manager, log, model, _| {
        model.move_tail(0);
        model.move_tail(1);
        manager.handle_log_changed(log);
    }),
    ("reports", |manager, log, _, _| {
        assert!(manager.pin_report(log).is_ok() && manager.statistics(log).is_ok());
    }),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Ask,
    Complete,
    Unpinned,
}

const fn is_inside(told: Told, inside: Inside) -> bool {
    matches!(
        (told, inside),
        (Told::Ask(_), Inside::Ask) | (Told::Complete(..), Inside::Complete) | (Told::Unpinned, Inside::Unpinned)
    )
}

/// A client calls `routine` inside the callback `inside`; whatever happens, everything comes to rest.
fn runs_inside(name: &str, routine: Routine, inside: Inside) {
    let fixture = Fixture::full_at_its_maximum();
    let (manager, log, model) = (Arc::clone(&fixture.manager), fixture.log, fixture.model.clone());
    let times = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&times);
    let client = fixture.register_with(0, move |own, told| {
        // Once: a request made inside a completion may complete inside that call.
        if is_inside(told, inside) && counted.fetch_add(1, Ordering::Relaxed) == 0 {
            routine(&manager, log, &model, *own.get().unwrap());
        }
        Status::PENDING
    });
    let other = fixture.register(1);
    let place = GrowthPlace::Inline;
    assert_eq!(fixture.log_full(&client, place), PENDING, "{name}");
    fixture.rest();
    for cookie in [client.cookie, other.cookie] {
        let _ = fixture.manager.tail_advance_failure(cookie, Status::UNSUCCESSFUL);
        fixture.rest();
    }
    fixture.move_tail(0);
    fixture.move_tail(1);
    fixture.rest();
    assert!(times.load(Ordering::Relaxed) > 0, "{name} in {inside:?}");
    let _ = fixture.manager.deregister(client.cookie);
    fixture.manager.deregister(other.cookie).unwrap();
    fixture.manager.release(fixture.log).unwrap();
    assert_eq!(fixture.manager.logs_attached(), 0, "{name} in {inside:?}");
}

#[test]
fn every_routine_may_be_called_inside_an_ask() {
    for (name, routine) in ROUTINES {
        runs_inside(name, routine, Inside::Ask);
    }
}

#[test]
fn every_routine_may_be_called_inside_a_completion() {
    for (name, routine) in ROUTINES {
        runs_inside(name, routine, Inside::Complete);
    }
}

#[test]
fn every_routine_may_be_called_inside_an_unpinned_notification() {
    for (name, routine) in ROUTINES {
        runs_inside(name, routine, Inside::Unpinned);
    }
}

#[test]
fn every_routine_may_be_called_inside_a_completion_on_the_callers_thread() {
    for (name, routine) in ROUTINES {
        let fixture = Fixture::full_at_its_maximum();
        let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
        let model = fixture.model.clone();
        let times = AtomicU32::new(0);
        let client = fixture.register_with(5, move |own, _| {
            if times.fetch_add(1, Ordering::Relaxed) == 0 {
                routine(&manager, log, &model, *own.get().unwrap());
            }
            Status::PENDING
        });
        let answer = fixture.log_full(&client, GrowthPlace::Inline);
        assert_eq!(answer, PENDING, "{name}");
        fixture.rest();
    }
}

#[test]
fn a_tail_that_moves_inside_the_ask_completes_the_request() {
    let fixture = Fixture::full_at_its_maximum();
    let streams = [0, 1].map(|stream| {
        let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
        let model = fixture.model.clone();
        fixture.register_with(stream, move |_, told| {
            if let Told::Ask(_) = told {
                model.move_tail(stream);
                manager.handle_log_changed(log);
            }
            Status::PENDING
        })
    });
    let answer = fixture.log_full(&streams[0], GrowthPlace::Inline);
    assert_eq!(answer, PENDING);
    fixture.rest();
    let last = streams[0].all_told().pop();
    assert_eq!(last, Some(Told::Complete(Status::SUCCESS, false)));
}

#[test]
fn a_tail_that_moved_unreported_inside_the_ask_is_seen_when_it_returns() {
    let fixture = Fixture::full_at_its_maximum();
    fixture.model.move_tail(1);
    let model = fixture.model.clone();
    let client = fixture.register_with(0, move |_, _| {
        model.move_tail(0);
        Status::PENDING
    });
    assert_eq!(fixture.log_full(&client, GrowthPlace::Worker), PENDING);
    fixture.rest();
    let last = client.all_told().pop();
    assert_eq!(last, Some(Told::Complete(Status::SUCCESS, false)));
}

#[test]
fn deregistration_waits_for_a_callback_on_another_thread() {
    let fixture = Fixture::full_at_its_maximum();
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let (entered, released) = (Mutex::new(entered), Mutex::new(released));
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let client = fixture.register_with(0, move |_, _| {
        entered.lock().unwrap().send(()).unwrap();
        released.lock().unwrap().recv().unwrap();
        over.store(true, Ordering::SeqCst);
        Status::PENDING
    });
    let _other = fixture.register(1);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    has_entered.recv().unwrap();
    thread::scope(|scope| {
        let deregistered = scope.spawn(|| {
            let status = fixture.manager.deregister(client.cookie);
            (status, is_over.load(Ordering::SeqCst))
        });
        release.send(()).unwrap();
        assert_eq!(deregistered.join().unwrap(), (Ok(()), true));
    });
    fixture.rest();
    // The ask; the completion that would have followed is not told any more.
    assert_eq!(client.all_told().len(), 1);
}

#[test]
fn deregistration_inside_an_own_callback_does_not_wait_and_none_follows() {
    let fixture = Fixture::full_at_its_maximum();
    let manager = Arc::clone(&fixture.manager);
    let client = fixture.register_with(0, move |own, _| {
        assert_eq!(manager.deregister(*own.get().unwrap()), Ok(()));
        Status::PENDING
    });
    let _other = fixture.register(1);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    fixture.rest();
    fixture.move_tail(0);
    fixture.move_tail(1);
    fixture.rest();
    assert_eq!(client.all_told().len(), 1);
}

#[test]
fn deregistration_inside_an_own_callback_waits_for_those_on_other_threads() {
    let fixture = Fixture::full_at_its_maximum();
    let manager = Arc::clone(&fixture.manager);
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let (entered, release) = (Mutex::new(entered), Mutex::new(release));
    let released = Mutex::new(released);
    let (is_over, was_over) = (AtomicBool::new(false), Arc::new(AtomicBool::new(false)));
    let seen = Arc::clone(&was_over);
    let client = fixture.register_with(0, move |own, told| {
        if let Told::Ask(_) = told {
            entered.lock().unwrap().send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            is_over.store(true, Ordering::SeqCst);
        } else {
            // On the thread of the log-full call, while the ask runs on a worker.
            release.lock().unwrap().send(()).unwrap();
            assert_eq!(manager.deregister(*own.get().unwrap()), Ok(()));
            seen.store(is_over.load(Ordering::SeqCst), Ordering::SeqCst);
        }
        Status::PENDING
    });
    let other = fixture.register(1);
    assert_eq!(fixture.log_full(&other, GrowthPlace::Inline), PENDING);
    has_entered.recv().unwrap();
    // Nobody answers for the other stream any more: the log is pinned, and a request ends in its call.
    fixture.manager.deregister(other.cookie).unwrap();
    let answer = fixture.log_full(&client, GrowthPlace::Inline);
    assert_eq!(answer, PENDING);
    fixture.rest();
    assert!(was_over.load(Ordering::SeqCst));
}

#[test]
fn a_client_may_deregister_another_inside_a_callback() {
    let fixture = Fixture::full_at_its_maximum();
    let other = fixture.register(1);
    let (manager, cookie) = (Arc::clone(&fixture.manager), other.cookie);
    let client = fixture.register_with(0, move |_, told| {
        if let Told::Ask(_) = told {
            assert_eq!(manager.deregister(cookie), Ok(()));
        }
        Status::PENDING
    });
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    fixture.rest();
    // Nobody answers for stream 1 any more: the log is pinned.
    let last = client.all_told().pop();
    assert_eq!(last, Some(Told::Complete(Status::LOG_PINNED, true)));
    assert_eq!(other.all_told(), []);
}

#[test]
fn two_clients_may_deregister_each_other_inside_their_callbacks() {
    let fixture = Fixture::full_at_its_maximum();
    let (manager, model) = (Arc::clone(&fixture.manager), fixture.model.clone());
    let both = Arc::new(Barrier::new(2));
    let others = Arc::new(Mutex::new(Vec::new()));
    let (entered, has_entered) = channel();
    let reaction = |when: Inside| {
        let (manager, both) = (Arc::clone(&manager), Arc::clone(&both));
        let (others, entered) = (Arc::clone(&others), Mutex::new(entered.clone()));
        move |own: &OwnCookie, told| {
            if is_inside(told, when) {
                entered.lock().unwrap().send(()).unwrap();
                both.wait();
                let cookies: Vec<Cookie> = others.lock().unwrap().clone();
                for other in cookies.iter().filter(|other| Some(*other) != own.get()) {
                    let _ = manager.deregister(*other);
                }
            }
            Status::PENDING
        }
    };
    // The first is called on a worker, the second in its own log-full call.
    let first = fixture.register_with(5, reaction(Inside::Unpinned));
    let second = fixture.register_with(5, reaction(Inside::Complete));
    *others.lock().unwrap() = vec![first.cookie, second.cookie];
    assert_eq!(fixture.log_full(&first, GrowthPlace::Inline), PENDING);
    fixture.move_tail(0);
    fixture.move_tail(1);
    has_entered.recv().unwrap();
    while model.write() {}
    let place = GrowthPlace::Inline;
    assert_eq!(fixture.log_full(&second, place), PENDING);
    fixture.rest();
}

#[test]
fn clients_of_two_logs_may_deregister_each_other_inside_their_callbacks() {
    let mut fixture = Fixture::full_at_its_maximum();
    let manager = Arc::clone(&fixture.manager);
    let both = Arc::new(Barrier::new(2));
    let all = Arc::new(Mutex::new(Vec::new()));
    let reaction = || {
        let (manager, both, all) = (Arc::clone(&manager), Arc::clone(&both), Arc::clone(&all));
        move |own: &OwnCookie, told| {
            if is_inside(told, Inside::Complete) {
                both.wait();
                let cookies: Vec<Cookie> = all.lock().unwrap().clone();
                for other in cookies.iter().filter(|other| Some(*other) != own.get()) {
                    assert_eq!(manager.deregister(*other), Ok(()));
                }
            }
            Status::PENDING
        }
    };
    let first = fixture.register_with(5, reaction());
    fixture.log = manager.attach(Model::full(4, 2)).unwrap();
    fixture.install(Policy::MaximumSize(ContainerCount(4)));
    let second = fixture.register_with(5, reaction());
    *all.lock().unwrap() = vec![first.cookie, second.cookie];
    thread::scope(|scope| {
        for client in [&first, &second] {
            let (manager, cookie) = (&manager, client.cookie);
            scope.spawn(move || assert_eq!(manager.handle_log_full(cookie, GrowthPlace::Inline), PENDING));
        }
    });
    for client in [first, second] {
        assert_eq!(manager.deregister(client.cookie), Err(NotAClient));
    }
}

#[test]
fn a_client_may_register_another_inside_a_callback() {
    let fixture = Fixture::full_at_its_maximum();
    let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
    let client = fixture.register_with(0, move |_, told| {
        if let Told::Complete(..) = told {
            let client = Client::silent();
            assert!(manager.register(log, StreamId(1), client).is_ok());
        }
        Status::PENDING
    });
    let answer = fixture.log_full(&client, GrowthPlace::Inline);
    assert_eq!(answer, PENDING);
    fixture.rest();
    // With the other's help there may be space now.
    assert_eq!(client.all_told(), [Told::Complete(Status::LOG_PINNED, true), Told::Ask(Lsn::container_start(2))]);
}

#[test]
fn deregistration_may_race_with_a_log_full_call_of_the_same_client() {
    for _ in 0..200 {
        let fixture = Fixture::full_at_its_maximum();
        let (client, _other) = (fixture.register(0), fixture.register(1));
        thread::scope(|scope| {
            let cookie = client.cookie;
            let manager = &fixture.manager;
            let full = scope.spawn(move || manager.handle_log_full(cookie, GrowthPlace::Inline));
            let gone = manager.deregister(cookie);
            assert_eq!(gone, Ok(()));
            client.all_told();
            let allowed = [PENDING, Err(RequestRefused::NotAClient), Ok(RequestOutcome::Deregistered)];
            assert!(allowed.contains(&full.join().unwrap()));
        });
        fixture.rest();
        assert_eq!(client.all_told(), []);
    }
}
