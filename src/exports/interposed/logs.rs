//! Logs of somebody else's `clfs.sys` as a realm.
//!
//! A log is known by its identity. It comes under management with the first client or policy, and leaves it when no
//! client is registered any more and every handle through which policies were installed was closed.
//!
//! # Invariants
//! Locks are taken in the order logs, manager, handles; a reference that may close a file is dropped under none.

use alloc::vec::Vec;

use super::areas::{Areas, LogIdentity};
use super::foreign_log::{ForeignLog, Use};
use super::handles::{LogObject, OpenHandle, class};
use super::routines::{BaseRoutines, MarshalContext};
use super::watcher::Watcher;
use crate::abi::ClfsInformation;
use crate::exports::client::Client;
use crate::exports::managed_logs::{ManagedLogs, ManagerOf, Target};
use crate::exports::platform::{ThePlatform, TheStaff, growth_place};
use crate::exports::rundown::Inside;
use crate::manager::ports::{Guarded, Platform};
use crate::manager::{GrowthPlace, LogKey};
use crate::units::memory::try_push;
use crate::units::{Lsn, Status, StreamId};

type Shared<T> = <ThePlatform as Platform>::Shared<T>;

struct AttachedLog {
    identity: LogIdentity,
    key: LogKey,
    log: ForeignLog,
}

/// A log file object of an attached log, from before it is closed until that has been noted. With the reference in it
/// the address is nobody else's, although other threads open logs meanwhile.
pub(super) struct ClosingObject {
    log: ForeignLog,
    key: LogKey,
    handle: Shared<OpenHandle>,
}

/// The manager of such logs with those who work for it.
type Staff = TheStaff<ForeignLog, Client<ForeignHold>>;

/// Permits to open a log, as long as it is kept.
type Opening = fn() -> Result<Inside<'static>, Status>;

/// What the realm, its clients' holds and the interposed routines share.
pub(in crate::exports) struct World {
    routines: BaseRoutines,
    manager: Shared<ManagerOf<InterposedLogs>>,
    logs: <ThePlatform as Platform>::Lock<Vec<AttachedLog>>,
    opening: Opening,
    pub(super) areas: Areas,
    pub(super) watcher: Watcher,
}

/// Logs of somebody else, managed over the base routines.
pub(in crate::exports) struct InterposedLogs {
    world: Shared<World>,
    /// Not in the world: what clients hold must not keep threads at work.
    _staff: Option<Staff>,
}

/// Keeps a handle's object valid and its log under management.
pub(in crate::exports) struct ForeignHold {
    world: Shared<World>,
    log: ForeignLog,
    object: LogObject,
}

impl Drop for ForeignHold {
    fn drop(&mut self) {
        self.world.end_use(&self.log, self.object, Use::Hold);
    }
}

impl InterposedLogs {
    /// A realm over `routines`, for whose manager somebody else works. A log comes under management as `opening` permits;
    /// `wake` starts the timer that calls [`World::tick`].
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(super) fn over(
        routines: BaseRoutines,
        manager: Shared<ManagerOf<Self>>,
        opening: Opening,
        wake: fn(),
    ) -> Result<Self, Status> {
        let logs = ThePlatform::lock(Vec::new());
        let world = World { routines, manager, logs, opening, areas: Areas::new(), watcher: Watcher::new(wake) };
        Ok(Self { world: ThePlatform::share(world)?, _staff: None })
    }

    /// The realm over the imported routines with its workers, which hand each log that was queued to `drain`. The rest is
    /// as in [`InterposedLogs::over`].
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    #[cfg(feature = "interposed")]
    pub(in crate::exports) fn new(drain: fn(LogKey), opening: Opening, wake: fn()) -> Result<Self, Status> {
        let staff = Staff::hire(drain)?;
        let logs = Self::over(BaseRoutines::IMPORTED, staff.manager().clone(), opening, wake)?;
        Ok(Self { _staff: Some(staff), ..logs })
    }

    /// What the interposed routines tell their facts.
    pub(in crate::exports) fn world(&self) -> &World {
        &self.world
    }
}

impl World {
    /// Looks at every log that awaits news; answers whether any still does. For the timer, about every 50 ms.
    pub(in crate::exports) fn tick(&self) -> bool {
        self.watcher.tick(|log| {
            self.manager.handle_log_changed(log);
            self.manager.awaits_news(log)
        })
    }

    /// The log that a log file object is open on, attached; the handle is held once more.
    fn attach(&self, passed: LogObject) -> Result<(LogKey, StreamId, ForeignLog), Status> {
        let physical = passed.information(&self.routines, class::BASIC_PHYSICAL).map_err(as_bad_object)?;
        let stream = passed.stream(&self.routines, &physical)?;
        // SAFETY: a log file object now: the routine has just answered for it.
        let handle = unsafe { OpenHandle::new(passed.as_non_null()?, stream) };
        let handle = ThePlatform::share(handle)?;
        let (key, log) = self.logs.with(|logs| {
            if let Some(known) = logs.iter().find(|known| known.identity == physical.identity) {
                known.log.hold(handle)?;
                return Ok::<_, Status>((known.key, known.log.clone()));
            }
            self.attach_new(logs, &physical, handle)
        })?;
        Ok((key, stream, log))
    }

