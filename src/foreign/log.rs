//! One log of somebody else, as far as it can be known and managed: the handles that management was given.
//!
//! A handle is used as long as a client is registered through it, or policies were installed through it, and not
//! longer.

use alloc::vec::Vec;

use super::clfs::{Clfs, Lock, LogInformation, Object, ObjectId, Setting, Shared};
use super::view::{UNSEEN, note_space, note_tail, tail_in, unseen_tail};
use crate::engine::LogView;
use crate::manager::ports::{Guarded, ManagedLog, Platform};
use crate::units::memory::{OutOfMemory, try_push};
use crate::units::{Bytes, Status, StreamId, StreamSet};

/// How often a log is asked anew whose tails move while it is asked. What moves is no pin, so the last answer will do.
const LOOKS_MAX: u32 = 3;
/// The smallest containers, which a log gets whose first one is asked for without a size.
const DEDICATED_BYTES_MIN: Bytes = Bytes(512 * 1024);
const MULTIPLEXED_BYTES_MIN: Bytes = Bytes(1024 * 1024);
/// `STATUS_DUPLICATE_NAME`: some routines return it for a file that exists.
const DUPLICATE_NAME: Status = Status::from_raw(0xC000_00BD);

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
    /// Rises: who goes through the handles finds his place again by it, whatever came and went meanwhile.
    number: u64,
    handle: Shared<S, OpenHandle<S>>,
    holds: u32,
    has_policies: bool,
}

/// A shared reference to a log; clones are the same log.
pub struct ForeignLog<S: Setting>(Shared<S, Parts<S>>);

struct Parts<S: Setting> {
    clfs: S::Clfs,
    name: Vec<u16>,
    /// Of whoever brought it under management: in its name workers add and remove containers.
    security: <S::Clfs as Clfs>::Security,
    /// By rising number. Never held while the log is asked: one that answers slowly would hold up all others.
    handles: Lock<S, Vec<KnownHandle<S>>>,
}

impl<S: Setting> Clone for ForeignLog<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Setting> ForeignLog<S> {
    /// A log of which no handle is known yet. `name` is that of its base log file. The running thread's security is
    /// kept.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the system said about the security.
    // Dropped in pieces wherever it fails: once in the image.
    #[inline(never)]
    pub(super) fn new(clfs: S::Clfs, name: Vec<u16>) -> Result<Self, Status> {
        let security = S::Clfs::capture_security()?;
        let parts = Parts { clfs, name, security, handles: S::Platform::lock(Vec::new()) };
        Ok(Self(S::Platform::share(parts)?))
    }

    /// Whether this is the same log.
    pub(super) fn is(&self, other: &Self) -> bool {
        core::ptr::eq(&raw const *self.0, &raw const *other.0)
    }

