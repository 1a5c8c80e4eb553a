//! The clients of one log: who is registered, and what is under way with each.
//!
//! A slot per client and a generation per registration make the key; a stale key is recognised, never followed.
//! Memory is taken here and only here, when a client registers.
//!
//! # Invariants
//! * Every registered client is in exactly one of its stream's three lists: `idle`, `asked`, `refused`.
//! * It is in `asks_due` exactly while its ask is `Due`; in `requests_open` exactly while its request is `Inside` or
//!   `Waiting`; in `completions_due` exactly while it is `Ended`; in `armed` or `unpinned_due` as `unpinned` says.

use alloc::vec::Vec;

use super::links::{Chain, Links, List, NIL};
use super::report::AskHistory;
use crate::units::memory::{OutOfMemory, try_push};
use crate::units::{Lsn, Status, StreamId, StreamSet};

/// Names one registration of a client with one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// Its place in the table.
    pub slot: u16,
    /// Which registration in that place; never 0.
    pub generation: u32,
}

/// The key names no registered client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAClient;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) status: Status,
    pub(super) is_pinned: bool,
}

impl End {
    pub(super) const SUCCESS: Self = Self { status: Status::SUCCESS, is_pinned: false };

    /// Whether the client is to hear when the log is no longer pinned.
    pub(super) const fn arms_unpinned(self) -> bool {
        self.is_pinned && self.status.is_error()
    }
}

/// The tail request of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    None,
    /// Decided, not handed out yet.
    Due {
        target: Lsn,
    },
    /// Handed out and not answered.
    Outstanding {
        target: Lsn,
        serial: u32,
    },
}

impl Ask {
    pub(super) const fn target(self) -> Option<Lsn> {
        match self {
            Self::None => None,
            Self::Due { target } | Self::Outstanding { target, .. } => Some(target),
        }
    }
}

/// The log-full request of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    None,
    /// Open, and the call that made it has not returned.
    Inside,
    /// Ended before the call returned: the call itself will tell.
    InsideEnded(End),
    /// Open, and the call has answered `PENDING`.
    Waiting,
    /// Ended; the completion waits to be handed out.
    Ended(End),
}

/// Whether a client is to hear of the unpinned log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpinned {
    Disarmed,
    Armed,
    Due,
}

/// One place in the table.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Slot {
    /// 0 while the place is free.
    generation: u32,
    pub(super) stream: StreamId,
    pub(super) ask: Ask,
    /// The round in which the client last said that it cannot move its tail: it is in `refused` while its stream is in
    /// that round, since in one round nobody is asked after having refused.
    pub(super) refused_in_round: u64,
    pub(super) request: Request,
    pub(super) unpinned: Unpinned,
    /// Completions that were handed out and have not returned; each thread of a client may have one.
    pub(super) completions_running: u32,
    /// One of them arms the client, once none runs.
    pub(super) arm_owed: bool,
    pub(super) history: AskHistory,
    pub(super) links: Links,
}

impl Slot {
    const fn new(stream: StreamId, generation: u32) -> Self {
        Self {
            generation,
            stream,
            ask: Ask::None,
            refused_in_round: 0,
            request: Request::None,
            unpinned: Unpinned::Disarmed,
            completions_running: 0,
            arm_owed: false,
            history: AskHistory::NONE,
            links: Links::UNLINKED,
        }
    }

    /// A completion is handed out.
    pub(super) fn begin_completion(&mut self, end: End) {
        self.request = Request::None;
        self.completions_running = self.completions_running.saturating_add(1);
        self.arm_owed |= end.arms_unpinned();
    }

    /// A completion has returned; answers whether the client is to be armed. Not while another runs, which may not
    /// have begun: unpinned is never told before it.
    pub(super) fn end_completion(&mut self) -> bool {
        self.completions_running = self.completions_running.saturating_sub(1);
        self.completions_running == 0 && core::mem::take(&mut self.arm_owed)
    }
}

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
}

/// All clients of one log.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Clients {
    pub(super) slots: Vec<Slot>,
    free: List,
    registered: u32,
    next_generation: u32,
    /// By stream, up to the highest that has had a client. On the heap: kernel stacks are small, and a log's state is
    /// moved over them when it is made.
    pub(super) streams: Vec<StreamClients>,
    /// The streams with an ask due or outstanding.
    pub(super) asked_streams: StreamSet,
    pub(super) next_ask_serial: u32,
    pub(super) asks_due: List,
    pub(super) requests_open: List,
    pub(super) completions_due: List,
    pub(super) armed: List,
    pub(super) unpinned_due: List,
}

