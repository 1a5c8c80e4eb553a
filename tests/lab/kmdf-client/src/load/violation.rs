//! What must never happen, with the numbers that a report gives it.

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A completion without a request that is pending, or a second one.
    NotRequested,
    /// A request that did not answer `PENDING` was completed all the same.
    CompletedThoughNotPending,
    /// A request that answered `PENDING` was never completed, though the tails moved.
    NeverCompleted,
    /// A callback of a client whose deregistration has returned, or of none at all.
    CalledAfterDeregistration,
    /// A callback with another's data or another log, or an ask without a target.
    AddressedWrong,
    /// "Unpinned" that no completion has announced.
    NotAnnounced,
    /// A client was asked while an ask of it was open.
    AskedTwice,
    /// `LOG_FULL_HANDLER_IN_PROGRESS` without another request.
    NothingInProgress,
    /// A status that no document names, of `ClfsMgmtHandleLogFileFull`.
    RequestStatus,
    /// Of a completion.
    CompletionStatus,
    /// Of an append.
    AppendStatus,
    /// Of moving a base.
    AdvanceStatus,
    /// Of asking for a log's information or policy.
    QueryStatus,
    /// Of `ClfsMgmtTailAdvanceFailure`.
    FailureStatus,
    /// Of registering.
    RegisterStatus,
    /// Of deregistering.
    DeregisterStatus,
    /// Of deleting an area or closing a log.
    CloseStatus,
    /// A callback above `APC_LEVEL`.
    Level,
}

impl Violation {
    /// All of them: a violation's number is 1 + its place here.
    const ALL: [Self; 18] = [
        Self::NotRequested,
        Self::CompletedThoughNotPending,
        Self::NeverCompleted,
        Self::CalledAfterDeregistration,
        Self::AddressedWrong,
        Self::NotAnnounced,
        Self::AskedTwice,
        Self::NothingInProgress,
        Self::RequestStatus,
        Self::CompletionStatus,
        Self::AppendStatus,
        Self::AdvanceStatus,
        Self::QueryStatus,
        Self::FailureStatus,
        Self::RegisterStatus,
        Self::DeregisterStatus,
        Self::CloseStatus,
        Self::Level,
    ];

    /// Its number in a report's `first_violation`.
    pub(super) fn number(self) -> u64 {
        let place = Self::ALL.iter().position(|violation| *violation == self);
        u64::try_from(place.unwrap_or(Self::ALL.len())).map_or(u64::MAX, |place| place.saturating_add(1))
    }
}
