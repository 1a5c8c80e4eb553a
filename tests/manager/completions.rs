//! Completions in the call that asked: how deep they nest, and how many threads may be inside.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey};
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::model::{Client, Fixture, Model, PENDING, Told};

thread_local! {
    /// How many completions this thread is inside.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAS_TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Notes how deep completions nest; a client that is told asks again, for the next client.
fn nest(logs: &[LogKey], fixture: &Fixture, clients: u32) -> (u32, u32) {
    let (deepest, told) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let all: Arc<Mutex<Vec<Cookie>>> = Arc::default();
    for number in 0..clients {
        let (deepest, told) = (Arc::clone(&deepest), Arc::clone(&told));
        let (manager, others) = (Arc::clone(&fixture.manager), Arc::clone(&all));
        let react = move |what| {
            let Told::Complete(..) = what else {
                return Status::PENDING;
            };
            DEPTH.set(DEPTH.get() + 1);
            deepest.fetch_max(DEPTH.get(), Ordering::SeqCst);
            told.fetch_add(1, Ordering::SeqCst);
            let next = others.lock().unwrap().get(number as usize + 1).copied();
            if let Some(next) = next {
                assert_eq!(manager.handle_log_full(next, GrowthPlace::Inline), PENDING);
            }
            DEPTH.set(DEPTH.get() - 1);
            Status::PENDING
        };
        let log = logs[number as usize % logs.len()];
        let client = fixture.manager.register(log, StreamId(5), Client::reacting(react)).unwrap();
        all.lock().unwrap().push(client);
    }
    let first = all.lock().unwrap()[0];
    assert_eq!(fixture.manager.handle_log_full(first, GrowthPlace::Inline), PENDING);
    fixture.rest();
    (deepest.load(Ordering::SeqCst), told.load(Ordering::SeqCst))
}

#[test]
fn clients_that_ask_for_others_inside_completions_do_not_nest() {
    let fixture = Fixture::full_at_its_maximum();
    assert_eq!(nest(&[fixture.log], &fixture, 300), (1, 300));
}

#[test]
fn clients_of_many_logs_do_not_nest_either() {
    let fixture = Fixture::full_at_its_maximum();
    let more = (0..9).map(|_| {
        let log = fixture.manager.attach(Model::full(4, 2)).unwrap();
        let maximum = Policy::MaximumSize(ContainerCount(4));
        fixture.manager.install_policy(log, maximum, Existing::Keep).unwrap();
        log
    });
    let logs: Vec<LogKey> = more.chain([fixture.log]).collect();
    assert_eq!(nest(&logs, &fixture, 100), (1, 100));
}

#[test]
fn every_call_of_a_lone_client_is_told_before_it_returns_pending() {
    const THREADS: u32 = 12;
    let fixture = Fixture::full_at_its_maximum();
    let inside = AtomicU32::new(0);
    let client = fixture.register_with(5, move |_, told| {
        if let Told::Complete(..) = told {
            WAS_TOLD.set(true);
            inside.fetch_add(1, Ordering::SeqCst);
            // Until all are inside; not for ever, so that the test can fail.
            let start = Instant::now();
            while inside.load(Ordering::SeqCst) < THREADS && start.elapsed() < Duration::from_secs(10) {
                thread::yield_now();
            }
        }
        Status::PENDING
    });
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                assert_eq!(fixture.manager.handle_log_full(client.cookie, GrowthPlace::Inline), PENDING);
                assert!(WAS_TOLD.get(), "told by another thread, or not yet");
            });
        }
    });
    assert_eq!(fixture.manager.deregister(client.cookie), Ok(()));
}
