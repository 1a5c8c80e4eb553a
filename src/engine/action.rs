//! What the engine asks its driver to do, and the order in which it does.

use super::client::{ClientKey, Request};
use super::growth::Growth;
use super::links::Chain;
use super::shrink::Shrink;
use super::{Engine, Outcome};
use crate::units::{ContainerCount, Lsn, Status, Time};

/// One thing to do, with no lock held; its result comes back as a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Add containers; answer with [`Engine::handle_growth_finished`].
    Grow {
        /// How many.
        count: ContainerCount,
    },
    /// Remove free containers; answer with [`Engine::handle_shrink_finished`].
    Shrink {
        /// How many.
        count: ContainerCount,
    },
    /// Ask a client to move its tail; answer with [`Engine::handle_ask_returned`].
    AskTail {
        /// Whom.
        client: ClientKey,
        /// To where, or beyond.
        target: Lsn,
        /// Which ask this is, for the answer.
        ask: AskSerial,
    },
    /// Tell a client how its log-full request ended; answer with [`Engine::handle_completion_returned`].
    CompleteRequest {
        /// Whom.
        client: ClientKey,
        /// How it ended.
        status: Status,
        /// Whether the log is pinned now.
        is_pinned: bool,
    },
    /// Tell a client that space has come.
    NotifyUnpinned {
        /// Whom.
        client: ClientKey,
    },
}

/// Tells one ask of a client from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskSerial(pub(super) u32);

impl Engine {
    /// Whether [`Engine::poll_action`] has something.
    pub fn has_action(&self) -> bool {
        let clients = &self.clients;
        !clients.completions_due.is_empty()
            || (!self.is_stopped
                && (!clients.unpinned_due.is_empty()
                    || !clients.asks_due.is_empty()
                    || matches!(self.growth, Growth::Due(_))
                    || matches!(self.shrink, Shrink::Due(_))))
    }

    /// Hands out the next thing to do: ends first, then asks, then containers.
    pub fn poll_action(&mut self, now: Time) -> Option<Action> {
        if let Some(action) = self.poll_completion() {
            return Some(action);
        }
        if self.is_stopped {
            return None;
        }
        self.poll_unpinned()
            .or_else(|| self.poll_ask(now))
            .or_else(|| self.take_growth())
            .or_else(|| self.poll_shrink())
    }

    /// Hands out a growth that requests wait for, and nothing else: for a caller that may create containers but must
    /// not call clients. Growth ahead of need is left to [`Engine::poll_action`].
    pub fn poll_growth(&mut self) -> Option<Action> {
        if self.is_stopped || self.clients.requests_open.is_empty() {
            return None;
        }
        self.take_growth()
    }

    fn take_growth(&mut self) -> Option<Action> {
        let Growth::Due(count) = self.growth else {
            return None;
        };
        self.growth = Growth::Running;
        Some(Action::Grow { count })
    }

    fn poll_shrink(&mut self) -> Option<Action> {
        match self.shrink {
            Shrink::Due(count) => {
                self.shrink = Shrink::Running;
                Some(Action::Shrink { count })
            }
            Shrink::Idle | Shrink::Running => None,
        }
    }

    fn poll_completion(&mut self) -> Option<Action> {
        let clients = &mut self.clients;
        let slot = clients.completions_due.pop_front(&mut clients.slots, Chain::Request)?;
        let key = clients.key(slot)?;
        let client = clients.get_mut(slot)?;
        let Request::Ended(end) = client.request else {
            self.fence("a completion is due of a request that has not ended");
            return None;
        };
        client.begin_completion(end);
        Some(Action::CompleteRequest { client: key, status: end.status, is_pinned: end.is_pinned })
    }

    fn poll_unpinned(&mut self) -> Option<Action> {
        let slot = self.clients.take_due_unpinned()?;
        let client = self.clients.key(slot)?;
        Some(Action::NotifyUnpinned { client })
    }

    fn poll_ask(&mut self, now: Time) -> Option<Action> {
        let (slot, target, serial) = self.clients.take_due_ask()?;
        let key = self.clients.key(slot)?;
        let client = self.clients.get_mut(slot)?;
        let tail = self.view.tail(client.stream);
        client.history.note_asked(target, tail, now);
        Some(Action::AskTail { client: key, target, ask: AskSerial(serial) })
    }

    /// A completion callback has returned: from here on the client may hear that the log is unpinned.
    pub fn handle_completion_returned(&mut self, client: ClientKey) {
        let Ok(slot) = self.clients.find(client) else {
            return;
        };
        let client = self.clients.get_mut(slot);
        if client.is_some_and(super::client::Slot::end_completion) {
            self.clients.arm(slot);
            self.decide();
        }
    }

    /// An inline completion cannot be called where it was decided: it becomes an action.
    pub fn defer_completion(&mut self, client: ClientKey, outcome: Outcome) {
        let Outcome::CompleteThenPending { status, is_pinned } = outcome else {
            return;
        };
        let Ok(slot) = self.clients.find(client) else {
            return;
        };
        let Some(client) = self.clients.get_mut(slot) else {
            return;
        };
        // What it arms stays owed: it is handed out before unpinned is.
        client.completions_running = client.completions_running.saturating_sub(1);
        client.request = Request::Ended(super::client::End { status, is_pinned });
        let clients = &mut self.clients;
        clients.completions_due.push_back(&mut clients.slots, Chain::Request, slot);
    }
}
