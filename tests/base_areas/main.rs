//! Marshalling areas and read contexts over logs in files, as the C interface uses them.

#![cfg(feature = "host")]
#![allow(clippy::large_stack_arrays, reason = "test data")]

mod reading;
mod world;
mod writing;
