//! Logs of our own as a realm: the library with its manager and workers.

use super::scan::Scan;
use crate::exports::client::Client;
use crate::exports::managed_logs::{Realm, RealmManager, Target};
use crate::exports::platform::{ThePlatform, TheStaff, TheVolume, growth_place};
use crate::library::{Library, LogFile, LogHandle, Registry, Volume};
use crate::manager::ports::Platform;
use crate::manager::{GrowthPlace, LogKey};
use crate::units::Status;

/// The library of all logs.
pub(in crate::exports) type BaseLibrary = Library<ThePlatform, TheVolume, Client<BaseHold>>;
/// An open handle.
pub(in crate::exports) type BaseHandle = LogHandle<ThePlatform, TheVolume, Client<BaseHold>>;
type BaseLog = LogFile<ThePlatform, <TheVolume as Volume>::Storage>;

/// Keeps a handle open.
pub(in crate::exports) struct BaseHold {
    _handle: <ThePlatform as Platform>::Shared<BaseHandle>,
}

/// Logs of our own. They report every change themselves, so nobody has to look at them.
pub(in crate::exports) struct BaseRealm {
    // Dropped before the staff, which then works off what that leaves to do.
    library: BaseLibrary,
    scans: Registry<ThePlatform, Scan>,
    staff: TheStaff<BaseLog, Client<BaseHold>>,
}

impl BaseRealm {
    /// The workers hand each log that was queued to `drain`, which finds this realm again.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(in crate::exports) fn new(drain: fn(LogKey)) -> Result<Self, Status> {
        let staff = TheStaff::hire(drain)?;
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
    type Hold = BaseHold;

    fn manager(&self) -> &<ThePlatform as Platform>::Shared<RealmManager<Self>> {
        self.staff.manager()
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let handle = self.library.find(log_file).ok_or(Status::INVALID_PARAMETER_1)?;
        let (_, log) = handle.log().management();
        Ok(Target { log, stream: handle.stream(), hold: BaseHold { _handle: handle } })
    }

    fn policy_installed(&self, _: &Target<Self>) {}

    fn news_awaited(&self, _: LogKey) {}

    fn growth_place(&self) -> GrowthPlace {
        growth_place()
    }
}
