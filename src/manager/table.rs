//! The table of managed logs: looked up by slot, reference-counted by handles and clients.
//!
//! The table's lock is held for a lookup, an attachment or a removal, never longer. It may be held while a log's lock
//! is taken (in a removal, and to count clients), not the other way round.

use alloc::vec::Vec;

use super::cookie::{Cookie, LogKey};
use super::entry::{Attendance, Entry};
use super::error::NoSuchLog;
use super::ports::{Guarded, Platform};
use super::setting::{Lock, Setting, Shared, Thread};
use super::waits::Waits;
use crate::engine::NotAClient;
use crate::units::memory::{OutOfMemory, try_push};

pub(super) type SharedEntry<S> = Shared<S, Entry<S>>;

/// One place in the table.
struct Slot<E> {
    generation: u32,
    /// Client generations go on where the last log in this place stopped: its cookies stay stale.
    next_client_generation: u32,
    entry: Option<E>,
}

/// The places.
pub(super) struct Table<E> {
    slots: Vec<Slot<E>>,
    /// Free slots; room for all is reserved with each slot.
    free: Vec<u16>,
    attached: u32,
}

impl<E> Table<E> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), attached: 0 }
    }

    /// Takes a free place: its key, and the first generation of its clients.
    fn take_place(&mut self) -> Result<(LogKey, u32), OutOfMemory> {
        if self.free.is_empty() {
            let slot = u16::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
            let room = self.slots.len().saturating_add(1);
            self.free.try_reserve(room).map_err(|_| OutOfMemory)?;
            let place = Slot { generation: 0, next_client_generation: 1, entry: None };
            try_push(&mut self.slots, place)?;
            try_push(&mut self.free, slot)?;
        }
        let slot = self.free.pop().ok_or(OutOfMemory)?;
        let place = self.slots.get_mut(usize::from(slot)).ok_or(OutOfMemory)?;
        place.generation = place.generation.wrapping_add(1).max(1);
        let key = LogKey { slot, generation: place.generation };
        Ok((key, place.next_client_generation))
    }

    fn give_back(&mut self, slot: u16) {
        // Room for every slot was reserved when the slot was made.
        debug_assert!(self.free.len() < self.free.capacity());
        let _ = try_push(&mut self.free, slot);
    }

    fn fill(&mut self, slot: u16, entry: E) {
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            place.entry = Some(entry);
            self.attached = self.attached.saturating_add(1);
        }
    }
}

/// The table of logs and everything that is done with them.
///
/// Every operation may be called at IRQL <= `APC_LEVEL`, on any thread, from inside any callback. No lock is held while
/// a callback or the log is called, but for the snapshot's own while the log writes a snapshot.
pub struct Manager<S: Setting> {
    pub(super) platform: S::Platform,
    table: Lock<S, Table<SharedEntry<S>>>,
    pub(super) waits: Lock<S, Waits<Thread<S>>>,
}

impl<S: Setting> Manager<S> {
    /// A manager of no logs.
    pub fn new(platform: S::Platform) -> Self {
        Self { platform, table: S::Platform::lock(Table::new()), waits: S::Platform::lock(Waits::new()) }
    }

    /// The platform it was made with.
    pub const fn platform(&self) -> &S::Platform {
        &self.platform
    }

    /// How many logs are attached.
    pub fn logs_attached(&self) -> u32 {
        self.table.with(|table| table.attached)
    }

    /// How many clients are registered, of all logs.
    pub fn clients_registered(&self) -> u64 {
        let registered =
            |entry: &SharedEntry<S>| u64::from(entry.state.with(|state| state.engine.clients_registered()));
        self.table.with(|table| table.slots.iter().filter_map(|place| place.entry.as_ref()).map(registered).sum())
    }

    /// Whether a handle of any log is open or a client registered. A log without either may stay for a moment, until
    /// the thread that works on it is done.
    pub fn is_in_use(&self) -> bool {
        let is_used = |entry: &SharedEntry<S>| {
            entry.state.with(|state| state.handles > 0 || state.engine.clients_registered() > 0)
        };
        self.table.with(|table| table.slots.iter().filter_map(|place| place.entry.as_ref()).any(is_used))
    }

