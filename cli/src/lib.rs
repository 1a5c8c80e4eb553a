//! The parts of the program `clfsmgmt`.
//!
//! A workload is read from a trace, replayed through managed streams, and what happened is shown: as a table on the
//! terminal, as JSON for other programs, and as a picture. Nothing here decides anything about a log; it only asks the
//! library and reports. The library formats no text for people.
#![forbid(unsafe_code)]
#![allow(clippy::format_push_string, reason = "text for people is short, and reads better in one line")]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod failure;
pub mod history;
pub mod inspect;
pub mod look;
pub mod outcome;
pub mod quantity;
pub mod replay;
pub mod report;
pub mod summary;
pub mod trace;