    /// Holds a handle once more.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn hold(&self, handle: Shared<S, OpenHandle<S>>) -> Result<(), OutOfMemory> {
        self.0.handles.with(|handles| {
            if let Some(known) = handles.iter_mut().find(|known| known.handle.id() == handle.id()) {
                known.holds = known.holds.saturating_add(1);
                return Ok(());
            }
            let number = handles.last().map_or(0, |last| last.number.saturating_add(1));
            try_push(handles, KnownHandle { number, handle, holds: 1, has_policies: false })
        })
    }

    /// Policies were installed through a handle that is held.
    pub(super) fn note_policies(&self, object: ObjectId) {
        self.0.handles.with(|handles| {
            for known in handles.iter_mut().filter(|known| known.handle.id() == object) {
                known.has_policies = true;
            }
        });
    }

    /// Ends a use; returns the handle if that was the last of it, to be dropped with no lock held.
    pub(super) fn end_use(&self, object: ObjectId, of: Use) -> Option<Shared<S, OpenHandle<S>>> {
        self.0.handles.with(|handles| {
            let index = handles.iter().position(|known| known.handle.id() == object)?;
            let known = handles.get_mut(index)?;
            match of {
                Use::Hold => known.holds = known.holds.saturating_sub(1),
                Use::Policies => known.has_policies = false,
            }
            let is_over = known.holds == 0 && !known.has_policies;
            is_over.then(|| handles.remove(index).handle)
        })
    }

    /// The handle of an object, if it is in use: its address names nothing else as long as the result exists.
    pub(super) fn handle_of(&self, object: ObjectId) -> Option<Shared<S, OpenHandle<S>>> {
        self.0
            .handles
            .with(|handles| handles.iter().find(|known| known.handle.id() == object).map(|known| known.handle.clone()))
    }

    /// Whether no handle is in use any more.
    pub(super) fn is_unused(&self) -> bool {
        self.0.handles.with(|handles| handles.is_empty())
    }

    /// The first handle whose number is above `after`, which is its own then. What is returned keeps the object while
    /// it is used with no lock held.
    // In everything that asks the log, once in the image.
    #[inline(never)]
    fn next(&self, after: &mut Option<u64>) -> Option<Shared<S, OpenHandle<S>>> {
        self.0.handles.with(|handles| {
            let index = handles.partition_point(|known| after.is_some_and(|after| known.number <= after));
            let known = handles.get(index)?;
            *after = Some(known.number);
            Some(known.handle.clone())
        })
    }

    /// The handles, those that come meanwhile too.
    fn handles(&self) -> impl Iterator<Item = Shared<S, OpenHandle<S>>> {
        let mut after = None;
        core::iter::from_fn(move || self.next(&mut after))
    }

    /// Whether the log can be asked through any handle: after the last one was closed it cannot. A handle that lacks
    /// memory to answer is open: clients would never be notified again if their log were taken for closed.
    pub(super) fn is_reachable(&self) -> bool {
        self.handles().any(|handle| {
            let outcome = self.0.clfs.log_information(&handle.object);
            matches!(outcome, Ok(_) | Err(Status::INSUFFICIENT_RESOURCES))
        })
    }

    /// Calls `attempt` with one handle after the other, until one returns something else than "access denied".
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: no handle is left. Else what `attempt` reported.
    fn with_any<R>(&self, mut attempt: impl FnMut(&Object<S>) -> Result<R, Status>) -> Result<R, Status> {
        let mut outcome = Err(Status::LOG_STATE_INVALID);
        // No lock is held meanwhile: the routine may create files.
        for handle in self.handles() {
            outcome = attempt(&handle.object);
            if !matches!(outcome, Err(Status::ACCESS_DENIED)) {
                break;
            }
        }
        outcome
    }

    #[inline(never)]
    fn information(&self) -> Option<LogInformation> {
        self.handles().find_map(|handle| self.0.clfs.log_information(&handle.object).ok())
    }

    /// Notes the space, and the tail of each stream: one that cannot be asked for through any handle stays as it was,
    /// one without a handle has none.
    fn note_all_seen(&self, view: &mut LogView, log: &LogInformation) -> bool {
        let mut has_changed = note_space(view, log);
        let (mut seen, mut unanswered) = (StreamSet::default(), StreamSet::default());
        for handle in self.handles().filter(|handle| handle.stream <= StreamId::MAX) {
            if seen.contains(handle.stream) {
                continue;
            }
            match self.0.clfs.stream_extent(&handle.object) {
                Ok(extent) => {
                    seen.insert(handle.stream);
                    has_changed |= note_tail(view, handle.stream, tail_in(extent));
                }
                Err(_) => unanswered.insert(handle.stream),
            }
        }
        for stream in (0..=StreamId::MAX.0).map(StreamId) {
            if !seen.contains(stream) && !unanswered.contains(stream) {
                has_changed |= note_tail(view, stream, None);
            }
        }
        has_changed
    }
}

impl<S: Setting> ManagedLog for ForeignLog<S> {
    fn observe(&self, view: &mut LogView) {
        // Of a log that cannot be asked nothing new is known.
        let Some(mut log) = self.information() else {
            return;
        };
        let mut has_changed = view.version == 0;
        let mut unseen = None;
        for _ in 0..LOOKS_MAX {
            has_changed |= self.note_all_seen(view, &log);
            unseen = unseen_tail(view, &log);
            let Some(again) = unseen.and_then(|_| self.information()) else {
                break;
            };
            if again.extent.base == log.extent.base {
                break;
            }
            // A tail moved between two questions: not somebody unseen, the first answer was old.
            log = again;
            unseen = None;
        }
        has_changed |= note_tail(view, UNSEEN, unseen);
        view.version = view.version.saturating_add(u64::from(has_changed));
    }

    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status> {
        let add = |object: &Object<S>| {
            let log = self.0.clfs.log_information(object)?;
            self.0.clfs.add_container(object, path, size_to_ask_for(&log, size))
        };
        S::Clfs::act_as(&self.0.security, || self.with_any(add))
            .map_err(|status| if status == DUPLICATE_NAME { Status::OBJECT_NAME_COLLISION } else { status })
    }

    /// Removes the free container that would be written last.
    fn remove_container(&self) -> Result<(), Status> {
        let remove = |object: &Object<S>| {
            let name = self.0.clfs.last_free_container(object)?.ok_or(Status::LOG_CANT_DELETE)?;
            self.0.clfs.remove_container(object, &name)
        };
        S::Clfs::act_as(&self.0.security, || self.with_any(remove))
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&self.0.name)
    }
}

/// A log that has containers takes no other size than theirs.
fn size_to_ask_for(log: &LogInformation, size: Option<Bytes>) -> Bytes {
    let smallest = if log.is_dedicated { DEDICATED_BYTES_MIN } else { MULTIPLEXED_BYTES_MIN };
    if log.containers.0 > 0 { log.container_size } else { size.unwrap_or(smallest) }
}
