//! Marshalling areas by their contexts: of which log each is, and in which container its last record went.
//!
//! Contexts are addresses that the real `clfs.sys` made up; they are compared, never followed. The table is cut into
//! shards by address, so that appends to different areas do not wait for each other. A look-up takes no memory.

use core::sync::atomic::{AtomicU32, Ordering};

use super::routines::MarshalContext;
use crate::exports::platform::ThePlatform;
use crate::manager::AddressMap;
use crate::manager::ports::Platform;
use crate::units::Lsn;
use crate::units::memory::OutOfMemory;

type Shared<T> = <ThePlatform as Platform>::Shared<T>;

const SHARDS: usize = 16;
/// Contexts are pool blocks: their lowest bits say nothing, those of pages little.
const ADDRESS_SHIFTS: [u32; 2] = [4, 12];

/// The identity of a physical log: `CLFS_INFORMATION.Identity`.
pub(super) type LogIdentity = [u8; 16];

/// One marshalling area.
pub(super) struct Area {
    pub(super) log: LogIdentity,
    last_container: AtomicU32,
}

impl Area {
    /// Notes where a record went; answers whether that is another container than before.
    pub(super) fn note_record(&self, lsn: Lsn) -> bool {
        let container = lsn.container();
        // The load first: while the container stays the same, threads that append share the line.
        self.last_container.load(Ordering::Relaxed) != container
            && self.last_container.swap(container, Ordering::Relaxed) != container
    }
}

/// The areas that are known.
pub(super) struct Areas {
    shards: [AddressMap<ThePlatform, Area>; SHARDS],
}

impl Areas {
    pub(super) fn new() -> Self {
        Self { shards: core::array::from_fn(|_| AddressMap::default()) }
    }

    fn shard(&self, address: u64) -> Option<&AddressMap<ThePlatform, Area>> {
        let mixed = ADDRESS_SHIFTS.iter().fold(0, |mixed, shift| mixed ^ address.checked_shr(*shift).unwrap_or(0));
        let index = usize::try_from(mixed).ok()?.checked_rem(SHARDS)?;
        self.shards.get(index)
    }

    /// Notes a new area, whose next record goes into `container`.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn insert(&self, context: MarshalContext, log: LogIdentity, container: u32) -> Result<(), OutOfMemory> {
        let area = ThePlatform::share(Area { log, last_container: AtomicU32::new(container) })?;
        self.put_back(context, area)
    }

    /// Notes an area that was taken out.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn put_back(&self, context: MarshalContext, area: Shared<Area>) -> Result<(), OutOfMemory> {
        let address = address_of(context);
        // One that was there before has been deleted behind our back, and its address used again.
        self.shard(address).ok_or(OutOfMemory)?.insert(address, area).map(drop)
    }

    /// The area of a context, unless it was made behind our back.
    pub(super) fn find(&self, context: MarshalContext) -> Option<Shared<Area>> {
        let address = address_of(context);
        self.shard(address)?.find(address)
    }

    /// Takes an area out.
    pub(super) fn remove(&self, context: MarshalContext) -> Option<Shared<Area>> {
        let address = address_of(context);
        self.shard(address)?.remove(address)
    }

    /// How many are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(AddressMap::len).sum()
    }
}

fn address_of(context: MarshalContext) -> u64 {
    u64::try_from(context.addr()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance_mut;

    use super::*;

    fn at(container: u32, offset: u32) -> Lsn {
        Lsn::new(container, offset, 0).unwrap()
    }

    #[test]
    fn only_a_record_in_another_container_is_news_and_only_once() {
        let areas = Areas::new();
        let context = without_provenance_mut(0x1000);
        areas.insert(context, [1; 16], 3).unwrap();
        let area = areas.find(context).unwrap();
        assert!(!area.note_record(at(3, 512)));
        assert!(area.note_record(at(4, 512)));
        assert!(!area.note_record(at(4, 1024)));
    }

    #[test]
    fn an_area_that_was_deleted_or_never_seen_is_not_found() {
        let areas = Areas::new();
        let (one, other) = (without_provenance_mut(0x1000), without_provenance_mut(0x1010));
        areas.insert(one, [1; 16], 0).unwrap();
        assert!(areas.find(other).is_none());
        assert!(areas.remove(one).is_some() && areas.find(one).is_none());
        assert_eq!(areas.len(), 0);
    }

    #[test]
    fn a_context_that_is_used_again_names_the_newer_area() {
        let areas = Areas::new();
        let context = without_provenance_mut(0x2000);
        areas.insert(context, [1; 16], 0).unwrap();
        areas.insert(context, [2; 16], 0).unwrap();
        assert_eq!((areas.find(context).unwrap().log, areas.len()), ([2; 16], 1));
    }

    #[test]
    fn neighbours_in_memory_are_in_different_shards() {
        let areas = Areas::new();
        let address_of = |shard: Option<&AddressMap<ThePlatform, Area>>| shard.map(core::ptr::from_ref);
        assert_ne!(address_of(areas.shard(0x1000)), address_of(areas.shard(0x1010)));
        assert_ne!(address_of(areas.shard(0x1000)), address_of(areas.shard(0x2000)));
    }
}
