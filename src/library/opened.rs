//! The logs that are open: one physical log behind all handles of one base log file.
//!
//! Two locks. The list's is held for a lookup only. Each log has one of its own, held while its files are opened,
//! created, closed or deleted, so that whoever comes meanwhile waits for that log and for no other. A place in the list
//! stays as long as somebody is at the log or holds a handle of it: two threads that open one log meet in one place.
//!
//! # Invariants
//! * The physical log is open as long as there is a claim, and is closed with the last one, under the place's lock.
//! * No client is called under either lock. A handle may be dropped wherever no lock of the manager is held.

use alloc::vec::Vec;

use super::open_log::OpenLog;
use super::setting::{Lock, Setting, Shared, StorageOf};
use super::sharing::Claim;
use super::volume::Volume;
use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::{OutOfMemory, try_copied, try_push};
use crate::units::{Status, StreamId};

/// A log behind its handles.
pub(super) struct PhysicalLog<S: Setting> {
    pub(super) open: OpenLog<S>,
    /// How it was closed, for the handle whose closing closed it.
    outcome: Lock<S, Result<(), Status>>,
}

impl<S: Setting> PhysicalLog<S> {
    pub(super) fn new(open: OpenLog<S>) -> Self {
        Self { open, outcome: S::Platform::lock(Ok(())) }
    }

    /// How it, or the stream last deleted or reset in it, was closed; asked once.
    pub(super) fn take_outcome(&self) -> Result<(), Status> {
        self.outcome.with(|outcome| core::mem::replace(outcome, Ok(())))
    }

    fn note(&self, ended: Result<(), Status>) {
        if ended.is_err() {
            self.outcome.with(|outcome| *outcome = ended);
        }
    }
}

/// A set of streams.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamSet(u128);

const _: () = assert!(StreamId::MAX.0 < 128);

impl StreamSet {
    const fn bit(stream: StreamId) -> u128 {
        1_u128.wrapping_shl(u32::from_le_bytes([stream.0, 0, 0, 0]))
    }

    pub(super) fn insert(&mut self, stream: StreamId) {
        self.0 |= Self::bit(stream);
    }

    pub(super) fn contains(self, stream: StreamId) -> bool {
        self.0 & Self::bit(stream) != 0
    }

    fn set(&mut self, stream: StreamId, is_in: bool) {
        if is_in {
            self.insert(stream);
        } else {
            self.take(stream);
        }
    }

    fn take(&mut self, stream: StreamId) -> bool {
        let is_in = self.contains(stream);
        self.0 &= !Self::bit(stream);
        is_in
    }
}

/// What an opening has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Nothing,
    /// The stream, in a log that was there.
    Stream,
    /// The log, with the stream.
    Log,
}

/// What is known of the log in a place.
pub(super) struct PlaceState<S: Setting> {
    pub(super) physical: Option<Shared<S, PhysicalLog<S>>>,
    /// One per handle.
    pub(super) claims: Vec<Claim>,
    /// Streams to be deleted with their last handle; with the physical one, the whole log.
    pub(super) doomed: StreamSet,
    /// Streams to be reset with their last handle.
    pub(super) resets: StreamSet,
    /// Streams that were made for a claim, and the log likewise, and that nobody has come to since.
    unseen: StreamSet,
}

impl<S: Setting> PlaceState<S> {
    /// Notes that a claim was taken in, and what was made for it.
    pub(super) fn note_seen(&mut self, claim: Claim, made: Made) {
        self.unseen.set(StreamId::PHYSICAL, made == Made::Log);
        if claim.stream != StreamId::PHYSICAL {
            self.unseen.set(claim.stream, made != Made::Nothing);
        }
    }

