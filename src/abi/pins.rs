//! `CLFS_MGMTX_PIN`: who keeps a log's containers from being freed. Ours.

use core::mem::offset_of;

use super::{ClfsLsn, MgmtClient, NtStatus};
use crate::engine::{Pin, PinHolder};
use crate::units::Status;

/// `CLFS_MGMTX_PIN_CAUSE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinCause(u8);

impl PinCause {
    /// `ClfsMgmtxPinClient`: a registered client.
    pub const CLIENT: Self = Self(0);
    /// `ClfsMgmtxPinStream`: a stream without a registered client.
    pub const STREAM: Self = Self(1);
    /// `ClfsMgmtxPinArchiveTail`: the archive tail.
    pub const ARCHIVE_TAIL: Self = Self(2);
}

/// `CLFS_MGMTX_PIN`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PinRecord {
    /// Its stream; 0 for the archive tail.
    pub stream_identifier: u8,
    /// A [`PinCause`].
    pub cause: u8,
    /// 0.
    pub reserved: u16,
    /// How often it was asked since it last did as asked.
    pub times_asked: u32,
    /// Where its tail is.
    pub tail_lsn: ClfsLsn,
    /// To where it was asked to move, last; `CLFS_LSN_INVALID` if it was not asked.
    pub target_lsn: ClfsLsn,
    /// The system time of the first of these asks; 0 if it was not asked.
    pub asked_since: i64,
    /// What it last said when it could not, since then; `STATUS_SUCCESS` if it did not.
    pub last_refusal: NtStatus,
    /// 0.
    pub reserved2: u32,
    /// The client; NULL for the other causes.
    pub client: MgmtClient,
}

const _: () = {
    assert!(size_of::<PinRecord>() == 48 && align_of::<PinRecord>() == 8);
    assert!(offset_of!(PinRecord, cause) == 1);
    assert!(offset_of!(PinRecord, times_asked) == 4);
    assert!(offset_of!(PinRecord, tail_lsn) == 8);
    assert!(offset_of!(PinRecord, target_lsn) == 16);
    assert!(offset_of!(PinRecord, asked_since) == 24);
    assert!(offset_of!(PinRecord, last_refusal) == 32);
    assert!(offset_of!(PinRecord, client) == 40);
};

impl PinRecord {
    /// The record of `pin`; `client` is the cookie of the client that it names.
    pub fn new(pin: &Pin, client: MgmtClient) -> Self {
        let cause = match pin.holder {
            PinHolder::Client(_) => PinCause::CLIENT,
            PinHolder::UnmanagedStream => PinCause::STREAM,
            PinHolder::ArchiveTail => PinCause::ARCHIVE_TAIL,
        };
        let since = pin.asked_since.map_or(0, |since| since.0);
        Self {
            stream_identifier: pin.stream.0,
            cause: cause.0,
            reserved: 0,
            times_asked: pin.times_asked,
            tail_lsn: pin.tail.into(),
            target_lsn: pin.target.map_or(ClfsLsn::INVALID, ClfsLsn::from),
            asked_since: i64::try_from(since).unwrap_or(i64::MAX),
            last_refusal: pin.last_refusal.map_or(Status::SUCCESS, |refusal| refusal.status).into(),
            reserved2: 0,
            client,
        }
    }
}
