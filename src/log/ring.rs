//! The containers of a log in the order in which they are written.
//!
//! Logical ids are consecutive: the active ones first, then the free ones, so that the next container is known before
//! the current one is full. A container that the tail has passed goes to the back with the next logical id.
//!
//! The log's own USN counts laps: it rises when the container with the lowest physical id is recycled, which is 0
//! unless that one was removed. Blocks have the one of their moment and a container that of its recycling: a container
//! holds blocks from its own USN up to the log's.

use alloc::vec::Vec;

use super::layout::Layout;
use crate::format::base_record::FIRST_LAP;
use crate::units::memory::{OutOfMemory, take_at, try_push};
use crate::units::order::sort_by_key;
use crate::units::{Lsn, Status};

/// One container: which file it is, and which part of the log it holds at present.
#[derive(Clone, Debug)]
pub(super) struct Container<F> {
    /// Constant for the container's life; names its symbol.
    pub(super) physical: u32,
    /// Which part of the log; changes at each recycling.
    pub(super) logical: u32,
    /// Distinguishes its blocks from those of the container's former lives.
    pub(super) usn: u8,
    /// Leaves the log as soon as the tail has passed it.
    pub(super) is_pending_delete: bool,
    /// Or why it cannot be opened: a log that is only read does without those that nobody asks for.
    pub(super) file: Result<F, Status>,
}

impl<F> Container<F> {
    /// # Errors
    /// Why there is no file.
    pub(super) fn file(&self) -> Result<&F, Status> {
        self.file.as_ref().map_err(|status| *status)
    }
}

/// # Invariants
/// * `containers[start..], containers[..start]` have the logical ids `first, first + 1, …`.
/// * All have the size that `layout` says, which is 0 while there is none.
/// * `lowest` is the lowest physical id; with no container, it means nothing.
#[derive(Debug)]
pub(super) struct Ring<F> {
    layout: Layout,
    /// The log's own USN.
    lap: u8,
    containers: Vec<Container<F>>,
    lowest: u32,
    start: usize,
    first: u32,
}

impl<F> Ring<F> {
    pub(super) const fn new(is_multiplexed: bool) -> Self {
        let layout = Layout { is_multiplexed, container_bytes: 0 };
        Self { layout, lap: FIRST_LAP, containers: Vec::new(), lowest: 0, start: 0, first: 0 }
    }

    /// Takes containers in any order; `None` if their logical ids have holes or are used twice.
    pub(super) fn from_containers(layout: Layout, lap: u8, mut containers: Vec<Container<F>>) -> Option<Self> {
        sort_by_key(&mut containers, |container| container.logical);
        let first = containers.first().map_or(0, |container| container.logical);
        let is_consecutive = (first..u32::MAX).zip(&containers).all(|(id, container)| id == container.logical);
        let lowest = lowest_of(&containers);
        is_consecutive.then_some(Self { layout, lap, containers, lowest, start: 0, first })
    }

    /// The log's own USN, which a block has that is written now.
    pub(super) const fn lap(&self) -> u8 {
        self.lap
    }

    /// Begins to count laps in a log of an earlier version of this library: there each recycling raised the USN of its
    /// container, blocks had their container's, and the log's own stayed 1. It goes on above all of them.
    pub(super) fn count_laps(&mut self) {
        if self.lap == FIRST_LAP {
            let highest = self.containers.iter().map(|container| container.usn).max().unwrap_or(FIRST_LAP);
            self.lap = if highest == FIRST_LAP { FIRST_LAP } else { lap_behind(highest) };
        }
    }

