//! SPEAKS C: C-layout records and the status table, to and from the engine's types.
//!
//! Everything that callers of the C interface hand over or get is described here: layouts (equal to the WDK's, checked
//! at compile time), and the rules by which bytes become valid values. Memory of callers is touched in `exports` only:
//! here bytes have been copied already.
//!
//! | file | what |
//! |---|---|
//! | `status`, `lsn` | the two types that every routine speaks |
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

mod lsn;
mod status;

pub use lsn::ClfsLsn;
pub use status::{Boolean, NtStatus};
