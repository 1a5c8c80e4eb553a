//! What must never happen, with the numbers that a report gives it.

/// What must never happen. The numbers are those of a report's `first_violation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A completion without a request that is pending, or a second one.
    NotRequested = 1,
    /// A request that did not answer `PENDING` was completed all the same.
    CompletedThoughNotPending = 2,
    /// A request that answered `PENDING` was never completed, though the tails moved.
    NeverCompleted = 3,
    /// A callback of a client whose deregistration has returned, or of none at all.
    CalledAfterDeregistration = 4,
    /// A callback with another's data, or another log.
    AddressedWrong = 5,
    /// "Unpinned" that no completion has announced.
    NotAnnounced = 6,
    /// A client was asked while an ask of it was open.
    AskedTwice = 7,
    /// `LOG_FULL_HANDLER_IN_PROGRESS` without another request.
    NothingInProgress = 8,
    /// A status that no document names, of `ClfsMgmtHandleLogFileFull`.
    RequestStatus = 9,
    /// Of a completion.
    CompletionStatus = 10,
    /// Of an append.
    AppendStatus = 11,
    /// Of moving a base.
    AdvanceStatus = 12,
    /// Of asking for a log's information or policy.
    QueryStatus = 13,
    /// Of `ClfsMgmtTailAdvanceFailure`.
    FailureStatus = 14,
    /// Of registering.
    RegisterStatus = 15,
    /// Of deregistering.
    DeregisterStatus = 16,
    /// Of deleting an area or closing a log.
    CloseStatus = 17,
    /// A callback above `APC_LEVEL`.
    Level = 18,
}
