//! Callbacks that wait for the space of another log, as those of a resource manager that logs elsewhere.

use real::sync::Arc;
use real::vec::Vec;

use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::Status;
use shuttle::thread;

use crate::client::{Client, Told, deregister_all};
use crate::explore::explore;
use crate::world::{Log, World};

/// A client that has to write to another log, and waits for its space, before it moves.
fn logs_elsewhere(log: &Log, elsewhere: &Arc<Client>) -> Arc<Client> {
    let elsewhere = elsewhere.clone();
    log.client(0, move |client, told| {
        if told == Told::Ask {
            assert_eq!(elsewhere.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
            client.moves();
        }
        Status::PENDING
    })
}

/// So many logs whose clients wait for one log's space inside their callbacks.
fn waiting_for_one_log(count: usize) {
    let world = World::new();
    let third = world.full_log(1);
    let elsewhere: Vec<_> = (0..count).map(|_| third.willing(0)).collect();
    let clients: Vec<_> = elsewhere.iter().map(|elsewhere| logs_elsewhere(&world.full_log(1), elsewhere)).collect();
    let writers: Vec<_> = clients
        .iter()
        .map(|client| {
            let client = client.clone();
            thread::spawn(move || assert_eq!(client.wait_for_space(GrowthPlace::Inline), Status::SUCCESS))
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    deregister_all(clients.iter().chain(&elsewhere));
}

pub(crate) fn one_waits_for_another_log() {
    waiting_for_one_log(1);
}

pub(crate) fn two_wait_for_a_third_log() {
    waiting_for_one_log(2);
}

/// One log's callback waits for the second's space, whose callback waits for the third's.
pub(crate) fn waiting_in_a_row() {
    let world = World::new();
    let third = world.full_log(1).willing(0);
    let second = logs_elsewhere(&world.full_log(1), &third);
    let first = logs_elsewhere(&world.full_log(1), &second);
    assert_eq!(first.wait_for_space(GrowthPlace::Inline), Status::SUCCESS);
    deregister_all(&[first, second, third]);
}

#[test]
fn a_callback_may_wait_for_another_log() {
    explore(one_waits_for_another_log);
}

#[test]
fn two_callbacks_may_wait_for_a_third_log() {
    explore(two_wait_for_a_third_log);
}

#[test]
fn callbacks_may_wait_for_each_other_in_a_row() {
    explore(waiting_in_a_row);
}
