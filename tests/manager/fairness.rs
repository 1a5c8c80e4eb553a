//! No log waits for another: neither for its callbacks, nor for its containers, nor for what its clients wait for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey};
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::model::{Client, Fixture, Model, PENDING, TestManager, Told};

/// A manager without workers.
fn unattended() -> Arc<TestManager> {
    Arc::new(TestManager::new(HostPlatform::default()))
}

fn attach(manager: &TestManager, policy: Policy) -> LogKey {
    let log = manager.attach(Model::full(4, 2)).unwrap();
    manager.install_policy(log, policy, Existing::Keep).unwrap();
    log
}

fn queued(manager: &TestManager) -> Vec<LogKey> {
    let mut found = Vec::new();
    manager.platform().queue().work_off(|log| found.push(log));
    found
}

#[test]
fn a_drain_leaves_a_log_that_never_rests() {
    let manager = unattended();
    let log = attach(&manager, Policy::MaximumSize(ContainerCount(4)));
    let times = Arc::new(AtomicU32::new(0));
    let own: Arc<Mutex<Option<Cookie>>> = Arc::default();
    let (counted, asking, cookie) = (Arc::clone(&times), Arc::clone(&manager), Arc::clone(&own));
    // Pinned, told, and asking again inside what it is told: one of two completions is a worker's.
    let client = Client::reacting(move |told| {
        if let Told::Complete(..) = told
            && counted.fetch_add(1, Ordering::SeqCst) < 1_000
        {
            let own = cookie.lock().unwrap().unwrap();
            let _ = asking.handle_log_full(own, GrowthPlace::Inline);
        }
        Status::PENDING
    });
    let client = manager.register(log, StreamId(5), client).unwrap();
    *own.lock().unwrap() = Some(client);
    assert_eq!(manager.handle_log_full(client, GrowthPlace::Inline), PENDING);
    assert_eq!(queued(&manager), [log]);
    manager.drain(log);
    let told = times.load(Ordering::SeqCst);
    assert!(told < 100, "{told} completions in one share");
    assert_eq!(queued(&manager), [log], "the rest is queued behind the others");
}

#[test]
fn a_drain_adds_one_container_and_leaves() {
    let manager = unattended();
    let log = attach(&manager, Policy::growth_rate(9, 0).unwrap());
    let client = manager.register(log, StreamId(0), Client::silent()).unwrap();
    assert_eq!(manager.handle_log_full(client, GrowthPlace::Worker), PENDING);
    for added in 1..=9 {
        assert_eq!(queued(&manager), [log]);
        manager.drain(log);
        assert_eq!(manager.statistics(log).unwrap().grown_containers, added);
    }
    assert_eq!(queued(&manager), []);
}

/// Resource managers that log elsewhere: as many as there are workers, and one more.
#[test]
fn callbacks_may_wait_for_another_log() {
    let fixture = Fixture::new(&Model::full(4, 1));
    let busy: Vec<LogKey> = (0..3).map(|_| attach(&fixture.manager, Policy::MaximumSize(ContainerCount(4)))).collect();
    let (done, is_done) = channel();
    for log in busy {
        let (told, is_told) = channel();
        let elsewhere = fixture.register_with(0, move |_, what| {
            if let Told::Complete(status, _) = what {
                told.send(status).unwrap();
            }
            Status::PENDING
        });
        let (manager, is_told, done) = (Arc::clone(&fixture.manager), Mutex::new(is_told), done.clone());
        let client = Client::reacting(move |what| {
            if let Told::Ask(_) = what {
                let answer = manager.handle_log_full(elsewhere.cookie, GrowthPlace::Worker);
                if answer == PENDING {
                    assert!(is_told.lock().unwrap().recv().unwrap().is_success());
                }
                done.send(()).unwrap();
            }
            Status::PENDING
        });
        let client = fixture.manager.register(log, StreamId(0), client).unwrap();
        let _other = fixture.manager.register(log, StreamId(1), Client::silent()).unwrap();
        assert_eq!(fixture.manager.handle_log_full(client, GrowthPlace::Worker), PENDING);
    }
    for _ in 0..3 {
        assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok(()), "all workers wait for a worker");
    }
    fixture.rest();
}
