//! One log of somebody else, as far as it can be known and managed: the handles that management was given.
//!
//! A handle is used as long as a client is registered through it, or policies were installed through it, and not
//! longer.

use alloc::vec::Vec;

use super::clfs::{Clfs, Lock, LogInformation, Object, ObjectId, Setting, Shared};
use super::handles::{Handles, OpenHandle, Use, Walk};
use super::removal::FreeContainers;
use super::view::{UNSEEN, is_passed, note_space, note_tail, tail_in, unseen_tail};
use super::witnesses::{Meant, Witness, Witnesses};
use crate::engine::LogView;
use crate::manager::ports::{Guarded, ManagedLog, Platform};
use crate::units::memory::OutOfMemory;
use crate::units::{Bytes, Status, StreamId, StreamSet};

/// How often a log is asked anew whose tails move while it is asked. What moves is no pin, so the last answer will do.
const LOOKS_MAX: u32 = 3;
/// The smallest containers, which a log gets whose first one is asked for without a size.
const DEDICATED_BYTES_MIN: Bytes = Bytes(512 * 1024);
const MULTIPLEXED_BYTES_MIN: Bytes = Bytes(1024 * 1024);
/// `STATUS_DUPLICATE_NAME`: some routines return it for a file that exists.
const DUPLICATE_NAME: Status = Status::from_raw(0xC000_00BD);

/// A shared reference to a log; clones are the same log.
pub struct ForeignLog<S: Setting>(Shared<S, Parts<S>>);

/// Through what the log can be seen.
struct Known<S: Setting> {
    handles: Handles<S>,
    witnesses: Witnesses<S>,
}

struct Parts<S: Setting> {
    clfs: S::Clfs,
    name: Vec<u16>,
    /// Of whoever brought it under management: in its name workers add and remove containers.
    security: <S::Clfs as Clfs>::Security,
    /// Never held while the log is asked: one that answers slowly would hold up all others.
    known: Lock<S, Known<S>>,
    /// Taken by the thread that removes one: one at a time resizes a log.
    free_containers: Lock<S, FreeContainers>,
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
    pub(super) fn new(clfs: S::Clfs, name: Vec<u16>) -> Result<Self, Status> {
        let security = S::Clfs::capture_security()?;
        let known = S::Platform::lock(Known { handles: Handles::new(), witnesses: Witnesses::new() });
        let free_containers = S::Platform::lock(FreeContainers::default());
        Ok(Self(S::Platform::share(Parts { clfs, name, security, known, free_containers })?))
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
        self.0.known.with(|known| known.handles.hold(handle))
    }

    /// Policies were installed through a handle that is held.
    pub(super) fn note_policies(&self, object: ObjectId) {
        self.0.known.with(|known| known.handles.note_policies(object));
    }

    /// Ends a use; returns the handle if that was the last of it, to be dropped with no lock held.
    #[inline(never)]
    pub(super) fn end_use(&self, object: ObjectId, of: Use) -> Option<Shared<S, OpenHandle<S>>> {
        self.0.known.with(|known| known.handles.end_use(object, of))
    }

    /// The handle of an object, if it is in use: its address names nothing else as long as the result exists.
    pub(super) fn handle_of(&self, object: ObjectId) -> Option<Shared<S, OpenHandle<S>>> {
        self.0.known.with(|known| known.handles.of_object(object))
    }

