//! The one place where the platform is chosen. Whatever exports need of it has the same name in `kernel` and `host`.

#[cfg(not(feature = "driver"))]
pub(super) use crate::host::{
    HostLock as TheLock, HostPlatform as ThePlatform, HostStaff as TheStaff, HostVolume as TheVolume, growth_place,
};
#[cfg(feature = "driver")]
pub(super) use crate::kernel::KernelPlatform as ThePlatform;

#[cfg(all(feature = "driver", not(feature = "base")))]
pub(super) use crate::kernel::FileReference;
#[cfg(test)]
pub(super) use super::interposed::tests::NoReference as FileReference;
