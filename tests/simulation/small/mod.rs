//! Exhaustive small worlds: every order of a few events, under the real manager, with the second model beside it.
//!
//! Worlds that the documents cannot tell apart are gone on from once, but for one test. A failure names the shortest events that lead to it.

mod callbacks;
mod settings;
mod shared;
mod world;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use settings::{Setting, settings, some};
use world::{Event, SmallWorld};

use crate::{from_environment, message, platform};

/// In the default run.
const EVENTS: u64 = 7;
const LIVES: u64 = 3_000;
const EVENTS_OF_A_LIFE: usize = 80;

/// Whether worlds that the documents cannot tell apart are gone on from once, or each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alike {
    Merged,
    Apart,
}

/// Plays `events`, and brings the world to rest if it `ends`.
fn play(setting: &Setting, events: &[Event]) -> Result<SmallWorld, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let world = SmallWorld::new(setting);
        for event in events {
            world.apply(*event);
        }
        world
    }));
    platform::reset();
    outcome.map_err(|panic| message(&*panic).to_owned())
}

fn rests(world: &SmallWorld) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| world.comes_to_rest()));
    platform::reset();
    outcome.map_err(|panic| message(&*panic).to_owned())
}

/// Every order of up to `depth` events; the states that were visited, or the first failure.
fn enumerate(setting: &Setting, depth: u64, alike: Alike) -> Result<(usize, usize), String> {
    let mut visited = BTreeSet::new();
    let (mut frontier, mut played) = (vec![Vec::new()], 0);
    for _ in 0..=depth {
        let mut next = Vec::new();
        for events in frontier {
            played += 1;
            let failed = |what: String| format!("{}: {what}\n  after {events:?}", setting.name);
            let world = play(setting, &events).map_err(failed)?;
            if !visited.insert(world.state()) && alike == Alike::Merged {
                continue;
            }
            next.extend(world.possible().into_iter().map(|event| [&events[..], &[event]].concat()));
            rests(&world).map_err(failed)?;
        }
        frontier = next;
    }
    Ok((visited.len(), played))
}

fn enumerate_all(depth: u64, alike: Alike) {
    let mut all = (0, 0);
    let mut failures = Vec::new();
    for setting in &settings() {
        match enumerate(setting, depth, alike) {
            Ok((states, orders)) => {
                println!("{}: {states} states, {orders} orders of up to {depth} events", setting.name);
                all = (all.0 + states, all.1 + orders);
            }
            Err(failure) => failures.push(failure),
        }
    }
    println!("in all: {} states, {} orders", all.0, all.1);
    assert!(failures.is_empty(), "{} settings fail:\n{}", failures.len(), failures.join("\n"));
}

/// A long life of a larger world; the events that lead to a failure, with their seed.
fn live(seed: u64) -> Result<(), String> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut below = |bound: usize| random.next_u32() as usize % bound;
    let setting = some(&mut below);
    let mut events = Vec::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let world = SmallWorld::new(&setting);
        for _ in 0..EVENTS_OF_A_LIFE {
            let mut possible = world.possible();
            // Going is for good: rare, or nobody is left.
            if below(20) > 0 {
                possible.retain(|event| !matches!(event, Event::Gone(_)));
            }
            if possible.is_empty() {
                break;
            }
            events.push(possible[below(possible.len())]);
            world.apply(events[events.len() - 1]);
        }
        world.comes_to_rest();
    }));
    platform::reset();
    outcome.map_err(|panic| format!("seed {seed}: {}\n  {setting:?}\n  after {events:?}", message(&*panic)))
}

fn live_all(seeds: impl Iterator<Item = u64>) {
    let failures: Vec<_> = seeds.filter_map(|seed| live(seed).err()).take(3).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn long_lives_of_larger_worlds_are_as_the_documents_say() {
    live_all(0..LIVES);
}

#[test]
#[ignore = "long: CLFSMGMT_SEEDS lives from CLFSMGMT_SEED on, a million if not given"]
fn many_lives_of_larger_worlds_are_as_the_documents_say() {
    let first = from_environment("CLFSMGMT_SEED").unwrap_or(LIVES);
    live_all(first..first.saturating_add(from_environment("CLFSMGMT_SEEDS").unwrap_or(1_000_000)));
}

#[test]
fn every_order_of_seven_events_is_as_the_documents_say() {
    enumerate_all(EVENTS, Alike::Merged);
}

#[test]
#[ignore = "long: CLFSMGMT_EVENTS events, 10 if not given"]
fn every_order_of_more_events_is_as_the_documents_say() {
    enumerate_all(from_environment("CLFSMGMT_EVENTS").unwrap_or(10), Alike::Merged);
}

#[test]
#[ignore = "long: CLFSMGMT_EVENTS events, 5 if not given; each order by itself"]
fn every_order_is_as_the_documents_say_also_where_they_see_no_difference() {
    enumerate_all(from_environment("CLFSMGMT_EVENTS").unwrap_or(5), Alike::Apart);
}