    /// Where data goes inside each container.
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether a block with this USN may lie in a container of this one. USNs go round, so what counts is how far each
    /// is ahead.
    pub(super) const fn admits(&self, container_usn: u8, block_usn: u8) -> bool {
        block_usn.wrapping_sub(container_usn) <= self.lap.wrapping_sub(container_usn)
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.containers.len()).unwrap_or(u32::MAX)
    }

    /// The lowest logical id; with no container, the id that the first one will get.
    pub(super) const fn first(&self) -> u32 {
        self.first
    }

    /// The id behind the highest one.
    pub(super) fn next(&self) -> u32 {
        self.first.saturating_add(self.count())
    }

    /// How many more containers there are ids for.
    pub(super) fn ids_left(&self) -> u32 {
        Lsn::CONTAINER_MAX.saturating_add(1).saturating_sub(self.next())
    }

    pub(super) fn contains(&self, logical: u32) -> bool {
        logical >= self.first && logical < self.next()
    }

    fn slot(&self, logical: u32) -> Option<usize> {
        if !self.contains(logical) {
            return None;
        }
        let behind = crate::units::index(logical.checked_sub(self.first)?);
        self.start.checked_add(behind)?.checked_rem(self.containers.len())
    }

    pub(super) fn get(&self, logical: u32) -> Option<&Container<F>> {
        self.containers.get(self.slot(logical)?)
    }

    /// The container with this physical id; looks at every one.
    pub(super) fn find_physical(&self, physical: u32) -> Option<&Container<F>> {
        self.containers.iter().find(|container| container.physical == physical)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Container<F>> {
        let (back, front) = self.containers.split_at(self.start.min(self.containers.len()));
        front.iter().chain(back)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Container<F>> {
        let start = self.start.min(self.containers.len());
        let (back, front) = self.containers.split_at_mut(start);
        front.iter_mut().chain(back)
    }

    pub(super) fn try_reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        self.containers.try_reserve(additional).map_err(|_| OutOfMemory)
    }

    /// Adds a container of the ring's size at the back; it gets the next logical id. The first one brings the size.
    pub(super) fn push_back(&mut self, mut container: Container<F>, size: u64) -> Result<(), OutOfMemory> {
        container.logical = self.next();
        self.straighten();
        let lowest = if self.containers.is_empty() { container.physical } else { self.lowest.min(container.physical) };
        try_push(&mut self.containers, container)?;
        self.lowest = lowest;
        self.layout.container_bytes = size;
        Ok(())
    }

    /// Moves the first container to the back with the next logical id, as long as there is one.
    pub(super) fn recycle_first(&mut self) -> Option<u32> {
        let next = Some(self.next()).filter(|_| self.ids_left() > 0)?;
        let length = self.containers.len();
        let container = self.containers.get_mut(self.start)?;
        let physical = container.physical;
        if physical == self.lowest {
            self.lap = lap_behind(self.lap);
        }
        container.logical = next;
        container.usn = self.lap;
        self.first = self.first.saturating_add(1);
        self.start = self.start.saturating_add(1).checked_rem(length)?;
        Some(physical)
    }

    /// Takes the first container out; the others keep their ids.
    pub(super) fn remove_first(&mut self) -> Option<Container<F>> {
        self.straighten();
        let container = take_at(&mut self.containers, 0)?;
        self.first = self.first.saturating_add(1);
        self.lowest = lowest_of(&self.containers);
        Some(container)
    }

    /// Takes a free container out; the free ones behind it move up by one id, which nothing refers to yet.
    pub(super) fn remove_free(&mut self, logical: u32) -> Option<Container<F>> {
        self.straighten();
        let slot = self.slot(logical)?;
        let container = take_at(&mut self.containers, slot)?;
        for follower in self.containers.iter_mut().skip(slot) {
            follower.logical = follower.logical.saturating_sub(1);
        }
        self.lowest = lowest_of(&self.containers);
        if self.containers.is_empty() {
            self.layout.container_bytes = 0;
        }
        Some(container)
    }

    /// Turns the vector so that the first container is in its first place.
    fn straighten(&mut self) {
        let start = core::mem::take(&mut self.start);
        if start <= self.containers.len() {
            self.containers.rotate_left(start);
        }
    }
}

/// The USN of the lap behind one. Not 0, which sectors have that were never written; nor 1 again, by which a first lap
/// is known.
const fn lap_behind(lap: u8) -> u8 {
    match lap.wrapping_add(1) {
        0 | FIRST_LAP => 2,
        next => next,
    }
}