    /// From now on the tail of a stream is seen through this area's handle too.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn put_witness(&self, witness: Witness<S>) -> Result<(), OutOfMemory> {
        self.0.known.with(|known| known.witnesses.put(witness))
    }

    /// No longer through this one's; the copy that is returned is dropped with no lock held.
    #[inline(never)]
    pub(super) fn take_witness(&self, meant: Meant) -> Option<Witness<S>> {
        self.0.known.with(|known| known.witnesses.take(meant))
    }

    /// Whether no handle is in use any more.
    pub(super) fn is_unused(&self) -> bool {
        self.0.known.with(|known| known.handles.is_empty())
    }

    /// A number that every hold of a handle changes.
    pub(super) fn holds_taken(&self) -> u64 {
        self.0.known.with(|known| known.handles.now())
    }

    /// Whether the log can be asked through any handle: after the last one was closed it cannot. No lock is held while
    /// it is asked.
    pub(super) fn is_reachable(&self) -> bool {
        let mut walk = Walk::default();
        core::iter::from_fn(|| self.next_handle(&mut walk)).any(|handle| self.is_open(&handle.object))
    }

    /// A clone keeps the object while it is used.
    // Rare, as all that needs it: the image has it once.
    #[inline(never)]
    fn next_handle(&self, walk: &mut Walk) -> Option<Shared<S, OpenHandle<S>>> {
        self.0.known.with(|known| known.handles.next(walk))
    }

    /// Whether a handle answers. One that lacks memory to do so is open: clients would never be notified again if their
    /// log were taken for closed.
    #[inline(never)]
    fn is_open(&self, object: &Object<S>) -> bool {
        matches!(self.0.clfs.log_information(object), Ok(_) | Err(Status::INSUFFICIENT_RESOURCES))
    }

    /// Calls `attempt` with one handle after the other, that of the call first, until one that is open returns
    /// something else than "access denied".
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: none is open. Else what `attempt` reported.
    fn with_any(&self, attempt: &mut dyn FnMut(&Object<S>) -> Result<(), Status>) -> Result<(), Status> {
        let (mut outcome, mut walk) = (Err(Status::LOG_STATE_INVALID), Walk::default());
        // No lock is held meanwhile: the routine may create files.
        while let Some(handle) = self.next_handle(&mut walk) {
            match attempt(&handle.object) {
                Err(_) if !self.is_open(&handle.object) => {}
                Err(Status::ACCESS_DENIED) => outcome = Err(Status::ACCESS_DENIED),
                done => return done,
            }
        }
        outcome
    }

    /// Through whatever the log is seen: the handles and then the witnesses, those that come meanwhile too. Each is
    /// kept while it is asked.
    fn seen_through(&self) -> impl Iterator<Item = Shared<S, OpenHandle<S>>> {
        let mut look = Look::default();
        core::iter::from_fn(move || self.next_seen(&mut look))
    }

    // In everything that asks the log, once in the image.
    #[inline(never)]
    fn next_seen(&self, look: &mut Look) -> Option<Shared<S, OpenHandle<S>>> {
        let next = |known: &mut Known<S>| {
            known.handles.after(&mut look.handle).or_else(|| known.witnesses.after(&mut look.witness))
        };
        self.0.known.with(next)
    }

    #[inline(never)]
    fn information(&self) -> Option<LogInformation> {
        self.seen_through().find_map(|handle| self.0.clfs.log_information(&handle.object).ok())
    }

    /// Notes the space, and the tail of each stream: one that cannot be asked for through any handle stays as it was
    /// until the log's base has passed it, one without a handle has none.
    fn note_all_seen(&self, view: &mut LogView, log: &LogInformation) -> bool {
        let mut has_changed = note_space(view, log);
        // The physical log below several streams has no tail of its own, also where a handle is open on nothing else.
        let has_tail = |stream: StreamId| (stream == StreamId::PHYSICAL) == log.is_dedicated && stream <= StreamId::MAX;
        let (mut seen, mut unanswered) = (StreamSet::default(), StreamSet::default());
        for handle in self.seen_through().filter(|handle| has_tail(handle.stream)) {
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
        for stream in (0..=StreamId::MAX.0).map(StreamId).filter(|stream| !seen.contains(*stream)) {
            if !unanswered.contains(stream) || is_passed(view, stream, log.extent.base) {
                has_changed |= note_tail(view, stream, None);
            }
        }
        has_changed
    }
}

/// How far a look over handles and witnesses has come.
#[derive(Default)]
struct Look {
    handle: u64,
    witness: u64,
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
        let mut add = |object: &Object<S>| {
            let log = self.0.clfs.log_information(object)?;
            self.0.clfs.add_container(object, path, size_to_ask_for(&log, size))
        };
        S::Clfs::act_as(&self.0.security, || self.with_any(&mut add))
            .map_err(|status| if status == DUPLICATE_NAME { Status::OBJECT_NAME_COLLISION } else { status })
    }

    /// Removes the free container that would be written last.
    fn remove_container(&self) -> Result<(), Status> {
        let mut free = self.0.free_containers.with(core::mem::take);
        let mut remove = |object: &Object<S>| free.remove_last(&self.0.clfs, object);
        let removed = S::Clfs::act_as(&self.0.security, || self.with_any(&mut remove));
        self.0.free_containers.with(|kept| *kept = free);
        removed
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
