//! Management through nothing but the C interface: the interposed routines over the base routines of our own log.
//!
//! What the layer `foreign` does with what they report is proven in `tests/foreign`.

mod bench;
mod entries;
mod lone_queries;
mod own;
mod resizing;
mod routines;
mod storm;

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr::NonNull;

pub(super) use bench::gateway;
pub(super) use routines::OWN;

use crate::units::Status;

std::thread_local! {
    static IS_TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Nobody's security, of which a routine can ask whether it is taken.
pub(in crate::exports) struct NoSecurity;

impl NoSecurity {
    #[expect(clippy::unnecessary_wraps, reason = "a real one may fail")]
    pub(in crate::exports) const fn capture() -> Result<Self, Status> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "a real one has something to take")]
    pub(in crate::exports) fn with<R>(&self, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        IS_TAKEN.set(true);
        let result = action();
        IS_TAKEN.set(false);
        result
    }

    pub(super) fn is_taken() -> bool {
        IS_TAKEN.get()
    }
}

/// Objects that are not counted: our own log looks them up.
pub(in crate::exports) struct NoReference;

impl NoReference {
    /// # Safety
    /// None; a real one wants an object that exists.
    pub(in crate::exports) const unsafe fn take(_: NonNull<c_void>) -> Self {
        Self
    }
}
