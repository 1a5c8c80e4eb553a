//! Management over a `clfs.sys` that somebody else wrote: the base routines that move space, with management in
//! between.
//!
//! CLFS notifies no third party that a base moved. So the import library binds these routines to this module: each
//! calls the real one first, then reports what it did to the layer `foreign`, which does the bookkeeping. What is seen
//! this way and what is not: `docs/decisions/0006-interposition.md`.
//!
//! | file | what |
//! |---|---|
//! | `signatures` | the base routines with their signatures, and what becomes of each |
//! | `routines` | the real routines, as a table |
//! | `port` | the port of `foreign` on them |
//! | `object`, `scan` | log file objects and what is asked of them; the walk over their containers |
//! | `entries` | the interposed routines |
//! | `gateway` | what is reported after each |
//! | `logs` | the logs, as management sees them |
//!
//! # Invariants
//! The real routine's status is returned unchanged.

mod entries;
mod gateway;
pub(super) mod logs;
mod object;
mod port;
mod routines;
mod scan;
mod signatures;

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
