//! `exports`: the base interface, called as C calls it.
#![cfg(feature = "host")]

#[path = "../support/counting.rs"]
mod counting;

mod logs;
mod records;
