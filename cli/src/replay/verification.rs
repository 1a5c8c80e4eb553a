//! The proof: the log is opened from its files alone, and every record is compared with what was appended.

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Cursor, Direction, Log, OpenError, ReadRecord};
use clfsmgmt::units::{Lsn, Status, StreamId};

use super::ledger::{Ledger, StreamLedger};
use super::payload;
use crate::outcome::StreamOutcome;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) records: u64,
    pub(super) lost: u64,
    pub(super) per_stream: Vec<StreamOutcome>,
    /// The first thing that is not as it should be.
    pub(super) complaint: Option<String>,
}

/// Opens the log, recovers it, and reads every stream from its base to its end.
///
/// # Errors
/// The log cannot be opened or closed.
pub(super) fn verify(storage: FileStorage, limit: BlockLimit, ledger: &Ledger) -> Result<Verified, OpenError> {
    let log = Log::open(storage, Access::Write, limit)?;
    let mut verified = Verified::default();
    for (id, expected) in ledger.streams() {
        verify_stream(&log, id, expected, &mut verified);
    }
    log.close()?;
    Ok(verified)
}

fn verify_stream(log: &Log<FileStorage>, id: StreamId, expected: &StreamLedger, verified: &mut Verified) {
    let mut found = 0;
    if let Err(complaint) = compare(log, id, expected, &mut found) {
        verified.complaint.get_or_insert(format!("stream {id}: {complaint}"));
    }
    let total = u64::try_from(expected.entries.len()).unwrap_or(u64::MAX);
    verified.records += found;
    verified.lost += total - found;
    if let Err(complaint) = compare_restart(log, id, expected) {
        verified.lost += 1;
        verified.complaint.get_or_insert(format!("stream {id}: restart area: {complaint}"));
    }
    let name = log.stream_name(id).map(String::from_utf16_lossy).unwrap_or_default();
    let information = log.stream_information(id).ok();
    let shown = |lsn: Lsn| lsn.is_valid().then(|| lsn.to_string());
    verified.per_stream.push(StreamOutcome {
        stream: name,
        records: expected.appended,
        base: information.and_then(|information| shown(information.base)),
        restart: information.and_then(|information| shown(information.restart)),
    });
}

/// Counts the records that are as they were appended, up to the first that is not.
fn compare(log: &Log<FileStorage>, id: StreamId, expected: &StreamLedger, found: &mut u64) -> Result<(), String> {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut scratch = Vec::new();
    let mut record = log.read_first(&mut cursor);
    for entry in &expected.entries {
        let read = record.map_err(|status| format!("the record at {} is lost: {status}", entry.lsn))?;
        check_record(&read, entry, &mut scratch)?;
        *found += 1;
        record = log.read_next(&mut cursor);
    }
    match record {
        Err(Status::END_OF_FILE) => Ok(()),
        Ok(read) => Err(format!("a record at {} that nobody appended", read.lsn)),
        Err(status) => Err(format!("behind the last record: {status}")),
    }
}

fn check_record(read: &ReadRecord<'_>, entry: &super::ledger::Entry, scratch: &mut Vec<u8>) -> Result<(), String> {
    if read.lsn != entry.lsn {
        return Err(format!("the record at {} is lost, the next one is at {}", entry.lsn, read.lsn));
    }
    if payload::verify(read.data, scratch) != Some(entry.number) || read.data.len() as u64 != entry.bytes {
        return Err(format!("the record at {} is damaged", entry.lsn));
    }
    let has_chain = read.previous == entry.previous && (entry.is_restart || read.undo_next == entry.previous);
    if !has_chain {
        return Err(format!("the record at {} has lost its chain", entry.lsn));
    }
    Ok(())
}

fn compare_restart(log: &Log<FileStorage>, id: StreamId, expected: &StreamLedger) -> Result<(), String> {
    let mut cursor = Cursor::new(id, Direction::Forward);
    let found = match log.read_restart_area(&mut cursor) {
        Ok(record) => Some(record.lsn),
        Err(Status::LOG_NO_RESTART) => None,
        Err(status) => return Err(status.to_string()),
    };
    if found == expected.restart {
        return Ok(());
    }
    let shown = |lsn: Option<Lsn>| lsn.map_or("none".to_owned(), |lsn| lsn.to_string());
    Err(format!("{} instead of {}", shown(found), shown(expected.restart)))
}
