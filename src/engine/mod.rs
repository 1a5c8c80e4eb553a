//! DECIDES: one log's policies, clients and space requests; pure, no I/O, no clock, no lock.
//!
//! One [`Engine`] per physical log. Facts go in by `handle_*`, things to do come out of [`Engine::poll_action`], and
//! their results come back as facts. What a fact leads to is computed from the whole state each time
//! (`request.rs`, `decide`), so the order of facts does not matter.
//!
//! | file | what |
//! |---|---|
//! | `client`, `clients` | a client and its key; the table of all, with their lists |
//! | `asks` | the moves of clients between the lists |
//! | `links` | the lists through the slots |
//! | `history` | what was asked of a client, and what it said |
//! | `request` | the log-full request: opened, joined, ended exactly once |
//! | `tail` | how far tails are to move, which clients to ask, what a refusal means |
//! | `growth`, `shrink`, `resize` | how many containers to add or remove |
//! | `policy` | the ten policies, their defaults, and container names |
//! | `action` | what is to be done, in its order |
//! | `report` | who pins the log |
//! | `view` | what the engine knows of its log: one snapshot |
//! | `belief` | what holds by construction, and did not |
//! | `tests` | exhaustive small worlds |
//!
//! # Invariants
//! * `SUCCESS` and a refusal are followed by no completion, `PENDING` by exactly one.
//! * At most one ask per client is outstanding, at most one growth and one shrink per log are under way.
//! * Nothing is handed out for a client after it was deregistered.
//! * Nothing after registration and policy installation allocates.
#![forbid(unsafe_code)]

mod action;
mod asks;
mod belief;
mod client;
mod clients;
mod growth;
mod history;
mod links;
pub mod policy;
mod report;
mod request;
mod resize;
mod shrink;
mod tail;
#[cfg(test)]
mod tests;
mod view;

use belief::FalseBelief;
use client::End;
use clients::{Clients, NotAdded};
use growth::Growth;
use policy::PolicyTable;
use request::Round;
use shrink::Shrink;
use tail::Move;

use crate::units::{Status, StreamId};

pub use action::Action;
pub use client::{AskSerial, ClientKey, NotAClient};
pub use growth::CONTAINERS_MAX;
pub use history::Refusal;
pub use links::ClientSlot;
pub use report::{Pin, PinHolder};
pub use request::{Outcome, RequestRefused};
pub use resize::ResizePlan;
pub use view::LogView;

/// The management of one physical log.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Engine {
    view: LogView,
    policies: PolicyTable,
    clients: Clients,
    round: Round,
    /// What the newest decision wants of tails.
    wanted_move: Option<Move>,
    growth: Growth,
    /// A growth has added a container since the base last moved.
    has_grown: bool,
    /// The version of the log on which a growth failed: ahead of need it is not tried again on the same.
    growth_failed_at: Option<u64>,
    shrink: Shrink,
    shrink_failed_at: Option<u64>,
    is_stopped: bool,
    refusals: u64,
}

impl Engine {
    /// The management of a log of which nothing is known yet. Its clients' generations count up from
    /// `first_generation`, so that keys of an earlier log in the same place stay stale.
    pub const fn new(first_generation: u32) -> Self {
        Self {
            view: LogView::unknown(),
            policies: PolicyTable::new(),
            clients: Clients::new(first_generation),
            round: Round::NONE,
            wanted_move: None,
            growth: Growth::Idle,
            has_grown: false,
            growth_failed_at: None,
            shrink: Shrink::Idle,
            shrink_failed_at: None,
            is_stopped: false,
            refusals: 0,
        }
    }

    /// The newest snapshot that was given.
    pub const fn view(&self) -> &LogView {
        &self.view
    }

    /// How many clients are registered.
    pub const fn clients_registered(&self) -> u32 {
        self.clients.registered()
    }

    /// What the generations of a later log in the same place have to count up from.
    pub const fn next_generation(&self) -> u32 {
        self.clients.next_generation()
    }

    /// How often a client has said that it cannot move its tail as asked.
    pub const fn refusals(&self) -> u64 {
        self.refusals
    }

    /// Whether the management of this log has stopped: a belief turned out false, or the log was closed.
    pub const fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The log has changed. A snapshot that is not newer than the last is ignored.
    pub fn handle_view(&mut self, view: &LogView) {
        if view.version <= self.view.version {
            return;
        }
        if view.first_container != self.view.first_container {
            self.has_grown = false;
        }
        self.view.clone_from(view);
        let ended = self.end_met_asks();
        self.believed(ended);
        self.decide();
    }

    /// Registers a client of `stream`; several of one stream are fine.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` for a stream the format has no place for, `INSUFFICIENT_RESOURCES`, `UNSUCCESSFUL` when the
    /// management of this log has stopped.
    pub fn register(&mut self, stream: StreamId) -> Result<ClientKey, Status> {
        if usize::from(stream.0) >= StreamId::SLOTS {
            return Err(Status::INVALID_PARAMETER);
        }
        if self.is_stopped {
            return Err(Status::UNSUCCESSFUL);
        }
        match self.clients.add(stream) {
            Ok(client) => {
                self.decide();
                Ok(client)
            }
            Err(NotAdded::OutOfMemory) => Err(Status::INSUFFICIENT_RESOURCES),
            Err(NotAdded::FalseBelief(belief)) => {
                self.fence(belief);
                Err(Status::UNSUCCESSFUL)
            }
        }
    }

    /// Deregisters a client in silence: nothing is handed out for it any more. An ask it had counts as refused.
    ///
    /// # Errors
    /// The key names no registered client.
    pub fn deregister(&mut self, client: ClientKey) -> Result<(), NotAClient> {
        self.clients.find(client)?;
        let removed = self.clients.remove(client.slot);
        self.believed(removed);
        self.decide();
        Ok(())
    }

    /// Whether the key names a registered client.
    pub fn is_client(&self, client: ClientKey) -> bool {
        self.clients.find(client).is_ok()
    }

    /// What was found, where all that was believed held; otherwise the log is fenced.
    fn believed<T>(&mut self, found: Result<T, FalseBelief>) -> Option<T> {
        found.map_err(|belief| self.fence(belief)).ok()
    }

    /// A belief turned out false: the management of this log stops, its requests end with an error. Panics in builds
    /// with debug assertions only.
    // Every change of the engine may end in it, and none does: the image has it once, away from what is run.
    #[cold]
    #[inline(never)]
    fn fence(&mut self, belief: FalseBelief) {
        debug_assert!(self.is_stopped, "false belief: {belief:?}");
        self.stop();
        self.clients.end_requests_without_lists(End { status: Status::UNSUCCESSFUL, is_pinned: false });
    }

    /// The log has been closed under its clients: its management stops, nothing more will be seen of it.
    pub fn handle_log_closed(&mut self) {
        self.stop();
        let ended = self.clients.end_requests(|_| End { status: Status::LOG_STATE_INVALID, is_pinned: false });
        self.believed(ended);
    }

    /// Nothing but completions is handed out from here on.
    const fn stop(&mut self) {
        self.is_stopped = true;
        self.growth = Growth::Idle;
        self.shrink = Shrink::Idle;
    }
}
