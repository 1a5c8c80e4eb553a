//! The nine `ClfsMgmt*` routines, and our own `ClfsMgmtx*`.
//!
//! Each is an `extern "system"` function that turns pointers into values, and a safe one beside it that is generic over
//! the `ManagedLogs`: the same rules over logs of our own and over those of somebody else's `clfs.sys`.
//!
//! | file | what |
//! |---|---|
//! | `clients` | registering, deregistering, log full, tail failures |
//! | `policies` | installing, querying and removing |
//! | `size` | resizing |
//! | `extension` | who pins a log, and what has happened to it |
//! | `resources` | what the image owns |
//! | `statuses` | the manager's outcomes as NTSTATUS |
//!
//! # Invariants
//! * Parameters are looked at in their order, so of several bad ones the first is reported; nothing has happened by
//!   then.
//! * Outputs are written on success only, but for the length that a query asks for.
//! * All may be called at IRQL <= `APC_LEVEL`, on any thread and from inside any callback.

mod clients;
mod extension;
mod policies;
mod resources;
mod size;
mod statuses;

pub use clients::{
    ClfsMgmtDeregisterManagedClient, ClfsMgmtHandleLogFileFull, ClfsMgmtRegisterManagedClient,
    ClfsMgmtTailAdvanceFailure,
};
pub use extension::{ClfsMgmtxQueryPins, ClfsMgmtxQueryStatistics};
pub use policies::{ClfsMgmtInstallPolicy, ClfsMgmtQueryPolicy, ClfsMgmtRemovePolicy};
pub use resources::ClfsMgmtxQueryResources;
pub use size::{ClfsMgmtSetLogFileSize, ClfsMgmtSetLogFileSizeAsClient};

#[cfg(test)]
pub(in crate::exports) use extension::{query_pins, query_statistics};
#[cfg(test)]
pub(in crate::exports) use policies::query_policy;
#[cfg(test)]
pub(in crate::exports) use resources::query_resources;
#[cfg(test)]
pub(in crate::exports) use statuses::of_request;

use super::image::{self, TheLogs};
use super::platform::{marked, status_of_call};
use super::pointers::address_of;
use crate::abi::{MgmtClient, NtStatus};
use crate::manager::Cookie;

/// Runs a routine over the logs of this image, which stay until the routine is done.
fn over_logs<A: Into<NtStatus>>(routine: impl FnOnce(&TheLogs) -> A) -> NtStatus {
    match image::logs() {
        Ok(logs) => routine(&logs).into(),
        Err(status) => status.into(),
    }
}

/// As [`over_logs`], for a client.
fn over_client<A: Into<NtStatus>>(client: MgmtClient, routine: impl FnOnce(&TheLogs, Cookie) -> A) -> NtStatus {
    let status = over_logs(|logs| routine(logs, cookie_of(client)));
    status_of_call(address_of(client.cast_const().cast()), status.into()).into()
}

/// The cookie in a `CLFS_MGMT_CLIENT`.
fn cookie_of(client: MgmtClient) -> Cookie {
    Cookie::from_raw(marked(u64::try_from(client.addr()).unwrap_or(0)))
}

/// A cookie as a `CLFS_MGMT_CLIENT`, which points to nothing.
fn client_of(cookie: Cookie) -> MgmtClient {
    core::ptr::without_provenance_mut(usize::try_from(marked(cookie.raw())).unwrap_or(0))
}
