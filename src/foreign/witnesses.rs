//! Handles through which marshalling areas were made: they show the tails of streams that have no client.
//!
//! A client is not asked for space that such a stream holds back; so that must be known before, not when the client has
//! moved its tail in vain. Areas of drivers that are not relinked are not seen, and neither are their streams.
//!
//! # Invariants
//! * A witness keeps its handle's object until the area is deleted or the handle closed, and not longer: copies of it
//!   are with the log that is attached, and go with it.
//! * A witness is taken out before it is dropped, which is done with no lock held.

use alloc::vec::Vec;

use super::clfs::{LogIdentity, ObjectId, Setting, Shared};
use super::handles::OpenHandle;
use crate::units::memory::{OutOfMemory, take_at, try_push};

/// A marshalling area of a stream.
pub(super) struct Witness<S: Setting> {
    pub(super) context: u64,
    pub(super) log: LogIdentity,
    pub(super) handle: Shared<S, OpenHandle<S>>,
}

impl<S: Setting> Clone for Witness<S> {
    fn clone(&self) -> Self {
        Self { context: self.context, log: self.log, handle: self.handle.clone() }
    }
}

/// Which witness is meant.
#[derive(Clone, Copy)]
pub(super) enum Meant {
    /// That of an area.
    Area(u64),
    /// One whose area was made through this object.
    Object(ObjectId),
    Any,
}

/// The witnesses that there are, each with the number under which it came.
pub(super) struct Witnesses<S: Setting> {
    known: Vec<(u64, Witness<S>)>,
    /// Of the last that came.
    last: u64,
}

impl<S: Setting> Witnesses<S> {
    pub(super) const fn new() -> Self {
        Self { known: Vec::new(), last: 0 }
    }

    /// # Errors
    /// There is no memory.
    // As `take`: rare, so the image has it once.
    #[inline(never)]
    pub(super) fn put(&mut self, witness: Witness<S>) -> Result<(), OutOfMemory> {
        let number = self.last.saturating_add(1);
        try_push(&mut self.known, (number, witness))?;
        self.last = number;
        Ok(())
    }

    /// Takes the first out that is meant.
    #[inline(never)]
    pub(super) fn take(&mut self, meant: Meant) -> Option<Witness<S>> {
        let is_meant = |witness: &Witness<S>| match meant {
            Meant::Area(context) => witness.context == context,
            Meant::Object(object) => witness.handle.id() == object,
            Meant::Any => true,
        };
        let index = self.known.iter().position(|(_, witness)| is_meant(witness))?;
        take_at(&mut self.known, index).map(|(_, witness)| witness)
    }

    pub(super) fn of_log(&self, log: &LogIdentity) -> impl Iterator<Item = &Witness<S>> {
        self.known.iter().map(|(_, witness)| witness).filter(move |witness| witness.log == *log)
    }

    /// The handle of the first that came after the one numbered `last`, which is its own number then.
    pub(super) fn after(&self, last: &mut u64) -> Option<Shared<S, OpenHandle<S>>> {
        let index = self.known.partition_point(|(number, _)| *number <= *last);
        let (number, witness) = self.known.get(index)?;
        *last = *number;
        Some(witness.handle.clone())
    }
}
