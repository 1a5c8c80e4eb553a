//! The flags and small enumerations that the record routines take.

use bitflags::bitflags;

use crate::format::record::RecordKind;
use crate::log::Direction;

bitflags! {
    /// `CLFS_FLAG_*`, those that the append routines know.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AppendFlags: u32 {
        /// `CLFS_FLAG_FORCE_APPEND`: the block is written to its container.
        const FORCE_APPEND = 1;
        /// `CLFS_FLAG_FORCE_FLUSH`: the block is forced to the disk.
        const FORCE_FLUSH = 2;
        /// `CLFS_FLAG_USE_RESERVATION`: the record goes into room that the area has reserved.
        const USE_RESERVATION = 4;
    }
}

bitflags! {
    /// `CLFS_MARSHALLING_FLAG_*`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MarshallingFlags: u64 {
        /// `CLFS_MARSHALLING_FLAG_DISABLE_BUFF_INIT`: blocks need not be zeroed first.
        const DISABLE_BUFF_INIT = 1;
    }
}

/// The kinds of records that a `CLFS_RECORD_TYPE` asks for: data (1), restart (2) or both (3).
pub const fn record_kinds(record_type: u8) -> Option<RecordKind> {
    match record_type {
        1 => Some(RecordKind::DATA),
        2 => Some(RecordKind::RESTART),
        3 => Some(RecordKind::DATA.union(RecordKind::RESTART)),
        _ => None,
    }
}

/// The `CLFS_RECORD_TYPE` of a record.
pub const fn record_type(kind: RecordKind) -> u8 {
    if kind.contains(RecordKind::RESTART) { 2 } else { 1 }
}

/// The direction that a `CLFS_CONTEXT_MODE` names; none for `ClfsContextNone` and numbers that are no mode.
pub const fn direction(mode: i32) -> Option<Direction> {
    match mode {
        1 => Some(Direction::UndoNext),
        2 => Some(Direction::Previous),
        3 => Some(Direction::Forward),
        _ => None,
    }
}
