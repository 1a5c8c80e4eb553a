//! Requests for space: opened, joined, and ended exactly once.
//!
//! A *round* lasts from the first open request to the end of all. Every fact leads to [`Engine::decide`], which looks
//! at the whole state: is there space, can the log grow, can tails be asked, can anybody still help?

use super::Engine;
use super::belief::FalseBelief;
use super::client::{ClientKey, End, NotAClient, Request, Slot};
use super::clients::Clients;
use super::growth::{CONTAINERS_MIN, Growth};
use super::links::{Chain, ClientSlot, List};
use super::shrink::Shrink;
use crate::units::Status;

/// What the call that opened a request returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is space: return `SUCCESS`, no callback.
    Success,
    /// Return `PENDING`; the end comes as an action.
    Pending,
    /// The request has failed: call the completion callback, then return `PENDING`.
    CompleteThenPending {
        /// Why.
        status: Status,
        /// Whether the log is pinned.
        is_pinned: bool,
    },
}

/// Why a request was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRefused {
    /// The key names no registered client.
    NotAClient,
    /// This client has a request open.
    InProgress,
    /// The management of this log has stopped.
    Stopped,
}

impl From<NotAClient> for RequestRefused {
    fn from(_: NotAClient) -> Self {
        Self::NotAClient
    }
}

/// What has happened since the first of the open requests was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Which round it is; the first is 1.
    pub(super) number: u64,
    /// A growth added a container.
    pub(super) has_grown: bool,
    /// A growth failed: no other is tried in this round.
    pub(super) growth_failure: Option<Status>,
    pub(super) last_refusal: Option<Status>,
}

impl Round {
    pub(super) const NONE: Self = Self::new(0);

    const fn new(number: u64) -> Self {
        Self { number, has_grown: false, growth_failure: None, last_refusal: None }
    }
}

impl Engine {
    /// A client has found the log full. Its request is open, and ends no earlier than
    /// [`Engine::finish_log_full_call`].
    ///
    /// # Errors
    /// [`RequestRefused`]; no callback follows.
    pub fn handle_log_full(&mut self, client: ClientKey) -> Result<(), RequestRefused> {
        let request = self.clients.find(client)?.request;
        if self.is_stopped {
            return Err(RequestRefused::Stopped);
        }
        if request != Request::None {
            return Err(RequestRefused::InProgress);
        }
        if self.clients.requests_open.is_empty() {
            self.round = Round::new(self.round.number.saturating_add(1));
        }
        let opened = self.clients.open_request(client.slot);
        self.believed(opened).ok_or(RequestRefused::Stopped)?;
        self.decide();
        Ok(())
    }

    /// The call that opened the request is about to return.
    ///
    /// # Errors
    /// The client was deregistered meanwhile: return `UNSUCCESSFUL`, no callback.
    pub fn finish_log_full_call(&mut self, client: ClientKey) -> Result<Outcome, NotAClient> {
        let has_space = self.has_space();
        let client = self.clients.find_mut(client)?;
        match client.request {
            Request::Inside => {
                client.request = Request::Waiting;
                Ok(Outcome::Pending)
            }
            Request::InsideEnded(end) => {
                if end == End::SUCCESS || has_space {
                    client.request = Request::None;
                    return Ok(Outcome::Success);
                }
                client.begin_completion(end);
                Ok(Outcome::CompleteThenPending { status: end.status, is_pinned: end.is_pinned })
            }
            Request::None | Request::Waiting | Request::Ended(_) => {
                self.fence(FalseBelief::EndingCallIsInside);
                Ok(Outcome::Pending)
            }
        }
    }

    /// Whether a request is open.
    pub fn is_space_awaited(&self) -> bool {
        !self.clients.requests_open.is_empty()
    }

    /// Whether the log has to be polled where it does not report its changes: a request is open or is being completed,
    /// or a notification is owed. Not for an ask that outlived its request: nobody waits for it, and the next request
    /// looks at the log first.
    pub fn needs_polling(&self) -> bool {
        !self.is_stopped && (!self.clients.requests_open.is_empty() || self.clients.is_owed_unpinned())
    }

    /// Looks at everything and decides what follows; called after every fact.
    pub(super) fn decide(&mut self) {
        let decided = self.decide_anew();
        self.believed(decided);
    }

