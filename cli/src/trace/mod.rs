//! A recorded workload: what a real program wrote to its log, record by record.
//!
//! Two text formats are read, plain or packed with gzip: what `pg_waldump` prints, and a simple table
//! (`docs/traces.md`). Compression is told by the first two bytes and the format by the first line, never by a file's
//! name. The text is streamed: at no time is more of it in memory than one line. A trace is read whole before anything
//! is written, so that a bad one leaves the log as it was.
//!
//! | file | what |
//! |---|---|
//! | `waldump`, `csv` | the two formats |
//! | `lines` | text by lines, with a bound |
//! | `error` | what can be wrong with a trace |
//!
//! Invariants of a [`Trace`]: at least one event; times never decrease; every event has at least one byte.

mod csv;
mod error;
mod lines;
mod waldump;

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

pub use error::{Problem, TraceError};
use lines::Lines;

/// The trace that comes with the program: `pgbench`'s TPC-B-like workload on `PostgreSQL`, 40 seconds.
const BUNDLED: &[u8] = include_bytes!("../../data/pgbench-tpcb.waldump.gz");

/// The first two bytes of every gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a record was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A change.
    Data,
    /// The end of a transaction whose changes stay.
    Commit,
    /// The end of a transaction whose changes go.
    Abort,
    /// The writer has made its state durable elsewhere.
    Checkpoint,
}

/// One record of the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, in microseconds from the trace's start; never less than the event before.
    pub time_us: u64,
    /// The transaction it belongs to; 0 is none.
    pub transaction: u64,
    /// The stream that the trace asks for; with `None` the replay chooses.
    pub stream: Option<u32>,
    /// The record's length; at least 1.
    pub bytes: u32,
    /// What it was for.
    pub kind: Kind,
}

const _: () = assert!(size_of::<Event>() <= 32, "a long trace must fit into memory");

/// A whole workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// In the order of the log; never empty.
    pub events: Vec<Event>,
    /// Where it came from, for people.
    pub source: String,
}

impl Trace {
    /// The time of the last event, in microseconds from the trace's start.
    pub fn duration_us(&self) -> u64 {
        self.events.last().map_or(0, |event| event.time_us)
    }
}

/// Where a trace is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceSource {
    /// The trace inside the program.
    Bundled,
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl TraceSource {
    /// The source that an argument names: `-` is standard input, no argument the bundled trace.
    pub fn from_argument(argument: Option<PathBuf>) -> Self {
        match argument {
            None => Self::Bundled,
            Some(path) if path.as_os_str() == "-" => Self::Stdin,
            Some(path) => Self::Path(path),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Bundled => "pgbench-tpcb.waldump.gz (bundled)".to_owned(),
            Self::Path(path) => path.display().to_string(),
            Self::Stdin => "standard input".to_owned(),
        }
    }
}

/// Reads a whole trace.
///
/// # Errors
/// A [`TraceError`] whose text is one line that names the place and the mend: the source cannot be read, is cut, is not
/// text, has a form that is not known, or breaks one of the formats' rules.
pub fn read(source: &TraceSource) -> Result<Trace, TraceError> {
    let name = source.name();
    match source {
        TraceSource::Bundled => read_from(BUNDLED, name),
        TraceSource::Stdin => read_from(std::io::stdin().lock(), name),
        TraceSource::Path(path) => match File::open(path) {
            Ok(file) => read_from(file, name),
            Err(error) => Err(TraceError::new(name, None, Problem::Unreadable(error.to_string()))),
        },
    }
}

/// Reads a whole trace from any reader; `name` stands for it in the result and in errors.
///
/// # Errors
/// As [`read`].
pub fn read_from(mut reader: impl Read, name: String) -> Result<Trace, TraceError> {
    let mut first = Vec::with_capacity(GZIP_MAGIC.len());
    let opened = reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first);
    if let Err(error) = opened {
        return Err(TraceError::new(name, None, Problem::Unreadable(error.to_string())));
    }
    let packed = first == GZIP_MAGIC;
    let whole = Cursor::new(first).chain(reader);
    let parsed =
        if packed { parse(&mut Lines::packed(MultiGzDecoder::new(whole))) } else { parse(&mut Lines::plain(whole)) };
    match parsed {
        Ok(events) => Ok(Trace { events, source: name }),
        Err((line, problem)) => Err(TraceError::new(name, line, problem)),
    }
}

/// What is wrong and, where there is one, the line it is in.
type Fault = (Option<u64>, Problem);

fn parse(lines: &mut Lines<impl Read>) -> Result<Vec<Event>, Fault> {
    // Comments may stand before the table's header, so they are skipped before the format is known.
    let first = loop {
        match lines.next()? {
            None => return Err((None, Problem::Empty)),
            Some((_, text)) if csv::is_comment(text) => {}
            Some((number, text)) => break (number, text.to_owned()),
        }
    };
    let (number, text) = first;
    if text.starts_with('\u{FEFF}') {
        return Err((Some(number), Problem::ByteOrderMark));
    }
    let events = if csv::is_header(&text) {
        csv::parse(lines)?
    } else if waldump::is_record(&text) {
        waldump::parse(number, &text, lines)?
    } else {
        return Err((Some(number), Problem::UnknownFormat(error::quoted(&text))));
    };
    if events.is_empty() { Err((None, Problem::Empty)) } else { Ok(events) }
}

#[cfg(test)]
mod tests;
