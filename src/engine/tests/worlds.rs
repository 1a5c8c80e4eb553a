//! The worlds that are enumerated, and how.

use std::vec;
use std::vec::Vec;

use super::world::{Event, Setting, World};
use crate::engine::policy::Policy;

/// Runs every order of `depth` events; answers how many worlds were brought to rest.
fn enumerate(world: &World, depth: u32, path: &mut Vec<Event>) -> u64 {
    let mut rested = world.clone();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        rested.must_come_to_rest();
    }));
    assert!(outcome.is_ok(), "after {path:?}");
    if depth == 0 {
        return 1;
    }
    let mut worlds = 1;
    for event in world.possible() {
        let mut next = world.clone();
        path.push(event);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| next.apply(event)));
        assert!(outcome.is_ok(), "in {path:?}");
        worlds += enumerate(&next, depth - 1, path);
        path.pop();
    }
    worlds
}

fn run(setting: &Setting, depth: u32) {
    let worlds = enumerate(&World::new(setting), depth, &mut Vec::new());
    assert!(worlds > 1_000, "only {worlds} worlds");
}

#[test]
fn every_order_of_six_events_with_one_client_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1],
            maximum: 3,
            promised: 0,
            policies: Vec::new,
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_with_growth_and_two_clients_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 2],
            maximum: 5,
            promised: 0,
            policies: Vec::new,
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_with_three_clients_on_two_streams_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 1, 2],
            maximum: 3,
            promised: 0,
            policies: Vec::new,
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_with_promised_containers_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 2],
            maximum: 4,
            promised: 1,
            policies: || vec![Policy::log_tail(0, 1).unwrap()],
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_with_automatic_growth_and_shrinking_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 2],
            maximum: 6,
            promised: 0,
            policies: || {
                vec![
                    Policy::AutoGrow(true),
                    Policy::auto_shrink(40).unwrap(),
                    Policy::growth_rate(1, 0).unwrap(),
                ]
            },
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_when_tails_are_never_asked_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 2],
            maximum: 4,
            promised: 0,
            policies: || vec![Policy::log_tail(0, 0).unwrap()],
        },
        6,
    );
}
