//! The worlds that are enumerated, and how.

use std::vec;
use std::vec::Vec;

use super::world::{Event, Setting, World};
use crate::engine::policy::Policy;

/// Runs every order of `depth` events; returns how many worlds were brought to rest.
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
    run(&Setting { streams: &[1], maximum: 3, promised: 0, policies: Vec::new }, 6);
}

#[test]
fn every_order_of_six_events_with_growth_and_two_clients_keeps_the_invariants() {
    run(&Setting { streams: &[1, 2], maximum: 5, promised: 0, policies: Vec::new }, 6);
}

#[test]
fn every_order_of_six_events_with_three_clients_on_two_streams_keeps_the_invariants() {
    run(&Setting { streams: &[1, 1, 2], maximum: 3, promised: 0, policies: Vec::new }, 6);
}

#[test]
fn every_order_of_six_events_with_promised_containers_keeps_the_invariants() {
    run(&Setting { streams: &[1, 2], maximum: 4, promised: 1, policies: || vec![Policy::log_tail(0, 1).unwrap()] }, 6);
}

#[test]
fn every_order_of_six_events_with_automatic_growth_and_shrinking_keeps_the_invariants() {
    run(
        &Setting {
            streams: &[1, 2],
            maximum: 6,
            promised: 0,
            policies: || {
                vec![Policy::AutoGrow(true), Policy::auto_shrink(40).unwrap(), Policy::growth_rate(1, 0).unwrap()]
            },
        },
        6,
    );
}

#[test]
fn every_order_of_six_events_when_tails_are_never_asked_keeps_the_invariants() {
    run(&Setting { streams: &[1, 2], maximum: 4, promised: 0, policies: || vec![Policy::log_tail(0, 0).unwrap()] }, 6);
}

/// A small generator of numbers: a failing seed fails again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[test]
fn long_histories_in_random_order_keep_the_invariants() {
    let settings: [fn() -> Vec<Policy>; 3] = [
        Vec::new,
        || vec![Policy::AutoGrow(true), Policy::auto_shrink(30).unwrap()],
        || vec![Policy::log_tail(0, 3).unwrap(), Policy::AutoGrow(true)],
    ];
    for seed in 0..1_500_u64 {
        let setting = Setting {
            streams: &[1, 1, 2, 2, 0],
            maximum: 4 + u32::try_from(seed % 4).unwrap(),
            promised: u32::try_from(seed % 2).unwrap(),
            policies: settings[usize::try_from(seed % 3).unwrap()],
        };
        let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut world = World::new(&setting);
        let mut path = Vec::new();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..80 {
                let mut events = world.possible();
                // Going is for good: rare, or nobody is left.
                if numbers.below(20) > 0 {
                    events.retain(|event| !matches!(event, Event::Gone(_)));
                }
                if events.is_empty() {
                    break;
                }
                let event = events[numbers.below(events.len())];
                path.push(event);
                world.apply(event);
            }
            world.must_come_to_rest();
        }));
        assert!(outcome.is_ok(), "seed {seed}: {path:?}");
    }
}
