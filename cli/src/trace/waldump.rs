//! What `pg_waldump` prints: one line for each record of `PostgreSQL`'s write-ahead log.
//!
//! Only the ends of transactions carry a time, so the times between two of them are interpolated by LSN; before the
//! first and after the last one, time stands still. A stamp earlier than the one above (commits overtake one another,
//! clocks are set) counts as equal to it. Subtransactions are not resolved: each has its own number and, unless the
//! trace ends it, stays open. A prepared transaction ends under the number it was prepared with.

use std::io::Read;

use super::error::{Problem, START, quoted};
use super::lines::Lines;
use super::{Event, Fault, Kind};

const LENGTH: &str = "len (rec/tot):";

/// A line that starts like a record.
pub(super) fn is_record(line: &str) -> bool {
    line.starts_with(START)
}

/// Reads all records: the first line, which told the format, and the lines after it.
pub(super) fn parse(number: u64, first: &str, lines: &mut Lines<impl Read>) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    let mut clock = Clock::default();
    let record = record(first).map_err(|problem| (Some(number), problem))?;
    clock.add(&record, &mut events);
    while let Some((number, text)) = lines.next()? {
        let record = self::record(text).map_err(|problem| (Some(number), problem))?;
        clock.add(&record, &mut events);
    }
    clock.stand_still(&mut events);
    Ok(events)
}

/// One line: the event without its time, and what its time is found from.
struct Record {
    event: Event,
    lsn: u64,
    stamp: Option<i64>,
}

fn record(text: &str) -> Result<Record, Problem> {
    if !is_record(text) {
        return Err(Problem::NotARecord(quoted(text)));
    }
    let (head, description) = text.split_once("desc: ").ok_or(Problem::MissingField("desc"))?;
    let manager = after(head, START)?;
    let bytes = total_length(head)?;
    let number = number_after(head, "tx:")?;
    let lsn = lsn_of(after(head, "lsn:")?)?;
    let (kind, end) = kind_of(manager, description);
    let (transaction, stamp) = match end {
        None => (number, None),
        Some(End { prepared, stamp }) => (prepared.unwrap_or(number), Some(microseconds(stamp)?)),
    };
    Ok(Record { event: Event { time_us: 0, stream: None, transaction, kind, bytes }, lsn, stamp })
}

/// The field after a label, without the spaces and the comma around it.
fn after<'a>(text: &'a str, label: &'static str) -> Result<&'a str, Problem> {
    let (_, rest) = text.split_once(label).ok_or(Problem::MissingField(label))?;
    let rest = rest.trim_start();
    Ok(rest.split([',', ' ']).next().unwrap_or(rest))
}

fn total_length(head: &str) -> Result<u32, Problem> {
    let (_, rest) = head.split_once(LENGTH).ok_or(Problem::MissingField(LENGTH))?;
    let field = rest.split(',').next().unwrap_or(rest);
    let (_, total) = field.split_once('/').ok_or(Problem::MissingField("len (rec/tot)"))?;
    match total.trim().parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(Problem::BadNumber("len (rec/tot)", quoted(total.trim()))),
    }
}

fn number_after(head: &str, label: &'static str) -> Result<u64, Problem> {
    let field = after(head, label)?;
    field.parse().map_err(|_| Problem::BadNumber("tx", quoted(field)))
}

fn lsn_of(text: &str) -> Result<u64, Problem> {
    let bad = || Problem::BadNumber("lsn", quoted(text));
    let half = |digits: &str| u32::from_str_radix(digits, 16).map(u64::from).map_err(|_| bad());
    let (high, low) = text.split_once('/').ok_or_else(bad)?;
    Ok(half(high)? << 32 | half(low)?)
}

/// How a transaction ended.
struct End<'a> {
    prepared: Option<u64>,
    stamp: &'a str,
}

