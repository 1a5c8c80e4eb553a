//! ACTS: the table of logs, locking, the one drain loop, the ports.
//!
//! One [`Manager`] holds all managed logs. It feeds each log's engine with facts, and carries out what that decides.
//!
//! | file | what |
//! |---|---|
//! | `table`, `entry`, `cookie` | the logs by slot and generation, their state and its lock |
//! | `clients`, `log_full`, `facts`, `policies`, `resize`, `report` | the public operations |
//! | `drain` | the loop that performs actions |
//! | `waits` | who waits for whom, so that nobody waits for ever |
//! | `address_map` | objects by addresses that somebody else made, for those who join logs and their manager |
//! | `ports` | what is needed of the log, its clients and the platform |
//!
//! # Invariants
//! * No client and no log is called with a lock held, but for [`ports::ManagedLog::observe`] under the snapshot's own.
//! * Locks are taken in the order table, snapshot, state, waits.
//! * One thread at a time drains a log, one at a time resizes it; when there is something to do, somebody drains or a
//!   worker has been told.
//! * Clients are called on workers only, except for the completion of a request in the call that made it.
#![forbid(unsafe_code)]

mod address_map;
mod clients;
mod cookie;
mod drain;
mod entry;
mod facts;
mod log_full;
mod policies;
pub mod ports;
mod report;
mod resize;
mod table;
mod waits;

pub use address_map::AddressMap;
pub use cookie::{Cookie, LogKey};
pub use log_full::GrowthPlace;
pub use report::Statistics;
pub use table::Manager;
