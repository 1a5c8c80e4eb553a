//! Marshalling areas and read contexts over logs in memory, as the C interface uses them.

#![cfg(feature = "host")]
#![allow(clippy::large_stack_arrays, reason = "test data")]

#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/volume.rs"]
mod volume;

mod failing;
mod reading;
mod world;
mod writing;
