//! Logs of our own as a realm: the library with its manager and workers.

use super::scan::Scan;
use crate::exports::client::Client;
use crate::exports::platform::{ThePlatform, TheVolume, TheWorkerPool, growth_place};
use crate::exports::realm::{Realm, RealmManager, Target};
use crate::exports::world;
use crate::library::{Library, LogFile, LogHandle, Registry};
use crate::manager::ports::Platform;
use crate::manager::{GrowthPlace, LogKey};
use crate::units::Status;

/// What logs of our own stand on.
pub(super) type BaseSetting = (ThePlatform, TheVolume, Client<BaseRealm>);
/// The library of all logs.
pub(in crate::exports) type BaseLibrary = Library<BaseSetting>;
/// An open handle.
pub(in crate::exports) type BaseHandle = LogHandle<BaseSetting>;
type BaseLog = LogFile<BaseSetting>;

/// Logs of our own. They report every change themselves, so nobody has to look at them.
pub(in crate::exports) struct BaseRealm {
    // Dropped before the staff, which then works off what that leaves to do.
    library: BaseLibrary,
    scans: Registry<ThePlatform, Scan>,
    staff: TheWorkerPool<BaseLog, Client<Self>>,
}

impl BaseRealm {
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(in crate::exports) fn new() -> Result<Self, Status> {
        let staff = TheWorkerPool::start(world::drain)?;
        let library = Library::new(staff.manager().clone(), TheVolume::default())?;
        Ok(Self { library, scans: Registry::of_kind(3), staff })
    }

    /// The library of all logs.
    pub(super) const fn library(&self) -> &BaseLibrary {
        &self.library
    }

    /// The walks over containers.
    pub(super) const fn scans(&self) -> &Registry<ThePlatform, Scan> {
        &self.scans
    }
}

impl Realm for BaseRealm {
    type Log = BaseLog;
    type Hold = <ThePlatform as Platform>::Shared<BaseHandle>;

    fn manager(&self) -> &<ThePlatform as Platform>::Shared<RealmManager<Self>> {
        self.staff.manager()
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let hold = self.library.find(log_file).ok_or(Status::INVALID_PARAMETER_1)?;
        let (_, log) = hold.log().management();
        Ok(Target { log, stream: hold.stream(), hold })
    }

    fn policy_installed(&self, _: &Target<Self>) {}

    fn news_awaited(&self, _: LogKey) {}

    fn growth_place(&self) -> GrowthPlace {
        growth_place()
    }
}