const _: () = assert!(StreamId::SLOTS <= 128);

impl Clients {
    pub(super) const fn new(first_generation: u32) -> Self {
        Self {
            slots: Vec::new(),
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

    /// Makes a place for a client of `stream`.
    ///
    /// # Errors
    /// There is no memory, or every place is taken.
    pub(super) fn add(&mut self, stream: StreamId) -> Result<ClientKey, OutOfMemory> {
        while self.streams.len() <= usize::from(stream.0) {
            try_push(&mut self.streams, StreamClients::NONE)?;
        }
        let slot = self.free_slot()?;
        let generation = self.next_generation.max(1);
        self.next_generation = generation.wrapping_add(1);
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            *place = Slot::new(stream, generation);
        }
        if let Some(clients) = self.streams.get_mut(usize::from(stream.0)) {
            clients.idle.push_back(&mut self.slots, Chain::Stream, slot);
        }
        self.registered = self.registered.saturating_add(1);
        Ok(ClientKey { slot, generation })
    }

    fn free_slot(&mut self) -> Result<u16, OutOfMemory> {
        if let Some(slot) = self.free.pop_front(&mut self.slots, Chain::Stream) {
            return Ok(slot);
        }
        let slot = u16::try_from(self.slots.len()).map_err(|_| OutOfMemory)?;
        if slot == NIL {
            return Err(OutOfMemory);
        }
        try_push(&mut self.slots, Slot::new(StreamId::PHYSICAL, 0))?;
        Ok(slot)
    }

    /// The slot number behind a key.
    ///
    /// # Errors
    /// The key is stale or was never given.
    pub(super) fn find(&self, key: ClientKey) -> Result<u16, NotAClient> {
        match self.slots.get(usize::from(key.slot)) {
            Some(slot) if key.generation != 0 && slot.generation == key.generation => Ok(key.slot),
            _ => Err(NotAClient),
        }
    }

    /// The client in a slot, if there is one.
    pub(super) fn get(&self, slot: u16) -> Option<&Slot> {
        self.slots.get(usize::from(slot)).filter(|slot| slot.generation != 0)
    }

    /// The client in a slot, to be changed.
    pub(super) fn get_mut(&mut self, slot: u16) -> Option<&mut Slot> {
        self.slots.get_mut(usize::from(slot)).filter(|slot| slot.generation != 0)
    }

    /// The key of the client in a slot.
    pub(super) fn key(&self, slot: u16) -> Option<ClientKey> {
        let generation = self.get(slot)?.generation;
        Some(ClientKey { slot, generation })
    }

    /// Takes a client out of everything; its key is stale from here on.
    pub(super) fn remove(&mut self, slot: u16) {
        let Some(client) = self.get(slot) else {
            return;
        };
        let request = client.request;
        self.end_ask(slot);
        self.disarm(slot);
        match request {
            Request::Inside | Request::Waiting => {
                self.requests_open.unlink(&mut self.slots, Chain::Request, slot);
            }
            Request::Ended(_) => {
                self.completions_due.unlink(&mut self.slots, Chain::Request, slot);
            }
            Request::None | Request::InsideEnded(_) => {}
        }
        self.leave_stream(slot);
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            *place = Slot::new(StreamId::PHYSICAL, 0);
        }
        self.free.push_back(&mut self.slots, Chain::Stream, slot);
        self.registered = self.registered.saturating_sub(1);
    }

    fn leave_stream(&mut self, slot: u16) {
        let Some(client) = self.get(slot) else {
            return;
        };
        let (stream, refused_in_round) = (client.stream, client.refused_in_round);
        let Some(clients) = self.streams.get_mut(usize::from(stream.0)) else {
            return;
        };
        // `end_ask` has run: the client is idle or refused.
        let list = if refused_in_round == clients.round && clients.round != 0 {
            &mut clients.refused
        } else {
            &mut clients.idle
        };
        list.unlink(&mut self.slots, Chain::Stream, slot);
    }
}
