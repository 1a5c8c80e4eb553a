//! One record as it is listed, whichever way it was found.

use std::rc::Rc;

use clfsmgmt::format::record::{RecordHeader, RecordKind};
use clfsmgmt::units::Lsn;
use serde::{Serialize, Serializer};

use super::ktm::Ktm;
use super::lsn_text::{as_text, as_text_or_null};

/// What a record is to the log now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum RecordState {
    /// Between its stream's base and the log's end: the log reads it.
    #[serde(rename = "live")]
    Live,
    /// In a container that is in use, below its stream's base: given up, not yet overwritten.
    #[serde(rename = "below base")]
    BelowBase,
    /// Left from an earlier use of its container.
    #[serde(rename = "earlier lap")]
    EarlierLap,
    /// At its place, but not reached from the records before it.
    #[serde(rename = "behind end")]
    BehindEnd,
    /// Of a use of its container that the metadata do not know yet: they are older than the container's file.
    #[serde(rename = "later lap")]
    LaterLap,
    /// Its stream is none of the log's: deleted, or it never was one.
    #[serde(rename = "no stream")]
    NoStream,
    /// Its block names another place than the one where it lies.
    #[serde(rename = "misplaced")]
    Misplaced,
    /// The metadata are lost.
    #[serde(rename = "unknown")]
    Unknown,
}

impl RecordState {
    /// The word for it, as in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::BelowBase => "below base",
            Self::EarlierLap => "earlier lap",
            Self::BehindEnd => "behind end",
            Self::LaterLap => "later lap",
            Self::NoStream => "no stream",
            Self::Misplaced => "misplaced",
            Self::Unknown => "unknown",
        }
    }

    /// What it means, in a sentence.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Live => "from its stream's base to the log's end: what the log still holds",
            Self::BelowBase => "below its stream's base: given up by the log, not yet overwritten",
            Self::EarlierLap => "left from an earlier use of its container (stale)",
            Self::BehindEnd => "whole and at its place, but behind the log's end: something before it is missing",
            Self::LaterLap => "newer than the metadata: the base log file is an older copy than the container",
            Self::NoStream => "of a stream that the log does not have: deleted, or filling a container up",
            Self::Unknown => "the metadata that would say it are lost",
            Self::Misplaced => "in a block that names another place than the one where it lies",
        }
    }
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Record {
    pub(super) stream: u8,
    #[serde(serialize_with = "as_text")]
    pub(super) lsn: Lsn,
    /// `data` or `restart`.
    pub(super) kind: &'static str,
    /// Bytes of the client's data.
    pub(super) length: usize,
    #[serde(serialize_with = "as_text")]
    pub(super) undo_next: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(super) previous: Lsn,
    pub(super) state: RecordState,
    /// The USN of its block: the lap. Only with `--history`.
    pub(super) usn: Option<u8>,
    /// Its block's LSN, and the container and offset where the record lies. Only with `--history`.
    #[serde(serialize_with = "as_text_or_null")]
    pub(super) block: Option<Lsn>,
    #[serde(serialize_with = "as_name_or_null")]
    pub(super) container: Option<Rc<str>>,
    pub(super) offset: Option<u64>,
    /// What is wrong with its chains. Only with `--records`.
    pub(super) broken: Option<Vec<String>>,
    /// If it is one of the transaction manager's.
    pub(super) ktm: Option<Box<Ktm>>,
    /// As `data_encoding` says.
    pub(super) data: Option<String>,
    /// The client's data; empty where nobody asked for them.
    #[serde(skip)]
    pub(super) bytes: Vec<u8>,
}

impl Record {
    /// A record of the history.
    pub(super) fn new(stream: u8, header: &RecordHeader, data: &[u8], state: RecordState) -> Self {
        let links = (header.undo_next, header.previous);
        Self::from_parts(stream, header.lsn, header.kind, links, data, state)
    }

    pub(super) fn from_parts(
        stream: u8,
        lsn: Lsn,
        kind: RecordKind,
        (undo_next, previous): (Lsn, Lsn),
        data: &[u8],
        state: RecordState,
    ) -> Self {
        Self {
            stream,
            lsn,
            kind: if kind.contains(RecordKind::RESTART) { "restart" } else { "data" },
            length: data.len(),
            undo_next,
            previous,
            state,
            usn: None,
            block: None,
            container: None,
            offset: None,
            broken: None,
            ktm: Ktm::parse(data).map(Box::new),
            data: None,
            bytes: Vec::new(),
        }
    }
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn as_name_or_null<S: Serializer>(name: &Option<Rc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().serialize(serializer)
}
