//! Logs, clients and workers that go while others are at work.

use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::Status;
use shuttle::thread;

use crate::client::{Told, deregister_all};
use crate::explore::explore;
use crate::world::World;

/// The last client and the last handle of a log go while its worker is on the way; another log takes its place.
pub(crate) fn log_goes_under_its_worker() {
    let world = World::new();
    let log = world.full_log(1);
    let client = log.silent(0);
    client.log_full(GrowthPlace::Worker);
    let leaver = client.clone();
    let leaver = thread::spawn(move || leaver.deregister());
    log.manager.release(log.key).unwrap();
    let next = world.full_log(1);
    let willing = next.willing(0);
    assert_eq!(willing.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
    leaver.join().unwrap();
    willing.deregister();
    next.manager.release(next.key).unwrap();
    world.rest();
    assert_eq!(world.logs_attached(), 0);
}

/// A log is closed under its clients: whoever waits is told.
pub(crate) fn log_is_closed_under_its_clients() {
    let world = World::new();
    let log = world.full_log(1);
    let clients = [log.silent(0), log.silent(0)];
    let waiting = clients.clone().map(|client| {
        thread::spawn(move || match client.log.manager.handle_log_full(client.cookie(), GrowthPlace::Worker) {
            Ok(RequestOutcome::Pending) => assert!(client.hear(|told| match told {
                Told::Complete(status, is_pinned) => Some(status.is_error() && !is_pinned),
                Told::Ask | Told::Unpinned => None,
            })),
            Ok(outcome) => panic!("{outcome:?}"),
            Err(_) => {}
        })
    });
    for client in &clients {
        client.expect_completion();
    }
    log.manager.handle_log_closed(log.key);
    for thread in waiting {
        thread.join().unwrap();
    }
    deregister_all(&clients);
}

/// The workers are stopped while a drain is on the way: what is queued is done first.
pub(crate) fn workers_go_while_a_drain_is_queued() {
    let world = World::new();
    let log = world.full_log(1);
    let client = log.willing(0);
    let outcome = client.log_full(GrowthPlace::Worker);
    drop(world);
    if outcome == RequestOutcome::Pending {
        client.hear(|told| (told == Told::Complete(Status::SUCCESS, false)).then_some(()));
    }
}

/// The workers are stopped while a callback waits for space in another log, which a worker brings.
pub(crate) fn workers_go_while_a_callback_waits_for_another_log() {
    let world = World::new();
    let other = world.full_log(1).willing(0);
    let client = world.full_log(1).client(0, move |client, told| {
        if told == Told::Ask {
            assert_eq!(other.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
            client.moves();
        }
        Status::PENDING
    });
    let outcome = client.log_full(GrowthPlace::Worker);
    drop(world);
    if outcome == RequestOutcome::Pending {
        client.hear(|told| (told == Told::Complete(Status::SUCCESS, false)).then_some(()));
    }
}

/// A client is registered, asks and leaves while another thread lets go of the log.
pub(crate) fn registration_races_with_the_last_release() {
    let world = World::new();
    let log = world.full_log(1);
    let other = log.clone();
    let release = thread::spawn(move || other.manager.release(other.key).unwrap());
    if let Some(client) = log.try_silent(0) {
        client.log_full(GrowthPlace::Worker);
        client.deregister();
    }
    release.join().unwrap();
    world.rest();
    assert_eq!(world.logs_attached(), 0);
}

#[test]
fn a_log_that_goes_under_its_worker_leaves_its_place_to_another() {
    explore(log_goes_under_its_worker);
}

#[test]
fn a_log_that_is_closed_ends_what_waits_for_it() {
    explore(log_is_closed_under_its_clients);
}

#[test]
fn workers_that_are_stopped_do_first_what_is_queued() {
    explore(workers_go_while_a_drain_is_queued);
}

#[test]
fn a_registration_and_the_last_release_leave_no_log_behind() {
    explore(registration_races_with_the_last_release);
}

#[test]
fn workers_that_are_stopped_serve_a_callback_that_waits_for_another_log() {
    explore(workers_go_while_a_callback_waits_for_another_log);
}
