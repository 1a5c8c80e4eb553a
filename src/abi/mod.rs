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
//! | `write_entry`, `flags` | what the record routines take |
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

mod flags;
mod lsn;
mod pins;
mod policy;
mod registration;
mod statistics;
mod status;
mod write_entry;

pub use flags::{AppendFlags, MarshallingFlags, direction, record_kinds, record_type};
pub use lsn::ClfsLsn;
pub use pins::{PinCause, PinRecord};
pub use policy::{POLICY_BYTES, POLICY_BYTES_MAX, parse_policy, policy_bytes, write_policy};
pub use registration::{
    AdvanceTailCallback, ClientRegistration, LogFileObject, LogGrowthCompleteCallback, LogUnpinnedCallback, MgmtClient,
    REGISTRATION_VERSION, SetLogSizeCompleteCallback,
};
pub use statistics::{STATISTICS_VERSION, StatisticsRecord};
pub use status::{Boolean, NtStatus};
pub use write_entry::ClfsWriteEntry;
