//! The history for people: how much of what there is and what that means, then every record.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::lines::{Lines, visible};
use super::super::listing::Listing;
use super::super::record::RecordState;
use super::model::History;
use crate::look::Look;
use crate::quantity::{count, counted};

/// Writes a listing's history and its records.
///
/// # Errors
/// `out` cannot be written.
pub(in super::super) fn print(out: &mut impl Write, listing: &Listing, lines: Lines, look: Look) -> io::Result<()> {
    let (Some(history), Some(records)) = (&listing.history, &listing.records) else { return Ok(()) };
    writeln!(out, "\nHistory: every whole block in the containers, by the LSN in its own header")?;
    let mut table = look.wide_table();
    table.set_header(["records", "state", "lap", "first LSN", "last LSN", "lies in", "logical then"]);
    for total in &history.totals {
        table.add_row([
            count(total.records),
            total.state.word().to_owned(),
            total.usn.to_string(),
            total.first.to_string(),
            total.last.to_string(),
            visible(&total.container),
            total.logical_id.to_string(),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    let states: BTreeSet<RecordState> = history.totals.iter().map(|total| total.state).collect();
    for state in states {
        writeln!(out, "  {:<12} {}", state.word(), state.meaning())?;
    }
    writeln!(out, "  lap          the block's USN; Windows raises it when the log's first container is used again\n")?;
    write_faults(out, history)?;
    if !records.is_empty() {
        lines.write_head(out)?;
    }
    for record in records {
        lines.write(out, record)?;
    }
    let (records, blocks) =
        (counted(records.len() as u64, "record"), counted(history.blocks.len() as u64, "whole block"));
    writeln!(
        out,
        "  {records} in {blocks}, {} of which only the beginning is left",
        counted(history.torn.len() as u64, "block")
    )
}

fn write_faults(out: &mut impl Write, history: &History) -> io::Result<()> {
    for name in &history.incomplete {
        writeln!(out, "  not everything is there of {}", visible(name))?;
    }
    for block in &history.blocks {
        if let Some(fault) = &block.fault {
            let container = visible(&block.container);
            writeln!(out, "  block {} in {container} at {:#x} is whole, but {fault}", block.lsn, block.offset)?;
        }
    }
    for torn in &history.torn {
        let (container, left) = (visible(&torn.container), torn.sectors_left);
        writeln!(
            out,
            "  block {} in {container} at {:#x}: {left} of {} sectors are left",
            torn.lsn, torn.offset, torn.sectors
        )?;
    }
    Ok(())
}
