//! The managed client of one stream, as a database would write it.
//!
//! Callbacks only put a notice on a board, as the documentation asks; the simulation reads the board and answers at
//! the trace's own time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use clfsmgmt::manager::Cookie;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Lsn, Status, StreamId};

/// What a callback has told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    /// Move the tail to the target or beyond.
    Ask { stream: usize, target: Lsn },
    /// The log-full request has ended.
    Complete { stream: usize, status: Status, is_pinned: bool },
    /// There is space again on a log that was pinned.
    Unpinned { stream: usize },
}

/// Where callbacks leave their notices.
#[derive(Clone, Debug, Default)]
pub(super) struct NoticeBoard(Arc<Mutex<VecDeque<Notice>>>);

impl NoticeBoard {
    fn put(&self, notice: Notice) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(notice);
    }

    pub(super) fn take(&self) -> Option<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// The callbacks of one stream's client.
#[derive(Debug)]
pub(super) struct Callbacks {
    pub(super) stream: usize,
    pub(super) board: NoticeBoard,
}

impl ClientCallbacks for Callbacks {
    fn advance_tail(&self, target: Lsn) -> Status {
        self.board.put(Notice::Ask { stream: self.stream, target });
        Status::PENDING
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        self.board.put(Notice::Complete { stream: self.stream, status, is_pinned });
    }

    fn log_unpinned(&self) {
        self.board.put(Notice::Unpinned { stream: self.stream });
    }
}

/// Where the client stands with its request for space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// It has none.
    None,
    /// The completion is to come.
    Pending,
    /// It ended on a pinned log: the client waits for the notice that it no longer is.
    Pinned,
}

/// A checkpoint that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint {
    /// What the base may be when it is done.
    pub(super) base: Lsn,
}

/// One stream's client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: StreamId,
    pub(super) cookie: Cookie,
    /// Transactions that have written and not ended, by their first record.
    pub(super) open: BTreeSet<(Lsn, usize)>,
    pub(super) base: Lsn,
    pub(super) request: Request,
    /// Transactions that have begun and wait for space.
    pub(super) waiting: VecDeque<usize>,
    /// Since when the stream's writers are stopped.
    pub(super) stopped_since: Option<u64>,
    /// Transactions that would have begun since.
    pub(super) backlog: VecDeque<usize>,
    /// How long the stream's writers have been stopped in all: the stream's clock is behind the trace's by that.
    pub(super) behind_us: u64,
    /// The target of the ask that is to be answered.
    pub(super) asked: Option<Lsn>,
    pub(super) checkpoint: Option<Checkpoint>,
    /// The target that it has refused, and moves its tail to as soon as it can.
    pub(super) owed: Option<Lsn>,
}

impl Client {
    pub(super) fn new(id: StreamId, cookie: Cookie) -> Self {
        Self {
            id,
            cookie,
            open: BTreeSet::new(),
            base: Lsn::NULL,
            request: Request::None,
            waiting: VecDeque::new(),
            stopped_since: None,
            backlog: VecDeque::new(),
            behind_us: 0,
            asked: None,
            checkpoint: None,
            owed: None,
        }
    }

    /// Whether anybody waits for space.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped_since.is_some()
    }

    /// The transaction that holds the tail, and its first record.
    pub(super) fn holder(&self) -> Option<(Lsn, usize)> {
        self.open.first().copied()
    }

    /// The base that a checkpoint which begins now will allow; `next` is the stream's next LSN.
    pub(super) fn base_after_checkpoint(&self, next: Lsn) -> Lsn {
        self.holder().map_or(next, |(first, _)| first.min(next))
    }

    /// Whether a base would do what was asked and refused, or leave a container behind. A step within one container
    /// frees nothing and would only fill the log with restart areas.
    pub(super) fn is_worth_moving_to(&self, base: Lsn) -> bool {
        let is_met = [self.asked, self.owed].into_iter().flatten().any(|target| base >= target);
        base > self.base && (is_met || base.container() > self.base.container())
    }
}
