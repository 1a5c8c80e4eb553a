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
//! | `show` | everything but the check, in the form that was asked for |
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
mod show;
mod source;
mod strings;
mod text;
mod writer;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::{ArgGroup, Args};

pub use self::encoding::Encoding;
use self::source::Source;

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
    let outcome = if arguments.check { check::run(&source, &mut out) } else { show::run(arguments, &source, &mut out) };
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
