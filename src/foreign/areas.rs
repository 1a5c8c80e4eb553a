//! Marshalling areas by their contexts: of which log each is, and in which container its last record went.
//!
//! Contexts are addresses that the real `clfs.sys` made up; they are compared, never followed. The table is cut into
//! shards by address, so that appends to different areas do not wait for each other. A look-up takes no memory.

use core::sync::atomic::{AtomicU32, Ordering};

use super::clfs::LogIdentity;
use crate::manager::AddressMap;
use crate::manager::ports::Platform;
use crate::units::Lsn;
use crate::units::memory::OutOfMemory;

const SHARDS: usize = 16;
/// Contexts are pool blocks: their lowest bits say nothing, those of pages little.
const ADDRESS_SHIFTS: [u32; 2] = [4, 12];

/// One marshalling area.
pub(super) struct Area {
    pub(super) log: LogIdentity,
    last_container: AtomicU32,
}

impl Area {
    /// Notes where a record went; returns whether that is another container than before.
    pub(super) fn note_record(&self, lsn: Lsn) -> bool {
        let container = lsn.container();
        // The load first: while the container stays the same, threads that append share the line.
        self.last_container.load(Ordering::Relaxed) != container
            && self.last_container.swap(container, Ordering::Relaxed) != container
    }
}

/// The areas that are known.
pub(super) struct Areas<P: Platform> {
    shards: [AddressMap<P, Area>; SHARDS],
}

impl<P: Platform> Areas<P> {
    pub(super) fn new() -> Self {
        Self { shards: core::array::from_fn(|_| AddressMap::default()) }
    }

    fn shard(&self, context: u64) -> Option<&AddressMap<P, Area>> {
        self.shards.get(shard_of(context)?)
    }

    /// Notes a new area, whose next record goes into `container`.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn insert(&self, context: u64, log: LogIdentity, container: u32) -> Result<(), OutOfMemory> {
        let area = P::share(Area { log, last_container: AtomicU32::new(container) })?;
        self.put_back(context, area)
    }

    /// Notes an area that was taken out.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn put_back(&self, context: u64, area: P::Shared<Area>) -> Result<(), OutOfMemory> {
        // One that was there before has been deleted behind our back, and its address used again.
        self.shard(context).ok_or(OutOfMemory)?.insert(context, area).map(drop)
    }

    /// The area of a context, unless it was made behind our back.
    pub(super) fn find(&self, context: u64) -> Option<P::Shared<Area>> {
        self.shard(context)?.find(context)
    }

    /// Takes an area out.
    pub(super) fn remove(&self, context: u64) -> Option<P::Shared<Area>> {
        self.shard(context)?.remove(context)
    }

    /// How many are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(AddressMap::len).sum()
    }
}

fn shard_of(context: u64) -> Option<usize> {
    let mixed = ADDRESS_SHIFTS.iter().fold(0, |mixed, shift| mixed ^ context.checked_shr(*shift).unwrap_or(0));
    usize::try_from(mixed).ok()?.checked_rem(SHARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_record_in_another_container_is_news_and_only_once() {
        let at = |container, offset| Lsn::new(container, offset, 0).unwrap();
        let area = Area { log: [1; 16], last_container: AtomicU32::new(3) };
        assert!(!area.note_record(at(3, 512)));
        assert!(area.note_record(at(4, 512)));
        assert!(!area.note_record(at(4, 1024)));
    }

    #[test]
    fn neighbours_in_memory_are_in_different_shards() {
        assert_ne!(shard_of(0x1000), shard_of(0x1010));
        assert_ne!(shard_of(0x1000), shard_of(0x2000));
    }
}
