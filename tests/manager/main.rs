//! The manager over real threads and a log in memory.
#![cfg(feature = "host")]
#![allow(missing_docs)]

mod allocations;
mod callbacks;
mod completions;
#[path = "../support/counting.rs"]
mod counting;
mod failing;
mod fairness;
mod interrupted;
mod model;
mod panics;
mod reentrancy;
mod resizing;
mod storm;
mod table;
mod watched;
