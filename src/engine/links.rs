//! Lists that run through the client slots.
//!
//! Picking who is to be asked, completed or told must neither allocate nor look at every client. So each slot carries
//! one pair of links per [`Chain`], and a [`List`] is two slot numbers.
//!
//! # Invariants
//! A slot is in at most one list of a chain; the owner of the lists knows which, from the client's state.

use super::client::Slot;

/// No slot.
pub(super) const NIL: u16 = u16::MAX;

/// Which pair of links of a slot a list uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// The lists of one stream's clients; for a free slot, the list of free slots.
    Stream,
    /// Asks that wait to be handed out.
    AskDue,
    /// Open requests, and ended ones that wait to be handed out.
    Request,
    /// Clients that are to hear of the unpinned log.
    Unpinned,
}

/// A slot's neighbours in one list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    previous: u16,
    next: u16,
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
        const NOWHERE: Link = Link { previous: NIL, next: NIL };
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
    first: u16,
    last: u16,
}

impl List {
    pub(super) const EMPTY: Self = Self { first: NIL, last: NIL };

    pub(super) const fn is_empty(self) -> bool {
        self.first == NIL
    }

    /// The slot at the front.
    pub(super) const fn first(self) -> Option<u16> {
        if self.first == NIL { None } else { Some(self.first) }
    }

    /// The slot behind `slot`.
    pub(super) fn next(slots: &[Slot], chain: Chain, slot: u16) -> Option<u16> {
        let next = slots.get(usize::from(slot))?.links.of(chain).next;
        (next != NIL).then_some(next)
    }

    /// Adds a slot that is in no list of this chain.
    pub(super) fn push_back(&mut self, slots: &mut [Slot], chain: Chain, slot: u16) {
        let previous = self.last;
        set(slots, chain, slot, |link| {
            *link = Link { previous, next: NIL };
        });
        if previous == NIL {
            self.first = slot;
        } else {
            set(slots, chain, previous, |link| link.next = slot);
        }
        self.last = slot;
    }

    /// Takes out a slot that is in this list.
    pub(super) fn unlink(&mut self, slots: &mut [Slot], chain: Chain, slot: u16) {
        let Some(link) = slots.get(usize::from(slot)).map(|slot| *slot.links.of(chain)) else {
            return;
        };
        if link.previous == NIL {
            self.first = link.next;
        } else {
            set(slots, chain, link.previous, |before| {
                before.next = link.next;
            });
        }
        if link.next == NIL {
            self.last = link.previous;
        } else {
            set(slots, chain, link.next, |after| {
                after.previous = link.previous;
            });
        }
    }

    /// Takes out the slot at the front.
    pub(super) fn pop_front(&mut self, slots: &mut [Slot], chain: Chain) -> Option<u16> {
        let slot = self.first()?;
        self.unlink(slots, chain, slot);
        Some(slot)
    }

    /// Moves all of `other` behind this list, whatever its length, at once.
    pub(super) fn append(&mut self, slots: &mut [Slot], chain: Chain, other: &mut Self) {
        if other.is_empty() {
            return;
        }
        let (before, behind) = (self.last, other.first);
        if before == NIL {
            *self = *other;
        } else {
            set(slots, chain, before, |link| link.next = behind);
            set(slots, chain, behind, |link| link.previous = before);
            self.last = other.last;
        }
        *other = Self::EMPTY;
    }
}

fn set(slots: &mut [Slot], chain: Chain, slot: u16, change: impl FnOnce(&mut Link)) {
    if let Some(slot) = slots.get_mut(usize::from(slot)) {
        change(slot.links.of_mut(chain));
    }
}
