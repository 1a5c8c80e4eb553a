//! Management over a `clfs.sys` that somebody else wrote: the base routines that move space, with management in between.
//!
//! CLFS tells no third party that a base moved. So the import library binds these routines to this module: each calls
//! the real one first, then tells the manager what it did. What is seen this way and what is not:
//! `docs/decisions/0006-interposition.md`.
//!
//! | file | what |
//! |---|---|
//! | `routines` | the real routines, as a table |
//! | `objects`, `contexts` | the interposed routines on log file objects and on marshalling contexts |
//! | `gateway` | what is told after each |
//! | `realm` | the logs, attached with their first client or policy |
//! | `handles`, `foreign_log`, `containers` | one log: what can be known of it, and done with it |
//! | `areas` | marshalling areas by their contexts |
//! | `imported` | the gateway to the routines that the import library binds |
//! | `watcher` | looks at logs that await news, for drivers that are not relinked |
//!
//! # Invariants
//! * The real routine's status is answered unchanged; a failure of the bookkeeping fails nobody's call.
//! * An append that stays in its container costs one look-up and takes no memory.

mod areas;
mod containers;
mod contexts;
mod foreign_log;
mod gateway;
mod handles;
mod logs;
mod objects;
mod routines;
mod watcher;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::multiple_unsafe_ops_per_block
)]
pub(in crate::exports) mod tests;

#[cfg(feature = "interposed")]
mod imported;

#[cfg(feature = "interposed")]
use imported::{gateway, lasting_gateway};
#[cfg(feature = "interposed")]
pub(in crate::exports) use logs::InterposedLogs;
#[cfg(test)]
use tests::{gateway, gateway as lasting_gateway};
