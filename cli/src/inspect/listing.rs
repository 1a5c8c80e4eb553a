//! What a log's metadata say, and what its blocks add: the model behind the tables and the JSON.
//!
//! The field names are the JSON's; other programs read them, so they are only ever added to.

use clfsmgmt::units::Lsn;
use serde::{Serialize, Serializer};

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
    /// What is wrong with its chains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) broken: Vec<String>,
}

/// A log.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    pub(super) path: String,
    pub(super) log_id: String,
    pub(super) multiplexed: bool,
    /// The bits of the state on disk.
    pub(super) state: Vec<String>,
    /// The current general block's.
    pub(super) dump_count: u64,
    /// The lap, as Windows counts them; 1 for life in logs that are written here.
    pub(super) usn: u8,
    pub(super) control: Pair,
    pub(super) general: Pair,
    pub(super) scratch: Pair,
    pub(super) containers: Vec<Container>,
    pub(super) streams: Vec<Stream>,
    pub(super) space: Space,
    /// Up to here everything was durable when the metadata were written.
    #[serde(serialize_with = "as_text")]
    pub(super) durable_end: Lsn,
    /// As the blocks show it; the durable end where they could not be read.
    #[serde(serialize_with = "as_text")]
    pub(super) end: Lsn,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) records: Option<Vec<Record>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) broken_chains: Option<u64>,
    /// What could not be read.
    pub(super) error: Option<String>,
}

/// Both copies of a metadata block.
#[derive(Debug, Serialize)]
pub(super) struct Pair {
    pub(super) current: &'static str,
    pub(super) why: String,
    pub(super) primary: Copy,
    pub(super) shadow: Copy,
}

/// One copy.
#[derive(Debug, Serialize)]
pub(super) struct Copy {
    pub(super) offset: u32,
    pub(super) state: &'static str,
    pub(super) dump_count: Option<u64>,
    /// Which rule it breaks, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) violation: Option<String>,
}

/// A container.
#[derive(Debug, Serialize)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) physical_id: u32,
    pub(super) logical_id: u32,
    pub(super) usn: u8,
    /// What it is to the log now: active, free, pending delete.
    pub(super) state: &'static str,
    /// What the metadata say.
    pub(super) state_on_disk: &'static str,
    /// The file, and its size if it is there.
    pub(super) file: Option<String>,
    pub(super) file_bytes: Option<u64>,
}

/// A stream, with the LSNs of the metadata.
#[derive(Debug, Serialize)]
pub(super) struct Stream {
    pub(super) id: u8,
    pub(super) name: String,
    #[serde(serialize_with = "as_text")]
    pub(super) base: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(super) last: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(super) restart: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(super) archive_tail: Lsn,
    #[serde(serialize_with = "as_text")]
    pub(super) physical_base: Lsn,
    pub(super) has_records: bool,
}

/// Space in containers; in a multiplexed log owner pages count as what is around them.
#[derive(Debug, Serialize)]
pub(super) struct Space {
    pub(super) total_bytes: u64,
    pub(super) used_bytes: u64,
    pub(super) free_bytes: u64,
    pub(super) containers: usize,
    pub(super) used_containers: usize,
    pub(super) free_containers: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
/// An LSN in JSON, as it is shown everywhere: `3:0x200:1` or `invalid`.
pub(super) fn as_text<S: Serializer>(lsn: &Lsn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(lsn)
}
