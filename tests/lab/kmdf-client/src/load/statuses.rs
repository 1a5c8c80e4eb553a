//! Statuses that the load meets, and which of them may come where.

use wdk_sys::NTSTATUS;

const fn status(bits: u32) -> NTSTATUS {
    bits.cast_signed()
}

pub(super) const SUCCESS: NTSTATUS = 0;
pub(super) const PENDING: NTSTATUS = 0x103;
pub(super) const UNSUCCESSFUL: NTSTATUS = status(0xC000_0001);
pub(super) const INVALID_PARAMETER: NTSTATUS = status(0xC000_000D);
pub(super) const INVALID_PARAMETER_1: NTSTATUS = status(0xC000_00EF);
pub(super) const INSUFFICIENT_RESOURCES: NTSTATUS = status(0xC000_009A);
pub(super) const DEVICE_BUSY: NTSTATUS = status(0x8000_0011);
pub(super) const DEVICE_NOT_READY: NTSTATUS = status(0xC000_00A3);
pub(super) const LOG_FULL: NTSTATUS = status(0xC01A_001D);
pub(super) const LOG_START_OF_LOG: NTSTATUS = status(0xC01A_0013);
pub(super) const IN_PROGRESS: NTSTATUS = status(0xC01A_0026);
const LOG_PINNED: NTSTATUS = status(0xC01A_002C);
const LOG_PINNED_RESERVATION: NTSTATUS = status(0xC01A_0030);

/// What clients refuse with: a warning and an error, which have different consequences.
pub(super) const REFUSALS: [NTSTATUS; 3] = [DEVICE_BUSY, DEVICE_NOT_READY, DEVICE_NOT_READY];

/// `NT_ERROR`.
pub(super) fn is_error(status: NTSTATUS) -> bool {
    status.cast_unsigned() >> 30 == 3
}

/// Whether a request may complete with this: with success, because the log is pinned, or for what a client said.
pub(super) fn may_complete(status: NTSTATUS) -> bool {
    status == SUCCESS || status == LOG_PINNED || status == LOG_PINNED_RESERVATION || REFUSALS.contains(&status)
}
