//! The log is full: the one call with which a client asks for space.

use super::cookie::Cookie;
use super::entry::{CallPlace, Entry, State};
use super::ports::ClientCallbacks;
use super::setting::{Callbacks, Setting};
use super::table::Manager;
use crate::engine::{Action, ClientKey, Outcome, RequestRefused};
use crate::units::{ContainerCount, Status};

/// Where containers are created that a log-full call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowthPlace {
    /// In the call, when nobody else is at work on the log: it may then end with `SUCCESS`.
    Inline,
    /// On a worker thread: the caller's IRQL or APC state does not allow file work.
    Worker,
}

/// How a call goes on once its request is decided upon.
enum Answer<S> {
    Status(Status),
    Complete { callbacks: S, status: Status, is_pinned: bool },
}

impl<S: Setting> Manager<S> {
    /// A client has met a full log and asks for space. IRQL <= `APC_LEVEL`.
    ///
    /// Answers
    /// * `SUCCESS`: there is space; no callback.
    /// * `PENDING`: the completion callback tells the end, or has told it already: that the log is pinned it tells
    ///   before this returns.
    /// * `LOG_FULL_HANDLER_IN_PROGRESS`: a request of this client is open; no second callback.
    /// * `INVALID_PARAMETER_1`: the cookie is null or names no client.
    /// * `UNSUCCESSFUL`: the client was deregistered meanwhile, or the management of the log has stopped.
    pub fn handle_log_full(&self, cookie: Cookie, place: GrowthPlace) -> Status {
        let Some(entry) = self.find_of(cookie).filter(|_| !cookie.is_null()) else {
            return Status::INVALID_PARAMETER_1;
        };
        let client = cookie.client();
        self.observe(&entry);
        let opened = self.decide(&entry, |state| state.open_request(client, place));
        let inline_growth = match opened {
            Ok(growth) => growth,
            Err(refused) => {
                // The snapshot may have led to something all the same.
                self.queue_if_needed(&entry);
                return as_answer(refused);
            }
        };
        if let Some(count) = inline_growth {
            self.grow_inline(&entry, count);
        }
        let answer = self.decide(&entry, |state| {
            state.is_draining &= inline_growth.is_none();
            state.finish_request(client)
        });
        self.queue_if_needed(&entry);
        let status = match answer {
            Answer::Status(status) => status,
            Answer::Complete { callbacks, status, is_pinned } => {
                callbacks.log_growth_complete(status, is_pinned);
                drop(callbacks);
                self.completion_returned(&entry, client);
                Status::PENDING
            }
        };
        self.remove_if_unused(&entry);
        status
    }

    fn grow_inline(&self, entry: &Entry<S>, first: ContainerCount) {
        let mut next = Some(first);
        while let Some(count) = next {
            self.grow(entry, count);
            next = self.decide(entry, State::poll_growth);
        }
    }

    /// A completion callback has returned: from here on the client may hear that the log is unpinned.
    pub(super) fn completion_returned(&self, entry: &Entry<S>, client: ClientKey) {
        self.observe(entry);
        self.decide(entry, |state| {
            state.end_call(client);
            state.engine.handle_completion_returned(client);
        });
        entry.wake_waiters();
        self.queue_if_needed(entry);
    }
}

const fn as_answer(refused: RequestRefused) -> Status {
    match refused {
        RequestRefused::NotAClient => Status::INVALID_PARAMETER_1,
        RequestRefused::InProgress => Status::LOG_FULL_HANDLER_IN_PROGRESS,
        RequestRefused::Stopped => Status::UNSUCCESSFUL,
    }
}

impl<S: Setting> State<S> {
    /// Opens a request; answers the growth that the caller performs itself, which makes it the one that drains.
    fn open_request(
        &mut self,
        client: ClientKey,
        place: GrowthPlace,
    ) -> Result<Option<ContainerCount>, RequestRefused> {
        self.engine.handle_log_full(client)?;
        self.statistics.count_request();
        if place == GrowthPlace::Worker || self.is_draining || self.is_resizing {
            return Ok(None);
        }
        let growth = self.poll_growth();
        self.is_draining = growth.is_some();
        Ok(growth)
    }

    fn poll_growth(&mut self) -> Option<ContainerCount> {
        match self.engine.poll_growth() {
            Some(Action::Grow { count }) => Some(count),
            _ => None,
        }
    }

    fn finish_request(&mut self, client: ClientKey) -> Answer<Callbacks<S>> {
        let Ok(outcome) = self.engine.finish_log_full_call(client) else {
            self.statistics.count_end(Status::UNSUCCESSFUL, false);
            return Answer::Status(Status::UNSUCCESSFUL);
        };
        match outcome {
            Outcome::Success => {
                self.statistics.count_end(Status::SUCCESS, false);
                Answer::Status(Status::SUCCESS)
            }
            Outcome::Pending => Answer::Status(Status::PENDING),
            Outcome::CompleteThenPending { status, is_pinned } => {
                let Some(callbacks) = self.callbacks_of(client) else {
                    return Answer::Status(Status::UNSUCCESSFUL);
                };
                if !self.begin_call(client, CallPlace::Inline) {
                    // More threads are in callbacks than there is room to note: a worker tells it.
                    self.engine.defer_completion(client, outcome);
                    return Answer::Status(Status::PENDING);
                }
                self.statistics.count_end(status, is_pinned);
                Answer::Complete { callbacks, status, is_pinned }
            }
        }
    }
}
