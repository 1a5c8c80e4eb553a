//! SPEAKS C: C-layout records and the status table, to and from the engine's types.
//!
//! Everything that callers of the C interface hand over or get is described here: layouts (equal to the WDK's, checked
//! at compile time), and the rules by which bytes become valid values. Memory of callers is touched in `exports` only:
//! here bytes have been copied already.
//!
//! | file | what |
//! |---|---|
//! | `policy` | `CLFS_MGMT_POLICY` |
//! | `registration` | `CLFS_MGMT_CLIENT_REGISTRATION` and the callbacks |
//! | `pins`, `statistics`, `resources` | what our own `ClfsMgmtx*` routines return |
//! | `write_entry`, `flags`, `buffer_functions` | what the record routines take |
//! | `status`, `lsn`, `unicode_string` | the types that every routine speaks |
//! | `open_request` | the numbers of `ClfsCreateLogFile` |
//! | `information`, `name_information` | what can be queried of a log |
//! | `container`, `scan` | containers, and the walk over them |
#![forbid(unsafe_code)]

mod buffer_functions;
mod container;
mod flags;
mod information;
mod lsn;
mod name_information;
mod open_request;
mod pins;
pub(crate) mod policy;
mod registration;
mod resources;
mod scan;
mod statistics;
mod status;
mod unicode_string;
mod write_entry;

pub use buffer_functions::{AllocateFunction, FreeFunction};
pub use container::ClfsContainerInformation;
pub use flags::{AppendFlags, MarshallingFlags, direction, record_kinds, record_type};
pub use information::{
    ClfsInformation, ClfsIoStatistics, ClfsIoStatisticsHeader, ClfsPhysicalLsnInformation, ClfsStreamIdInformation,
    InformationClass,
};
pub use lsn::ClfsLsn;
pub use name_information::name_information;
pub use open_request::{
    CREATE_NEW, LogAttributes, OPEN_ALWAYS, OPEN_EXISTING, RightNumbers, check_create_options, parse_access,
    parse_option_flag, parse_share,
};
pub use pins::{PinCause, PinRecord};
pub use policy::{POLICY_BYTES, POLICY_BYTES_MAX, parse_policy, policy_bytes, write_policy};
pub use registration::{
    AdvanceTailCallback, ClientRegistration, LogFileObject, LogGrowthCompleteCallback, LogUnpinnedCallback, MgmtClient,
    REGISTRATION_VERSION, SetLogSizeCompleteCallback,
};
pub use resources::{RESOURCES_VERSION, ResourcesRecord};
pub use scan::{AlignedMode, AlignedNumber, ClfsScanContext, ScanDirection, ScanStart, ScanStep};
pub use statistics::{STATISTICS_VERSION, StatisticsRecord};
pub use status::{Boolean, NtStatus};
pub use unicode_string::UnicodeString;
pub use write_entry::ClfsWriteEntry;
