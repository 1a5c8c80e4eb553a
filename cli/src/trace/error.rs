//! What can be wrong with a trace, each in one line that names the place and the mend.

use core::fmt;

/// The first line of a simple table that is not a comment.
pub(super) const HEADER: &str = "time_us,stream,transaction,kind,bytes";
/// How every record of `pg_waldump` begins.
pub(super) const START: &str = "rmgr:";
/// No line may be longer, its end included, but for `pg_waldump`'s, of which no more is looked at.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;

/// A trace that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The file, for people.
    pub source: String,
    /// The line, from 1, where the problem has one.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a trace. Texts inside are quoted and short already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The system's own words.
    Unreadable(String),
    /// No record in it.
    Empty,
    /// The last line has no end.
    CutLine,
    /// The compressed data stop early.
    CutGzip,
    /// The compressed data are damaged.
    BadGzip,
    /// Bytes that are not UTF-8.
    NotText,
    /// A line above the bound.
    LineTooLong,
    /// A mark before the first line.
    ByteOrderMark,
    /// The first line is of no known format.
    UnknownFormat(String),
    /// A line that is not a record of `pg_waldump`.
    NotARecord(String),
    /// A field that is not there.
    MissingField(&'static str),
    /// A row with another number of fields than the header.
    FieldCount(usize),
    /// A field that is not a number in its range.
    BadNumber(&'static str, String),
    /// A time stamp that is not a date and a time of day.
    BadTime(String),
    /// A kind that is not known.
    UnknownKind(String),
    /// A time before the one of the line above.
    TimeGoesBack {
        /// The time above.
        before: u64,
        /// The time that is less.
        now: u64,
    },
}

impl TraceError {
    pub(super) fn new(source: String, line: Option<u64>, problem: Problem) -> Self {
        Self { source, line, problem }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "trace {}", self.source)?;
        if let Some(line) = self.line {
            write!(out, ", line {line}")?;
        }
        write!(out, ": {}", self.problem)
    }
}

impl core::error::Error for TraceError {}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(out, "cannot be read ({why}); check the path and its permissions"),
            Self::Empty => out.write_str("holds no record; record at least one"),
            Self::CutLine => out.write_str("cut in the middle of the line; copy the file again or remove this line"),
            Self::CutGzip => out.write_str("the gzip data are cut; copy the file again"),
            Self::BadGzip => out.write_str("the gzip data are damaged; copy or pack the file again"),
            Self::NotText => out.write_str("not UTF-8 text; write it as plain text or gzip"),
            Self::LineTooLong => write!(out, "longer than {LINE_BYTES_MAX} bytes; split or remove it"),
            Self::ByteOrderMark => out.write_str("begins with a byte-order mark; write it as UTF-8 without one"),
            Self::UnknownFormat(text) => write!(
                out,
                "unknown format, the first line is {text}; give pg_waldump's output or a table that starts with \
                 \"{HEADER}\""
            ),
            Self::NotARecord(text) => {
                write!(out, "{text} is not a record; remove it, and run pg_waldump without --bkp-details and --stats")
            }
            Self::MissingField(field) => write!(out, "no field \"{field}\"; is the line whole?"),
            Self::FieldCount(count) => {
                write!(out, "{count} fields; write 5: {HEADER}")
            }
            Self::BadNumber(field, text) => {
                write!(out, "{field} is {text}; write {}", range_of(field))
            }
            Self::BadTime(text) => write!(out, "{text} is not a time; write it as 2026-11-21 06:00:51.165854"),
            Self::UnknownKind(text) => {
                write!(out, "unknown kind {text}; write data, commit, abort or checkpoint")
            }
            Self::TimeGoesBack { before, now } => {
                write!(out, "time goes back from {before} to {now}; sort the rows by time_us")
            }
        }
    }
}

fn range_of(field: &str) -> &'static str {
    match field {
        "bytes" | "len (rec/tot)" => "a whole number from 1 to 4294967295",
        "stream" => "a whole number from 0 to 4294967295, or nothing",
        "lsn" => "two hexadecimal numbers of 32 bits, as 0/04A721A8",
        _ => "a whole number from 0 to 18446744073709551615",
    }
}

/// Foreign text for an error: quoted, on one line, and cut to a readable length.
pub(super) fn quoted(text: &str) -> String {
    const CHARACTERS_MAX: usize = 48;
    let mut shown = String::from("\"");
    let mut characters = text.chars();
    shown.extend(characters.by_ref().take(CHARACTERS_MAX).flat_map(char::escape_debug));
    if characters.next().is_some() {
        shown.push('…');
    }
    shown.push('"');
    shown
}
