//! What a file system may lack: it is done without, after one word of warning. A disk that fails is something else.

use std::eprintln;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// `ENOLCK`: the system, or the server of a network file system, has no lock to give.
const NO_LOCKS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) { 37 } else { 77 };

/// What is lacking, and whether it has been said.
pub(super) struct Lacking {
    what: &'static str,
    is_said: AtomicBool,
}

/// Folders cannot be flushed: a file that was just made may be gone after a power failure.
pub(super) static FOLDER_FLUSHES: Lacking =
    Lacking::new("the folder cannot be flushed: after a power failure a new log may be gone");
/// Files cannot be locked: nothing keeps two programs from writing to one log.
pub(super) static LOCKS: Lacking =
    Lacking::new("the file cannot be locked: no other program may write to the log meanwhile");

impl Lacking {
    const fn new(what: &'static str) -> Self {
        Self { what, is_said: AtomicBool::new(false) }
    }

    /// Says it on standard error, once in a process.
    pub(super) fn warn(&self, path: &Path, error: &io::Error) {
        if !self.is_said.swap(true, Ordering::Relaxed) {
            eprintln!("clfsmgmt: warning: {}: {} ({error})", path.display(), self.what);
        }
    }
}

/// Whether the error says that the file system cannot do it at all, or has no more locks.
pub(super) fn is_lacking(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) || error.raw_os_error() == Some(NO_LOCKS)
}
