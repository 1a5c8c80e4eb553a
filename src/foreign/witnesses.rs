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
use crate::units::memory::{OutOfMemory, try_push};

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

/// The witnesses that there are.
pub(super) struct Witnesses<S: Setting>(Vec<Witness<S>>);

impl<S: Setting> Witnesses<S> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// # Errors
    /// There is no memory.
    // As `take`: rare, so the image has it once.
    #[inline(never)]
    pub(super) fn put(&mut self, witness: Witness<S>) -> Result<(), OutOfMemory> {
        try_push(&mut self.0, witness)
    }

    /// Takes the first out that is meant.
    #[inline(never)]
    pub(super) fn take(&mut self, meant: Meant) -> Option<Witness<S>> {
        let is_meant = |witness: &Witness<S>| match meant {
            Meant::Area(context) => witness.context == context,
            Meant::Object(object) => witness.handle.id() == object,
            Meant::Any => true,
        };
        let index = self.0.iter().position(is_meant)?;
        Some(self.0.swap_remove(index))
    }

    pub(super) fn of_log(&self, log: &LogIdentity) -> impl Iterator<Item = &Witness<S>> {
        self.0.iter().filter(move |witness| witness.log == *log)
    }

    pub(super) fn handles(&self) -> impl Iterator<Item = &Shared<S, OpenHandle<S>>> {
        self.0.iter().map(|witness| &witness.handle)
    }
}
