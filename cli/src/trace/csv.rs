//! The simple table: `time_us,stream,transaction,kind,bytes` (`docs/traces.md`).
//!
//! No quoting and no escapes: every field is a number or a word, so a comma always ends a field.

use core::str::FromStr;
use std::io::Read;

use super::error::{HEADER, Problem, quoted};
use super::lines::Lines;
use super::{Event, Fault, Kind};

/// A line for people.
pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

/// The line that says "this is a table".
pub(super) fn is_header(line: &str) -> bool {
    line.trim_end() == HEADER
}

/// Reads all rows after the header.
pub(super) fn parse(lines: &mut Lines<impl Read>) -> Result<Vec<Event>, Fault> {
    let mut events: Vec<Event> = Vec::new();
    let mut before = 0;
    while let Some((number, text)) = lines.next()? {
        if is_comment(text) {
            continue;
        }
        let event = row(text).map_err(|problem| (Some(number), problem))?;
        if event.time_us < before {
            let problem = Problem::TimeGoesBack { before, now: event.time_us };
            return Err((Some(number), problem));
        }
        before = event.time_us;
        events.push(event);
    }
    start_at_zero(&mut events);
    Ok(events)
}

fn row(text: &str) -> Result<Event, Problem> {
    let mut fields = text.split(',');
    let mut next = || fields.next().map(str::trim);
    let row = (next(), next(), next(), next(), next(), next());
    let (Some(time), Some(stream), Some(transaction), Some(kind), Some(bytes), None) = row else {
        return Err(Problem::FieldCount(text.split(',').count()));
    };
    Ok(Event {
        time_us: field("time_us", time)?,
        stream: if stream.is_empty() { None } else { Some(field("stream", stream)?) },
        transaction: field("transaction", transaction)?,
        kind: kind_of(kind)?,
        bytes: match field("bytes", bytes)? {
            0 => return Err(Problem::BadNumber("bytes", quoted(bytes))),
            bytes => bytes,
        },
    })
}

fn field<T: FromStr>(name: &'static str, text: &str) -> Result<T, Problem> {
    // `from_str` takes a leading plus sign, which no writer of tables means.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| Problem::BadNumber(name, quoted(text)))
}

fn kind_of(text: &str) -> Result<Kind, Problem> {
    match text {
        "data" => Ok(Kind::Data),
        "commit" => Ok(Kind::Commit),
        "abort" => Ok(Kind::Abort),
        "checkpoint" => Ok(Kind::Checkpoint),
        _ => Err(Problem::UnknownKind(quoted(text))),
    }
}

/// Only differences count: a table may start at any time, the clock of the machine included.
fn start_at_zero(events: &mut [Event]) {
    let start = events.first().map_or(0, |event| event.time_us);
    for event in events {
        event.time_us = event.time_us.saturating_sub(start);
    }
}
