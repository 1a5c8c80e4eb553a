//! Management over somebody else's log, through nothing but the C interface.

mod bench;
mod fake;
mod fake_routines;
mod life;
mod lone_queries;
mod own;
mod races;
mod space;
mod storm;
mod watching;

use core::ffi::c_void;
use core::ptr::NonNull;

pub(super) use bench::gateway;

/// Objects that are not counted: the fake's live for ever.
pub(in crate::exports) struct NoReference;

impl NoReference {
    /// # Safety
    /// None; a real one wants an object that exists.
    pub(in crate::exports) const unsafe fn take(_: NonNull<c_void>) -> Self {
        Self
    }
}
