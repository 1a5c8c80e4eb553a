//! Lists that run through the client slots.
//!
//! Picking who is to be asked, completed or notified must neither allocate nor look at every client. So each slot has
//! one pair of links per [`Chain`], and a [`List`] is two slot numbers. A list knows the links and not what is linked.
//!
//! # Invariants
//! A slot is in at most one list of a chain; the owner of the lists knows which, from the client's state.

use super::belief::FalseBelief;

/// The number of a client's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientSlot(pub u16);

impl ClientSlot {
    /// No slot.
    const NONE: Self = Self(u16::MAX);

    /// The number of the place at `index`; `None` for one that no number is left for.
    pub(super) fn at(index: usize) -> Option<Self> {
        u16::try_from(index).ok().map(Self).and_then(Self::some)
    }

    /// Where the slot is in the table.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

/// Which pair of links of a slot a list uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// The lists of one stream's clients; for a free slot, the list of free slots.
    Stream,
    /// Asks that wait to be handed out.
    AskDue,
    /// Open requests, and ended ones that wait to be handed out.
    Request,
    /// Clients that are to be notified that the log is unpinned.
    Unpinned,
}

/// A slot's neighbours in one list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    previous: ClientSlot,
    next: ClientSlot,
}

/// A slot's links, one pair per chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    stream: Link,
    ask_due: Link,
    request: Link,
    unpinned: Link,
}

impl Links {
    /// Links of a slot that is in no list.
    pub(super) const UNLINKED: Self = {
        const NOWHERE: Link = Link { previous: ClientSlot::NONE, next: ClientSlot::NONE };
        Self { stream: NOWHERE, ask_due: NOWHERE, request: NOWHERE, unpinned: NOWHERE }
    };

    const fn of(&self, chain: Chain) -> &Link {
        match chain {
            Chain::Stream => &self.stream,
            Chain::AskDue => &self.ask_due,
            Chain::Request => &self.request,
            Chain::Unpinned => &self.unpinned,
        }
    }

    const fn of_mut(&mut self, chain: Chain) -> &mut Link {
        match chain {
            Chain::Stream => &mut self.stream,
            Chain::AskDue => &mut self.ask_due,
            Chain::Request => &mut self.request,
            Chain::Unpinned => &mut self.unpinned,
        }
    }
}

/// A first-in, first-out list of slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    first: ClientSlot,
    last: ClientSlot,
}

impl List {
    pub(super) const EMPTY: Self = Self { first: ClientSlot::NONE, last: ClientSlot::NONE };

    pub(super) fn is_empty(self) -> bool {
        self.first == ClientSlot::NONE
    }

    /// The slot at the front.
    pub(super) fn first(self) -> Option<ClientSlot> {
        self.first.some()
    }

    /// The slot behind `slot`.
    pub(super) fn next(links: &[Links], chain: Chain, slot: ClientSlot) -> Result<Option<ClientSlot>, FalseBelief> {
        links.get(slot.index()).map(|links| links.of(chain).next.some()).ok_or(FalseBelief::ListedSlotHasLinks)
    }

    /// Adds a slot that is in no list of this chain.
    pub(super) fn push_back(&mut self, links: &mut [Links], chain: Chain, slot: ClientSlot) -> Result<(), FalseBelief> {
        let previous = self.last;
        *link(links, chain, slot)? = Link { previous, next: ClientSlot::NONE };
        if previous == ClientSlot::NONE {
            self.first = slot;
        } else {
            link(links, chain, previous)?.next = slot;
        }
        self.last = slot;
        Ok(())
    }

    /// Takes out a slot that is in this list.
    pub(super) fn unlink(&mut self, links: &mut [Links], chain: Chain, slot: ClientSlot) -> Result<(), FalseBelief> {
        let Link { previous, next } = *link(links, chain, slot)?;
        if previous == ClientSlot::NONE {
            self.first = next;
        } else {
            link(links, chain, previous)?.next = next;
        }
        if next == ClientSlot::NONE {
            self.last = previous;
        } else {
            link(links, chain, next)?.previous = previous;
        }
        Ok(())
    }

    /// Takes out the slot at the front. A list whose front cannot be taken out is empty afterwards.
    pub(super) fn pop_front(&mut self, links: &mut [Links], chain: Chain) -> Result<Option<ClientSlot>, FalseBelief> {
        let Some(slot) = self.first() else {
            return Ok(None);
        };
        if let Err(belief) = self.unlink(links, chain, slot) {
            *self = Self::EMPTY;
            return Err(belief);
        }
        Ok(Some(slot))
    }

