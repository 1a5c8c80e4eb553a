//! JOINS: somebody else's logs and their manager.
//!
//! A `clfs.sys` that somebody else wrote keeps the logs, and reports nothing to a third party. Here is what can be
//! known of them, and the bookkeeping that brings them under management: who has which handle, what a call that was
//! seen has changed, which logs need polling. Apart from the C border, which plugs in the base routines through
//! [`Clfs`]; `library` does the same for logs of our own. What is seen and what is not:
//! `docs/decisions/0006-interposition.md`.
//!
//! | file | what |
//! |---|---|
//! | `clfs` | the port on the base routines, and what is plugged in besides |
//! | `logs` | the logs, attached with their first client or policy |
//! | `log` | one log, and what is done through its handles |
//! | `handles` | the handles of a log that management was given |
//! | `removal` | which containers go next when a log shrinks |
//! | `view` | a log's snapshot, from what its handles return |
//! | `name` | a log's name, from the path of its base log file |
//! | `areas` | marshalling areas by their contexts |
//! | `witnesses` | handles through which areas were made: they show streams that have no client |
//! | `attached` | the logs that are attached, and all witnesses |
//! | `reports` | what calls have changed that were seen |
//! | `watcher` | polls logs, for drivers that are not relinked |
//!
//! # Invariants
//! * Objects and contexts are named by their addresses, which are compared and never followed.
//! * A failure of the bookkeeping fails nobody's call; polling makes up for it.
//! * An append that stays in its container costs one look-up and takes no memory.
#![forbid(unsafe_code)]

mod areas;
mod attached;
mod clfs;
mod handles;
mod log;
mod logs;
mod name;
mod removal;
mod reports;
mod view;
mod watcher;
mod witnesses;

pub use clfs::{Clfs, Extent, LogIdentity, LogInformation, ObjectId, Setting};
pub use log::ForeignLog;
pub use logs::{Attached, ForeignHold, ForeignLogs, ManagerOf};
pub use reports::{ClosingObject, LeavingArea, Reservations};
pub use view::UNSEEN;
