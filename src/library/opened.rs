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

use super::sharing::Claim;
use super::{OpenLog, Volume};
use crate::log::storage::Storage;
use crate::manager::ports::{ClientCallbacks, Guarded, Platform};
use crate::units::memory::{OutOfMemory, try_copied, try_push};
use crate::units::{Status, StreamId, StreamSet};

/// A log behind its handles.
pub(super) struct PhysicalLog<P: Platform, S: Storage, C: ClientCallbacks> {
    pub(super) open: OpenLog<P, S, C>,
    /// How it was closed, for the handle whose closing closed it.
    outcome: P::Lock<Result<(), Status>>,
}

impl<P: Platform, S: Storage, C: ClientCallbacks> PhysicalLog<P, S, C> {
    pub(super) fn new(open: OpenLog<P, S, C>) -> Self {
        Self { open, outcome: P::lock(Ok(())) }
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
pub(super) struct PlaceState<P: Platform, S: Storage, C: ClientCallbacks> {
    pub(super) physical: Option<P::Shared<PhysicalLog<P, S, C>>>,
    /// One per handle.
    pub(super) claims: Vec<Claim>,
    /// Streams to be deleted with their last handle; with the physical one, the whole log.
    pub(super) doomed: StreamSet,
    /// Streams to be reset with their last handle.
    pub(super) resets: StreamSet,
    /// Streams that were made for a claim, and the log likewise, and that nobody has come to since.
    unseen: StreamSet,
}

impl<P: Platform, S: Storage, C: ClientCallbacks> PlaceState<P, S, C> {
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

    fn end_stream(
        &mut self,
        open: &OpenLog<P, S, C>,
        stream: StreamId,
        discards: bool,
        note: impl Fn(Result<(), Status>),
    ) {
        let resets = self.resets.take(stream);
        if self.doomed.take(stream) || discards {
            note(open.delete_stream(stream));
        } else if resets {
            note(open.reset_stream(stream));
        }
    }

    fn end_log(&mut self, open: &OpenLog<P, S, C>, discards: bool) -> Result<(), Status> {
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
pub(super) struct Place<P: Platform, S: Storage, C: ClientCallbacks> {
    pub(super) path: Vec<u16>,
    pub(super) storage: S,
    pub(super) state: P::Lock<PlaceState<P, S, C>>,
}

struct Seat<T> {
    /// Handles, and threads that are about to open one.
    users: u32,
    place: T,
}

type SharedPlace<P, V, C> = <P as Platform>::Shared<Place<P, <V as Volume>::Storage, C>>;

type Seats<P, V, C> = Vec<Seat<SharedPlace<P, V, C>>>;

/// All places.
pub(super) struct OpenedLogs<P: Platform, V: Volume, C: ClientCallbacks> {
    seats: P::Lock<Seats<P, V, C>>,
}

impl<P: Platform, V: Volume, C: ClientCallbacks> OpenedLogs<P, V, C> {
    pub(super) fn new() -> Self {
        Self { seats: P::lock(Vec::new()) }
    }

    /// Comes to the place of a log, which is made if it does not exist.
    ///
    /// # Errors
    /// As [`Volume::storage`]; there is no memory.
    pub(super) fn visit(this: &P::Shared<Self>, volume: &V, path: &[u16]) -> Result<Visit<P, V, C>, Status> {
        let place = this.seats.with(|seats| {
            let known = seats.iter_mut().find(|seat| volume.is_same_path(&seat.place.path, path));
            if let Some(seat) = known {
                seat.users = seat.users.saturating_add(1);
                return Ok::<_, Status>(seat.place.clone());
            }
            let place = new_place::<P, V, C>(volume.storage(path)?, path)?;
            try_push(seats, Seat { users: 1, place: place.clone() })?;
            Ok(place)
        })?;
        Ok(Visit { logs: this.clone(), place })
    }

    fn leave(&self, place: &SharedPlace<P, V, C>) {
        // What leaves the list is dropped with the lock free.
        let _left = self.seats.with(|seats| {
            let index = seats.iter().position(|seat| core::ptr::eq(&raw const *seat.place, &raw const **place))?;
            let seat = seats.get_mut(index)?;
            seat.users = seat.users.saturating_sub(1);
            (seat.users == 0).then(|| seats.swap_remove(index))
        });
    }

    /// How many logs are open or about to be.
    pub(super) fn len(&self) -> usize {
        self.seats.with(|seats| seats.len())
    }
}

fn new_place<P: Platform, V: Volume, C: ClientCallbacks>(
    storage: V::Storage,
    path: &[u16],
) -> Result<SharedPlace<P, V, C>, OutOfMemory> {
    let none = StreamSet::default();
    let state = PlaceState { physical: None, claims: Vec::new(), doomed: none, resets: none, unseen: none };
    P::share(Place { path: try_copied(path)?, storage, state: P::lock(state) })
}

/// Keeps a log's place in the list.
pub(super) struct Visit<P: Platform, V: Volume, C: ClientCallbacks> {
    logs: P::Shared<OpenedLogs<P, V, C>>,
    pub(super) place: SharedPlace<P, V, C>,
}

impl<P: Platform, V: Volume, C: ClientCallbacks> Drop for Visit<P, V, C> {
    fn drop(&mut self) {
        self.logs.leave(&self.place);
    }
}
