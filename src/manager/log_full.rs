//! The log is full: the one call with which a client asks for space.

use super::call::{Call, Message};
use super::cookie::Cookie;
use super::drain::DrainGuard;
use super::entry::{Entry, Snapshot, State};
use super::ports::Platform;
use super::setting::Setting;
use super::table::Manager;
use crate::engine::{ClientKey, Outcome, RequestRefused};
use crate::units::Status;

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
enum Step<S: Setting> {
    /// It adds a container, and decides again.
    Grow,
    End(End<S>),
}

/// How a call ends.
enum End<S: Setting> {
    Return(RequestOutcome),
    /// With the completion callback first.
    Complete(Call<S>),
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
            Step::Grow => self.grow_inline(&entry, client),
            Step::End(end) => end,
        };
        Ok(match end {
            End::Return(outcome) => outcome,
            End::Complete(call) => {
                self.perform_call(&entry, call);
                RequestOutcome::Pending
            }
        })
    }

    /// Adds containers until the request has ended; what the growth rate wants beyond is left to a worker. The drain
    /// has ended when this returns.
    fn grow_inline(&self, entry: &Entry<S>, client: ClientKey) -> End<S> {
        let _drain = DrainGuard::begun(self, entry);
        loop {
            self.grow(entry);
            if let Step::End(end) = self.fact(entry, Snapshot::Newest, |state| state.grow_or_end(client)) {
                return end;
            }
        }
    }
}

impl<S: Setting> State<S> {
    /// Opens a request. If it leads to a growth that the caller is to perform, the caller drains from here on.
    fn open_request(&mut self, client: ClientKey, place: GrowthPlace) -> Result<Step<S>, RequestRefused> {
        self.engine.handle_log_full(client)?;
        self.statistics.count_request();
        let may_grow = place == GrowthPlace::Inline && self.attendance.admits_drain() && self.path.is_some();
        if !may_grow {
            return Ok(Step::End(self.end_request(client)));
        }
        let step = self.grow_or_end(client);
        if let Step::Grow = step {
            self.attendance.begin_inline();
        }
        Ok(step)
    }

    fn grow_or_end(&mut self, client: ClientKey) -> Step<S> {
        let grows = self.engine.poll_growth(client).is_some();
        if grows { Step::Grow } else { Step::End(self.end_request(client)) }
    }

    fn end_request(&mut self, client: ClientKey) -> End<S> {
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
                if let Some(call) = self.complete_in_call(client, Message::Complete { status, is_pinned }) {
                    self.statistics.count_end(status, is_pinned);
                    End::Complete(call)
                } else {
                    self.engine.defer_completion(client, outcome);
                    End::Return(RequestOutcome::Pending)
                }
            }
        }
    }

    /// The completion in the call of its client; `None` inside another such one: then a worker calls it.
    fn complete_in_call(&mut self, client: ClientKey, message: Message) -> Option<Call<S>> {
        if S::Platform::completion().is_some() {
            return None;
        }
        self.begin_own_call(client, message)
    }
}
