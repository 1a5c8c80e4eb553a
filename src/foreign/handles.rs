//! The handles of one log that management was given, each as long as something is done through it.
//!
//! They are tried one after the other, because some may have been closed: the one that was given last, then the others
//! in the order in which they came. Others may come and go meanwhile: none that stays is passed over.

use alloc::vec::Vec;

use super::clfs::{Clfs, ObjectId, Setting, Shared};
use crate::units::StreamId;
use crate::units::memory::{OutOfMemory, take_at, try_push};

/// A handle that management uses: its object stays valid until this is dropped, whoever closes it.
pub(super) struct OpenHandle<S: Setting> {
    pub(super) object: <S::Clfs as Clfs>::Handle,
    pub(super) stream: StreamId,
}

impl<S: Setting> OpenHandle<S> {
    pub(super) fn id(&self) -> ObjectId {
        S::Clfs::id(&self.object)
    }
}

/// What a handle is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A registered client, or a call that is under way: counted.
    Hold,
    /// Policies were installed through it: once, until it is closed.
    Policies,
}

struct KnownHandle<S: Setting> {
    handle: Shared<S, OpenHandle<S>>,
    holds: u32,
    has_policies: bool,
    /// When it came, and when it was held last; both are times of [`Handles::now`].
    came: u64,
    held: u64,
}

/// The handles, in the order in which they came.
pub(super) struct Handles<S: Setting> {
    known: Vec<KnownHandle<S>>,
    /// Grows with every hold.
    now: u64,
}

/// How far a walk over the handles has come.
#[derive(Default)]
pub(super) struct Walk {
    /// When the one came that was tried first.
    first: Option<u64>,
    /// When the one came that was tried last, of those that followed.
    last: u64,
}

impl<S: Setting> Handles<S> {
    pub(super) const fn new() -> Self {
        Self { known: Vec::new(), now: 0 }
    }

    /// Holds a handle once more.
    ///
    /// # Errors
    /// There is no memory.
    #[inline(never)]
    pub(super) fn hold(&mut self, handle: Shared<S, OpenHandle<S>>) -> Result<(), OutOfMemory> {
        self.now = self.now.saturating_add(1);
        let now = self.now;
        if let Some(known) = self.find(handle.id()) {
            known.holds = known.holds.saturating_add(1);
            known.held = now;
            return Ok(());
        }
        try_push(&mut self.known, KnownHandle { handle, holds: 1, has_policies: false, came: now, held: now })
    }

    fn find(&mut self, object: ObjectId) -> Option<&mut KnownHandle<S>> {
        self.known.iter_mut().find(|known| known.handle.id() == object)
    }

    /// Policies were installed through a handle that is held.
    pub(super) fn note_policies(&mut self, object: ObjectId) {
        if let Some(known) = self.find(object) {
            known.has_policies = true;
        }
    }

    /// Ends a use; returns the handle if that was the last of it, to be dropped with no lock held.
    pub(super) fn end_use(&mut self, object: ObjectId, of: Use) -> Option<Shared<S, OpenHandle<S>>> {
        let index = self.known.iter().position(|known| known.handle.id() == object)?;
        let known = self.known.get_mut(index)?;
        match of {
            Use::Hold => known.holds = known.holds.saturating_sub(1),
            Use::Policies => known.has_policies = false,
        }
        let is_over = known.holds == 0 && !known.has_policies;
        if is_over { take_at(&mut self.known, index).map(|known| known.handle) } else { None }
    }

    /// The handle of an object, if it is in use.
    #[inline(never)]
    pub(super) fn of_object(&self, object: ObjectId) -> Option<Shared<S, OpenHandle<S>>> {
        self.iter().find(|handle| handle.id() == object).cloned()
    }

    /// A number that every hold changes.
    pub(super) const fn now(&self) -> u64 {
        self.now
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The first handle that came after `last`, which is its own time then.
    pub(super) fn after(&self, last: &mut u64) -> Option<Shared<S, OpenHandle<S>>> {
        let index = self.known.partition_point(|known| known.came <= *last);
        let next = self.known.get(index)?;
        *last = next.came;
        Some(next.handle.clone())
    }

    fn iter(&self) -> impl Iterator<Item = &Shared<S, OpenHandle<S>>> {
        self.known.iter().map(|known| &known.handle)
    }

    /// The next handle that is to be tried.
    pub(super) fn next(&self, walk: &mut Walk) -> Option<Shared<S, OpenHandle<S>>> {
        let Some(first) = walk.first else {
            let latest = self.known.iter().max_by_key(|known| known.held)?;
            walk.first = Some(latest.came);
            return Some(latest.handle.clone());
        };
        let next = self.known.iter().find(|known| known.came > walk.last && known.came != first)?;
        walk.last = next.came;
        Some(next.handle.clone())
    }
}