    fn attach_new(
        &self,
        logs: &mut Vec<AttachedLog>,
        physical: &ClfsInformation,
        handle: Shared<OpenHandle>,
    ) -> Result<(LogKey, ForeignLog), Status> {
        let _permit = (self.opening)()?;
        logs.try_reserve(1).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
        let log = ForeignLog::new(self.routines, handle.object.base_name(&self.routines)?)?;
        log.hold(handle)?;
        self.watcher.reserve()?;
        let key = self.manager.attach(log.clone()).inspect_err(|_| self.watcher.release(None))?;
        // The first registration is made where a thread can be started; later it may not.
        self.watcher.wake();
        // There is room, so this does not fail.
        try_push(logs, AttachedLog { identity: physical.identity, key, log: log.clone() })?;
        Ok((key, log))
    }

    /// Ends a use of a handle, and with the last one the management of its log.
    fn end_use(&self, log: &ForeignLog, object: LogObject, of: Use) {
        let (handle, left) = self.logs.with(|logs| {
            let handle = log.end_use(object, of);
            let index = logs.iter().position(|known| handle.is_some() && known.log.is(log));
            let left = index.filter(|_| log.is_unused()).map(|index| logs.swap_remove(index));
            (handle, left)
        });
        if let Some(left) = left {
            self.watcher.release(Some(left.key));
            // The key is this entry's own, and it is given back once: with the entry.
            let _ = self.manager.release(left.key);
        }
        // Last: it may close the log.
        drop(handle);
    }

    /// Tells the manager that a log has changed, if it is managed.
    pub(super) fn log_changed(&self, identity: &LogIdentity) {
        let key = self.logs.with(|logs| logs.iter().find(|known| known.identity == *identity).map(|known| known.key));
        if let Some(key) = key {
            self.manager.handle_log_changed(key);
        }
    }

    /// As [`World::log_changed`], for a log file object that is open.
    pub(super) fn log_of_object_changed(&self, object: LogObject) {
        if self.logs.with(|logs| logs.is_empty()) {
            return;
        }
        if let Ok(physical) = object.information(&self.routines, class::BASIC_PHYSICAL) {
            self.log_changed(&physical.identity);
        }
    }

    /// A log file object is about to be closed: what it is to management, if anything.
    pub(super) fn object_closes(&self, object: LogObject) -> Option<ClosingObject> {
        self.logs.with(|logs| {
            let closing = |known: &AttachedLog| {
                let handle = known.log.handle_of(object)?;
                Some(ClosingObject { log: known.log.clone(), key: known.key, handle })
            };
            logs.iter().find_map(closing)
        })
    }

    /// It was closed: policies that were installed through it hold nothing any more. A client that is still registered
    /// through it keeps what it has, unless the log cannot be reached any more.
    pub(super) fn object_closed(&self, closing: &ClosingObject) {
        let ClosingObject { log, key, handle } = closing;
        self.end_use(log, handle.object, Use::Policies);
        if log.is_unused() {
            return;
        }
        if log.is_reachable() {
            self.manager.handle_log_changed(*key);
        } else {
            self.manager.handle_log_closed(*key);
        }
    }

    /// A marshalling area was made. If it cannot be noted the watcher will see what it does.
    pub(super) fn area_created(&self, object: LogObject, context: MarshalContext) {
        if let Ok(physical) = object.information(&self.routines, class::BASIC_PHYSICAL) {
            let container = Lsn::from(physical.last).container();
            let _ = self.areas.insert(context, physical.identity, container);
        }
    }
}

impl ManagedLogs for InterposedLogs {
    type Log = ForeignLog;
    type Hold = ForeignHold;

    fn manager(&self) -> &Shared<ManagerOf<Self>> {
        &self.world.manager
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let address = usize::try_from(log_file).ok().filter(|address| *address != 0);
        let address = address.ok_or(Status::INVALID_PARAMETER_1)?;
        // SAFETY: what a management routine is passed is a log file object: its caller's contract.
        let passed = unsafe { LogObject::new(core::ptr::with_exposed_provenance_mut(address)) };
        let (log, stream, attached) = self.world.attach(passed)?;
        let hold = ForeignHold { world: self.world.clone(), log: attached, object: passed };
        Ok(Target { log, stream, hold })
    }

    fn policy_installed(&self, target: &Target<Self>) {
        target.hold.log.note_policies(target.hold.object);
    }

    fn needs_polling(&self, log: LogKey) {
        self.world.watcher.await_news(log);
    }

    fn growth_place(&self) -> GrowthPlace {
        growth_place()
    }
}

/// A routine that does not know an object answers one of many statuses; management has one for it.
fn as_bad_object(status: Status) -> Status {
    const INVALID_HANDLE: Status = Status::from_raw(0xC000_0008);
    const OBJECT_TYPE_MISMATCH: Status = Status::from_raw(0xC000_0024);
    match status {
        Status::INVALID_PARAMETER | INVALID_HANDLE | OBJECT_TYPE_MISMATCH => Status::INVALID_PARAMETER_1,
        other => other,
    }
}
