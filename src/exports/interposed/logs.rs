//! Logs of somebody else, managed: the layer `foreign` plugged into the platform and the base routines.

use super::object::LogObject;
use super::routines::BaseRoutines;
use crate::exports::client::Client;
use crate::exports::managed_logs::{ManagedLogs, ManagerOf, Target};
use crate::exports::platform::{ThePlatform, TheWorkerPool, growth_place};
use crate::exports::rundown::Inside;
use crate::foreign::{self, Attached, ForeignHold, ForeignLog, ForeignLogs};
use crate::manager::ports::Platform;
use crate::manager::{GrowthPlace, LogKey};
use crate::units::Status;

type Shared<T> = <ThePlatform as Platform>::Shared<T>;

/// What `foreign` is plugged into here.
pub(in crate::exports) struct Interposed;

impl foreign::Setting for Interposed {
    type Platform = ThePlatform;
    type Clfs = &'static BaseRoutines;
    type Callbacks = Client<ForeignHold<Self>>;
}

/// Permits to open a log, as long as it is kept.
type Opening = fn() -> Result<Inside<'static>, Status>;

/// Logs of somebody else, managed over the base routines.
pub(in crate::exports) struct InterposedLogs {
    foreign: Shared<ForeignLogs<Interposed>>,
    opening: Opening,
    /// Not shared with clients' holds: those must not keep threads at work.
    _pool: Option<TheWorkerPool<ForeignLog<Interposed>, Client<ForeignHold<Interposed>>>>,
}

impl InterposedLogs {
    /// Logs over `routines`, for whose manager somebody else works. A log comes under management as `opening` permits;
    /// `wake` starts the timer that calls [`ForeignLogs::tick`].
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(super) fn over(
        routines: &'static BaseRoutines,
        manager: Shared<ManagerOf<Self>>,
        opening: Opening,
        wake: fn(),
    ) -> Result<Self, Status> {
        let foreign = ThePlatform::share(ForeignLogs::new(routines, manager, wake))?;
        Ok(Self { foreign, opening, _pool: None })
    }

    /// The logs over the imported routines with their workers, which hand each log that was queued to `drain`. The rest
    /// is as in [`InterposedLogs::over`].
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    #[cfg(feature = "interposed")]
    pub(in crate::exports) fn new(drain: fn(LogKey), opening: Opening, wake: fn()) -> Result<Self, Status> {
        let pool = TheWorkerPool::start(drain)?;
        let logs = Self::over(&BaseRoutines::IMPORTED, pool.manager().clone(), opening, wake)?;
        Ok(Self { _pool: Some(pool), ..logs })
    }

    /// The logs, to which interposed routines and the timer report.
    pub(in crate::exports) fn foreign(&self) -> &ForeignLogs<Interposed> {
        &self.foreign
    }
}

impl ManagedLogs for InterposedLogs {
    type Log = ForeignLog<Interposed>;
    type Hold = ForeignHold<Interposed>;

    fn manager(&self) -> &Shared<ManagerOf<Self>> {
        self.foreign.manager()
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let address = usize::try_from(log_file).ok().filter(|address| *address != 0);
        let address = address.ok_or(Status::INVALID_PARAMETER_1)?;
        // SAFETY: what a management routine is passed is a log file object: its caller's contract.
        let passed = unsafe { LogObject::new(core::ptr::with_exposed_provenance_mut(address)) };
        let Attached { log, stream, hold } = ForeignLogs::attach(&self.foreign, &passed, self.opening)?;
        Ok(Target { log, stream, hold })
    }

    fn policy_installed(&self, target: &Target<Self>) {
        target.hold.note_policies();
    }

    fn needs_polling(&self, log: LogKey) {
        self.foreign.needs_polling(log);
    }

    #[cfg(feature = "driver")]
    fn look(&self) -> bool {
        self.foreign.tick()
    }

    fn growth_place(&self) -> GrowthPlace {
        growth_place()
    }
}
