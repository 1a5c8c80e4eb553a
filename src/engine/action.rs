//! What the engine asks its driver to do, and the order in which it does.

use super::belief::FalseBelief;
use super::client::{ClientKey, End, Request, Slot};
use super::growth::Growth;
use super::links::Chain;
use super::shrink::Shrink;
use super::{AskSerial, Engine, Outcome};
use crate::units::{Lsn, Status, Time};

/// One thing to do, with no lock held; its result comes back as a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Add one container; the result comes back by [`Engine::handle_growth_finished`].
    Grow,
    /// Remove one free container; the result comes back by [`Engine::handle_shrink_finished`].
    Shrink,
    /// Ask a client to move its tail; the result comes back by [`Engine::handle_ask_returned`].
    AskTail {
        /// The client.
        client: ClientKey,
        /// To where, or beyond.
        target: Lsn,
        /// Which ask this is, for the result.
        ask: AskSerial,
    },
    /// Complete a client's log-full request; its return comes back by [`Engine::handle_completion_returned`].
    CompleteRequest {
        /// The client.
        client: ClientKey,
        /// How it ended.
        status: Status,
        /// Whether the log is pinned now.
        is_pinned: bool,
    },
    /// Notify a client that there is space again.
    NotifyUnpinned {
        /// The client.
        client: ClientKey,
    },
}

impl Engine {
    /// Whether [`Engine::poll_action`] has something.
    pub fn has_action(&self) -> bool {
        let clients = &self.clients;
        !clients.completions_due.is_empty()
            || (!self.is_stopped
                && (!clients.unpinned_due.is_empty()
                    || !clients.asks_due.is_empty()
                    || self.growth.is_due()
                    || self.shrink == Shrink::Due))
    }

    /// Hands out the next thing to do: ends first, then asks, then containers.
    pub fn poll_action(&mut self, now: Time) -> Option<Action> {
        loop {
            // What is found false takes itself out of what is due: the fence's completions follow, and then nothing.
            let next = self.next_action(now);
            if let Some(action) = self.believed(next) {
                return action;
            }
        }
    }

    fn next_action(&mut self, now: Time) -> Result<Option<Action>, FalseBelief> {
        if let Some(action) = self.poll_completion()? {
            return Ok(Some(action));
        }
        if self.is_stopped {
            return Ok(None);
        }
        if let Some(action) = self.poll_unpinned()? {
            return Ok(Some(action));
        }
        if let Some(action) = self.poll_ask(now)? {
            return Ok(Some(action));
        }
        Ok(self.take_growth().or_else(|| self.poll_shrink()))
    }

    /// Hands out a growth that the request of `client` waits for, and nothing else: for its call, which may create
    /// containers but must not call clients. Growth for others, and ahead of need, is left to [`Engine::poll_action`].
    pub fn poll_growth(&mut self, client: ClientKey) -> Option<Action> {
        let waits = self.clients.find(client).is_ok_and(|client| client.request == Request::Inside);
        if self.is_stopped || !waits { None } else { self.take_growth() }
    }

    fn take_growth(&mut self) -> Option<Action> {
        let (Growth::Due { goal } | Growth::Continuing { goal }) = self.growth else {
            return None;
        };
        self.growth = Growth::Running { goal };
        Some(Action::Grow)
    }

    fn poll_shrink(&mut self) -> Option<Action> {
        (self.shrink == Shrink::Due).then(|| {
            self.shrink = Shrink::Running;
            Action::Shrink
        })
    }

    fn poll_completion(&mut self) -> Result<Option<Action>, FalseBelief> {
        let has_space = self.has_space();
        let clients = &mut self.clients;
        let Some(slot) = clients.completions_due.pop_front(&mut clients.links, Chain::Request)? else {
            return Ok(None);
        };
        let key = clients.key(slot)?;
        let client = clients.client_mut(slot)?;
        let Request::Ended(end) = client.request else {
            return Err(FalseBelief::DueRequestHasEnded);
        };
        // It may have waited for a worker: nobody is told of a lack that is over.
        let end = if has_space { End::SUCCESS } else { end };
        client.begin_completion(end);
        Ok(Some(Action::CompleteRequest { client: key, status: end.status, is_pinned: end.is_pinned }))
    }

    fn poll_unpinned(&mut self) -> Result<Option<Action>, FalseBelief> {
        let Some(slot) = self.clients.take_due_unpinned()? else {
            return Ok(None);
        };
        Ok(Some(Action::NotifyUnpinned { client: self.clients.key(slot)? }))
    }

    fn poll_ask(&mut self, now: Time) -> Result<Option<Action>, FalseBelief> {
        let Some((slot, target, ask)) = self.take_due_ask()? else {
            return Ok(None);
        };
        let key = self.clients.key(slot)?;
        let client = self.clients.client_mut(slot)?;
        let tail = self.view.tail(client.stream);
        client.history.note_asked(target, tail, now);
        Ok(Some(Action::AskTail { client: key, target, ask }))
    }

    /// A completion callback has returned: from here on the client may be notified that the log is unpinned. It may
    /// have been deregistered meanwhile.
    pub fn handle_completion_returned(&mut self, client: ClientKey) {
        if self.clients.find_mut(client).is_ok_and(Slot::end_completion) {
            let armed = self.clients.arm(client.slot);
            self.believed(armed);
            self.decide();
        }
    }

    /// An inline completion cannot be called where it was decided: it becomes an action. Nothing is deferred for
    /// another outcome, or for a client that was deregistered meanwhile.
    pub fn defer_completion(&mut self, client: ClientKey, outcome: Outcome) {
        if let Outcome::CompleteThenPending { status, is_pinned } = outcome
            && let Ok(deferred) = self.clients.find_mut(client)
        {
            // What it arms stays owed: it is handed out before unpinned is.
            deferred.completions_running = deferred.completions_running.saturating_sub(1);
            deferred.request = Request::Ended(End { status, is_pinned });
            let clients = &mut self.clients;
            let due = clients.completions_due.push_back(&mut clients.links, Chain::Request, client.slot);
            self.believed(due);
        }
    }
}
