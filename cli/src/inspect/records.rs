//! Every record of a log's streams from base to end, and the chains between them.
//!
//! A chain is broken where a previous or undo-next LSN names a place of the active log that is no record, or one that
//! is not before the record itself; a restart area's previous one must be a restart area. `INVALID` and the null LSN
//! mean "none"; a target below the base is gone, rightly.

use std::io::{self, Write};

use anyhow::{Result, bail};
use clfsmgmt::format::record::RecordKind;
use clfsmgmt::log::{Cursor, Direction, Log, ReadRecord};
use clfsmgmt::units::{Lsn, Status, StreamId};

use super::files::FilesBeside;
use super::lines::{Lines, visible};
use super::listing::{Listing, Stream};
use super::record::{Record, RecordState};
use crate::quantity::counted;

/// The streams whose records are asked for: all that can have some, or the one of this name or id.
///
/// # Errors
/// There is no such stream.
pub(super) fn wanted_streams(wanted: Option<&str>, listing: &Listing) -> Result<Vec<StreamId>> {
    let Some(wanted) = wanted else {
        let all = listing.streams.iter().map(|stream| StreamId(stream.id));
        let holds_records =
            |id: &StreamId| listing.whole().is_none_or(|whole| !whole.multiplexed) || *id != StreamId::PHYSICAL;
        return Ok(all.filter(holds_records).collect());
    };
    let is_named = |stream: &&Stream| stream.name.to_lowercase() == wanted.to_lowercase();
    let has_id = |stream: &&Stream| wanted.parse() == Ok(stream.id);
    let streams = &listing.streams;
    let named = streams.iter().find(is_named);
    let Some(stream) = named.or_else(|| streams.iter().find(has_id)) else {
        let known = streams.iter().map(|stream| format!("{} {}", stream.id, stream.name));
        let known = known.collect::<Vec<_>>().join(", ");
        bail!("{}: no stream {wanted}; choose one of {known}", listing.path);
    };
    Ok([StreamId(stream.id)].into())
}

/// What was read of one stream.
#[derive(Debug, Default)]
struct Total {
    records: u64,
    restart_areas: u64,
    broken: u64,
}

