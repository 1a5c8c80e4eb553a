//! `CLFS_MGMT_CLIENT_REGISTRATION`, and the callbacks in it.

use core::ffi::c_void;
use core::mem::offset_of;

use super::{Boolean, ClfsLsn, NtStatus};

/// `PLOG_FILE_OBJECT`.
pub type LogFileObject = *mut c_void;
/// `CLFS_MGMT_CLIENT`: a cookie, never dereferenced.
pub type MgmtClient = *mut c_void;
/// `PCLFS_CLIENT_ADVANCE_TAIL_CALLBACK`.
pub type AdvanceTailCallback =
    unsafe extern "system" fn(log_file: LogFileObject, target: *mut ClfsLsn, data: *mut c_void) -> NtStatus;
/// `PCLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK`.
pub type LogGrowthCompleteCallback =
    unsafe extern "system" fn(log_file: LogFileObject, status: NtStatus, is_pinned: Boolean, data: *mut c_void);
/// `PCLFS_CLIENT_LOG_UNPINNED_CALLBACK`.
pub type LogUnpinnedCallback = unsafe extern "system" fn(log_file: LogFileObject, data: *mut c_void);
/// `PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK`: accepted and never called, as documented.
pub type SetLogSizeCompleteCallback =
    unsafe extern "system" fn(log_file: LogFileObject, status: NtStatus, data: *mut c_void);

/// `CLFS_MGMT_CLIENT_REGISTRATION_VERSION`.
pub const REGISTRATION_VERSION: u32 = 1;

/// `CLFS_MGMT_CLIENT_REGISTRATION`: each callback with its own data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ClientRegistration {
    /// [`REGISTRATION_VERSION`].
    pub version: u32,
    /// Required.
    pub advance_tail: Option<AdvanceTailCallback>,
    /// What it is called with.
    pub advance_tail_data: *mut c_void,
    /// May be missing: the client is not notified how its requests end.
    pub log_growth_complete: Option<LogGrowthCompleteCallback>,
    /// What it is called with.
    pub log_growth_complete_data: *mut c_void,
    /// May be missing.
    pub log_unpinned: Option<LogUnpinnedCallback>,
    /// What it is called with.
    pub log_unpinned_data: *mut c_void,
}

const _: () = {
    assert!(size_of::<ClientRegistration>() == 56 && align_of::<ClientRegistration>() == 8);
    assert!(offset_of!(ClientRegistration, version) == 0);
    assert!(offset_of!(ClientRegistration, advance_tail) == 8);
    assert!(offset_of!(ClientRegistration, advance_tail_data) == 16);
    assert!(offset_of!(ClientRegistration, log_growth_complete) == 24);
    assert!(offset_of!(ClientRegistration, log_growth_complete_data) == 32);
    assert!(offset_of!(ClientRegistration, log_unpinned) == 40);
    assert!(offset_of!(ClientRegistration, log_unpinned_data) == 48);
};
