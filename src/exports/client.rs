//! A registered client: the only place that calls functions of callers.

use core::ffi::c_void;

#[cfg(feature = "broken")]
use super::platform::ThePlatform;
pub(super) use crate::abi::LogFileObject;
use crate::abi::{AdvanceTailCallback, ClfsLsn, LogGrowthCompleteCallback, LogUnpinnedCallback};
use crate::manager::ports::ClientCallbacks;
#[cfg(feature = "broken")]
use crate::manager::ports::Platform;
use crate::units::{Lsn, Status};

/// How often the end of a request is reported. Wrong with feature `broken`, which shows that tests find it.
const COMPLETIONS: u32 = if cfg!(feature = "broken") { 2 } else { 1 };

/// The callbacks of a registration, each with its own data.
#[derive(Clone, Copy)]
pub(super) struct Callbacks {
    pub(super) advance_tail: AdvanceTailCallback,
    pub(super) advance_tail_data: *mut c_void,
    pub(super) log_growth_complete: Option<LogGrowthCompleteCallback>,
    pub(super) log_growth_complete_data: *mut c_void,
    pub(super) log_unpinned: Option<LogUnpinnedCallback>,
    pub(super) log_unpinned_data: *mut c_void,
}

/// A client of a log, whose handle `H` keeps open.
pub(super) struct Client<H> {
    log_file: LogFileObject,
    callbacks: Callbacks,
    /// The handle stays open as long as the client is registered.
    _hold: H,
}

impl<H> Client<H> {
    /// # Safety
    /// Each callback may be called with its data on any thread, until the client's deregistration returned: the
    /// contract of `ClfsMgmtRegisterManagedClient`.
    pub(super) const unsafe fn new(log_file: LogFileObject, callbacks: Callbacks, hold: H) -> Self {
        Self { log_file, callbacks, _hold: hold }
    }
}

// SAFETY: `log_file` is never dereferenced, and callbacks with their data may be used on any thread (Client::new).
unsafe impl<H: Send> Send for Client<H> {}
// SAFETY: as above; nothing of it changes.
unsafe impl<H: Sync> Sync for Client<H> {}

impl<H> ClientCallbacks for Client<H> {
    fn advance_tail(&self, target: Lsn) -> Status {
        let mut target = ClfsLsn::from(target);
        // SAFETY: the registration's contract (Client::new); `target` outlives the call.
        unsafe { (self.callbacks.advance_tail)(self.log_file, &raw mut target, self.callbacks.advance_tail_data) }
            .into()
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        if let Some(callback) = self.callbacks.log_growth_complete {
            let data = self.callbacks.log_growth_complete_data;
            for _ in 0..COMPLETIONS {
                // SAFETY: the registration's contract (Client::new).
                unsafe { callback(self.log_file, status.into(), is_pinned.into(), data) };
            }
        }
    }

    fn log_unpinned(&self) {
        if let Some(callback) = self.callbacks.log_unpinned {
            // SAFETY: the registration's contract (Client::new).
            unsafe { callback(self.log_file, self.callbacks.log_unpinned_data) };
        }
    }
}

/// Wrong on purpose: what a client's callbacks take stays when the client has gone, and with it a block of pool. Its
/// hold is given back, or the image's end would wait for ever instead of reporting what is left.
#[cfg(feature = "broken")]
impl<H> Drop for Client<H> {
    fn drop(&mut self) {
        core::mem::forget(ThePlatform::share((self.log_file, self.callbacks)));
    }
}
