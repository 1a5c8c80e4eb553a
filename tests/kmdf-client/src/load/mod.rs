//! A load: many logs, streams and clients, appended to at once. Not written yet: it says so.

use clfs_client_interface::{Load, LoadReport};
use wdk_sys::{NTSTATUS, STATUS_NOT_IMPLEMENTED};

/// Begins a load.
pub(crate) fn start(_: &Load) -> NTSTATUS {
    STATUS_NOT_IMPLEMENTED
}

/// How it goes.
pub(crate) fn report() -> LoadReport {
    LoadReport::default()
}

/// Ends it, and waits for its end.
pub(crate) fn stop() {}