fn kind_of<'a>(manager: &str, description: &'a str) -> (Kind, Option<End<'a>>) {
    let (word, rest) = description.split_once(' ').unwrap_or((description, ""));
    match (manager, word) {
        ("Transaction", "COMMIT" | "COMMIT_PREPARED") => (Kind::Commit, Some(end_of(rest))),
        ("Transaction", "ABORT" | "ABORT_PREPARED") => (Kind::Abort, Some(end_of(rest))),
        ("XLOG", "CHECKPOINT_ONLINE" | "CHECKPOINT_SHUTDOWN") => (Kind::Checkpoint, None),
        _ => (Kind::Data, None),
    }
}

/// `737: 2026-…` for a prepared transaction, else the stamp alone.
fn end_of(rest: &str) -> End<'_> {
    match rest.split_once(": ") {
        Some((number, stamp)) if number.parse::<u64>().is_ok() => End { prepared: number.parse().ok(), stamp },
        _ => End { prepared: None, stamp: rest },
    }
}

/// Microseconds from a day long ago. The time zone is not looked at: only differences count.
fn microseconds(stamp: &str) -> Result<i64, Problem> {
    let stamp = stamp.split(';').next().unwrap_or(stamp);
    parse_stamp(stamp).ok_or_else(|| Problem::BadTime(quoted(stamp)))
}

fn parse_stamp(stamp: &str) -> Option<i64> {
    let mut words = stamp.split_whitespace();
    let (date, clock) = (words.next()?, words.next()?);
    let mut date = date.splitn(3, '-').map(|part| digits(part, 9999));
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(|part| digits(part, 60));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let day_fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !day_fits || hour > 23 || minute > 59 || fraction.len() > 6 {
        return None;
    }
    let places = u32::try_from(fraction.len()).ok()?;
    let fraction = digits(fraction, 999_999)? * 10_i64.pow(6_u32.saturating_sub(places));
    let seconds = ((day_number(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + fraction)
}

/// A number of at most six digits, so that sums of stamps cannot overflow.
fn digits(text: &str, most: i64) -> Option<i64> {
    let plain = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&number| plain && number <= most)
}

/// Days from 1 March of year 0 in the Gregorian calendar; starting years in March puts the leap day last.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month_from_march * 153 + 2) / 5 + day - 1
}

/// Gives every record its time.
#[derive(Default)]
struct Clock {
    /// The stamp that counts as the trace's start.
    start: Option<i64>,
    /// The last stamp: its LSN and its time from the start.
    last: (u64, u64),
    /// LSNs of the records after the last stamp, the newest events, which have no time yet.
    waiting: Vec<u64>,
}

impl Clock {
    fn add(&mut self, record: &Record, events: &mut Vec<Event>) {
        events.push(record.event);
        self.waiting.push(record.lsn);
        if let Some(stamp) = record.stamp {
            let start = *self.start.get_or_insert(stamp);
            let (_, before) = self.last;
            let now = u64::try_from(stamp.saturating_sub(start)).unwrap_or(0).max(before);
            self.spread((record.lsn, now), events);
        }
    }

    /// Spreads the time up to a stamp over the records since the last one.
    fn spread(&mut self, now: (u64, u64), events: &mut [Event]) {
        let mut earliest = self.last.1;
        let first = events.len().saturating_sub(self.waiting.len());
        for (event, lsn) in events.iter_mut().skip(first).zip(self.waiting.drain(..)) {
            earliest = interpolated(self.last, now, lsn).max(earliest);
            event.time_us = earliest;
        }
        self.last = now;
    }

    /// After the last stamp nothing is known: all at its time.
    fn stand_still(&mut self, events: &mut [Event]) {
        let (_, time) = self.last;
        let first = events.len().saturating_sub(self.waiting.len());
        events.iter_mut().skip(first).for_each(|event| event.time_us = time);
    }
}

fn interpolated((lsn_before, before): (u64, u64), (lsn_now, now): (u64, u64), lsn: u64) -> u64 {
    let way = u128::from(lsn_now.saturating_sub(lsn_before));
    let done = u128::from(lsn.saturating_sub(lsn_before)).min(way);
    let time = u128::from(now.saturating_sub(before));
    let passed = (time * done).checked_div(way).unwrap_or(time);
    before.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX)).min(now)
}
