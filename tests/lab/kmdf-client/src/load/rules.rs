//! What must hold for one client, whatever the load does with it: how many of its requests are open, which asks and
//! notifications are due. Pure: no routine is called here, so it can be held under a lock.
//!
//! Calls and callbacks of one client overlap. So requests are counted, not kept as one state: a completion may come
//! before its request has returned, and a second call may be made inside it.
//!
//! # Invariants
//! * Completions ≤ requests that answered `PENDING` + calls that have not returned.
//! * A new life (`generation`) begins with each registration. What belongs to an earlier one counts no more; a callback
//!   of it is a violation.

use wdk_sys::NTSTATUS;

use super::random::Random;
use super::statuses;
use super::violation::Violation;

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not registered.
    Away,
    /// It is being registered: callbacks may come.
    Coming,
    /// Registered.
    Here,
    /// It is being deregistered: callbacks that run may go on.
    Leaving,
}

/// What is to be done for a client at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Move its tail here.
    Advance(u64),
    /// Register it again.
    Return,
}

/// A tail request that is open as far as the client knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    /// Its target LSN.
    pub(super) target: u64,
    /// How often the stream had been emptied then.
    pub(super) emptied: u64,
}

/// A call of `ClfsMgmtHandleLogFileFull` that has not returned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The client's cookie.
    pub(super) cookie: usize,
    generation: u32,
    begun: u64,
    /// Nothing else of the client was open when it began.
    is_alone: bool,
}

/// One client.
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) generation: u32,
    pub(super) cookie: usize,
    /// Calls that have not returned, and all that have begun.
    calls: u64,
    begun: u64,
    /// Requests that answered `PENDING`.
    pending: u64,
    completions: u64,
    /// Notifications "unpinned" that may come.
    announced: u64,
    pub(super) ask: Option<Ask>,
    /// When what is to be done, in milliseconds.
    pub(super) due: Option<(u64, Task)>,
    pub(super) random: Random,
}

impl State {
    pub(super) fn new(random: Random) -> Self {
        Self {
            phase: Phase::Away,
            generation: 0,
            cookie: 0,
            calls: 0,
            begun: 0,
            pending: 0,
            completions: 0,
            announced: 0,
            ask: None,
            due: None,
            random,
        }
    }

    /// Registration begins, a new life: its number.
    pub(super) fn come(&mut self) -> Option<u32> {
        if self.phase != Phase::Away {
            return None;
        }
        self.phase = Phase::Coming;
        self.generation = self.generation.wrapping_add(1);
        (self.calls, self.begun, self.pending, self.completions, self.announced) = (0, 0, 0, 0, 0);
        (self.ask, self.due) = (None, None);
        Some(self.generation)
    }

    /// Registration is over.
    pub(super) fn came(&mut self, cookie: Option<usize>) {
        self.cookie = cookie.unwrap_or_default();
        self.phase = if cookie.is_some() { Phase::Here } else { Phase::Away };
    }

    /// Deregistration begins: the cookie.
    pub(super) fn leave(&mut self) -> Option<usize> {
        if self.phase != Phase::Here {
            return None;
        }
        self.phase = Phase::Leaving;
        Some(self.cookie)
    }

    /// Deregistration has returned.
    pub(super) fn left(&mut self, due: Option<(u64, Task)>) {
        self.phase = Phase::Away;
        self.ask = None;
        self.due = due;
    }

    /// Whether a callback of this life may run.
    pub(super) fn is_expected(&self, generation: u32) -> bool {
        self.generation == generation && self.phase != Phase::Away
    }

    /// A call begins; none when the client is not registered.
    pub(super) fn begin_call(&mut self) -> Option<Call> {
        if self.phase != Phase::Here {
            return None;
        }
        let is_alone = self.calls == 0 && self.pending == self.completions;
        self.calls = self.calls.saturating_add(1);
        self.begun = self.begun.saturating_add(1);
        Some(Call { cookie: self.cookie, generation: self.generation, begun: self.begun, is_alone })
    }

    /// A call has returned this.
    pub(super) fn end_call(&mut self, call: Call, status: NTSTATUS) -> Result<(), Violation> {
        if self.generation != call.generation || self.phase == Phase::Away {
            return Ok(());
        }
        self.calls = self.calls.saturating_sub(1);
        if status == statuses::PENDING {
            self.pending = self.pending.saturating_add(1);
            return Ok(());
        }
        if self.completions > self.pending.saturating_add(self.calls) {
            return Err(Violation::CompletedThoughNotPending);
        }
        match status {
            statuses::IN_PROGRESS if call.is_alone && self.begun == call.begun => Err(Violation::NothingInProgress),
            statuses::SUCCESS | statuses::IN_PROGRESS => Ok(()),
            statuses::UNSUCCESSFUL | statuses::INVALID_PARAMETER_1 if self.phase == Phase::Leaving => Ok(()),
            _ => Err(Violation::RequestStatus),
        }
    }

    /// A completion has begun.
    pub(super) fn complete(&mut self, status: NTSTATUS, is_pinned: bool) -> Result<(), Violation> {
        self.completions = self.completions.saturating_add(1);
        if statuses::is_error(status) && is_pinned {
            self.announced = self.announced.saturating_add(1);
        }
        if self.completions > self.pending.saturating_add(self.calls) {
            return Err(Violation::NotRequested);
        }
        if statuses::may_complete(status) { Ok(()) } else { Err(Violation::CompletionStatus) }
    }

    /// "Unpinned" has come.
    pub(super) fn unpin(&mut self) -> Result<(), Violation> {
        self.announced = self.announced.checked_sub(1).ok_or(Violation::NotAnnounced)?;
        Ok(())
    }

    /// Whether a completion is due.
    pub(super) fn waits(&self) -> bool {
        self.phase == Phase::Here && self.pending != self.completions
    }
}
