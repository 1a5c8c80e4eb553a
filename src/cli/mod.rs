//! SHOWS: the parts of the program.
//!
//! A workload is read from a trace, replayed through managed streams, and what happened is shown: as a table on the
//! terminal, as JSON for other programs, and as a picture. Nothing here decides anything about a log; it only asks the
//! layers below and reports. Only this layer formats text for people.
#![forbid(unsafe_code)]
#![allow(clippy::format_push_string, reason = "text for people is short, and reads better in one line")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
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
