//! The logs of somebody else's `clfs.sys` that are under management, and what the calls that were seen have changed.
//!
//! A log is known by its identity. It comes under management with the first client or policy, and leaves it when no
//! client is registered any more and every handle through which policies were installed was closed.
//!
//! # Invariants
//! * With the lock of the list nothing is called out; a log's handles, whose lock is never held for longer than a look,
//!   are counted under it. Another log's slowness is waited for by nobody.
//! * A reference that may close a file is dropped under no lock, but for the one of a log's own snapshot, where a look
//!   was the last to use it.

use alloc::vec::Vec;

use super::areas::{Area, Areas};
use super::clfs::{Clfs, Lock, LogIdentity, LogInformation, Object, ObjectId, Setting, Shared};
use super::log::{ForeignLog, OpenHandle, Use};
use super::name::without_folder_and_extension;
use super::watcher::Watcher;
use crate::manager::ports::{Guarded, Platform};
use crate::manager::{LogKey, Manager};
use crate::units::memory::{OutOfMemory, try_copied, try_push};
use crate::units::{Lsn, Status, StreamId};

/// The manager of such logs.
pub type ManagerOf<S> = Manager<(<S as Setting>::Platform, ForeignLog<S>, <S as Setting>::Callbacks)>;

struct AttachedLog<S: Setting> {
    identity: LogIdentity,
    key: LogKey,
    log: ForeignLog<S>,
}

/// The logs: shared by whoever needs them, the holds of clients among them.
pub struct ForeignLogs<S: Setting> {
    clfs: S::Clfs,
    manager: Shared<S, ManagerOf<S>>,
    logs: Lock<S, Vec<AttachedLog<S>>>,
    areas: Areas<S::Platform>,
    watcher: Watcher<S::Platform>,
}

/// A log of the list.
type Found<S> = (LogKey, ForeignLog<S>);

/// The log of this identity, with its handle held once more, if it is in the list.
// Twice in what is attached, once in the image.
#[inline(never)]
fn hold_known<S: Setting>(
    logs: &[AttachedLog<S>],
    identity: LogIdentity,
    handle: &Shared<S, OpenHandle<S>>,
) -> Result<Option<Found<S>>, Status> {
    let Some(known) = logs.iter().find(|known| known.identity == identity) else {
        return Ok(None);
    };
    known.log.hold(handle.clone())?;
    Ok(Some((known.key, known.log.clone())))
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

/// A log file object of an attached log, from before it is closed until that has been noted. With the reference in it
/// the address is nobody else's, although other threads open logs meanwhile.
pub struct ClosingObject<S: Setting> {
    log: ForeignLog<S>,
    key: LogKey,
    handle: Shared<S, OpenHandle<S>>,
}

/// A marshalling area, from before it is deleted until that has been noted.
pub struct LeavingArea<S: Setting> {
    context: u64,
    area: Shared<S, Area>,
}

/// What an append may bring besides a record in another container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservations {
    /// Reservations are made, used, or left alone.
    NotFreed,
    /// Some are given back, which leaves room.
    Freed,
}

