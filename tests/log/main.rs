//! `log`: records, space, streams and containers, and what is left of them after failures and crashes.

#[path = "../support/counting.rs"]
mod counting;
#[path = "../support/crash_world.rs"]
mod crash_world;
#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../support/model.rs"]
mod model;
#[path = "../support/recorder.rs"]
mod recorder;

mod attack;
mod comes_back;
mod crash;
mod dropped;
mod edges;
mod enlarge;
mod faults;
mod full_disk;
mod memory;
mod metadata_growth;
mod opening;
mod random_life;
mod reading;
mod refusals;
mod reservations;
mod run_on;
mod smallest;
mod space;
mod statuses;
