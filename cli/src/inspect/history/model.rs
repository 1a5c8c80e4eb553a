//! What a history is made of, as the JSON has it.

use clfsmgmt::units::Lsn;
use serde::Serialize;

use super::super::lsn_text::as_text;
use super::super::record::RecordState;

/// What the containers hold.
#[derive(Debug, Serialize)]
pub(in super::super) struct History {
    /// In the order of their LSNs.
    pub(in super::super) blocks: Vec<Block>,
    /// Blocks of which only the beginning is left.
    pub(in super::super) torn: Vec<Torn>,
    /// Records by container, lap and state.
    pub(in super::super) totals: Vec<Total>,
    /// Containers of which there is no file, or only a part.
    pub(in super::super) incomplete: Vec<String>,
}

/// A whole block.
#[derive(Debug, Serialize)]
pub(in super::super) struct Block {
    #[serde(serialize_with = "as_text")]
    pub(in super::super) lsn: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(in super::super) next: Lsn,
    pub(in super::super) container: String,
    pub(in super::super) offset: u64,
    pub(in super::super) sectors: u16,
    /// The container at whose start it goes on, where it meets its own container's end.
    pub(in super::super) continues_in: Option<String>,
    pub(in super::super) usn: u8,
    pub(in super::super) stream: u8,
    /// As a whole; its records may differ where a base lies among them.
    pub(in super::super) state: RecordState,
    pub(in super::super) records: u64,
    /// Which rule it breaks, and where in the block.
    pub(in super::super) fault: Option<String>,
}

/// The beginning of a block.
#[derive(Debug, Serialize)]
pub(in super::super) struct Torn {
    #[serde(serialize_with = "as_text")]
    pub(in super::super) lsn: Lsn,
    pub(in super::super) container: String,
    pub(in super::super) offset: u64,
    pub(in super::super) sectors: u16,
    /// How many of them are there.
    pub(in super::super) sectors_left: u16,
}

/// Records that have container, lap and state in common.
#[derive(Debug, Serialize)]
pub(in super::super) struct Total {
    pub(in super::super) container: String,
    /// The logical id that the container had.
    pub(in super::super) logical_id: u32,
    pub(in super::super) usn: u8,
    pub(in super::super) state: RecordState,
    pub(in super::super) records: u64,
    #[serde(serialize_with = "as_text")]
    pub(in super::super) first: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(in super::super) last: Lsn,
}
