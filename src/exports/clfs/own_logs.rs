//! Logs of our own, managed: the library with its manager and workers.

use alloc::vec::Vec;

use crate::abi::ClfsContainerInformation;
use crate::exports::client::Client;
use crate::exports::managed_logs::{ManagedLogs, ManagerOf, Target};
use crate::exports::platform::{TheLock, ThePlatform, TheVolume, TheWorkerPool, growth_place, status_of_call};
use crate::library::{Library, LogFile, LogHandle, Registry, Setting, Volume as _};
use crate::manager::ports::Platform;
use crate::manager::{GrowthPlace, LogKey};
use crate::units::Status;

/// What logs of our own stand on. A type by itself and no tuple: its client holds a handle, which names it again.
pub(in crate::exports) struct OwnSetting;

impl Setting for OwnSetting {
    type Platform = ThePlatform;
    type Volume = TheVolume;
    type Callbacks = Client<OwnHold>;
}

/// The library of all logs.
pub(in crate::exports) type OwnLibrary = Library<OwnSetting>;
/// An open handle.
pub(in crate::exports) type OwnHandle = LogHandle<OwnSetting>;
type OwnLog = LogFile<OwnSetting>;

/// Keeps a handle open.
pub(in crate::exports) struct OwnHold {
    _handle: <ThePlatform as Platform>::Shared<OwnHandle>,
}

/// One walk over the containers of a log.
pub(super) struct Scan {
    pub(super) log_file: u64,
    pub(super) walk: TheLock<Walk>,
}

/// How far it has come.
pub(super) struct Walk {
    pub(super) from: u32,
    /// The container that was described last.
    pub(super) last: Option<u32>,
    pub(super) descriptions: Vec<ClfsContainerInformation>,
}

/// Logs of our own. They report every change themselves, so they are not polled.
pub(in crate::exports) struct OwnLogs {
    // Dropped before the pool, which then works off what that leaves to do.
    library: OwnLibrary,
    scans: Registry<ThePlatform, Scan>,
    pool: TheWorkerPool<OwnLog, Client<OwnHold>>,
}

impl OwnLogs {
    /// The workers hand each log that was queued to `drain`, which finds these logs again.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(in crate::exports) fn new(drain: fn(LogKey)) -> Result<Self, Status> {
        let pool = TheWorkerPool::start(drain)?;
        let library = OwnLibrary::new(pool.manager().clone(), TheVolume::default())?;
        let scans = Registry::starting_after(library.volume().first_generation(), 3);
        Ok(Self { library, scans, pool })
    }

    /// The library of all logs.
    pub(super) const fn library(&self) -> &OwnLibrary {
        &self.library
    }

    /// The walks over containers.
    pub(super) const fn scans(&self) -> &Registry<ThePlatform, Scan> {
        &self.scans
    }
}

impl ManagedLogs for OwnLogs {
    type Log = OwnLog;
    type Hold = OwnHold;

    fn manager(&self) -> &<ThePlatform as Platform>::Shared<ManagerOf<Self>> {
        self.pool.manager()
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let missing = || status_of_call(log_file, Status::INVALID_PARAMETER_1);
        let handle = self.library.find(log_file).ok_or_else(missing)?;
        let (_, log) = handle.log().management();
        Ok(Target { log, stream: handle.stream(), hold: OwnHold { _handle: handle } })
    }

    fn policy_installed(&self, _: &Target<Self>) {}

    fn needs_polling(&self, _: LogKey) {}

    #[cfg(feature = "driver")]
    fn look(&self) -> bool {
        false
    }

    fn growth_place(&self) -> GrowthPlace {
        growth_place()
    }
}
