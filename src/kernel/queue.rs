//! A queue whose room is reserved: pushing neither fails nor allocates.
//!
//! Names nothing of the kernel, so that tests run it anywhere.

use alloc::vec::Vec;

use crate::units::memory::{OutOfMemory, try_push, try_with_capacity};

/// The room that the first reservation takes.
const ROOM_MIN: usize = 8;

/// First in, first out.
///
/// # Invariants
/// `first` is below `places.len()`, or both are 0; the `count` places from it on, around the end, hold items.
#[derive(Debug)]
pub(super) struct Queue<T> {
    places: Vec<Option<T>>,
    first: usize,
    count: usize,
    reserved: usize,
}

impl<T> Queue<T> {
    /// An empty queue without room.
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), first: 0, count: 0, reserved: 0 }
    }

    /// Reserves room for one more item.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn reserve(&mut self) -> Result<(), OutOfMemory> {
        let needed = self.reserved.checked_add(1).ok_or(OutOfMemory)?;
        if needed > self.places.len() {
            self.grow(needed.max(self.places.len().saturating_mul(2)).max(ROOM_MIN))?;
        }
        self.reserved = needed;
        Ok(())
    }

    /// Gives back room for one item. The memory stays.
    pub(super) fn release(&mut self) {
        self.reserved = self.reserved.saturating_sub(1);
    }

    /// Whether nothing is queued.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Queues an item into room that was reserved for it.
    pub(super) fn push(&mut self, item: T) {
        debug_assert!(self.count < self.reserved, "room was not reserved");
        let end = self.place_after(self.count);
        if let Some(place @ None) = self.places.get_mut(end) {
            *place = Some(item);
            self.count = self.count.saturating_add(1);
        }
    }

    /// The oldest item.
    pub(super) fn pop(&mut self) -> Option<T> {
        let item = self.places.get_mut(self.first)?.take()?;
        self.first = self.place_after(1);
        self.count = self.count.saturating_sub(1);
        Some(item)
    }

    /// The index of the place that is so many after the first.
    fn place_after(&self, places: usize) -> usize {
        let index = self.first.saturating_add(places);
        index.checked_sub(self.places.len()).unwrap_or(index)
    }

    fn grow(&mut self, room: usize) -> Result<(), OutOfMemory> {
        let mut places = try_with_capacity(room)?;
        // From here on nothing fails: there is room.
        let count = self.count;
        while let Some(item) = self.pop() {
            try_push(&mut places, Some(item))?;
        }
        while places.len() < room {
            try_push(&mut places, None)?;
        }
        *self = Self { places, first: 0, count, reserved: self.reserved };
        Ok(())
    }
}
