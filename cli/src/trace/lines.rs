//! Text, line by line, with a bound on a line's length.
//!
//! What `pg_waldump` says of a commit that dropped many tables has no bound; of such a line only the head is kept,
//! which says everything that is asked.
//!
//! Separate because the bound, the cut-off last line, and the difference between a cut gzip and a bad one are the same
//! for every format. Bytes become text here and nowhere else.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use super::Fault;
use super::error::{LINE_BYTES_MAX, Problem, START};

/// The lines of one source.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    packed: bool,
    line: Vec<u8>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn plain(reader: R) -> Self {
        Self { reader: BufReader::new(reader), packed: false, line: Vec::new(), number: 0 }
    }

    pub(super) fn packed(reader: R) -> Self {
        Self { packed: true, ..Self::plain(reader) }
    }

    /// The next line without its end, and its number from 1; `None` at the end of the source.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, Fault> {
        self.line.clear();
        let number = self.number.saturating_add(1);
        // One byte more than allowed tells a line that is too long from one that just fits.
        let bound = LINE_BYTES_MAX as u64 + 1;
        let got = self.reader.by_ref().take(bound).read_until(b'\n', &mut self.line);
        got.map_err(|error| fault(self.packed, number, &error))?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.number = number;
        if self.line.len() > LINE_BYTES_MAX {
            self.keep_head(number)?;
        }
        let Some(text) = self.line.strip_suffix(b"\n") else {
            return Err((Some(number), Problem::CutLine));
        };
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        match str::from_utf8(text) {
            Ok(text) => Ok(Some((number, text))),
            Err(_) => Err((Some(number), Problem::NotText)),
        }
    }

    /// Cuts a long record of `pg_waldump` to what has been read, as if the line ended there.
    fn keep_head(&mut self, number: u64) -> Result<(), Fault> {
        if !self.line.starts_with(START.as_bytes()) {
            return Err((Some(number), Problem::LineTooLong));
        }
        let mut last = self.line.last().copied();
        self.line.truncate(LINE_BYTES_MAX);
        while last != Some(b'\n') {
            let rest = self.reader.fill_buf().map_err(|error| fault(self.packed, number, &error))?;
            let skipped = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at.saturating_add(1));
            last = rest.get(..skipped).and_then(<[u8]>::last).copied();
            if last.is_none() {
                return Err((Some(number), Problem::CutLine));
            }
            self.reader.consume(skipped);
        }
        // Not in the middle of a letter.
        let whole = str::from_utf8(&self.line).map_or_else(|error| error.valid_up_to(), str::len);
        self.line.truncate(whole.max(LINE_BYTES_MAX.saturating_sub(3)));
        self.line.push(b'\n');
        Ok(())
    }
}

fn fault(packed: bool, number: u64, error: &std::io::Error) -> Fault {
    let problem = match error.kind() {
        ErrorKind::UnexpectedEof if packed => Problem::CutGzip,
        ErrorKind::InvalidData | ErrorKind::InvalidInput if packed => Problem::BadGzip,
        _ => Problem::Unreadable(error.to_string()),
    };
    (Some(number), problem)
}
