//! One client of a log: its key, and what is under way with it.
//!
//! A slot per client and a generation per registration make the key; a stale key is recognised, never followed.

use super::history::AskHistory;
use super::links::ClientSlot;
use crate::units::{Lsn, Status, StreamId};

/// Names one registration of a client with one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// Its place in the table.
    pub slot: ClientSlot,
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

    /// The same end of a client that has said why it cannot help.
    pub(super) fn with_reason(self, own: Option<Status>) -> Self {
        // Passing a success on would claim space that is not there.
        own.map_or(self, |reason| Self { status: failure(reason), ..self })
    }

    /// Whether the client is to be notified when the log is no longer pinned.
    pub(super) const fn arms_unpinned(self) -> bool {
        self.is_pinned && self.status.is_error()
    }
}

/// What a request ends with whose client could not move its tail for `reason`, be that a success code.
pub(super) const fn failure(reason: Status) -> Status {
    if reason.is_success() { Status::LOG_PINNED } else { reason }
}

/// Distinguishes one ask of a client from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskSerial(pub(super) u32);

/// The tail request of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    None,
    /// Decided, not handed out yet.
    Due {
        target: Lsn,
    },
    /// Handed out; the client has not moved its tail and not refused.
    Outstanding {
        target: Lsn,
        serial: AskSerial,
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
    /// Ended before the call returned: the call itself returns the end, or completes.
    InsideEnded(End),
    /// Open, and the call has returned `PENDING`.
    Waiting,
    /// Ended; the completion waits to be handed out.
    Ended(End),
}

/// Whether a client is to be notified that the log is unpinned.
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
    pub(super) generation: u32,
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
}

impl Slot {
    /// Nobody's.
    pub(super) const VACANT: Self = Self::new(StreamId::PHYSICAL, 0);

    pub(super) const fn new(stream: StreamId, generation: u32) -> Self {
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
        }
    }

    /// Why the client said in `round` that it cannot move its tail.
    pub(super) fn reason_in(&self, round: u64) -> Option<Status> {
        self.history.last_refusal.filter(|_| self.refused_in_round == round).map(|refusal| refusal.status)
    }

    /// A completion is handed out.
    pub(super) fn begin_completion(&mut self, end: End) {
        self.request = Request::None;
        self.completions_running = self.completions_running.saturating_add(1);
        self.arm_owed |= end.arms_unpinned();
    }

    /// A completion has returned; returns whether the client is to be armed. Not while another runs, which may not
    /// have begun: "unpinned" never comes before it.
    pub(super) fn end_completion(&mut self) -> bool {
        self.completions_running = self.completions_running.saturating_sub(1);
        self.completions_running == 0 && core::mem::take(&mut self.arm_owed)
    }
}
