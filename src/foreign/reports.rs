//! What the calls that were seen have changed: reported after each, and before what ends something.

use super::areas::Area;
use super::attached::AttachedLog;
use super::clfs::{Clfs, LogInformation, Object, ObjectId, Setting, Shared};
use super::handles::{OpenHandle, Use};
use super::log::ForeignLog;
use super::logs::ForeignLogs;
use super::witnesses::{Meant, Witness};
use crate::manager::LogKey;
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::OutOfMemory;
use crate::units::{Lsn, Status};

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
    /// Kept until the area is deleted.
    witness: Option<Witness<S>>,
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
        let Ok(log) = self.clfs.log_information(object) else {
            return;
        };
        // One that was there before has been deleted behind our back.
        drop(self.take_witness(Meant::Area(context)));
        let noted = self.areas.insert(context, log.identity, log.extent.last.container());
        // Only an area that is known is known to have gone.
        if noted.is_ok() && !log.is_dedicated {
            let _ = self.note_witness(object, context, &log);
        }
    }

    /// # Errors
    /// There is no memory, or what the log reported.
    // Areas come and go rarely: the image has this once, and so the next two.
    #[inline(never)]
    fn note_witness(&self, object: &Object<S>, context: u64, log: &LogInformation) -> Result<(), Status> {
        let stream = self.stream_of(object, log)?;
        let handle = S::Platform::share(OpenHandle { object: self.clfs.reference(object)?, stream })?;
        self.put_witness(&Witness { context, log: log.identity, handle })?;
        Ok(())
    }

    /// # Errors
    /// There is no memory.
    // What could not be put is not the last reference where a lock is held.
    #[inline(never)]
    fn put_witness(&self, witness: &Witness<S>) -> Result<(), OutOfMemory> {
        self.logs.with(|logs| logs.put_witness(witness.clone()))
    }

    #[inline(never)]
    fn take_witness(&self, meant: Meant) -> Option<Witness<S>> {
        self.logs.with(|logs| logs.take_witness(meant))
    }

    /// A marshalling area is about to be deleted: its context may name another one as soon as that is done.
    pub fn area_leaves(&self, context: u64) -> Option<LeavingArea<S>> {
        let area = self.areas.remove(context)?;
        let witness = self.take_witness(Meant::Area(context));
        Some(LeavingArea { context, area, witness })
    }

    /// The area was deleted, and has given back what it had reserved.
    pub fn handle_area_left(&self, left: &LeavingArea<S>) {
        self.identity_changed(&left.area.log);
    }

    /// The area was not deleted: it is still there. If it cannot be noted, polling finds what it does.
    pub fn handle_area_stays(&self, staying: LeavingArea<S>) {
        let LeavingArea { context, area, witness } = staying;
        let noted = self.areas.put_back(context, area);
        let _ = witness.filter(|_| noted.is_ok()).map(|witness| self.put_witness(&witness));
    }

    /// A log file object is about to be closed: what it is to management, if anything. What was made through it keeps
    /// it no longer.
    pub fn object_closes(&self, object: ObjectId) -> Option<ClosingObject<S>> {
        while self.take_witness(Meant::Object(object)).is_some() {}
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
        while !log.is_unused() {
            let seen = log.holds_taken();
            if log.is_reachable() {
                return self.manager.handle_log_changed(*key);
            }
            if self.stop(log, seen) {
                return self.manager.handle_log_closed(*key);
            }
        }
    }

    /// From now on nobody is attached to this log any more, unless somebody was since so many holds had been taken:
    /// through a handle that may be open.
    #[inline(never)]
    fn stop(&self, log: &ForeignLog<S>, holds_taken: u64) -> bool {
        self.logs.with(|logs| {
            let is_last = log.holds_taken() == holds_taken;
            if is_last {
                logs.stop(log);
            }
            is_last
        })
    }
}
