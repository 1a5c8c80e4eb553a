//! Writers on several threads that fill the log thousands of times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::{ContainerCount, Status};

use crate::model::{Fixture, Model, PENDING, Registered, SUCCESS, Told};

const THREADS: u8 = 2;
const CLIENTS_PER_THREAD: u8 = 3;
const LOG_FULLS_PER_THREAD: u32 = 1_500;

/// Waits for the completion of a request that is pending, passing over what else the client is told.
fn completion(client: &Registered) -> Status {
    loop {
        if let Told::Complete(status, _) = client.told.recv().unwrap() {
            return status;
        }
    }
}

fn write_until_full_often(fixture: &Fixture, clients: &[(u8, Registered)]) -> u32 {
    let (mut fulls, mut pending) = (0, 0);
    while fulls < LOG_FULLS_PER_THREAD {
        if fixture.model.write() {
            fixture.manager.handle_log_changed(fixture.log);
            continue;
        }
        let (stream, client) = &clients[fulls as usize % clients.len()];
        let place = if fulls % 2 == 0 { GrowthPlace::Inline } else { GrowthPlace::Worker };
        fulls += 1;
        match fixture.log_full(client, place) {
            SUCCESS => {}
            PENDING => {
                pending += 1;
                if !completion(client).is_success() {
                    fixture.move_tail(*stream);
                }
            }
            other => panic!("log full answered {other:?}"),
        }
    }
    pending
}

#[test]
fn thousands_of_log_fulls_on_two_threads_each_end_exactly_once() {
    let streams = THREADS * CLIENTS_PER_THREAD;
    let fixture = Fixture::new(&Model::full(8, streams));
    fixture.install(Policy::MaximumSize(ContainerCount(12)));
    fixture.install(Policy::AutoGrow(true));
    let asked = Arc::new(AtomicU32::new(0));
    let register = |stream: u8| {
        let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
        let (model, asked) = (fixture.model.clone(), Arc::clone(&asked));
        let client = fixture.register_with(stream, move |own, told| {
            let Told::Ask(_) = told else {
                return Status::PENDING;
            };
            match asked.fetch_add(1, Ordering::Relaxed) % 11 {
                0 => Status::LOG_TAIL_INVALID,
                1 => {
                    // A client that is asked before it knows its cookie answers by moving.
                    if let Some(own) = own.get() {
                        let _ = manager.tail_advance_failure(*own, Status::CANCELLED);
                        return Status::PENDING;
                    }
                    model.move_tail(stream);
                    Status::PENDING
                }
                2 => {
                    model.move_tail(stream);
                    Status::PENDING
                }
                _ => {
                    model.move_tail(stream);
                    manager.handle_log_changed(log);
                    Status::PENDING
                }
            }
        });
        (stream, client)
    };
    let clients: Vec<Vec<_>> = (0..THREADS)
        .map(|thread| (0..CLIENTS_PER_THREAD).map(|index| register(thread * CLIENTS_PER_THREAD + index)).collect())
        .collect();
    let fixture = &fixture;
    thread::scope(|scope| {
        for clients in clients {
            scope.spawn(move || {
                assert!(write_until_full_often(fixture, &clients) > 0);
                for (_, client) in &clients {
                    let gone = fixture.manager.deregister(client.cookie);
                    assert_eq!(gone, Ok(()));
                    let mut left = client.all_told().into_iter();
                    assert!(!left.any(|told| matches!(told, Told::Complete(..))));
                }
            });
        }
    });
    fixture.rest();
    let counted = fixture.manager.statistics(fixture.log).unwrap();
    let all = u64::from(LOG_FULLS_PER_THREAD) * u64::from(THREADS);
    assert_eq!(counted.requests, all);
    assert_eq!(counted.succeeded + counted.failed, all);
    assert!(fixture.model.change(|space| space.total) <= 12);
}

/// Clients that come, ask for space, and go without waiting for the answer, while others write.
#[test]
fn clients_that_come_and_go_disturb_nobody() {
    let fixture = Fixture::new(&Model::full(8, 4));
    fixture.install(Policy::MaximumSize(ContainerCount(8)));
    let answering = |stream: u8| {
        let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
        let model = fixture.model.clone();
        fixture.register_with(stream, move |_, told| {
            if let Told::Ask(_) = told {
                model.move_tail(stream);
                manager.handle_log_changed(log);
            }
            Status::PENDING
        })
    };
    let fixture = &fixture;
    let writers = vec![(0, answering(0)), (1, answering(1))];
    let others = [answering(2), answering(3)];
    thread::scope(|scope| {
        scope.spawn(move || write_until_full_often(fixture, &writers));
        for stream in [2, 3] {
            scope.spawn(move || {
                for turn in 0..500 {
                    let passing = fixture.register(stream);
                    let full = fixture.log_full(&passing, GrowthPlace::Worker);
                    assert!(full == SUCCESS || full == PENDING);
                    // A guest that was asked holds nobody up: going counts as its refusal.
                    let gone = fixture.manager.deregister(passing.cookie);
                    assert_eq!(gone, Ok(()), "turn {turn}");
                    passing.all_told();
                    assert_eq!(passing.told.try_recv().ok(), None);
                }
            });
        }
    });
    fixture.rest();
    for other in &others {
        assert_eq!(fixture.manager.deregister(other.cookie), Ok(()));
    }
    fixture.manager.release(fixture.log).unwrap();
}
