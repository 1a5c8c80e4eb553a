//! SPEAKS C: C-layout records and the status table, to and from the engine's types.
//!
//! Everything that callers of the C interface hand over or get is described here: layouts (equal to the WDK's, checked
//! at compile time), and the rules by which bytes become valid values. Memory of callers is touched in `exports` only:
//! here bytes have been copied already.
//!
//! | file | what |
//! |---|---|
//! | `status`, `lsn` | the two types that every routine speaks |
//! | `policy` | `CLFS_MGMT_POLICY` |
//! | `registration` | `CLFS_MGMT_CLIENT_REGISTRATION` and the callbacks |
//! | `pins`, `statistics` | what our own `ClfsMgmtx*` routines answer |
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
mod pins;
mod policy;
mod registration;
mod statistics;
mod status;

pub use lsn::ClfsLsn;
pub use pins::{PinCause, PinRecord};
pub use policy::{POLICY_BYTES, POLICY_BYTES_MAX, parse_policy, policy_bytes, write_policy};
pub use registration::{
    AdvanceTailCallback, ClientRegistration, LogFileObject, LogGrowthCompleteCallback, LogUnpinnedCallback, MgmtClient,
    REGISTRATION_VERSION, SetLogSizeCompleteCallback,
};
pub use statistics::{STATISTICS_VERSION, StatisticsRecord};
pub use status::{Boolean, NtStatus};
