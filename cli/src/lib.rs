//! The parts of the program `clfsmgmt`.
//!
//! A workload is read from a trace, replayed through managed streams, and what happened is shown: as a table on the
//! terminal, as JSON for other programs, and as a picture. Nothing here decides anything about a log; it only asks the
//! library and reports. The library formats no text for people.
//!
//! | module | what |
//! |---|---|
//! | [`trace`] | a recorded workload |
//! | [`replay`] | the workload played through managed streams |
//! | [`outcome`], [`history`] | what came of it: numbers for programs, the life of the log for people |
//! | [`summary`], [`report`] | the same as a table and as a page |
//! | [`inspect`] | a log as it lies in its files |
//! | [`quantity`], [`look`], [`failure`] | numbers and tables for people; exit codes with their reasons |
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
