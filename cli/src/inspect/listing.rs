//! What a log's metadata say, and what its blocks add: the model behind the tables and the JSON.
//!
//! The JSON is described by `cli/schema/`: every key is always there, `null` where there is nothing. A key that is
//! added leaves the version as it is; one that changes its meaning, or goes, raises it.

use clfsmgmt::units::Lsn;
use serde::Serialize;

use super::history::model::History;
use super::lsn_text::as_text;
use super::record::Record;

/// The version of the JSON's form.
pub(super) const FORM: u32 = 1;

/// A log.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    /// The form's version.
    pub(super) version: u32,
    /// The program's name and version.
    pub(super) program: &'static str,
    pub(super) path: String,
    /// Whether a writer has it open; nothing where that cannot be told.
    pub(super) writer_has_it_open: Option<bool>,
    /// The metadata changed while the rest was read.
    pub(super) changed_meanwhile: bool,
    pub(super) files: Vec<LookedAtFile>,
    #[serde(flatten)]
    pub(super) metadata: Metadata,
    pub(super) containers: Vec<Container>,
    pub(super) streams: Vec<Stream>,
    /// How a record's data are written: `hex`, `text` or `base64`; nothing where they were not asked for.
    pub(super) data_encoding: Option<&'static str>,
    /// With `--records` those from base to end, with `--history` all that the containers hold.
    pub(super) records: Option<Vec<Record>>,
    pub(super) history: Option<History>,
    pub(super) broken_chains: Option<u64>,
    /// What could not be read.
    pub(super) error: Option<String>,
}

/// What the metadata say of the log as a whole, or that no copy of them is whole.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Metadata {
    Read(Box<Whole>),
    Lost(Lost),
}

/// What the metadata say of the log as a whole.
#[derive(Debug, Serialize)]
pub(super) struct Whole {
    pub(super) log_id: String,
    /// UTC, from a version-1 GUID.
    pub(super) log_id_time: Option<String>,
    pub(super) log_id_node: Option<String>,
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
    pub(super) space: Space,
    /// Up to here everything was durable when the metadata were written.
    #[serde(serialize_with = "as_text")]
    pub(super) durable_end: Lsn,
    /// As the blocks show it; the durable end where they could not be read.
    #[serde(serialize_with = "as_text")]
    pub(super) end: Lsn,
}

/// The same keys without values.
#[derive(Debug, Default, Serialize)]
pub(super) struct Lost {
    log_id: (),
    log_id_time: (),
    log_id_node: (),
    multiplexed: (),
    state: (),
    dump_count: (),
    usn: (),
    control: (),
    general: (),
    scratch: (),
    space: (),
    durable_end: (),
    end: (),
}

impl Listing {
    /// What the metadata say, unless they are lost.
    pub(super) fn whole(&self) -> Option<&Whole> {
        match &self.metadata {
            Metadata::Read(whole) => Some(whole),
            Metadata::Lost(_) => None,
        }
    }

    /// A stream's name.
    pub(super) fn stream_name(&self, id: u8) -> Option<&str> {
        self.streams.iter().find(|stream| stream.id == id).map(|stream| &*stream.name)
    }
}

/// A file that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct LookedAtFile {
    pub(super) path: String,
    /// `base log file` or `container`.
    pub(super) role: &'static str,
    pub(super) bytes: Option<u64>,
    /// Nothing where the file is missing, or was not read as a whole.
    pub(super) sha256: Option<String>,
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
    /// An address in the memory of the machine's kernel, which old drivers left on disk; of no meaning to the log.
    pub(super) kernel_pointer: Option<String>,
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
