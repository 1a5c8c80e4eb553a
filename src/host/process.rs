//! Which process this is: one that was forked has the files of its parent, and may not write to them.
//!
//! The system's number of the process is enough, but for one that is the first of a new namespace as its parent was.
//! Who hears of forks (`exports`) notes them, which is exact.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::units::Status;

/// How often a process was forked from another since the first that had this library.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// This process has just been forked: what was made before is its parent's.
pub fn note_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// How many processes this one descends from that had this library.
pub fn forks() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    number: u32,
    forks: u32,
}

impl Process {
    pub(super) fn current() -> Self {
        Self { number: std::process::id(), forks: forks() }
    }

    /// Whether the caller is in this process.
    pub(super) fn is_current(self) -> bool {
        self == Self::current()
    }

    /// # Errors
    /// `LOG_STATE_INVALID`: the caller is in another process.
    pub(super) fn check(self) -> Result<(), Status> {
        if self.is_current() { Ok(()) } else { Err(Status::LOG_STATE_INVALID) }
    }
}