/// Reads the records of an open log.
pub(super) struct Reader<'a> {
    log: &'a Log<FilesBeside>,
    streams: &'a [Stream],
    keeps_data: bool,
    broken: u64,
    error: Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(log: &'a Log<FilesBeside>, streams: &'a [Stream], keeps_data: bool) -> Self {
        Self { log, streams, keeps_data, broken: 0, error: None }
    }

    /// How many links lead nowhere.
    pub(super) fn broken_chains(&self) -> u64 {
        self.broken
    }

    /// What could not be read, if anything.
    pub(super) fn error(&self) -> Option<String> {
        self.error.clone()
    }

    /// Hands out every record of these streams; what cannot be read is noted instead.
    ///
    /// # Errors
    /// None.
    pub(super) fn read(&mut self, wanted: &[StreamId], mut see: impl FnMut(Record)) -> io::Result<()> {
        for id in wanted {
            self.read_stream(*id, &mut |record| {
                see(record);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Prints every record of these streams, and hands it out then.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub(super) fn print(
        &mut self,
        wanted: &[StreamId],
        lines: Lines,
        out: &mut impl Write,
        mut see: impl FnMut(Record),
    ) -> io::Result<()> {
        for id in wanted {
            let named = self.streams.iter().find(|stream| stream.id == id.0);
            let name = named.map_or("", |stream| &*stream.name);
            writeln!(out, "\nRecords of stream {id} {}, from its base to its end", visible(name))?;
            lines.write_head(out)?;
            let total = self.read_stream(*id, &mut |record| {
                lines.write(out, &record)?;
                see(record);
                Ok(())
            })?;
            writeln!(
                out,
                "  {}, {}, {}",
                counted(total.records, "record"),
                counted(total.restart_areas, "restart area"),
                counted(total.broken, "broken chain")
            )?;
        }
        Ok(())
    }

    fn read_stream(&mut self, id: StreamId, show: &mut impl FnMut(Record) -> io::Result<()>) -> io::Result<Total> {
        let mut total = Total::default();
        let Ok(information) = self.log.stream_information(id) else {
            return Ok(total);
        };
        let mut cursor = Cursor::new(id, Direction::Forward);
        // LSNs rise, so the chains' targets can be looked up by halving.
        let mut seen: Vec<(Lsn, bool)> = Vec::new();
        let mut outcome = self.log.read_first(&mut cursor).map(drop);
        while let Some(found) = outcome.ok().and_then(|()| cursor.here()) {
            let mut record = record_of(id, &found, information.base, &seen);
            if self.keeps_data {
                record.bytes = found.data.to_vec();
            }
            let is_restart = found.kind == RecordKind::RESTART;
            seen.push((found.lsn, is_restart));
            total.records += 1;
            total.restart_areas += u64::from(is_restart);
            total.broken += record.broken.as_ref().map_or(0, Vec::len) as u64;
            show(record)?;
            outcome = self.log.read_next(&mut cursor).map(drop);
        }
        self.broken += total.broken;
        match outcome {
            Ok(()) | Err(Status::END_OF_FILE) => {}
            Err(status) => {
                let behind = seen.last().map_or(information.base, |(lsn, _)| *lsn);
                self.error.get_or_insert(format!("stream {id} from {behind} on: {}", status.meaning()));
            }
        }
        Ok(total)
    }
}

fn record_of(id: StreamId, found: &ReadRecord<'_>, base: Lsn, seen: &[(Lsn, bool)]) -> Record {
    let is_restart = found.kind == RecordKind::RESTART;
    let links = [("undo next", found.undo_next, false), ("previous", found.previous, is_restart)];
    let broken = links.into_iter().filter_map(|(name, target, to_restart)| {
        let fault = fault(found.lsn, target, base, to_restart, seen)?;
        Some(format!("{name} {target} {fault}"))
    });
    let links = (found.undo_next, found.previous);
    let mut record = Record::from_parts(id.0, found.lsn, found.kind, links, found.data, RecordState::Live);
    record.broken = Some(broken.collect());
    record
}

/// What is wrong with a link from the record at `from` to `target`.
fn fault(from: Lsn, target: Lsn, base: Lsn, to_restart: bool, seen: &[(Lsn, bool)]) -> Option<&'static str> {
    if !target.is_valid() || target == Lsn::NULL || target < base {
        return None;
    }
    if target >= from {
        return Some("is not before the record");
    }
    match seen.binary_search_by_key(&target, |(lsn, _)| *lsn) {
        Err(_) => Some("is no record"),
        Ok(at) if to_restart && seen.get(at).is_none_or(|(_, is_restart)| !is_restart) => Some("is no restart area"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lsn(offset: u32, record: u32) -> Lsn {
        Lsn::new(1, offset, record).unwrap()
    }

    #[test]
    fn a_link_to_what_is_no_record_is_broken() {
        let seen = [(lsn(0, 0), false), (lsn(0, 1), true), (lsn(0x200, 0), false)];
        let from = lsn(0x400, 0);
        let of = |target, to_restart| fault(from, target, lsn(0, 0), to_restart, &seen);
        assert_eq!(of(lsn(0x200, 0), false), None);
        assert_eq!(of(lsn(0x200, 1), false), Some("is no record"));
        assert_eq!(of(from, false), Some("is not before the record"));
        assert_eq!(of(lsn(0x200, 0), true), Some("is no restart area"));
        assert_eq!(of(lsn(0, 1), true), None);
        assert_eq!([of(Lsn::INVALID, true), of(Lsn::NULL, false)], [None, None]);
        assert_eq!(fault(from, lsn(0, 1), lsn(0x200, 0), false, &seen), None, "below the base");
    }
}
