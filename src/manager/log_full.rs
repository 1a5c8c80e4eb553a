//! The log is full: the one call with which a client asks for space.

use super::cookie::Cookie;
use super::drain::{DrainGuard, Returned};
use super::entry::{CallPlace, Entry, Snapshot, State};
use super::ports::ClientCallbacks;
use super::setting::{Callbacks, Setting};
use super::table::Manager;
use crate::engine::{Action, ClientKey, Outcome, RequestRefused};
use crate::units::{ContainerCount, Status};

/// Where containers are created that a log-full call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowthPlace {
    /// In the call, unless another thread works on the log: the call may then return [`RequestOutcome::Success`].
    Inline,
    /// On a worker thread: the caller's IRQL or APC state does not allow file work.
    Worker,
}

/// The state of a request when the call that opened it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// There is space; no callback follows.
    Success,
    /// The completion callback reports the end, and may have done so already; that the log is pinned it has.
    Pending,
    /// The client was deregistered meanwhile; no callback follows.
    Deregistered,
}

/// What a call does next once its request was decided upon.
enum Step<C> {
    /// It adds containers, and decides again.
    Grow(ContainerCount),
    End(End<C>),
}

/// How a call ends.
enum End<C> {
    Return(RequestOutcome),
    /// With the completion callback first.
    Complete {
        callbacks: C,
        status: Status,
        is_pinned: bool,
    },
}

impl<S: Setting> Manager<S> {
    /// A client has met a full log and asks for space. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// [`RequestRefused`]: no request was opened, and no callback follows.
    pub fn handle_log_full(&self, cookie: Cookie, place: GrowthPlace) -> Result<RequestOutcome, RequestRefused> {
        let entry = self.find_of(cookie)?;
        let client = cookie.client();
        let end = match self.fact(&entry, Snapshot::Newest, |state| state.open_request(client, place))? {
            Step::Grow(count) => self.grow_inline(&entry, client, count),
            Step::End(end) => end,
        };
        Ok(match end {
            End::Return(outcome) => outcome,
            End::Complete { callbacks, status, is_pinned } => {
                callbacks.log_growth_complete(status, is_pinned);
                drop(callbacks);
                self.callback_returned(&entry, client, Returned::Completion);
                RequestOutcome::Pending
            }
        })
    }

    /// Adds containers as long as the request wants some. The drain has ended when this returns.
    fn grow_inline(&self, entry: &Entry<S>, client: ClientKey, first: ContainerCount) -> End<Callbacks<S>> {
        let _drain = DrainGuard::begun(self, entry);
        let mut count = first;
        loop {
            self.grow(entry, count);
            match self.fact(entry, Snapshot::Last, |state| state.grow_or_end(client)) {
                Step::Grow(more) => count = more,
                Step::End(end) => return end,
            }
        }
    }
}

impl<S: Setting> State<S> {
    /// Opens a request. If it leads to a growth that the caller is to perform, the caller drains from here on.
    fn open_request(&mut self, client: ClientKey, place: GrowthPlace) -> Result<Step<Callbacks<S>>, RequestRefused> {
        self.engine.handle_log_full(client)?;
        self.statistics.count_request();
        let may_grow = place == GrowthPlace::Inline && self.attendance.admits_drain() && self.path.is_some();
        if !may_grow {
            return Ok(Step::End(self.end_request(client)));
        }
        let step = self.grow_or_end(client);
        if let Step::Grow(_) = step {
            self.attendance.begin_inline();
        }
        Ok(step)
    }

    fn grow_or_end(&mut self, client: ClientKey) -> Step<Callbacks<S>> {
        match self.engine.poll_growth() {
            Some(Action::Grow { count }) => Step::Grow(count),
            _ => Step::End(self.end_request(client)),
        }
    }

    fn end_request(&mut self, client: ClientKey) -> End<Callbacks<S>> {
        let Ok(outcome) = self.engine.finish_log_full_call(client) else {
            self.statistics.count_end(Status::UNSUCCESSFUL, false);
            return End::Return(RequestOutcome::Deregistered);
        };
        match outcome {
            Outcome::Success => {
                self.statistics.count_end(Status::SUCCESS, false);
                End::Return(RequestOutcome::Success)
            }
            Outcome::Pending => End::Return(RequestOutcome::Pending),
            Outcome::CompleteThenPending { status, is_pinned } => {
                let Some(callbacks) = self.callbacks_of(client) else {
                    return End::Return(RequestOutcome::Deregistered);
                };
                if !self.begin_call(client, CallPlace::Inline) {
                    // More threads are in callbacks than there is room to note: a worker completes it.
                    self.engine.defer_completion(client, outcome);
                    return End::Return(RequestOutcome::Pending);
                }
                self.statistics.count_end(status, is_pinned);
                End::Complete { callbacks, status, is_pinned }
            }
        }
    }
}
