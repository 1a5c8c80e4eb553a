//! Deregistrations that wait for callbacks on other threads, made inside callbacks: no circle waits for ever, and what
//! is no circle waits.

use real::sync::{Arc, OnceLock};
use real::vec::Vec;

use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::Status;
use shuttle::thread;

use crate::client::{Client, Told, deregister_all};
use crate::explore::explore;
use crate::world::{Log, World};

/// Where a callback finds a client that is made after its own.
type Later = Arc<OnceLock<Arc<Client>>>;

/// A client that does `action` with another one when it is asked, and refuses.
fn acts_on(log: &Log, other: &Later, action: fn(&Client)) -> Arc<Client> {
    let other = other.clone();
    log.client(0, move |_, told| {
        if let (Told::Ask, Some(other)) = (told, other.get()) {
            action(other);
        }
        if told == Told::Ask { Status::CANCELLED } else { Status::PENDING }
    })
}

fn leave(client: &Client) {
    client.leave();
}

/// `count` clients of as many logs deregister each the next one from inside their callbacks.
fn circle_of(count: usize) {
    let world = World::new();
    let others: Vec<Later> = (0..count).map(|_| Later::default()).collect();
    let clients: Vec<_> = (0..count).map(|index| acts_on(&world.full_log(1), &others[index], leave)).collect();
    for (index, other) in others.iter().enumerate() {
        other.set(clients[(index + 1) % count].clone()).ok().unwrap();
    }
    let askers: Vec<_> = clients
        .iter()
        .map(|client| {
            let log = client.log.clone();
            thread::spawn(move || {
                let asker = log.silent(0);
                asker.log_full(GrowthPlace::Inline);
                asker.deregister();
            })
        })
        .collect();
    for asker in askers {
        asker.join().unwrap();
    }
    for client in &clients {
        client.leave();
    }
    world.rest();
}

pub(crate) fn two_in_a_circle() {
    circle_of(2);
}

pub(crate) fn three_in_a_circle() {
    circle_of(3);
}

/// On a log that is pinned, a client that does `action` with another one when that is told in its call.
fn acts_when_told(log: &Log, other: &Later, action: fn(&Client)) -> Arc<Client> {
    let other = other.clone();
    log.client(0, move |_, told| {
        if let (Told::Complete(..), Some(other)) = (told, other.get()) {
            action(other);
        }
        if told == Told::Ask { Status::CANCELLED } else { Status::PENDING }
    })
}

/// Each client calls on two threads.
fn all_call_twice(clients: &[Arc<Client>]) {
    let callers: Vec<_> = clients
        .iter()
        .chain(clients)
        .map(|client| {
            let client = client.clone();
            thread::spawn(move || client.log_full(GrowthPlace::Inline))
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
}

/// Clients deregister each the next one, from inside what they are told in their own calls.
pub(crate) fn calls_in_a_circle() {
    let world = World::new();
    let others: Vec<Later> = (0..3).map(|_| Later::default()).collect();
    let clients: Vec<_> = others.iter().map(|other| acts_when_told(&world.pinned_log(), other, leave)).collect();
    for (index, other) in others.iter().enumerate() {
        other.set(clients[(index + 1) % 3].clone()).ok().unwrap();
    }
    all_call_twice(&clients);
    for client in &clients {
        client.leave();
    }
    world.rest();
}

/// A chain, no circle: each deregisters the one before it, and has waited for both its calls when it goes on.
pub(crate) fn calls_in_a_chain() {
    let world = World::new();
    let log = world.pinned_log();
    let others: Vec<Later> = (0..3).map(|_| Later::default()).collect();
    let clients: Vec<_> = others.iter().map(|other| acts_when_told(&log, other, Client::deregister)).collect();
    for (other, before) in others[1..].iter().zip(&clients) {
        other.set(before.clone()).ok().unwrap();
    }
    all_call_twice(&clients);
    for client in &clients {
        client.leave();
    }
    world.rest();
}

/// A chain, no circle: inside its callback the second client deregisters the first; when the callback of the first has
/// ended, its thread goes on with the third, a client of the same log, which deregisters the second. That one waits.
pub(crate) fn chain_over_a_thread_that_went_on() {
    let world = World::new();
    let logs = [world.full_log(1), world.full_log(1)];
    let [none, first, second] = [Later::default(), Later::default(), Later::default()];
    let clients = [
        acts_on(&logs[0], &none, Client::deregister),
        acts_on(&logs[1], &first, Client::deregister),
        acts_on(&logs[0], &second, Client::deregister),
    ];
    first.set(clients[0].clone()).ok().unwrap();
    second.set(clients[1].clone()).ok().unwrap();
    let askers: Vec<_> = logs.iter().map(|log| log.silent(0)).collect();
    for asker in &askers {
        asker.log_full(GrowthPlace::Worker);
    }
    world.rest();
    deregister_all(clients.iter().chain(&askers));
}

/// Clients come, are asked and go, on several threads.
pub(crate) fn guests_come_and_go() {
    let world = World::new();
    let log = world.full_log(1);
    let guests: Vec<_> = (0..3)
        .map(|_| {
            let log = log.clone();
            thread::spawn(move || {
                let guest = log.silent(0);
                guest.log_full(GrowthPlace::Worker);
                guest.deregister();
            })
        })
        .collect();
    let host = log.willing(0);
    assert_eq!(host.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
    for guest in guests {
        guest.join().unwrap();
    }
    host.deregister();
    log.manager.release(log.key).unwrap();
    world.rest();
    assert_eq!(world.logs_attached(), 0);
}

#[test]
fn two_clients_that_deregister_each_other_do_not_wait_for_ever() {
    explore(two_in_a_circle);
}

#[test]
fn three_clients_that_deregister_each_other_do_not_wait_for_ever() {
    explore(three_in_a_circle);
}

#[test]
fn clients_that_deregister_each_other_inside_their_calls_do_not_wait_for_ever() {
    explore(calls_in_a_circle);
}

#[test]
fn a_deregistration_inside_a_call_waits_for_all_calls_of_the_other() {
    explore(calls_in_a_chain);
}

#[test]
fn a_wait_that_is_over_is_not_taken_for_a_circle() {
    explore(chain_over_a_thread_that_went_on);
}

#[test]
fn guests_that_come_and_go_hold_nobody_up() {
    explore(guests_come_and_go);
}
