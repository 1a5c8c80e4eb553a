//! The containers of a log in the order in which they are written.
//!
//! Logical ids are consecutive: the active ones first, then the free ones, so that the next container is known before
//! the current one is full. A container that the tail has passed goes to the back with the next logical id and the
//! next USN.
//!
//! A block bears its container's USN in logs that were written here, where every recycling raises that of its container
//! and the log's own stays 1. Windows raises the log's own USN, once a lap, gives blocks the one of their moment and a
//! container that of its recycling: a container holds blocks from its own USN up to the log's.

use alloc::vec::Vec;

use super::layout::Layout;
use crate::format::check::FIRST_LAP;
use crate::units::Status;
use crate::units::memory::{OutOfMemory, take_at, try_push};
use crate::units::order::sort_by_key;

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
#[derive(Debug)]
pub(super) struct Ring<F> {
    layout: Layout,
    /// The log's own USN.
    lap: u8,
    containers: Vec<Container<F>>,
    start: usize,
    first: u32,
}

impl<F> Ring<F> {
    pub(super) const fn new(is_multiplexed: bool) -> Self {
        let layout = Layout { is_multiplexed, container_bytes: 0 };
        Self { layout, lap: FIRST_LAP, containers: Vec::new(), start: 0, first: 0 }
    }

    /// Takes containers in any order; `None` if their logical ids have holes or are used twice.
    pub(super) fn from_containers(layout: Layout, lap: u8, mut containers: Vec<Container<F>>) -> Option<Self> {
        sort_by_key(&mut containers, |container| container.logical);
        let first = containers.first().map_or(0, |container| container.logical);
        let is_consecutive = (first..u32::MAX).zip(&containers).all(|(id, container)| id == container.logical);
        is_consecutive.then_some(Self { layout, lap, containers, start: 0, first })
    }

    /// Where data goes inside each container.
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether a block with this USN may lie in a container of this one. USNs go round, so what counts is how far each
    /// is ahead.
    pub(super) const fn admits(&self, container_usn: u8, block_usn: u8) -> bool {
        let ahead = block_usn.wrapping_sub(container_usn);
        if self.lap == FIRST_LAP { ahead == 0 } else { ahead <= self.lap.wrapping_sub(container_usn) }
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
        try_push(&mut self.containers, container)?;
        self.layout.container_bytes = size;
        Ok(())
    }

    /// Moves the first container to the back with its next logical id and USN. The last usable id is never given out.
    pub(super) fn recycle_first(&mut self) -> Option<u32> {
        let next = self.next();
        if next >= u32::MAX.saturating_sub(1) {
            return None;
        }
        let length = self.containers.len();
        let container = self.containers.get_mut(self.start)?;
        container.logical = next;
        container.usn = container.usn.checked_add(1).unwrap_or(1);
        let physical = container.physical;
        self.first = self.first.saturating_add(1);
        self.start = self.start.saturating_add(1).checked_rem(length)?;
        Some(physical)
    }

    /// Takes the first container out; the others keep their ids.
    pub(super) fn remove_first(&mut self) -> Option<Container<F>> {
        self.straighten();
        let container = take_at(&mut self.containers, 0)?;
        self.first = self.first.saturating_add(1);
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
        assert!(ring(1).admits(7, 7) && !ring(1).admits(7, 8) && !ring(1).admits(7, 1));
        assert!(ring(8).admits(7, 7) && ring(8).admits(7, 8) && !ring(8).admits(7, 9) && !ring(8).admits(7, 6));
    }

    #[test]
    fn usn_zero_is_never_given() {
        let mut ring = ring(1);
        for _ in 0..600 {
            ring.recycle_first();
            assert_ne!(ring.iter().next().unwrap().usn, 0);
        }
    }
}
