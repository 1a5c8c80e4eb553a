//! What state a log is in, as its base record says.

use bitflags::bitflags;

bitflags! {
    /// What state a log is in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct LogState: u8 {
        /// Set in every known log.
        const UNINITIALIZED = 1;
        /// Set in every known log.
        const INITIALIZED = 2;
        /// In use.
        const ACTIVE = 4;
        /// Goes when it is closed.
        const PENDING_DELETE = 8;
        /// Waits to be archived.
        const PENDING_ARCHIVE = 0x10;
        /// Shut down.
        const SHUTDOWN = 0x20;
        /// Has virtual streams.
        const MULTIPLEXED = 0x40;
        /// Has security descriptors.
        const SECURE = 0x80;
    }
}

impl LogState {
    /// The state of a dedicated log on disk.
    pub const ON_DISK_DEDICATED: Self = Self::UNINITIALIZED.union(Self::INITIALIZED);
}
