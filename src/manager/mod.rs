//! ACTS: the table of logs, locking, the one drain loop, the ports.
//!
//! One [`Manager`] holds all managed logs. It feeds each log's engine with facts, and carries out what that decides.
//!
//! | file | what |
//! |---|---|
//! | `table`, `entry`, `cookie` | the logs by slot and generation, their state and its lock |
//! | `clients`, `log_full`, `facts`, `policies`, `resize`, `report` | the public operations |
//! | `error` | why an operation was refused |
//! | `drain` | the loop that performs actions |
//! | `call` | a callback, from where it is noted to where its return is reported |
//! | `running`, `completion` | which callbacks run; which completion a thread is inside, so that none is inside two |
//! | `statistics` | what is counted |
//! | `waiting`, `notice` | whose requests have waited for long; when that is to be told |
//! | `waits` | which threads wait for which, so that none waits for ever |
//! | `ports`, `setting` | what is needed of the log, its clients and the platform; the three under one name |
//! | `mutants` | faults for tests only |
//! | `address_map` | objects by addresses that others made, for those who join logs and their manager |
//!
//! # Invariants
//! * No client and no log is called with a lock held, but for [`ports::ManagedLog::observe`] under the snapshot's own.
//! * Locks are taken in the order table, snapshot, state, and then waits.
//! * One thread at a time drains a log, one at a time resizes it; when an action is due, a drain runs, a worker is
//!   queued, or a resize runs whose end queues one.
//! * Clients are called on workers only, except for the completion of a request in the call that made it.
#![forbid(unsafe_code)]

mod address_map;
mod call;
mod clients;
mod completion;
mod cookie;
mod drain;
mod entry;
mod error;
mod facts;
mod log_full;
#[cfg(feature = "mutants")]
pub mod mutants;
mod notice;
mod policies;
pub mod ports;
mod report;
mod resize;
mod running;
mod setting;
mod statistics;
mod table;
mod waiting;
mod waits;

pub use address_map::AddressMap;
pub use completion::Completion;
pub use cookie::{Cookie, LogKey};
pub use error::{LogError, NoSuchLog};
pub use log_full::{GrowthPlace, RequestOutcome};
pub use setting::Setting;
pub use statistics::Statistics;
pub use table::Manager;
pub use waiting::WaitingLog;