    /// Gives a claim back. `is_told`: its owner has learnt of it. What was made for a claim of which nobody has learnt
    /// goes with it, unless somebody else has come to that.
    pub(super) fn release(&mut self, claim: Claim, is_told: bool) {
        if let Some(index) = self.claims.iter().position(|other| *other == claim) {
            self.claims.swap_remove(index);
        }
        let Some(physical) = self.physical.clone() else {
            return;
        };
        let is_last_of_stream = !self.claims.iter().any(|other| other.stream == claim.stream);
        if is_last_of_stream && claim.stream != StreamId::PHYSICAL {
            let discards = self.unseen.take(claim.stream) && !is_told;
            self.end_stream(&physical.open, claim.stream, discards, |ended| physical.note(ended));
        }
        if self.claims.is_empty() {
            let discards = self.unseen.take(StreamId::PHYSICAL) && !is_told;
            physical.note(self.end_log(&physical.open, discards));
            self.physical = None;
        }
    }

    fn end_stream(&mut self, open: &OpenLog<S>, stream: StreamId, discards: bool, note: impl Fn(Result<(), Status>)) {
        let resets = self.resets.take(stream);
        if self.doomed.take(stream) || discards {
            note(open.delete_stream(stream));
        } else if resets {
            note(open.reset_stream(stream));
        }
    }

    fn end_log(&mut self, open: &OpenLog<S>, discards: bool) -> Result<(), Status> {
        let resets = self.resets.take(StreamId::PHYSICAL);
        if self.doomed.take(StreamId::PHYSICAL) || discards {
            return open.shut_and_delete();
        }
        let reset = if resets { open.reset_stream(StreamId::PHYSICAL) } else { Ok(()) };
        let shut = open.shut();
        reset.and(shut)
    }
}

/// A log's place.
pub(super) struct Place<S: Setting> {
    pub(super) path: Vec<u16>,
    pub(super) storage: StorageOf<S>,
    pub(super) state: Lock<S, PlaceState<S>>,
}

struct Seat<T> {
    /// Handles, and threads that are about to open one.
    users: u32,
    place: T,
}

type SharedPlace<S> = Shared<S, Place<S>>;

type Seats<S> = Vec<Seat<SharedPlace<S>>>;

/// All places.
pub(super) struct OpenedLogs<S: Setting> {
    seats: Lock<S, Seats<S>>,
}

impl<S: Setting> OpenedLogs<S> {
    pub(super) fn new() -> Self {
        Self { seats: S::Platform::lock(Vec::new()) }
    }

    /// Comes to the place of a log, which is made if it does not exist.
    ///
    /// # Errors
    /// As [`Volume::storage`]; there is no memory.
    pub(super) fn visit(this: &Shared<S, Self>, volume: &S::Volume, path: &[u16]) -> Result<Visit<S>, Status> {
        let place = this.seats.with(|seats| {
            let known = seats.iter_mut().find(|seat| volume.is_same_path(&seat.place.path, path));
            if let Some(seat) = known {
                seat.users = seat.users.saturating_add(1);
                return Ok::<_, Status>(seat.place.clone());
            }
            let place = new_place::<S>(volume.storage(path)?, path)?;
            try_push(seats, Seat { users: 1, place: place.clone() })?;
            Ok(place)
        })?;
        Ok(Visit { logs: this.clone(), place })
    }

    fn leave(&self, place: &SharedPlace<S>) {
        // What leaves the list is dropped with the lock free.
        let _left = self.seats.with(|seats| {
            let index = seats.iter().position(|seat| core::ptr::eq(&raw const *seat.place, &raw const **place))?;
            let seat = seats.get_mut(index)?;
            seat.users = seat.users.saturating_sub(1);
            (seat.users == 0).then(|| seats.swap_remove(index))
        });
    }
}

fn new_place<S: Setting>(storage: StorageOf<S>, path: &[u16]) -> Result<SharedPlace<S>, OutOfMemory> {
    let none = StreamSet::default();
    let state = PlaceState { physical: None, claims: Vec::new(), doomed: none, resets: none, unseen: none };
    S::Platform::share(Place { path: try_copied(path)?, storage, state: S::Platform::lock(state) })
}

/// Keeps a log's place in the list.
pub(super) struct Visit<S: Setting> {
    logs: Shared<S, OpenedLogs<S>>,
    pub(super) place: SharedPlace<S>,
}

impl<S: Setting> Drop for Visit<S> {
    fn drop(&mut self) {
        self.logs.leave(&self.place);
    }
}
