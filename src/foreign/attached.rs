//! The logs that are attached, and the witnesses of all logs: under one lock, so that an attached log has its own.

use alloc::vec::Vec;

use super::clfs::{LogIdentity, Setting, Shared};
use super::handles::OpenHandle;
use super::log::ForeignLog;
use super::witnesses::{Meant, Witness, Witnesses};
use crate::manager::LogKey;
use crate::units::memory::{OutOfMemory, try_push};

/// A log under management.
pub(super) struct AttachedLog<S: Setting> {
    pub(super) identity: LogIdentity,
    pub(super) key: LogKey,
    pub(super) log: ForeignLog<S>,
    /// All its handles were closed; it stays for the clients that are still registered, and its identity may be that of
    /// a log that is opened anew.
    is_stopped: bool,
}

/// A log of the list.
pub(super) type Found<S> = (LogKey, ForeignLog<S>);

/// All of them, and all witnesses.
pub(super) struct AttachedLogs<S: Setting> {
    logs: Vec<AttachedLog<S>>,
    witnesses: Witnesses<S>,
}

impl<S: Setting> AttachedLogs<S> {
    pub(super) const fn new() -> Self {
        Self { logs: Vec::new(), witnesses: Witnesses::new() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.logs.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AttachedLog<S>> {
        self.logs.iter()
    }

    /// The log of this identity that is open.
    pub(super) fn find(&self, identity: &LogIdentity) -> Option<&AttachedLog<S>> {
        self.logs.iter().find(|known| known.identity == *identity && !known.is_stopped)
    }

    /// The log of this identity that is open, with its handle held once more, if there is one.
    ///
    /// # Errors
    /// There is no memory.
    // Twice in what is attached, once in the image.
    #[inline(never)]
    pub(super) fn hold(
        &self,
        identity: &LogIdentity,
        handle: &Shared<S, OpenHandle<S>>,
    ) -> Result<Option<Found<S>>, OutOfMemory> {
        let Some(known) = self.find(identity) else {
            return Ok(None);
        };
        known.log.hold(handle.clone())?;
        Ok(Some((known.key, known.log.clone())))
    }

    /// Puts a log into the list and gives it its witnesses, or else returns the one that another thread has put there.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn publish(
        &mut self,
        identity: LogIdentity,
        key: LogKey,
        log: &ForeignLog<S>,
        handle: &Shared<S, OpenHandle<S>>,
    ) -> Result<Option<Found<S>>, OutOfMemory> {
        let faster = self.hold(&identity, handle)?;
        if faster.is_none() {
            self.logs.try_reserve(1).map_err(|_| OutOfMemory)?;
            self.witnesses.of_log(&identity).try_for_each(|witness| log.put_witness(witness.clone()))?;
            try_push(&mut self.logs, AttachedLog { identity, key, log: log.clone(), is_stopped: false })?;
        }
        Ok(faster)
    }

    /// Takes a log out that has no handle in use.
    pub(super) fn remove_unused(&mut self, log: &ForeignLog<S>) -> Option<AttachedLog<S>> {
        let index = self.logs.iter().position(|known| known.log.is(log) && log.is_unused())?;
        take_witnesses(log);
        Some(self.logs.swap_remove(index))
    }

    /// The log is found by its identity no more.
    pub(super) fn stop(&mut self, log: &ForeignLog<S>) {
        if let Some(known) = self.logs.iter_mut().find(|known| known.log.is(log)) {
            known.is_stopped = true;
            take_witnesses(log);
        }
    }

    /// Notes a witness.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn put_witness(&mut self, witness: Witness<S>) -> Result<(), OutOfMemory> {
        self.witnesses.put(witness.clone())?;
        self.find(&witness.log).map_or(Ok(()), |known| known.log.put_witness(witness))
    }

    /// Takes a witness out that is meant, to be dropped with no lock held.
    pub(super) fn take_witness(&mut self, meant: Meant) -> Option<Witness<S>> {
        let witness = self.witnesses.take(meant)?;
        if let Some(known) = self.find(&witness.log) {
            known.log.take_witness(Meant::Area(witness.context));
        }
        Some(witness)
    }
}

/// The witnesses themselves are still there: what goes are copies.
#[inline(never)]
fn take_witnesses<S: Setting>(log: &ForeignLog<S>) {
    while log.take_witness(Meant::Any).is_some() {}
}
