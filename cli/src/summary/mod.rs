//! The end of a replay on the terminal: a table that fits 80 columns and a verdict in plain words.

mod verdict;

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, Color};

pub use super::look::Look;
use super::outcome::Outcome;
use super::quantity::{bytes, count, counted, duration, ratio, seconds, share};
pub use verdict::verdict;

/// Prints table and verdict to standard output, in colour on a terminal only.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(outcome: &Outcome) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let look = Look::of_standard_output();
    writeln!(out, "{}\n\n{}", table(outcome, look), verdict(outcome))?;
    if let Some(log) = &outcome.log {
        writeln!(out, "The log is kept: {log}")?;
    }
    Ok(())
}

/// The table, without a line feed at its end.
pub fn table(outcome: &Outcome, look: Look) -> String {
    let mut table = look.table();
    for (name, value, note, mood) in rows(outcome) {
        let (name, mut value) = (Cell::new(name), Cell::new(value).set_alignment(CellAlignment::Right));
        if look == Look::Terminal {
            value = match mood {
                Mood::Plain => value,
                Mood::Good => value.fg(Color::Green).add_attribute(Attribute::Bold),
                Mood::Bad => value.fg(Color::Red).add_attribute(Attribute::Bold),
                Mood::Odd => value.fg(Color::Yellow),
            };
        }
        table.add_row([name, value, Cell::new(note)]);
    }
    table.trim_fmt()
}

#[derive(Clone, Copy)]
enum Mood {
    Plain,
    Good,
    Bad,
    Odd,
}

type Row = (&'static str, String, String, Mood);

fn rows(outcome: &Outcome) -> Vec<Row> {
    let mut rows = Vec::from(record_rows(outcome));
    rows.extend(management_rows(outcome));
    rows.extend(time_rows(outcome));
    rows
}

fn record_rows(outcome: &Outcome) -> [Row; 4] {
    let lost = if outcome.records_lost > 0 { Mood::Bad } else { Mood::Good };
    let odd = |number| if number > 0 { Mood::Odd } else { Mood::Plain };
    let appended = format!("{} in {}", bytes(outcome.bytes_appended), counted(outcome.streams.into(), "stream"));
    let skipped = format!("{} rolled back", counted(outcome.transactions_aborted, "transaction"));
    [
        ("Records appended", count(outcome.records_appended), appended, Mood::Plain),
        ("Records skipped", count(outcome.records_skipped), skipped, odd(outcome.records_skipped)),
        ("Records verified", count(outcome.records_verified), "from base to end, after reopening".into(), Mood::Plain),
        ("Records lost", count(outcome.records_lost), String::new(), lost),
    ]
}

fn management_rows(outcome: &Outcome) -> [Row; 5] {
    let most = outcome.containers_max.map_or("no maximum".into(), |most| format!("of at most {most}"));
    let of_size = format!("{most}, {} each", bytes(outcome.container_size));
    let changes = format!("{} added, {} removed", count(outcome.containers_grown), count(outcome.containers_shrunk));
    let (good, bad) = (outcome.log_full_succeeded, outcome.log_full_failed);
    let refused =
        format!("{} refused; {}", count(outcome.tails_refused), counted(outcome.restart_areas, "restart area"));
    let unpinned =
        format!("{} unpinned; writers stopped for {}", count(outcome.unpinned), duration(outcome.writers_stopped_us));
    let pinned = if outcome.pinned > 0 { Mood::Odd } else { Mood::Plain };
    [
        ("Containers, peak", count(outcome.containers_peak.into()), of_size, Mood::Plain),
        ("Containers recycled", count(outcome.containers_recycled), changes, Mood::Plain),
        (
            "Log-full requests",
            count(outcome.log_full_requests),
            format!("{} succeeded, {} failed", count(good), count(bad)),
            Mood::Plain,
        ),
        ("Tails asked", count(outcome.tails_asked), refused, Mood::Plain),
        ("Pinned", count(outcome.pinned), unpinned, pinned),
    ]
}

fn time_rows(outcome: &Outcome) -> [Row; 4] {
    let trace = duration(outcome.trace_us);
    let trace = match outcome.durability.as_str() {
        "" => format!("{trace} of the trace"),
        when => format!("{trace} of the trace; durability {when}"),
    };
    let raw = format!("of {} for the bare writes", seconds(outcome.raw_seconds));
    [
        ("Time", seconds(outcome.seconds), trace, Mood::Plain),
        ("Ratio", ratio(outcome.ratio), raw, Mood::Plain),
        ("Management's share", share(outcome.management_share), "of the time".into(), Mood::Plain),
        ("Verification", seconds(outcome.verify_seconds), "reopen, recover, read".into(), Mood::Plain),
    ]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) fn outcome() -> Outcome {
        Outcome {
            records_appended: 85_982,
            records_verified: 21_403,
            bytes_appended: 117_759_001,
            streams: 8,
            container_size: 4 << 20,
            containers_max: Some(8),
            containers_peak: 8,
            trace_us: 39_997_369,
            durability: "commit".into(),
            seconds: 2.5,
            raw_seconds: 2.0,
            ratio: 1.25,
            ..Outcome::default()
        }
    }

    #[test]
    fn the_table_fits_eighty_columns_and_is_ascii_without_a_terminal() {
        let huge = Outcome {
            records_appended: u64::MAX,
            log_full_succeeded: u64::MAX,
            log_full_failed: u64::MAX,
            ..outcome()
        };
        for outcome in [outcome(), huge, Outcome::default()] {
            let plain = table(&outcome, Look::Plain);
            assert!(plain.lines().all(|line| line.chars().count() <= 80), "\n{plain}");
            assert!(!plain.contains('\x1b'), "no colour");
        }
        let plain = table(&outcome(), Look::Plain);
        assert!(plain.contains("85,982") && plain.contains("112.3 MiB in 8 streams"), "\n{plain}");
        assert!(table(&outcome(), Look::Terminal).contains('\x1b'));
    }
}
