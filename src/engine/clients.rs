//! The clients of one log, in a table, and the lists that they are in.
//!
//! Memory is taken here and only here, when a client registers.
//!
//! # Invariants
//! * Every registered client is in exactly one of its stream's three lists: `idle`, `asked`, `refused`.
//! * It is in `asks_due` exactly while its ask is `Due`; in `requests_open` exactly while its request is `Inside` or
//!   `Waiting`; in `completions_due` exactly while it is `Ended`; in `armed` or `unpinned_due` as `unpinned` says.
//! * Every slot has links.

use alloc::vec::Vec;

use super::belief::FalseBelief;
use super::client::{ClientKey, NotAClient, Request, Slot};
use super::links::{Chain, ClientSlot, Links, List};
use crate::units::memory::{OutOfMemory, try_push};
use crate::units::{Lsn, StreamId, StreamSet};

/// The clients of one stream, by what can be asked of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamClients {
    pub(super) idle: List,
    pub(super) asked: List,
    /// No asked client's target is below this.
    pub(super) lowest_target: Lsn,
    /// Those that refused in `round`; in a later round they are idle again.
    pub(super) refused: List,
    pub(super) round: u64,
}

impl StreamClients {
    pub(super) const NONE: Self =
        Self { idle: List::EMPTY, asked: List::EMPTY, lowest_target: Lsn::INVALID, refused: List::EMPTY, round: 0 };

    /// Whether the stream has no client.
    pub(super) fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.asked.is_empty() && self.refused.is_empty()
    }
}

/// Why no client was added.
pub(super) enum NotAdded {
    /// There is no memory, or every place is taken.
    OutOfMemory,
    FalseBelief(FalseBelief),
}

impl From<OutOfMemory> for NotAdded {
    fn from(_: OutOfMemory) -> Self {
        Self::OutOfMemory
    }
}

impl From<FalseBelief> for NotAdded {
    fn from(belief: FalseBelief) -> Self {
        Self::FalseBelief(belief)
    }
}

/// All clients of one log.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Clients {
    pub(super) slots: Vec<Slot>,
    /// The links of each slot.
    pub(super) links: Vec<Links>,
    free: List,
    registered: u32,
    next_generation: u32,
    /// By stream, up to the highest that has had a client. On the heap: kernel stacks are small, and a log's state is
    /// moved over them when it is made.
    pub(super) streams: Vec<StreamClients>,
    /// A bit per stream with an ask due or outstanding.
    pub(super) asked_streams: StreamSet,
    pub(super) next_ask_serial: u32,
    pub(super) asks_due: List,
    pub(super) requests_open: List,
    pub(super) completions_due: List,
    pub(super) armed: List,
    pub(super) unpinned_due: List,
}

impl Clients {
    pub(super) const fn new(first_generation: u32) -> Self {
        Self {
            slots: Vec::new(),
            links: Vec::new(),
            free: List::EMPTY,
            registered: 0,
            next_generation: first_generation,
            streams: Vec::new(),
            asked_streams: StreamSet::EMPTY,
            next_ask_serial: 0,
            asks_due: List::EMPTY,
            requests_open: List::EMPTY,
            completions_due: List::EMPTY,
            armed: List::EMPTY,
            unpinned_due: List::EMPTY,
        }
    }

    pub(super) const fn registered(&self) -> u32 {
        self.registered
    }

    /// The generation that the next registration gets; 0 stands for 1.
    pub(super) const fn next_generation(&self) -> u32 {
        self.next_generation
    }

    /// Makes a place for a client of `stream`. Nothing has changed when there is no memory for it.
    pub(super) fn add(&mut self, stream: StreamId) -> Result<ClientKey, NotAdded> {
        while self.streams.len() <= usize::from(stream.0) {
            try_push(&mut self.streams, StreamClients::NONE)?;
        }
        let slot = self.free_slot()?;
        let generation = self.next_generation.max(1);
        self.next_generation = generation.wrapping_add(1);
        *self.slots.get_mut(slot.index()).ok_or(FalseBelief::SlotHasClient)? = Slot::new(stream, generation);
        let (clients, links) = self.stream_of_client(stream)?;
        clients.idle.push_back(links, Chain::Stream, slot)?;
        self.registered = self.registered.saturating_add(1);
        Ok(ClientKey { slot, generation })
    }

