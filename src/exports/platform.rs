//! The one place where the platform is chosen. Whatever exports need of it has the same name in `kernel` and `host`.

use crate::abi::ResourcesRecord;

#[cfg(not(feature = "driver"))]
pub(super) use crate::host::{
    HostGate as TheGate, HostLock as TheLock, HostPlatform as ThePlatform, HostVolume as TheVolume,
    HostWorkerPool as TheWorkerPool, growth_place,
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

#[cfg(all(test, not(feature = "driver")))]
pub(super) use super::interposed::tests::{NoReference as FileReference, NoSecurity as ClientSecurity};
#[cfg(all(test, not(feature = "driver")))]
pub(super) use crate::host::WorkQueue;
#[cfg(feature = "interposed")]
pub(super) use crate::kernel::ticker::{Ticker, Ticking};
#[cfg(feature = "interposed")]
pub(super) use crate::kernel::{ClientSecurity, FileReference};

/// Tells what the platform counts of what the image owns: the kernel's tells all.
#[cfg(feature = "driver")]
pub(super) fn tell_owned(told: &mut ResourcesRecord) {
    let owned = crate::kernel::owned();
    told.pool_blocks = owned.pool_blocks;
    told.heap_blocks = owned.heap_blocks;
    told.handles = owned.handles;
    told.references = owned.references;
    told.work_items = owned.work_items;
    told.threads = owned.threads;
}

/// Tells nothing: what a process owns the system and its tools know.
#[cfg(not(feature = "driver"))]
pub(super) const fn tell_owned(_: &mut ResourcesRecord) {}

/// Waits until no worker is in the image any more; none comes back.
#[cfg(feature = "driver")]
pub(super) fn stop_work() {
    crate::kernel::work::WORK.shutdown();
}
