//! Lists a log in the form that was asked for: tables and lines, JSON, CSV, files.

use std::io::{self, Write};

use anyhow::{Error, Result};
use clfsmgmt::format::metadata::Parsed;
use clfsmgmt::log::Log;
use clfsmgmt::units::{Lsn, StreamId};

use super::encoding::Encoding;
use super::files::FilesBeside;
use super::history::{self, Wanted};
use super::lines::{self, Lines};
use super::listing::{Container, Listing};
use super::record::Record;
use super::records::{self, Reader};
use super::source::Source;
use super::{FINE, InspectArguments, UNSOUND, export, hashes, rows, text};
use crate::look::Look;
use crate::quantity::counted;

/// Lists what was asked for; returns the exit code.
///
/// # Errors
/// There is no log to look at, or something cannot be written.
pub(super) fn run(arguments: &InspectArguments, source: &Source, out: &mut impl Write) -> Result<u8> {
    if arguments.export.is_none() {
        return list(arguments, source, out);
    }
    // The files are written whether or not somebody reads what is printed to its end.
    let mut printed = Vec::new();
    let code = list(arguments, source, &mut printed)?;
    out.write_all(&printed)?;
    Ok(code)
}

fn list(arguments: &InspectArguments, source: &Source, out: &mut impl Write) -> Result<u8> {
    let parsed = match source.check_kind().and_then(|()| source.parse()) {
        Ok(parsed) => parsed,
        Err(why) if arguments.history => return show_files(arguments, source, why, out),
        Err(why) => return Err(why),
    };
    let log = source.open_log();
    let mut listing = Listing::new(source, &parsed, &log);
    let wanted = records::wanted_streams(arguments.stream.as_deref(), &listing)?;
    if let Some(folder) = &arguments.export {
        export::prepare(folder)?;
    }
    listing.files = hashes::of(source, &listing.containers, arguments.records || arguments.history);
    let look = Look::of_standard_output();
    if arguments.is_for_people() {
        text::write(out, &listing, look)?;
    }
    let lines = Lines { with_state: arguments.history, encoding: arguments.data };
    if arguments.history {
        list_history(arguments, source, &parsed, &mut listing);
        if arguments.is_for_people() {
            history::print(out, &listing, lines, look)?;
        }
    } else if let (true, Ok(log)) = (arguments.records, &log) {
        list_records(arguments, log, &wanted, &mut listing, lines, out)?;
    }
    end(arguments, source, listing, out)
}

/// The history of a log whose metadata are lost: what the files beside it hold that may be its containers.
fn show_files(arguments: &InspectArguments, source: &Source, why: Error, out: &mut impl Write) -> Result<u8> {
    let files = source.storage().likely_containers();
    if files.is_empty() || arguments.stream.is_some() {
        return Err(why);
    }
    if let Some(folder) = &arguments.export {
        export::prepare(folder)?;
    }
    let mut listing = Listing::without_metadata(source, why.to_string());
    listing.files = hashes::of_files(source, &files);
    let wanted = Wanted { streams: None, keeps_data: arguments.keeps_data() };
    let (history, records) = history::gather_from_files(&files, wanted);
    (listing.history, listing.records) = (Some(history), Some(records));
    if arguments.is_for_people() {
        let look = Look::of_standard_output();
        text::write(out, &listing, look)?;
        history::print(out, &listing, Lines { with_state: true, encoding: arguments.data }, look)?;
    }
    end(arguments, source, listing, out)
}

/// What comes last, whatever was listed.
fn end(arguments: &InspectArguments, source: &Source, mut listing: Listing, out: &mut impl Write) -> Result<u8> {
    encode(arguments, &mut listing);
    listing.changed_meanwhile = source.has_changed();
    finish(arguments, &listing, out)?;
    let is_fine = listing.error.is_none() && listing.broken_chains.is_none_or(|count| count == 0);
    Ok(if is_fine { FINE } else { UNSOUND })
}

/// Everything that the containers hold.
fn list_history(arguments: &InspectArguments, source: &Source, parsed: &Parsed, listing: &mut Listing) {
    let end = listing.whole().map_or(Lsn::INVALID, |whole| whole.end);
    let chosen = arguments.stream.is_some().then(|| records::wanted_streams(arguments.stream.as_deref(), listing));
    let chosen: Option<Vec<StreamId>> = chosen.and_then(Result::ok);
    let wanted = Wanted { streams: chosen.as_deref(), keeps_data: arguments.keeps_data() };
    let (history, records) = history::gather(source, &parsed.metadata.base, end, wanted);
    let is_in_use = |container: &&Container| container.state != "free" && history.incomplete.contains(&container.name);
    if let Some(container) = listing.containers.iter().find(is_in_use) {
        let why = format!("not everything is there of {}, which is in use", container.name);
        listing.error.get_or_insert(why);
    }
    (listing.history, listing.records) = (Some(history), Some(records));
}

/// What the log itself reads, from base to end.
fn list_records(
    arguments: &InspectArguments,
    log: &Log<FilesBeside>,
    wanted: &[StreamId],
    listing: &mut Listing,
    lines: Lines,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut reader = Reader::new(log, &listing.streams, arguments.keeps_data());
    let mut kept = Vec::new();
    let keep = |record: Record| kept.push(record);
    if !arguments.is_for_people() {
        reader.read(wanted, keep)?;
    } else if arguments.export.is_some() {
        reader.print(wanted, lines, out, keep)?;
    } else {
        // However many there are, one is in memory.
        reader.print(wanted, lines, out, drop)?;
    }
    let (broken, error) = (reader.broken_chains(), reader.error());
    (listing.broken_chains, listing.records) = (Some(broken), Some(kept));
    listing.error = error.or(listing.error.take());
    Ok(())
}

/// Gives the records their data in the form that was asked for.
fn encode(arguments: &InspectArguments, listing: &mut Listing) {
    listing.data_encoding = arguments.data.map(Encoding::name);
    for record in listing.records.iter_mut().flatten() {
        record.data = arguments.data.map(|encoding| encoding.encode(&record.bytes));
    }
}

/// JSON, CSV and the export, when everything is known; or the last words of a listing.
fn finish(arguments: &InspectArguments, listing: &Listing, out: &mut impl Write) -> Result<()> {
    if let Some(folder) = &arguments.export {
        let files = export::write(folder, listing)?;
        if arguments.is_for_people() {
            writeln!(out, "\n{} of data and a manifest in {}", counted(files, "file"), folder.display())?;
        }
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, listing).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if arguments.csv {
        rows::write(out, listing)?;
        if let Some(error) = &listing.error {
            eprintln!("not everything could be read: {}", lines::visible(error));
        }
    } else {
        if listing.changed_meanwhile {
            writeln!(out, "\nThe log was changed while it was read: records may be missing, or be of both moments")?;
        }
        if let Some(error) = &listing.error {
            writeln!(out, "\nNot everything could be read: {}; --check names the place", lines::visible(error))?;
        }
    }
    Ok(())
}
