//! The one place where the platform is chosen. Whatever exports need of it has the same name in `kernel` and `host`.

use crate::abi::ResourcesRecord;
#[cfg(feature = "driver")]
use crate::units::Status;

#[cfg(all(unix, not(feature = "driver")))]
pub(super) use crate::host::note_fork;
#[cfg(not(feature = "driver"))]
pub(super) use crate::host::{
    HostGate as TheGate, HostLock as TheLock, HostPlatform as ThePlatform, HostVolume as TheVolume,
    HostWorkerPool as TheWorkerPool, forks, growth_place,
};
#[cfg(all(feature = "driver", feature = "open-clfs"))]
pub(super) use crate::kernel::KernelVolume as TheVolume;
#[cfg(feature = "driver")]
pub(super) use crate::kernel::published;
#[cfg(feature = "driver")]
pub(super) use crate::kernel::{
    KernelGate as TheGate, KernelLock as TheLock, KernelPlatform as ThePlatform, KernelWorkerPool as TheWorkerPool,
    growth_place,
};

#[cfg(not(feature = "driver"))]
pub(super) use super::forked::{marked, status_of_call};
#[cfg(all(test, not(feature = "driver")))]
pub(super) use super::interposed::tests::{NoReference as FileReference, NoSecurity as ClientSecurity};
#[cfg(all(test, not(feature = "driver")))]
pub(super) use crate::host::WorkQueue;
#[cfg(feature = "driver")]
pub(super) use crate::kernel::end;
#[cfg(feature = "driver")]
pub(super) use crate::kernel::ticker::{Ticker, Ticking};
#[cfg(feature = "driver")]
pub(super) use crate::kernel::trace::{holder as say_holder, waiting as say_waiting};
#[cfg(feature = "interposed")]
pub(super) use crate::kernel::{ClientSecurity, FileReference};

/// Counts what the image owns: the kernel's platform counts all.
#[cfg(feature = "driver")]
pub(super) fn count_owned(record: &mut ResourcesRecord) {
    let owned = crate::kernel::owned();
    record.pool_blocks = owned.pool_blocks;
    record.heap_blocks = owned.heap_blocks;
    record.handles = owned.handles;
    record.references = owned.references;
    record.work_items = owned.work_items;
    record.threads = owned.threads;
}

/// Counts nothing: what a process owns the system and its tools know.
#[cfg(not(feature = "driver"))]
pub(super) const fn count_owned(_: &mut ResourcesRecord) {}

/// Waits until no worker is in the image any more; none comes back.
#[cfg(feature = "driver")]
pub(super) fn stop_work() {
    crate::kernel::work::WORK.shutdown();
}

/// Whether this thread may wait for all of ours: the IRQL is `PASSIVE_LEVEL`, and it is not one of them.
#[cfg(feature = "driver")]
pub(super) fn may_end() -> bool {
    crate::kernel::may_work_with_files() && !crate::kernel::is_own_thread()
}

/// The status of a call with this handle that would have ended with `status`: nobody forks.
#[cfg(feature = "driver")]
pub(super) const fn status_of_call(_: u64, status: Status) -> Status {
    status
}

/// A cookie as callers have it, or as it is.
#[cfg(feature = "driver")]
pub(super) const fn marked(cookie: u64) -> u64 {
    cookie
}
