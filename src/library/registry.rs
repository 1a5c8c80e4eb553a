//! Handles that callers get: what they name is looked up, never dereferenced.
//!
//! A [`Registry`] makes up the handles itself, as slot and generation, so that a lookup costs the same however many
//! there are, and a handle that was closed stays invalid. For handles that are the addresses of objects which somebody
//! else made there is [`crate::manager::AddressMap`].

use alloc::vec::Vec;

use crate::manager::ports::{Guarded, Platform};
use crate::units::memory::{OutOfMemory, try_push};

const GENERATION_SHIFT: u32 = 32;
/// Indexes begin at a multiple of 16, so that a handle looks like an aligned address and 0 is none.
const INDEX_SHIFT: u32 = 4;
/// Above the indexes, so that handles of different registries differ.
const KIND_SHIFT: u32 = 28;
const SLOTS_MAX: u32 = 1 << (KIND_SHIFT - INDEX_SHIFT);

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// Room for all is reserved with each slot.
    free: Vec<u32>,
}

/// Values by handles that it makes up. A handle of another kind names nothing in it.
pub struct Registry<P: Platform, T> {
    kind: u8,
    first_generation: u32,
    slots: P::Lock<Slots<P::Shared<T>>>,
}

impl<P: Platform, T> Default for Registry<P, T> {
    fn default() -> Self {
        Self::of_kind(0)
    }
}

impl<P: Platform, T> Registry<P, T> {
    /// A registry of one of 16 kinds.
    #[must_use]
    pub fn of_kind(kind: u8) -> Self {
        Self::starting_after(0, kind)
    }

    /// As [`Registry::of_kind`]; handles have generations above this one.
    #[must_use]
    pub fn starting_after(first_generation: u32, kind: u8) -> Self {
        Self { kind: kind & 0xF, first_generation, slots: P::lock(Slots { slots: Vec::new(), free: Vec::new() }) }
    }

    /// Takes `value` in; returns its handle, which is not 0.
    ///
    /// # Errors
    /// There is no memory.
    pub fn insert(&self, value: P::Shared<T>) -> Result<u64, OutOfMemory> {
        // Dropped, if there is no memory, with the lock free: a log may have much to do when it goes.
        let mut value = Some(value);
        self.slots.with(|all| {
            if all.free.is_empty() {
                let index = u32::try_from(all.slots.len()).map_err(|_| OutOfMemory)?;
                if index >= SLOTS_MAX {
                    return Err(OutOfMemory);
                }
                all.free.try_reserve(all.slots.len().saturating_add(1)).map_err(|_| OutOfMemory)?;
                try_push(&mut all.slots, Slot { generation: self.first_generation, value: None })?;
                try_push(&mut all.free, index)?;
            }
            let index = all.free.pop().ok_or(OutOfMemory)?;
            let slot = all.slots.get_mut(crate::units::index(index)).ok_or(OutOfMemory)?;
            slot.generation = slot.generation.wrapping_add(1).max(1);
            slot.value = value.take();
            let named = u64::from(index) << INDEX_SHIFT | u64::from(self.kind) << KIND_SHIFT;
            Ok(named | u64::from(slot.generation) << GENERATION_SHIFT)
        })
    }

    /// The value that `handle` names.
    pub fn find(&self, handle: u64) -> Option<P::Shared<T>> {
        let (index, generation) = self.parts(handle)?;
        self.slots.with(|all| {
            let slot = all.slots.get(index)?;
            (slot.generation == generation).then(|| slot.value.clone()).flatten()
        })
    }

    /// Takes the value out; its handle is invalid from now on.
    pub fn remove(&self, handle: u64) -> Option<P::Shared<T>> {
        let (index, generation) = self.parts(handle)?;
        self.slots.with(|all| {
            let slot = all.slots.get_mut(index).filter(|slot| slot.generation == generation)?;
            let value = slot.value.take()?;
            // Room was reserved when the slot was made.
            let _ = try_push(&mut all.free, u32::try_from(index).ok()?);
            Some(value)
        })
    }

    /// The index of the slot and the generation that a handle of this kind says.
    fn parts(&self, handle: u64) -> Option<(usize, u32)> {
        let generation = u32::try_from(handle >> GENERATION_SHIFT).ok()?;
        let low = handle & u64::from(u32::MAX);
        let is_ours = low >> KIND_SHIFT == u64::from(self.kind) && low.trailing_zeros() >= INDEX_SHIFT;
        let index = usize::try_from((low & !(0xF << KIND_SHIFT)) >> INDEX_SHIFT).ok()?;
        is_ours.then_some((index, generation))
    }
}
