//! `CLFS_MGMTX_STATISTICS`: what has happened to a log since it was put under management. Ours.

use core::mem::offset_of;

/// `CLFS_MGMTX_STATISTICS_VERSION`.
pub const STATISTICS_VERSION: u32 = 1;

/// `CLFS_MGMTX_STATISTICS`. The caller sets the version, so that the structure may grow.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct StatisticsRecord {
    /// [`STATISTICS_VERSION`].
    pub version: u32,
    /// 0.
    pub reserved: u32,
    /// Log-full requests that were opened.
    pub requests: u64,
    /// Those that ended with space.
    pub succeeded: u64,
    /// Those whose completion said that the log is pinned; they are among the failed ones too.
    pub pinned: u64,
    /// Those that ended with an error.
    pub failed: u64,
    /// Times that a client was asked to move its tail.
    pub asks: u64,
    /// Notifications that the log is no longer pinned.
    pub unpinned: u64,
    /// Containers that were added.
    pub containers_added: u64,
    /// Containers that were removed.
    pub containers_removed: u64,
}

const _: () = {
    assert!(size_of::<StatisticsRecord>() == 72 && align_of::<StatisticsRecord>() == 8);
    assert!(offset_of!(StatisticsRecord, requests) == 8);
    assert!(offset_of!(StatisticsRecord, containers_removed) == 64);
};
