//! The routines that the driver can call.

/// A routine that the driver calls, or something of its own that takes part in the order of things. How it is written and
/// what it takes and answers: [`crate::verbs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Routine {
    /// `ClfsCreateLogFile`.
    CreateLog,
    /// `ClfsCloseLogFileObject`.
    CloseLog,
    /// `ClfsDeleteLogFile`.
    DeleteLog,
    /// `ClfsDeleteLogByPointer`.
    DeleteByPointer,
    /// `ClfsCloseAndResetLogFile`.
    ResetLog,
    /// `ClfsAddLogContainer`.
    AddContainer,
    /// `ClfsAddLogContainerSet`, with names text1, text2, ….
    AddContainers,
    /// `ClfsRemoveLogContainer`.
    RemoveContainer,
    /// `ClfsCreateScanContext`, `ClfsScanLogContainers` until the end.
    ScanContainers,
    /// `ClfsGetContainerName`.
    ContainerName,
    /// `ClfsQueryLogFileInformation`, `ClfsLogBasicInformation` or, with physical=1, …Physical.
    Information,
    /// `ClfsAdvanceLogBase`.
    AdvanceBase,
    /// `ClfsAdvanceLogBase` of clfs.sys itself, bound by an import library of its own: over clfsmgmt.sys nobody is told.
    AdvanceBaseUnlinked,
    /// `ClfsSetEndOfLog`.
    SetEnd,
    /// `ClfsSetArchiveTail`.
    SetArchiveTail,
    /// `ClfsGetIoStatistics`.
    IoStatistics,
    /// `ClfsCreateMarshallingArea`.
    CreateArea,
    /// `ClfsDeleteMarshallingArea`.
    DeleteArea,
    /// `ClfsReserveAndAppendLog`.
    Append,
    /// `ClfsReserveAndAppendLog` again and again, until it fails or `limit` records are in; the status is the last one's (`SUCCESS` after `limit`).
    Fill,
    /// `ClfsAllocReservedLog`, `count` records of `size` bytes.
    Reserve,
    /// `ClfsAlignReservedLog`.
    AlignReserve,
    /// `ClfsFreeReservedLog`.
    FreeReserve,
    /// `ClfsFlushBuffers`.
    Flush,
    /// `ClfsFlushToLsn`.
    FlushTo,
    /// `ClfsWriteRestartArea`; without base=… a `NULL` base.
    WriteRestart,
    /// `ClfsReadRestartArea`, then the context is ended.
    ReadRestart,
    /// `ClfsReadLogRecord`.
    Read,
    /// `ClfsReadNextLogRecord`.
    ReadNext,
    /// `ClfsTerminateReadLog`.
    EndRead,
    /// `ClfsMgmtRegisterManagedClient`; version=…; callbacks: 1 `AdvanceTail`, 2 `GrowthComplete`, 4 Unpinned; null: 1 no registration data, 2 no place for the cookie.
    Register,
    /// `ClfsMgmtDeregisterManagedClient`.
    Deregister,
    /// `ClfsMgmtHandleLogFileFull`.
    HandleFull,
    /// `ClfsMgmtTailAdvanceFailure`.
    FailTail,
    /// `ClfsMgmtInstallPolicy`; first and second are the policy's numbers in the documented order of its fields; null=1: no policy; length: `PolicyLength`, own-length: `LengthInBytes`, both 0: what fits.
    InstallPolicy,
    /// `ClfsMgmtQueryPolicy` with a buffer of `length` bytes; null: 1 no buffer, 2 no length.
    QueryPolicy,
    /// `ClfsMgmtRemovePolicy`.
    RemovePolicy,
    /// `ClfsMgmtSetLogFileSize`; null: 1 no size, 2 no result; completion: 0 no completion routine, 1 one of the driver, with data.
    Resize,
    /// `ClfsMgmtSetLogFileSizeAsClient`; without client=… a `NULL` cookie; cookie=… any other value; completion as for the other.
    ResizeAs,
    /// `ClfsMgmtxQueryPins`: how many pins, and of the first one the client, target and base (extension).
    Pins,
    /// `ClfsMgmtxQueryStatistics` (extension).
    Statistics,
    /// `ClfsMgmtxQueryResources`: what the image owns (extension).
    Resources,
    /// opens the gate.
    OpenGate,
    /// waits until the gate is open: `SUCCESS`, or `UNSUCCESSFUL` if it does not open in time.
    WaitGate,
    /// waits.
    Sleep,
}

impl Routine {
    /// All of them; a routine's number in records is its place here.
    pub const ALL: [Self; 45] = [
        Self::CreateLog,
        Self::CloseLog,
        Self::DeleteLog,
        Self::DeleteByPointer,
        Self::ResetLog,
        Self::AddContainer,
        Self::AddContainers,
        Self::RemoveContainer,
        Self::ScanContainers,
        Self::ContainerName,
        Self::Information,
        Self::AdvanceBase,
        Self::AdvanceBaseUnlinked,
        Self::SetEnd,
        Self::SetArchiveTail,
        Self::IoStatistics,
        Self::CreateArea,
        Self::DeleteArea,
        Self::Append,
        Self::Fill,
        Self::Reserve,
        Self::AlignReserve,
        Self::FreeReserve,
        Self::Flush,
        Self::FlushTo,
        Self::WriteRestart,
        Self::ReadRestart,
        Self::Read,
        Self::ReadNext,
        Self::EndRead,
        Self::Register,
        Self::Deregister,
        Self::HandleFull,
        Self::FailTail,
        Self::InstallPolicy,
        Self::QueryPolicy,
        Self::RemovePolicy,
        Self::Resize,
        Self::ResizeAs,
        Self::Pins,
        Self::Statistics,
        Self::Resources,
        Self::OpenGate,
        Self::WaitGate,
        Self::Sleep,
    ];

    /// Its number in records.
    pub fn code(self) -> u16 {
        Self::ALL.iter().position(|routine| *routine == self).and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX)
    }

    /// The routine of a number.
    pub fn of_code(code: u16) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}
