//! CLFS management, in the open: the part of the Common Log File System that keeps a log from running out of space.
//!
//! The folder tree is the design; a layer uses only layers further down this list (`tests/layering.rs` checks it).
//!
//! | layer | verb | what it holds |
//! |---|---|---|
//! | `cli` | SHOWS | the program: `replay`, `inspect` |
//! | `exports` | ENTERS | the C interface: management, the base interface, interposed routines, driver entry |
//! | `host` | PLUGS IN | the ports on std: files, threads, time |
//! | `kernel` | PLUGS IN | the ports on Windows kernel routines; the only place that names the WDK |
//! | [`foreign`] | JOINS | somebody else's logs and their manager, over a safe port on their base routines |
//! | `library` | JOINS | a log and its manager: open logs, streams, marshalling areas |
//! | [`manager`] | ACTS | the table of logs, locking, the one drain loop, the ports |
//! | [`log`] | KEEPS | a CLFS log, over a `Storage` port |
//! | [`format`] | SPELLS | the bytes of a CLFS log: every structure parsed once into a validated model, and written back |
//! | [`abi`] | SPEAKS C | C-layout records and the status table, to and from the engine's types |
//! | [`engine`] | DECIDES | one log's policies, clients and space requests: pure |
//! | [`units`] | MEASURES | LSNs, sizes, counts, statuses and fallible memory |
#![no_std]
// `tests/run no-oom` only: there the compiler's own library lacks whatever takes memory infallibly.
#![cfg_attr(no_global_oom_handling, feature(vec_push_within_capacity))]
#![warn(missing_docs)]
// No panic that a caller, a file or a policy can reach, in whatever ships in drivers; `host` opts out.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;
#[cfg(any(feature = "host", test))]
extern crate std;

pub mod abi;
#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
#[cfg(any(feature = "driver", feature = "host"))]
pub mod exports;
pub mod foreign;
pub mod format;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "driver")]
pub mod kernel;
pub mod library;
pub mod log;
pub mod manager;
pub mod units;
