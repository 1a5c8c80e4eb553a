//! ACTS: the table of logs, locking, the one drain loop, the ports.
#![forbid(unsafe_code)]

pub mod ports;
