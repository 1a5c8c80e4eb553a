//! A process that was forked: its parent's handles do not work in it, and it has logs of its own.
//!
//! The threads of the parent are not there, and its locks may be held for ever. So a child leaves the parent's instance
//! as it is, without ever looking at it, and makes one of its own when it needs it. A handle has in its uppermost byte
//! how many forks there were when it was made. Below all this `host` refuses to write to files that a parent opened.

#[cfg(unix)]
use core::sync::atomic::{AtomicBool, Ordering};

use super::platform::forks;
use crate::units::Status;

/// Above what handles of one process use.
const MARK_SHIFT: u32 = 56;

/// The mark of handles that are made now.
fn mark() -> u64 {
    u64::from(forks() & 0xFF)
}

/// The status of a call with this handle that would have ended with `status`.
pub(super) fn status_of_call(handle: u64, status: Status) -> Status {
    if handle != 0 && handle >> MARK_SHIFT < mark() { Status::LOG_STATE_INVALID } else { status }
}

/// Marks a cookie, or takes the mark off; one with another mark names nobody then.
pub(super) fn marked(cookie: u64) -> u64 {
    if cookie == 0 { cookie } else { cookie ^ mark() << MARK_SHIFT }
}

/// Has `begin_anew` called in every child of this process, on its only thread. Called before the first log is opened;
/// does it once.
#[cfg(unix)]
pub(super) fn watch(begin_anew: extern "C" fn()) {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    // Miri has no forks.
    if !cfg!(miri) && !IS_WATCHED.swap(true, Ordering::AcqRel) {
        // SAFETY: a function of the C library with this signature; `begin_anew` is there as long as this image, whose
        // end takes the registration back. Without memory for it `host` still refuses to write.
        let _ = unsafe { pthread_atfork(None, None, Some(begin_anew)) };
    }
}

#[cfg(unix)]
unsafe extern "C" {
    /// Of the C library: what is called around a `fork`, in the parent before and after, and in the child.
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> core::ffi::c_int;
}