fn lowest_of<F>(containers: &[Container<F>]) -> u32 {
    containers.iter().map(|container| container.physical).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 1 << 19;

    fn ring(count: u32) -> Ring<()> {
        let mut ring = Ring::new(false);
        for physical in 0..count {
            let container = Container { physical, logical: 0, usn: 1, is_pending_delete: false, file: Ok(()) };
            ring.push_back(container, SIZE).unwrap();
        }
        ring
    }

    fn ids(ring: &Ring<()>) -> Vec<(u32, u32)> {
        ring.iter().map(|container| (container.logical, container.physical)).collect()
    }

    #[test]
    fn a_recycled_container_comes_back_with_the_next_logical_id() {
        let mut ring = ring(3);
        assert_eq!(ring.recycle_first(), Some(0));
        assert_eq!(ids(&ring), [(1, 1), (2, 2), (3, 0)]);
        assert_eq!(ring.get(3).unwrap().usn, 2);
        assert!(ring.get(0).is_none() && ring.get(4).is_none());
    }

    #[test]
    fn containers_join_behind_recycled_ones() {
        let mut ring = ring(2);
        ring.recycle_first();
        ring.push_back(Container { physical: 2, logical: 0, usn: 1, is_pending_delete: false, file: Ok(()) }, SIZE)
            .unwrap();
        assert_eq!(ids(&ring), [(1, 1), (2, 0), (3, 2)]);
    }

    #[test]
    fn free_containers_close_up_behind_a_removed_one() {
        let mut ring = ring(4);
        ring.recycle_first();
        assert_eq!(ring.remove_free(3).unwrap().physical, 3);
        assert_eq!(ids(&ring), [(1, 1), (2, 2), (3, 0)]);
        assert_eq!(ring.remove_first().unwrap().physical, 1);
        assert_eq!(ids(&ring), [(2, 2), (3, 0)]);
    }

    fn from(containers: Vec<Container<()>>) -> Option<Ring<()>> {
        Ring::from_containers(Layout { is_multiplexed: false, container_bytes: SIZE }, FIRST_LAP, containers)
    }

    #[test]
    fn holes_in_the_logical_ids_are_refused() {
        let container =
            |logical| Container { physical: logical, logical, usn: 1, is_pending_delete: false, file: Ok(()) };
        assert!(from(std::vec![container(2), container(1)]).is_some());
        assert!(from(std::vec![container(3), container(1)]).is_none());
        assert!(from(std::vec![container(1), container(1)]).is_none());
    }

    #[test]
    fn a_block_has_its_containers_usn_or_one_of_a_later_lap() {
        let ring = |lap| Ring::from_containers(ring(1).layout(), lap, ring(1).containers).unwrap();
        assert!(ring(7).admits(7, 7) && !ring(7).admits(7, 8) && !ring(7).admits(7, 6));
        assert!(ring(2).admits(254, 254) && ring(2).admits(254, 2) && !ring(2).admits(254, 3));
        assert!(ring(8).admits(7, 7) && ring(8).admits(7, 8) && !ring(8).admits(7, 9) && !ring(8).admits(7, 6));
    }

    #[test]
    fn a_lap_ends_when_the_container_with_the_lowest_id_is_recycled() {
        let mut ring = ring(3);
        let mut laps = Vec::new();
        for _ in 0..7 {
            ring.recycle_first();
            laps.push((ring.lap(), ring.get(ring.next() - 1).unwrap().usn));
        }
        assert_eq!(laps, [(2, 2), (2, 2), (2, 2), (3, 3), (3, 3), (3, 3), (4, 4)]);
        assert_eq!(ring.remove_free(9).map(|container| container.physical), Some(0));
        ring.recycle_first();
        assert_eq!(ring.lap(), 5, "1 is the lowest now");
    }

    #[test]
    fn no_lap_but_the_first_has_the_usn_one_and_none_has_zero() {
        let mut ring = ring(1);
        for _ in 0..600 {
            ring.recycle_first();
            assert!(ring.lap() > FIRST_LAP);
            assert_eq!(ring.iter().next().unwrap().usn, ring.lap());
        }
    }

    #[test]
    fn a_log_that_did_not_count_laps_goes_on_above_the_usns_of_its_containers() {
        let ring_of = |usns: &[u8]| {
            let mut ring = ring(u32::try_from(usns.len()).unwrap());
            ring.iter_mut().zip(usns).for_each(|(container, usn)| container.usn = *usn);
            ring.count_laps();
            assert!(usns.iter().all(|usn| ring.admits(*usn, *usn) && ring.admits(*usn, ring.lap())));
            ring.lap()
        };
        assert_eq!([ring_of(&[1, 1]), ring_of(&[5, 4, 1]), ring_of(&[255, 254])], [1, 6, 2]);
    }
}
