//! The library of logs under random use: nothing that was flushed is lost, nothing that was reserved is refused, and
//! whoever comes while a log closes waits for it.
//!
//! A failing seed is in the message; `STORM_SEEDS=17..18 cargo test --test library_storm` runs it alone.

#![cfg(feature = "host")]
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

#[path = "../support/recorder.rs"]
mod recorder;

mod disk;
mod ledger;
mod life;
mod races;
mod steps;
mod threads;
#[path = "../support/volume.rs"]
mod volume;
mod world;

/// The seeds to run: `from..to` of the environment, or the first few.
fn seeds(default: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("STORM_SEEDS").ok();
    let range = asked.as_deref().and_then(|text| text.split_once(".."));
    range.map_or(0..default, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}
