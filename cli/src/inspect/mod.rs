//! `clfsmgmt inspect`: what a log holds, and whether it is sound. Nothing of a log is ever written, or locked.
//!
//! | module | holds |
//! |---|---|
//! | `source`, `files`, `writer` | the base log file as it is at one moment; the files beside it; who writes them |
//! | `listing`, `record`, `lsn_text`, `gather`, `hashes` | metadata, streams, records: the model, its source; hashes |
//! | `text`, `lines`, `rows` | the listing as tables, records as lines, and as CSV |
//! | `records` | every record from base to end, and the chains between them |
//! | `history` | every whole block of the containers, of all laps |
//! | `guid`, `ktm`, `strings`, `encoding` | what records' data tell, and how they are printed |
//! | `export` | records' data as files |
//! | `check`, `blocks`, `owners`, `claims` | every predicate of the format, over the whole log |
//!
//! Metadata are listed even when the data blocks are damaged: they are parsed here by themselves, and the log is opened
//! only for what needs its blocks.
//!
//! # Exit codes
//! 0: all is well. 1: a predicate does not hold, a chain is broken, or something could not be read. 2: there is no log
//! to look at (an error with its place and mend).

mod blocks;
mod check;
mod claims;
mod encoding;
mod export;
mod files;
mod gather;
mod guid;
mod hashes;
mod history;
mod ktm;
mod lines;
mod listing;
mod lsn_text;
mod owners;
mod record;
mod records;
mod rows;
mod source;
mod strings;
mod text;
mod writer;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use clfsmgmt::format::metadata::Parsed;
use clfsmgmt::log::Log;
use clfsmgmt::units::StreamId;

pub use self::encoding::Encoding;
use self::files::FilesBeside;
use self::history::Wanted;
use self::lines::Lines;
use self::listing::{Container, Listing};
use self::record::Record;
use self::records::Reader;
use self::source::Source;
use super::look::Look;
use super::quantity::counted;

/// All is well.
const FINE: u8 = 0;
/// Something does not hold, or could not be read.
const UNSOUND: u8 = 1;

/// Shows what a log holds, or checks it; never writes to it.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("listed").args(["records", "history"]))]
pub struct InspectArguments {
    /// The base log file (.blf)
    #[arg(value_name = "LOG.blf")]
    pub log: PathBuf,
    /// List every record from base to end, and check the chains between them
    #[arg(long, conflicts_with = "check")]
    pub records: bool,
    /// List every record that the containers hold: live, below the base, of earlier laps, behind the end
    #[arg(long, conflicts_with = "check")]
    pub history: bool,
    /// Only this stream's records
    #[arg(long, value_name = "NAME|ID", requires = "listed")]
    pub stream: Option<String>,
    /// Print the records' data too
    #[arg(long, value_name = "FORM", requires = "listed", value_enum)]
    pub data: Option<Encoding>,
    /// Write each record's data into a file of its own, in a new or empty folder, with a manifest
    #[arg(long, value_name = "DIR", requires = "listed")]
    pub export: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long, conflicts_with = "check")]
    pub json: bool,
    /// Print the records as CSV, and nothing else
    #[arg(long, requires = "listed", conflicts_with = "json")]
    pub csv: bool,
    /// Verify every predicate of the format and name the first that does not hold
    #[arg(long)]
    pub check: bool,
}

impl InspectArguments {
    fn is_for_people(&self) -> bool {
        !self.json && !self.csv
    }

    fn keeps_data(&self) -> bool {
        self.data.is_some() || self.export.is_some()
    }
}

/// Inspects a log and prints to standard output; returns the exit code.
///
/// # Errors
/// There is no log to look at: one line with the place and the mend.
pub fn run(arguments: &InspectArguments) -> anyhow::Result<u8> {
    let source = Source::open(&arguments.log)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = if arguments.check { check::run(&source, &mut out) } else { show(arguments, &source, &mut out) };
    match outcome.and_then(|code| Ok(out.flush().map(|()| code)?)) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => Ok(FINE),
        outcome => outcome,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

fn show(arguments: &InspectArguments, source: &Source, out: &mut impl Write) -> anyhow::Result<u8> {
    let parsed = source.parse()?;
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
    encode(arguments, &mut listing);
    listing.changed_meanwhile = source.has_changed();
    finish(arguments, &listing, out)?;
    let is_fine = listing.error.is_none() && listing.broken_chains.is_none_or(|count| count == 0);
    Ok(if is_fine { FINE } else { UNSOUND })
}

/// Everything that the containers hold.
fn list_history(arguments: &InspectArguments, source: &Source, parsed: &Parsed, listing: &mut Listing) {
    let chosen = arguments.stream.is_some().then(|| records::wanted_streams(arguments.stream.as_deref(), listing));
    let chosen: Option<Vec<StreamId>> = chosen.and_then(Result::ok);
    let wanted = Wanted { streams: chosen.as_deref(), keeps_data: arguments.keeps_data() };
    let (history, records) = history::gather(source, &parsed.metadata.base, listing.end, wanted);
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
fn finish(arguments: &InspectArguments, listing: &Listing, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(folder) = &arguments.export {
        let files = export::write(folder, listing)?;
        if arguments.is_for_people() {
            writeln!(out, "\n{} of data and a manifest in {}", counted(files, "file"), folder.display())?;
        }
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, listing)?;
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
