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
use super::handles::{LogObject, OpenHandle};
use super::layouts::{self, Information};
use super::routines::{BaseRoutines, MarshalContext};
use super::watcher::Watcher;
use crate::exports::client::LogFileObject;
use crate::exports::platform::{ThePlatform, growth_place};
use crate::exports::realm::{Realm, RealmManager, Target};
use crate::manager::ports::{Guarded, Platform};
use crate::manager::{GrowthPlace, LogKey};
use crate::units::memory::try_push;
use crate::units::{Lsn, Status};

type Shared<T> = <ThePlatform as Platform>::Shared<T>;

struct AttachedLog {
    identity: LogIdentity,
    key: LogKey,
    log: ForeignLog,
}

/// What the realm, its clients' holds and the routines in between share.
pub(super) struct World {
    pub(super) routines: BaseRoutines,
    manager: Shared<RealmManager<InterposedRealm>>,
    logs: <ThePlatform as Platform>::Lock<Vec<AttachedLog>>,
    pub(super) areas: Areas,
    watcher: Watcher,
}

/// Logs of somebody else, managed over the base routines.
#[derive(Clone)]
pub(in crate::exports) struct InterposedRealm(Shared<World>);

/// Keeps a handle's object valid and its log under management.
pub(in crate::exports) struct ForeignHold {
    realm: InterposedRealm,
    log: ForeignLog,
    object: LogObject,
}

impl Drop for ForeignHold {
    fn drop(&mut self) {
        self.realm.end_use(&self.log, self.object, Use::Hold);
    }
}

impl InterposedRealm {
    /// A realm over `routines`. `wake` starts the timer that calls [`InterposedRealm::tick`].
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(in crate::exports) fn over(
        routines: BaseRoutines,
        manager: Shared<RealmManager<Self>>,
        wake: fn(),
    ) -> Result<Self, Status> {
        let logs = ThePlatform::lock(Vec::new());
        let world = World { routines, manager, logs, areas: Areas::new(), watcher: Watcher::new(wake) };
        Ok(Self(ThePlatform::share(world)?))
    }

    pub(super) fn world(&self) -> &World {
        &self.0
    }

    /// Looks at every log that awaits news; answers whether any still does. For the timer, about every 50 ms.
    pub(in crate::exports) fn tick(&self) -> bool {
        let World { watcher, manager, .. } = self.world();
        watcher.tick(|log| {
            manager.handle_log_changed(log);
            manager.awaits_news(log)
        })
    }

    /// The log that a log file object is open on, attached; its handle is held once more.
    fn attach(&self, object: LogFileObject) -> Result<Target<Self>, Status> {
        // SAFETY: the object is a parameter of a routine whose contract says that it is a log file object.
        let passed = unsafe { LogObject::new(object) };
        let routines = &self.0.routines;
        let physical = passed.information(routines, layouts::BASIC_PHYSICAL).map_err(as_bad_object)?;
        let stream = passed.stream(routines, &physical)?;
        // SAFETY: as above.
        let handle = ThePlatform::share(unsafe { OpenHandle::new(object, stream) })?;
        let (key, log) = self.0.logs.with(|logs| {
            if let Some(known) = logs.iter().find(|known| known.identity == physical.identity) {
                known.log.hold(handle)?;
                return Ok::<_, Status>((known.key, known.log.clone()));
            }
            self.attach_new(logs, &physical, handle)
        })?;
        Ok(Target { log: key, stream, hold: ForeignHold { realm: self.clone(), log, object: passed } })
    }

    fn attach_new(
        &self,
        logs: &mut Vec<AttachedLog>,
        physical: &Information,
        handle: Shared<OpenHandle>,
    ) -> Result<(LogKey, ForeignLog), Status> {
        let World { routines, manager, watcher, .. } = self.world();
        logs.try_reserve(1).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
        let log = ForeignLog::new(*routines, handle.object.base_name(routines)?)?;
        log.hold(handle)?;
        watcher.reserve()?;
        let key = manager.attach(log.clone()).inspect_err(|_| watcher.release(None))?;
        try_push(logs, AttachedLog { identity: physical.identity, key, log: log.clone() })?;
        Ok((key, log))
    }

    /// Ends a use of a handle, and with the last one the management of its log.
    fn end_use(&self, log: &ForeignLog, object: LogObject, of: Use) {
        let (handle, left) = self.0.logs.with(|logs| {
            let handle = log.end_use(object, of);
            let index = logs.iter().position(|known| handle.is_some() && known.log.is(log));
            let left = index.filter(|_| log.is_unused()).map(|index| logs.swap_remove(index));
            (handle, left)
        });
        if let Some(left) = left {
            self.0.watcher.release(Some(left.key));
            // The key is this entry's own, and it is given back once: with the entry.
            let _ = self.0.manager.release(left.key);
        }
        // Last: it may close the log.
        drop(handle);
    }

    /// Tells the manager that a log has changed, if it is managed.
    pub(super) fn log_changed(&self, identity: &LogIdentity) {
        let key = self.0.logs.with(|logs| logs.iter().find(|known| known.identity == *identity).map(|known| known.key));
        if let Some(key) = key {
            self.0.manager.handle_log_changed(key);
        }
    }

    /// As [`InterposedRealm::log_changed`], for a log file object that is open.
    pub(super) fn log_of_object_changed(&self, object: LogObject) {
        if self.0.logs.with(|logs| logs.is_empty()) {
            return;
        }
        if let Ok(physical) = object.information(&self.0.routines, layouts::BASIC_PHYSICAL) {
            self.log_changed(&physical.identity);
        }
    }

    /// A log file object was closed: policies that were installed through it hold nothing any more. A client that is
    /// still registered through it keeps what it has, unless the log cannot be reached any more.
    pub(super) fn object_closed(&self, object: LogObject) {
        let known = self.0.logs.with(|logs| {
            let known = logs.iter().find(|known| known.log.knows(object))?;
            Some((known.log.clone(), known.key))
        });
        let Some((log, key)) = known else {
            return;
        };
        self.end_use(&log, object, Use::Policies);
        if !log.is_unused() && !log.is_reachable() {
            self.0.manager.handle_log_closed(key);
        }
    }

    /// A marshalling area was made. If it cannot be noted the watcher will see what it does.
    pub(super) fn area_created(&self, object: LogObject, context: MarshalContext) {
        if let Ok(physical) = object.information(&self.0.routines, layouts::BASIC_PHYSICAL) {
            let container = Lsn::from(physical.last).container();
            let _ = self.0.areas.insert(context, physical.identity, container);
        }
    }
}

impl Realm for InterposedRealm {
    type Log = ForeignLog;
    type Hold = ForeignHold;

    fn manager(&self) -> &Shared<RealmManager<Self>> {
        &self.0.manager
    }

    fn target(&self, log_file: u64) -> Result<Target<Self>, Status> {
        let address = usize::try_from(log_file).map_err(|_| Status::INVALID_PARAMETER_1)?;
        if address == 0 {
            return Err(Status::INVALID_PARAMETER_1);
        }
        self.attach(core::ptr::with_exposed_provenance_mut(address))
    }

    fn policy_installed(&self, target: &Target<Self>) {
        target.hold.log.note_policies(target.hold.object);
    }

    fn news_awaited(&self, log: LogKey) {
        self.0.watcher.await_news(log);
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
