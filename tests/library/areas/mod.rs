//! Marshalling areas and read contexts over logs in memory, as the C interface uses them.

#![allow(clippy::large_stack_arrays, reason = "test data")]

mod containers;
mod failing;
mod reading;
mod world;
mod writing;