impl<S: Setting> ForeignLogs<S> {
    /// No logs yet, over these routines. `wake` starts the timer that calls [`ForeignLogs::tick`].
    pub fn new(clfs: S::Clfs, manager: Shared<S, ManagerOf<S>>, wake: fn()) -> Self {
        let logs = S::Platform::lock(Vec::new());
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
        let found = this.logs.with(|logs| hold_known(logs, information.identity, &handle))?;
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
    fn stream_of(&self, object: &Object<S>, information: &LogInformation) -> Result<StreamId, Status> {
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
        match self.publish(identity, key, &log, handle) {
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

    /// Puts a log into the list, or else returns the one that another thread has put there.
    fn publish(
        &self,
        identity: LogIdentity,
        key: LogKey,
        log: &ForeignLog<S>,
        handle: &Shared<S, OpenHandle<S>>,
    ) -> Result<Option<Found<S>>, Status> {
        self.logs.with(|logs| {
            let faster = hold_known(logs, identity, handle)?;
            if faster.is_none() {
                try_push(logs, AttachedLog { identity, key, log: log.clone() })?;
            }
            Ok(faster)
        })
    }

    /// Ends the management of a log that is not in the list, or not any more.
    fn detach(&self, key: LogKey) {
        self.watcher.release(Some(key));
        // The key is the entry's own, and it is given back once: with the entry.
        let _ = self.manager.release(key);
    }

    /// Ends a use of a handle, and with the last one the management of its log.
    fn end_use(&self, log: &ForeignLog<S>, object: ObjectId, of: Use) {
        let (handle, left) = self.logs.with(|logs| {
            let handle = log.end_use(object, of);
            let index = logs.iter().position(|known| handle.is_some() && known.log.is(log));
            let left = index.filter(|_| log.is_unused()).map(|index| logs.swap_remove(index));
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
    fn identity_changed(&self, identity: &LogIdentity) {
        let key = self.logs.with(|logs| logs.iter().find(|known| known.identity == *identity).map(|known| known.key));
        if let Some(key) = key {
            self.manager.handle_log_changed(key);
        }
    }

    /// Something about the log has changed that an open object is open on.
    pub fn handle_log_changed(&self, object: &Object<S>) {
        if self.logs.with(|logs| logs.is_empty()) {
            return;
        }
        if let Ok(log) = self.clfs.log_information(object) {
            self.identity_changed(&log.identity);
        }
    }

    /// An append went well; `record` is where its record went, `INVALID` if it wrote none.
    pub fn handle_appended(&self, context: u64, record: Lsn, reservations: Reservations) {
        let Some(area) = self.areas.find(context) else {
            return;
        };
        let goes_on = record.is_valid() && area.note_record(record);
        if goes_on || reservations == Reservations::Freed {
            self.identity_changed(&area.log);
        }
    }

    /// Something about the log of a marshalling area has changed.
    pub fn handle_area_changed(&self, context: u64) {
        if let Some(area) = self.areas.find(context) {
            self.identity_changed(&area.log);
        }
    }

    /// A marshalling area was made through an open object. If it cannot be noted, polling finds what it does.
    pub fn handle_area_created(&self, object: &Object<S>, context: u64) {
        if let Ok(log) = self.clfs.log_information(object) {
            let _ = self.areas.insert(context, log.identity, log.extent.last.container());
        }
    }

    /// A marshalling area is about to be deleted: its context may name another one as soon as that is done.
    pub fn area_leaves(&self, context: u64) -> Option<LeavingArea<S>> {
        self.areas.remove(context).map(|area| LeavingArea { context, area })
    }

    /// The area was deleted, and has given back what it had reserved.
    pub fn handle_area_left(&self, left: &LeavingArea<S>) {
        self.identity_changed(&left.area.log);
    }

    /// The area was not deleted: it is still there. If it cannot be noted, polling finds what it does.
    pub fn handle_area_stays(&self, staying: LeavingArea<S>) {
        let _ = self.areas.put_back(staying.context, staying.area);
    }

    /// A log file object is about to be closed: what it is to management, if anything.
    pub fn object_closes(&self, object: ObjectId) -> Option<ClosingObject<S>> {
        self.logs.with(|logs| {
            let closing = |known: &AttachedLog<S>| {
                let handle = known.log.handle_of(object)?;
                Some(ClosingObject { log: known.log.clone(), key: known.key, handle })
            };
            logs.iter().find_map(closing)
        })
    }

    /// It was closed: policies that were installed through it hold nothing any more. A client that is still registered
    /// through it keeps what it has, unless the log cannot be reached any more.
    pub fn handle_object_closed(&self, closed: &ClosingObject<S>) {
        let ClosingObject { log, key, handle } = closed;
        self.end_use(log, handle.id(), Use::Policies);
        if log.is_unused() {
            return;
        }
        if log.is_reachable() {
            self.manager.handle_log_changed(*key);
        } else {
            self.manager.handle_log_closed(*key);
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