    fn free_slot(&mut self) -> Result<ClientSlot, NotAdded> {
        if let Some(slot) = self.free.pop_front(&mut self.links, Chain::Stream)? {
            return Ok(slot);
        }
        let slot = ClientSlot::at(self.slots.len()).ok_or(OutOfMemory)?;
        // One that is left over because there was no memory for the slot is the next slot's.
        if self.links.len() == self.slots.len() {
            try_push(&mut self.links, Links::UNLINKED)?;
        }
        try_push(&mut self.slots, Slot::VACANT)?;
        Ok(slot)
    }

    /// The client behind a key; it is in the key's slot.
    ///
    /// # Errors
    /// The key is stale or was never given.
    pub(super) fn find(&self, key: ClientKey) -> Result<&Slot, NotAClient> {
        self.client(key.slot).ok().filter(|client| client.generation == key.generation).ok_or(NotAClient)
    }

    /// The client behind a key, to be changed.
    ///
    /// # Errors
    /// The key is stale or was never given.
    pub(super) fn find_mut(&mut self, key: ClientKey) -> Result<&mut Slot, NotAClient> {
        self.client_mut(key.slot).ok().filter(|client| client.generation == key.generation).ok_or(NotAClient)
    }

    /// The client in a slot where there is one.
    pub(super) fn client(&self, slot: ClientSlot) -> Result<&Slot, FalseBelief> {
        self.slots.get(slot.index()).filter(|client| client.generation != 0).ok_or(FalseBelief::SlotHasClient)
    }

    /// The client in a slot where there is one, to be changed.
    pub(super) fn client_mut(&mut self, slot: ClientSlot) -> Result<&mut Slot, FalseBelief> {
        self.slots.get_mut(slot.index()).filter(|client| client.generation != 0).ok_or(FalseBelief::SlotHasClient)
    }

    /// The key of the client in a slot.
    pub(super) fn key(&self, slot: ClientSlot) -> Result<ClientKey, FalseBelief> {
        let generation = self.client(slot)?.generation;
        Ok(ClientKey { slot, generation })
    }

    /// The clients of a stream, with the links that their lists run through; `None` for a stream that never had one.
    pub(super) fn stream_mut(&mut self, stream: StreamId) -> Option<(&mut StreamClients, &mut [Links])> {
        let clients = self.streams.get_mut(usize::from(stream.0))?;
        Some((clients, &mut self.links))
    }

    /// The clients of a stream that has a client.
    pub(super) fn stream_of_client(
        &mut self,
        stream: StreamId,
    ) -> Result<(&mut StreamClients, &mut [Links]), FalseBelief> {
        self.stream_mut(stream).ok_or(FalseBelief::StreamHasLists)
    }

    /// Takes a client out of everything; its key is stale from here on, whatever is returned.
    pub(super) fn remove(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        let unlinked = self.unlink(slot);
        *self.client_mut(slot)? = Slot::VACANT;
        self.registered = self.registered.saturating_sub(1);
        unlinked?;
        self.free.push_back(&mut self.links, Chain::Stream, slot)
    }

    fn unlink(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        self.end_ask(slot)?;
        self.disarm(slot)?;
        let &Slot { request, stream, refused_in_round, .. } = self.client(slot)?;
        match request {
            Request::Inside | Request::Waiting => {
                self.requests_open.unlink(&mut self.links, Chain::Request, slot)?;
            }
            Request::Ended(_) => {
                self.completions_due.unlink(&mut self.links, Chain::Request, slot)?;
            }
            Request::None | Request::InsideEnded(_) => {}
        }
        // The ask has ended: the client is idle or refused.
        let (clients, links) = self.stream_of_client(stream)?;
        let is_refused = refused_in_round == clients.round && clients.round != 0;
        let list = if is_refused { &mut clients.refused } else { &mut clients.idle };
        list.unlink(links, Chain::Stream, slot)
    }
}
