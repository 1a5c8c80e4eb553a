//! The logs of somebody else's `clfs.sys` that are under management, and what the calls that were seen have changed.
//!
//! A log is known by its identity as long as it is open. It comes under management with the first client or policy, and
//! leaves it when no client is registered any more and every handle through which policies were installed was closed.
//!
//! # Invariants
//! * With the lock of the list nothing is called out; a log's handles, whose lock is never held for longer than a look,
//!   are counted under it. Another log's slowness is waited for by nobody.
//! * A reference that may close a file is dropped under no lock, but for the one of a log's own snapshot, where a look
//!   was the last to use it.

use super::areas::Areas;
use super::attached::{AttachedLogs, Found};
use super::clfs::{Clfs, Lock, LogIdentity, LogInformation, Object, ObjectId, Setting, Shared};
use super::handles::{OpenHandle, Use};
use super::log::ForeignLog;
use super::name::without_folder_and_extension;
use super::watcher::Watcher;
use crate::manager::ports::{Guarded, Platform};
use crate::manager::{LogKey, Manager};
use crate::units::memory::{OutOfMemory, try_copied};
use crate::units::{Status, StreamId};

/// The manager of such logs.
pub type ManagerOf<S> = Manager<(<S as Setting>::Platform, ForeignLog<S>, <S as Setting>::Callbacks)>;

/// The logs: shared by whoever needs them, the holds of clients among them.
pub struct ForeignLogs<S: Setting> {
    pub(super) clfs: S::Clfs,
    pub(super) manager: Shared<S, ManagerOf<S>>,
    pub(super) logs: Lock<S, AttachedLogs<S>>,
    pub(super) areas: Areas<S::Platform>,
    watcher: Watcher<S::Platform>,
}

/// A log under management, through one handle of it.
pub struct Attached<S: Setting> {
    /// The log.
    pub log: LogKey,
    /// The stream that the handle is open on; of a dedicated log the physical one.
    pub stream: StreamId,
    /// Keeps both.
    pub hold: ForeignHold<S>,
}

/// Keeps a handle's object valid and its log under management.
pub struct ForeignHold<S: Setting> {
    logs: Shared<S, ForeignLogs<S>>,
    log: ForeignLog<S>,
    object: ObjectId,
}

impl<S: Setting> ForeignHold<S> {
    /// Policies were installed through the handle: they keep the log until it is closed.
    pub fn note_policies(&self) {
        self.log.note_policies(self.object);
    }
}

impl<S: Setting> Drop for ForeignHold<S> {
    fn drop(&mut self) {
        self.logs.end_use(&self.log, self.object, Use::Hold);
    }
}

impl<S: Setting> ForeignLogs<S> {
    /// No logs yet, over these routines. `wake` starts the timer that calls [`ForeignLogs::tick`].
    pub fn new(clfs: S::Clfs, manager: Shared<S, ManagerOf<S>>, wake: fn()) -> Self {
        let logs = S::Platform::lock(AttachedLogs::new());
        Self { clfs, manager, logs, areas: Areas::new(), watcher: Watcher::new(wake) }
    }

    /// The manager.
    pub const fn manager(&self) -> &Shared<S, ManagerOf<S>> {
        &self.manager
    }

    /// The log that an object is open on, put under management if it is not yet, as `permit` allows; its handle is
    /// held.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: no open log (as far as that can be known). `INSUFFICIENT_RESOURCES`, or what the log or
    /// `permit` reported.
    pub fn attach<G>(
        this: &Shared<S, Self>,
        passed: &Object<S>,
        permit: impl FnOnce() -> Result<G, Status>,
    ) -> Result<Attached<S>, Status> {
        let information = this.clfs.log_information(passed).map_err(as_bad_object)?;
        let stream = this.stream_of(passed, &information)?;
        let handle = S::Platform::share(OpenHandle { object: this.clfs.reference(passed)?, stream })?;
        let found = this.logs.with(|logs| logs.hold(&information.identity, &handle))?;
        let (key, log) = if let Some(found) = found {
            found
        } else {
            let _permit = permit()?;
            this.attach_new(information.identity, &handle)?
        };
        Ok(Attached { log: key, stream, hold: ForeignHold { logs: this.clone(), log, object: S::Clfs::id(passed) } })
    }