    /// Begins to manage a log; the key counts as one open handle.
    ///
    /// # Errors
    /// There is no memory.
    pub fn attach(&self, log: S::Log) -> Result<LogKey, OutOfMemory> {
        self.platform.reserve_work()?;
        let attached = self.attach_reserved(log);
        if attached.is_err() {
            self.platform.release_work();
        }
        attached
    }

    fn attach_reserved(&self, log: S::Log) -> Result<LogKey, OutOfMemory> {
        let (key, first_generation) = self.table.with(Table::take_place)?;
        let entry = match Entry::<S>::share(key, log, first_generation) {
            Ok(entry) => entry,
            Err(error) => {
                self.table.with(|table| table.give_back(key.slot));
                return Err(error);
            }
        };
        self.table.with(|table| table.fill(key.slot, entry));
        self.handle_log_changed(key);
        Ok(key)
    }

    /// Counts one more open handle.
    ///
    /// # Errors
    /// No such log.
    pub fn retain(&self, log: LogKey) -> Result<(), NoSuchLog> {
        let entry = self.find(log)?;
        entry.state.with(|state| {
            if state.attendance == Attendance::Removed {
                return Err(NoSuchLog);
            }
            state.handles = state.handles.saturating_add(1);
            Ok(())
        })
    }

    /// Counts one open handle less. With the last handle and the last client the log's policies and state go.
    ///
    /// # Errors
    /// No such log, or no handle of it is open.
    pub fn release(&self, log: LogKey) -> Result<(), NoSuchLog> {
        let entry = self.find(log)?;
        let released = entry.state.with(|state| {
            let fewer = state.handles.checked_sub(1);
            state.handles = fewer.ok_or(NoSuchLog)?;
            Ok(())
        });
        // No worker is queued: what is due of a log that leaves nobody waits for, and a queued one would keep it here.
        self.remove_if_unused(&entry);
        released
    }

    /// # Errors
    /// No such log.
    pub(super) fn find(&self, log: LogKey) -> Result<SharedEntry<S>, NoSuchLog> {
        self.table
            .with(|table| {
                let place = table.slots.get(usize::from(log.slot))?;
                (place.generation == log.generation).then(|| place.entry.clone()).flatten()
            })
            .ok_or(NoSuchLog)
    }

    /// The first log at `slot` or behind it, with which `slot` moves on.
    pub(super) fn next_entry(&self, slot: &mut usize) -> Option<SharedEntry<S>> {
        self.table.with(|table| {
            let behind = table.slots.get(*slot..)?;
            let place = behind.iter().position(|place| place.entry.is_some())?;
            *slot = slot.saturating_add(place).saturating_add(1);
            behind.get(place)?.entry.clone()
        })
    }

    /// The log that a cookie points at; whether the client is registered there, its engine knows.
    ///
    /// # Errors
    /// The cookie is null, or points at no log.
    pub(super) fn find_of(&self, cookie: Cookie) -> Result<SharedEntry<S>, NotAClient> {
        if cookie.is_null() {
            return Err(NotAClient);
        }
        let slot = usize::from(cookie.log_slot());
        self.table.with(|table| table.slots.get(slot)?.entry.clone()).ok_or(NotAClient)
    }

    /// Removes a log from the table, unless it has got a user since that was decided.
    pub(super) fn remove_if_unused(&self, entry: &Entry<S>) {
        let slot = entry.key.slot;
        let removed = self.table.with(|table| {
            let next_generation = entry.state.with(|state| {
                let removes = state.is_unused();
                if removes {
                    state.attendance = Attendance::Removed;
                }
                removes.then(|| state.engine.next_generation())
            })?;
            let place = table.slots.get_mut(usize::from(slot))?;
            place.next_client_generation = next_generation;
            let removed = place.entry.take();
            table.attached = table.attached.saturating_sub(1);
            table.give_back(slot);
            removed
        });
        // Dropped with no lock held: a log may have much to do when it goes.
        if removed.is_some() {
            self.platform.release_work();
        }
    }
}
