//! Which completion a thread is inside.
//!
//! That the log is pinned is told in the call. A client that is told so, or is told by a worker, may ask again in
//! there, for this log or another, and would be told again: as deep as there are clients. So the second one is left to
//! a worker, and a stack holds one completion.
//!
//! Any number of threads may be inside at the same time, and none of them may have to find memory. So what a thread is
//! inside is noted with the thread ([`super::ports::Platform::inside_completion`]); of each client it is only counted.

use super::cookie::LogKey;
use crate::engine::ClientKey;

/// A completion, as it is noted of the thread that is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Whose clients they are.
    manager: usize,
    own_call_of: Option<ClientName>,
}

/// A client of one of a manager's logs.
pub(super) type ClientName = (LogKey, ClientKey);

impl Completion {
    /// One of a manager, in the own call of this client or else on a worker, of which the log knows the thread.
    pub(super) const fn new(manager: usize, own_call_of: Option<ClientName>) -> Self {
        Self { manager, own_call_of }
    }

    /// The client of this manager in whose own call it is.
    pub(super) fn own_call_of(self, manager: usize) -> Option<ClientName> {
        self.own_call_of.filter(|_| self.manager == manager)
    }
}