    fn decide_anew(&mut self) -> Result<(), FalseBelief> {
        if self.is_stopped {
            return Ok(());
        }
        // What is decided and not handed out yet was decided on an older state: it is decided again.
        self.wanted_move = None;
        self.review_growth();
        if self.shrink == Shrink::Due {
            self.shrink = Shrink::Idle;
        }
        if self.spare() > 0 {
            self.clients.fire_armed()?;
        } else {
            self.clients.rearm_due()?;
        }
        if self.clients.requests_open.is_empty() {
            self.serve_pinned()?;
        } else {
            self.serve_requests()?;
        }
        self.plan_auto_grow();
        self.plan_auto_shrink();
        Ok(())
    }

    /// Nobody waits for space, but "unpinned" may be owed: then the wish for space stands, and who can help now is
    /// asked. Otherwise nobody needs to move.
    fn serve_pinned(&mut self) -> Result<(), FalseBelief> {
        if self.clients.armed.is_empty() {
            return self.clients.drop_due_asks();
        }
        self.ask_tails().map(drop)
    }

    fn serve_requests(&mut self) -> Result<(), FalseBelief> {
        if self.is_satisfied() {
            return self.clients.end_requests(|_| End::SUCCESS);
        }
        if self.growth == Growth::Idle
            && self.shrink == Shrink::Idle
            && self.round.growth_failure.is_none()
            && let Some(goal) = self.plan_growth()
        {
            self.growth = Growth::Due { goal };
        }
        if self.growth != Growth::Idle || self.shrink != Shrink::Idle {
            return self.clients.drop_due_asks();
        }
        if self.ask_tails()? {
            return Ok(());
        }
        if self.spare() > 0 {
            return self.clients.end_requests(|_| End::SUCCESS);
        }
        let (end, round) = (self.pinned_end(), self.round.number);
        self.clients.end_requests(|client| end.with_reason(client.reason_in(round)))
    }

    /// Containers' worth of new records that fit; none as long as no record can be written at all.
    pub(super) fn spare(&self) -> u32 {
        if self.view.containers < CONTAINERS_MIN { 0 } else { self.view.spare_containers.0 }
    }

    /// Whether a request that has ended, however it did, is told that there is space.
    pub(super) fn has_space(&self) -> bool {
        !self.is_stopped && self.spare() > 0
    }

    /// Whether there is as much space as a request wants, or a growth has made some.
    fn is_satisfied(&self) -> bool {
        let spare = self.spare();
        let wanted = self.demand().map_or(1, |demand| demand.0.max(1));
        spare >= wanted || (spare > 0 && self.round.has_grown)
    }
}

impl Clients {
    fn open_request(&mut self, slot: ClientSlot) -> Result<(), FalseBelief> {
        self.client_mut(slot)?.request = Request::Inside;
        self.requests_open.push_back(&mut self.links, Chain::Request, slot)
    }

    /// Ends every open request.
    pub(super) fn end_requests(&mut self, end_of: impl Fn(&Slot) -> End) -> Result<(), FalseBelief> {
        while let Some(slot) = self.requests_open.pop_front(&mut self.links, Chain::Request)? {
            let client = self.client_mut(slot)?;
            let end = end_of(client);
            if client.request == Request::Inside {
                client.request = Request::InsideEnded(end);
                continue;
            }
            client.request = Request::Ended(end);
            self.completions_due.push_back(&mut self.links, Chain::Request, slot)?;
        }
        self.drop_due_asks()
    }

    /// Ends every open request the same way, by the slots alone: the lists may be what is broken.
    pub(super) fn end_requests_without_lists(&mut self, end: End) {
        (self.requests_open, self.completions_due) = (List::EMPTY, List::EMPTY);
        for (index, client) in self.slots.iter_mut().enumerate() {
            match client.request {
                Request::Inside => client.request = Request::InsideEnded(end),
                Request::Waiting => client.request = Request::Ended(end),
                Request::None | Request::InsideEnded(_) | Request::Ended(_) => {}
            }
            if let Request::Ended(_) = client.request
                && let Some(slot) = ClientSlot::at(index)
            {
                // Every slot has links; if it had not, nothing more could be done for it.
                let _ = self.completions_due.push_back(&mut self.links, Chain::Request, slot);
            }
        }
    }
}
