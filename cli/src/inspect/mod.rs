//! `clfsmgmt inspect`: what a log holds, and whether it is sound. Nothing is ever written.
//!
//! | module | holds |
//! |---|---|
//! | `source`, `files` | the base log file, opened to be read, and what to say when that fails; the files beside it |
//! | `listing`, `gather`, `text` | metadata, containers, streams, records: the model, its source, its tables |
//! | `records` | every record, and the chains between them |
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
mod files;
mod gather;
mod listing;
mod owners;
mod records;
mod source;
mod text;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use self::listing::Listing;
use self::records::Reader;
use self::source::Source;
use super::look::Look;

/// All is well.
const FINE: u8 = 0;
/// Something does not hold, or could not be read.
const UNSOUND: u8 = 1;

/// Shows what a log holds, or checks it; never writes.
#[derive(Args, Debug)]
pub struct InspectArguments {
    /// The base log file (.blf)
    #[arg(value_name = "LOG.blf")]
    pub log: PathBuf,
    /// List every record from base to end, and check the chains between them
    #[arg(long, conflicts_with = "check")]
    pub records: bool,
    /// Only this stream's records
    #[arg(long, value_name = "NAME|ID", requires = "records")]
    pub stream: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, conflicts_with = "check")]
    pub json: bool,
    /// Verify every predicate of the format and name the first that does not hold
    #[arg(long)]
    pub check: bool,
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
    if !arguments.json {
        text::write(out, &listing, Look::of_standard_output())?;
    }
    if let (true, Ok(log)) = (arguments.records, &log) {
        let mut reader = Reader::new(log, &listing.streams);
        if arguments.json {
            let mut all = Vec::new();
            reader.read(&wanted, |record| {
                all.push(record.clone());
                Ok(())
            })?;
            listing.records = Some(all);
        } else {
            reader.print(&wanted, out)?;
        }
        listing.broken_chains = Some(reader.broken_chains());
        listing.error = reader.error().or(listing.error.take());
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &listing)?;
        writeln!(out)?;
    } else if let Some(error) = &listing.error {
        writeln!(out, "\nNot everything could be read: {error}; --check names the place")?;
    }
    let is_fine = listing.error.is_none() && listing.broken_chains.is_none_or(|count| count == 0);
    Ok(if is_fine { FINE } else { UNSOUND })
}