    /// The stream that the object is open on; of a dedicated log the physical one.
    ///
    /// # Errors
    /// What the routine reported; `UNSUCCESSFUL` for a number that no stream has.
    pub(super) fn stream_of(&self, object: &Object<S>, information: &LogInformation) -> Result<StreamId, Status> {
        if information.is_dedicated {
            return Ok(StreamId::PHYSICAL);
        }
        let stream = StreamId(self.clfs.stream_number(object)?);
        if stream > StreamId::MAX { Err(Status::UNSUCCESSFUL) } else { Ok(stream) }
    }

    /// Puts a log under management, with no lock held; another thread may be faster.
    fn attach_new(&self, identity: LogIdentity, handle: &Shared<S, OpenHandle<S>>) -> Result<Found<S>, Status> {
        let copy_name = |path: &[u16]| try_copied(without_folder_and_extension(path));
        let name = self.clfs.with_base_path(&handle.object, copy_name)??;
        let log = ForeignLog::new(self.clfs.clone(), name)?;
        log.hold(handle.clone())?;
        let key = self.manage(&log)?;
        match self.logs.with(|logs| logs.publish(identity, key, &log, handle)) {
            Ok(None) => {
                // The first registration is made where a thread can be started; later it may not.
                self.watcher.wake();
                Ok((key, log))
            }
            other => {
                self.detach(key);
                // It is `None` no more.
                other?.ok_or(Status::UNSUCCESSFUL)
            }
        }
    }

    fn manage(&self, log: &ForeignLog<S>) -> Result<LogKey, OutOfMemory> {
        self.watcher.reserve()?;
        self.manager.attach(log.clone()).inspect_err(|_| self.watcher.release(None))
    }

    /// Ends the management of a log that is not in the list, or not any more.
    fn detach(&self, key: LogKey) {
        self.watcher.release(Some(key));
        // The key is the entry's own, and it is given back once: with the entry.
        let _ = self.manager.release(key);
    }

    /// Ends a use of a handle, and with the last one the management of its log.
    pub(super) fn end_use(&self, log: &ForeignLog<S>, object: ObjectId, of: Use) {
        let (handle, left) = self.logs.with(|logs| {
            let handle = log.end_use(object, of);
            let left = handle.as_ref().and_then(|_| logs.remove_unused(log));
            (handle, left)
        });
        if let Some(left) = left {
            self.detach(left.key);
        }
        // Last: it may close the log.
        drop(handle);
    }

    /// From now on the log is polled, until nothing is awaited of it.
    pub fn needs_polling(&self, log: LogKey) {
        self.watcher.watch(log);
    }

    /// Looks at every log that needs polling; returns whether any still does. For the timer, about every 50 ms.
    pub fn tick(&self) -> bool {
        self.watcher.tick(|log| {
            self.manager.handle_log_changed(log);
            self.manager.needs_polling(log)
        })
    }

    /// Notifies the manager, if it manages the log.
    pub(super) fn identity_changed(&self, identity: &LogIdentity) {
        let key = self.logs.with(|logs| logs.find(identity).map(|known| known.key));
        if let Some(key) = key {
            self.manager.handle_log_changed(key);
        }
    }

    /// How many marshalling areas are known.
    #[cfg(test)]
    pub(crate) fn areas_known(&self) -> usize {
        self.areas.len()
    }
}

/// A routine that does not know an object returns one of many statuses; management has one for it.
fn as_bad_object(status: Status) -> Status {
    const INVALID_HANDLE: Status = Status::from_raw(0xC000_0008);
    const OBJECT_TYPE_MISMATCH: Status = Status::from_raw(0xC000_0024);
    match status {
        Status::INVALID_PARAMETER | INVALID_HANDLE | OBJECT_TYPE_MISMATCH => Status::INVALID_PARAMETER_1,
        other => other,
    }
}