    /// Moves all of `other` behind this list, whatever its length, at once.
    pub(super) fn append(&mut self, links: &mut [Links], chain: Chain, other: &mut Self) -> Result<(), FalseBelief> {
        if other.is_empty() {
            return Ok(());
        }
        let (before, behind) = (self.last, other.first);
        if before == ClientSlot::NONE {
            *self = *other;
        } else {
            link(links, chain, before)?.next = behind;
            link(links, chain, behind)?.previous = before;
            self.last = other.last;
        }
        *other = Self::EMPTY;
        Ok(())
    }
}

fn link(links: &mut [Links], chain: Chain, slot: ClientSlot) -> Result<&mut Link, FalseBelief> {
    links.get_mut(slot.index()).map(|links| links.of_mut(chain)).ok_or(FalseBelief::ListedSlotHasLinks)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const CHAIN: Chain = Chain::Stream;

    fn list_of(links: &mut [Links], slots: impl IntoIterator<Item = u16>) -> List {
        let mut list = List::EMPTY;
        for slot in slots {
            list.push_back(links, CHAIN, ClientSlot(slot)).unwrap();
        }
        list
    }

    /// The list's slots, forwards; fails unless they are the same backwards.
    fn slots_of(links: &[Links], list: List) -> Vec<u16> {
        let step = |slot: ClientSlot| List::next(links, CHAIN, slot).unwrap();
        let forwards: Vec<_> = std::iter::successors(list.first(), |slot| step(*slot)).collect();
        let back = |slot: &ClientSlot| links[slot.index()].of(CHAIN).previous.some();
        let mut backwards: Vec<_> = std::iter::successors(list.last.some(), back).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        forwards.iter().map(|slot| slot.0).collect()
    }

    #[test]
    fn what_was_pushed_first_is_popped_first() {
        let mut links = [Links::UNLINKED; 4];
        let mut list = list_of(&mut links, [2, 0, 3]);
        assert_eq!(slots_of(&links, list), [2, 0, 3]);
        let popped = [(); 4].map(|()| list.pop_front(&mut links, CHAIN).unwrap());
        assert_eq!(popped, [Some(ClientSlot(2)), Some(ClientSlot(0)), Some(ClientSlot(3)), None]);
        assert!(list.is_empty());
    }

    #[test]
    fn any_slot_can_be_taken_out_and_put_back_at_the_end() {
        for taken in 0..4 {
            let mut links = [Links::UNLINKED; 4];
            let mut list = list_of(&mut links, 0..4);
            list.unlink(&mut links, CHAIN, ClientSlot(taken)).unwrap();
            let mut expected: Vec<_> = (0..4).filter(|slot| *slot != taken).collect();
            assert_eq!(slots_of(&links, list), expected);
            list.push_back(&mut links, CHAIN, ClientSlot(taken)).unwrap();
            expected.push(taken);
            assert_eq!(slots_of(&links, list), expected);
        }
    }

    #[test]
    fn appending_keeps_the_order_and_empties_the_other() {
        for (front, back) in [(0, 0), (0, 2), (2, 0), (2, 2), (1, 3)] {
            let mut links = [Links::UNLINKED; 4];
            let mut list = list_of(&mut links, 0..front);
            let mut other = list_of(&mut links, front..front + back);
            list.append(&mut links, CHAIN, &mut other).unwrap();
            assert_eq!(slots_of(&links, list), (0..front + back).collect::<Vec<_>>());
            assert!(other.is_empty());
        }
    }

    #[test]
    fn a_slot_is_in_lists_of_different_chains_at_once() {
        let mut links = [Links::UNLINKED; 3];
        let list = list_of(&mut links, [0, 1, 2]);
        for chain in [Chain::AskDue, Chain::Request, Chain::Unpinned] {
            let mut other = List::EMPTY;
            other.push_back(&mut links, chain, ClientSlot(1)).unwrap();
            assert_eq!(other.pop_front(&mut links, chain), Ok(Some(ClientSlot(1))));
        }
        assert_eq!(slots_of(&links, list), [0, 1, 2]);
    }

    #[test]
    fn a_slot_that_is_not_there_is_a_false_belief_and_its_list_comes_to_an_end() {
        let mut links = [Links::UNLINKED; 2];
        let mut list = list_of(&mut links, [0, 1]);
        assert_eq!(list.push_back(&mut links, CHAIN, ClientSlot(2)), Err(FalseBelief::ListedSlotHasLinks));
        assert_eq!(slots_of(&links, list), [0, 1]);
        assert_eq!(List::next(&links[..0], CHAIN, ClientSlot(0)), Err(FalseBelief::ListedSlotHasLinks));
        assert_eq!(list.pop_front(&mut links[..0], CHAIN), Err(FalseBelief::ListedSlotHasLinks));
        assert!(list.is_empty());
    }

    #[test]
    fn the_last_number_stands_for_no_slot() {
        assert_eq!(ClientSlot::at(0xFFFE), Some(ClientSlot(0xFFFE)));
        assert_eq!((ClientSlot::at(0xFFFF), ClientSlot::at(0x1_0000)), (None, None));
    }
}
