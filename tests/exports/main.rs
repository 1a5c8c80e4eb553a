//! `exports`: the base interface, called as C calls it.
#![cfg(feature = "host")]

mod logs;
mod records;
