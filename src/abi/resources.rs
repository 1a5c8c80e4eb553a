//! `CLFS_MGMTX_RESOURCES`: what the image owns now. Ours.

use core::mem::offset_of;

/// `CLFS_MGMTX_RESOURCES_VERSION`.
pub const RESOURCES_VERSION: u32 = 1;

/// `CLFS_MGMTX_RESOURCES`. The caller sets the version, so that the structure may grow.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ResourcesRecord {
    /// [`RESOURCES_VERSION`].
    pub version: u32,
    /// 0.
    pub reserved: u32,
    /// Blocks of pool with the image's own tag.
    pub pool_blocks: u64,
    /// Blocks taken through `alloc`.
    pub heap_blocks: u64,
    /// Open handles: files and threads.
    pub handles: u64,
    /// References on objects.
    pub references: u64,
    /// Pieces of work that are queued or under way.
    pub work_items: u64,
    /// System threads.
    pub threads: u64,
    /// Logs that are open or under management.
    pub logs: u64,
    /// Registered clients.
    pub clients: u64,
}

impl ResourcesRecord {
    /// Of this version, with nothing in it.
    pub const NONE: Self = Self {
        version: RESOURCES_VERSION,
        reserved: 0,
        pool_blocks: 0,
        heap_blocks: 0,
        handles: 0,
        references: 0,
        work_items: 0,
        threads: 0,
        logs: 0,
        clients: 0,
    };
}

const _: () = {
    assert!(size_of::<ResourcesRecord>() == 72 && align_of::<ResourcesRecord>() == 8);
    assert!(offset_of!(ResourcesRecord, pool_blocks) == 8);
    assert!(offset_of!(ResourcesRecord, clients) == 64);
};
