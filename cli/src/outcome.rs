//! The result of a replay as numbers: what `--json` holds and the summary tells.
//!
//! The field names are the JSON's; other programs read them, so they are only ever added to.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

/// The result of one replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Records of the trace; `records_appended` and `records_skipped` add up to it.
    pub trace_records: u64,
    /// Records of the trace that were appended.
    pub records_appended: u64,
    /// Records not appended because their transaction was rolled back.
    pub records_skipped: u64,
    /// Abort records that the replay itself wrote when it rolled transactions back.
    pub abort_records: u64,
    /// Restart areas written by checkpoints.
    pub restart_areas: u64,
    /// Records read back after reopening, from base to end, whose content was right.
    pub records_verified: u64,
    /// Records that should have been read back and were not, or were not what was written.
    pub records_lost: u64,
    /// Bytes of the appended records.
    pub bytes_appended: u64,
    /// Virtual logs in the multiplexed log.
    pub streams: u32,
    /// Bytes in a container.
    pub container_size: u64,
    /// The policy's maximum, where there is one.
    pub containers_max: Option<u32>,
    /// The most containers at any instant.
    pub containers_peak: u32,
    /// Containers added while running.
    pub containers_grown: u64,
    /// Containers removed while running.
    pub containers_shrunk: u64,
    /// How often a container was used again.
    pub containers_recycled: u64,
    /// Requests for space.
    pub log_full_requests: u64,
    /// Those that ended with space.
    pub log_full_succeeded: u64,
    /// Those that ended without.
    pub log_full_failed: u64,
    /// Requests to clients to move their tails.
    pub tails_asked: u64,
    /// Those that the client refused.
    pub tails_refused: u64,
    /// Requests of clients that ended on a pinned log; the log's episodes are in `pins`.
    pub pinned: u64,
    /// How often it was told that it no longer is.
    pub unpinned: u64,
    /// The pinned times, and by whom.
    pub pins: Vec<Pin>,
    /// Transactions rolled back because they pinned the log and needed space themselves.
    pub transactions_aborted: u64,
    /// How long writers were stopped, of the trace's time.
    pub writers_stopped_us: u64,
    /// The trace's time with all waiting.
    pub trace_us: u64,
    /// Real time of the replay, without verification.
    pub seconds: f64,
    /// Real time to write the same bytes, as durably, with nothing between.
    pub raw_seconds: f64,
    /// `seconds / raw_seconds`.
    pub ratio: f64,
    /// Engine and manager time, as a share of `seconds`: 0 to 1.
    pub management_share: f64,
    /// Real time to reopen, recover and verify.
    pub verify_seconds: f64,
    /// When data were flushed: `commit`, `checkpoint` or `none`.
    pub durability: String,
    /// The log's path where it was kept.
    pub log: Option<String>,
    /// One for each stream.
    pub per_stream: Vec<StreamOutcome>,
}

/// A time in which the log was pinned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pin {
    /// Client, stream, transaction and LSN, in words.
    pub who: String,
    /// When it began, of the trace's time.
    pub since_us: u64,
    /// When it ended; `None` when the run ended first.
    pub until_us: Option<u64>,
}

/// What verification found in one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StreamOutcome {
    /// The stream's name.
    pub stream: String,
    /// All records ever appended to it, restart areas and abort records included.
    pub records: u64,
    /// Its base LSN.
    pub base: Option<String>,
    /// The LSN of its newest restart area.
    pub restart: Option<String>,
}

impl Outcome {
    /// The result as JSON, ended by a line feed. Numbers that are not finite become `null`.
    ///
    /// # Errors
    /// None that can be caused from outside.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Writes the result as JSON to a file, or to standard output for `-`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&self, destination: &Path) -> anyhow::Result<()> {
        let text = self.to_json()?;
        let written = if destination.as_os_str() == "-" {
            io::stdout().lock().write_all(text.as_bytes())
        } else {
            fs::write(destination, text)
        };
        let shown = destination.display();
        written.with_context(|| format!("cannot write the result to {shown}; check the folder and its permissions"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_the_fields_that_other_programs_read() {
        let outcome = Outcome { records_appended: 85_982, ratio: f64::NAN, ..Outcome::default() };
        let json: serde_json::Value = serde_json::from_str(&outcome.to_json().unwrap()).unwrap();
        for field in [
            "records_verified",
            "records_lost",
            "bytes_appended",
            "containers_max",
            "containers_peak",
            "containers_recycled",
            "log_full_requests",
            "log_full_succeeded",
            "log_full_failed",
            "tails_asked",
            "tails_refused",
            "pinned",
            "unpinned",
            "transactions_aborted",
            "records_skipped",
            "seconds",
            "raw_seconds",
        ] {
            assert!(json.get(field).is_some(), "{field}");
        }
        assert_eq!(json["records_appended"], 85_982);
        assert!(json["ratio"].is_null() && json["log"].is_null());
    }

    #[test]
    fn the_json_goes_to_the_file_and_a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = Outcome::default();
        let path = folder.path().join("result.json");
        outcome.write_json(&path).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), outcome.to_json().unwrap());
        let error = outcome.write_json(&folder.path().join("no/result.json")).unwrap_err();
        assert!(error.to_string().contains("no/result.json; check"), "{error}");
    }
}
