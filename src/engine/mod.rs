//! DECIDES: one log's policies, clients and space requests; pure, no I/O, no clock, no lock.
#![forbid(unsafe_code)]

mod view;

pub use view::LogView;
