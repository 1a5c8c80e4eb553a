//! `--history`: every whole block that the containers hold, each by the LSN in its own header.
//!
//! What a log gives up stays in its files until the next lap overwrites it. The blocks are looked for sector by
//! sector, so damage hides only what it hits, and nothing is asked of [`Log`](clfsmgmt::log::Log). Only a block's own
//! LSN tells lives of a container apart: its container id is the logical id that the container had then.
//!
//! | module | holds |
//! |---|---|
//! | `scan` | the containers' sectors, and whole blocks among them |
//! | `model` | what is found, as the JSON has it |
//! | `judge` | what a block and a record are to the log now |
//! | `text` | the history for people |

mod judge;
pub(super) mod model;
mod scan;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::units::{Lsn, StreamId};

use self::judge::Judge;
use self::model::{Block, History, Total};
use self::scan::{Found, Scan};
pub(super) use self::text::print;
use super::record::Record;
use super::source::Source;

/// What is wanted of the records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) streams: Option<&'a [StreamId]>,
    /// The records' bytes are kept.
    pub(super) keeps_data: bool,
}

/// Gathers the history of a log whose blocks end at `end`.
pub(super) fn gather(source: &Source, base: &BaseRecord, end: Lsn, wanted: Wanted<'_>) -> (History, Vec<Record>) {
    gather_from(&Scan::new(source, base), &Judge::new(base, end), wanted)
}

/// Gathers what the files hold that look like a log's containers.
pub(super) fn gather_from_files(files: &[PathBuf], wanted: Wanted<'_>) -> (History, Vec<Record>) {
    gather_from(&Scan::of_files(files), &Judge::without_metadata(), wanted)
}

fn gather_from(scan: &Scan, judge: &Judge, wanted: Wanted<'_>) -> (History, Vec<Record>) {
    let mut blocks: Vec<(Block, Vec<Record>)> = Vec::new();
    let mut torn = Vec::new();
    scan.run(|found| match found {
        Found::Block(block) => blocks.push(listed(judge, &block, wanted)),
        Found::Torn(part) => torn.push(part),
    });
    blocks.retain(|(block, _)| wanted.streams.is_none_or(|ids| ids.contains(&StreamId(block.stream))));
    blocks.sort_by(|(one, _), (other, _)| {
        (one.lsn, &one.container, one.offset).cmp(&(other.lsn, &other.container, other.offset))
    });
    let totals = totals(&blocks);
    let (blocks, records): (Vec<Block>, Vec<Vec<Record>>) = blocks.into_iter().unzip();
    let history = History { blocks, torn, totals, incomplete: scan.incomplete() };
    (history, records.into_iter().flatten().collect())
}

fn listed(judge: &Judge, found: &scan::Whole<'_>, wanted: Wanted<'_>) -> (Block, Vec<Record>) {
    let header = &found.header;
    let place = judge.place(found);
    let mut records = Vec::new();
    for (offset, record, data) in &found.records {
        let state = judge.record(place, header.stream, record.lsn);
        let (container, at) = found.place_of(*offset);
        let mut listed = Record::new(header.stream.0, record, data, state);
        listed.usn = Some(header.usn);
        listed.block = Some(header.current);
        listed.container = Some(Rc::clone(&container.name));
        listed.offset = Some(at);
        if wanted.keeps_data {
            listed.bytes.clone_from(data);
        }
        records.push(listed);
    }
    let newest = records.last().map(|record| record.state);
    let block = Block {
        lsn: header.current,
        next: header.next,
        container: found.container.name.to_string(),
        offset: found.offset,
        sectors: header.total_sectors,
        continues_in: found.continues_in.map(|container| container.name.to_string()),
        usn: header.usn,
        stream: header.stream.0,
        state: newest.unwrap_or_else(|| judge.record(place, header.stream, header.current)),
        records: records.len() as u64,
        fault: found.fault.clone(),
    };
    (block, records)
}

fn totals(blocks: &[(Block, Vec<Record>)]) -> Vec<Total> {
    let mut totals = BTreeMap::new();
    for (block, records) in blocks {
        for record in records {
            let key = (block.lsn.container(), &*block.container, block.usn, record.state);
            let total = totals.entry(key).or_insert_with(|| Total {
                container: block.container.clone(),
                logical_id: block.lsn.container(),
                usn: block.usn,
                state: record.state,
                records: 0,
                first: record.lsn,
                last: record.lsn,
            });
            total.records += 1;
            total.first = total.first.min(record.lsn);
            total.last = total.last.max(record.lsn);
        }
    }
    totals.into_values().collect()
}
