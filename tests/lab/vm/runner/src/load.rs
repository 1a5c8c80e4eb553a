//! A load: the companion appends to many logs at once until they are full, with random clients, and checks them itself. Here
//! it is begun, watched, and what it counted is judged: a load that shows nothing has failed.

use std::fs;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clfs_client_interface::wire::Reader;
use clfs_client_interface::{Load, LoadReport, Shape, control};

use crate::arguments::Arguments;
use crate::checks::Checks;
use crate::companion::{Companion, record};
use crate::run::resources::Owned;

/// Many streams on one log, and many logs, at the same time.
const SHAPES: [Shape; 2] = [Shape { logs: 1, streams: 64, clients: 4 }, Shape { logs: 100, streams: 1, clients: 1 }];
/// A short one comes before: what the image makes with its first logs and clients, and keeps, is no left-over.
const WARM_UP_MILLISECONDS: u64 = 1000;
/// Between two looks.
const LOOK_TIME: Duration = Duration::from_secs(1);
/// Something is appended or completed in so long.
const STAND_STILL: Duration = Duration::from_secs(10);
/// Logs are made before anything is appended.
const BEGIN_TIME: Duration = Duration::from_mins(1);
/// How much longer than it was to run it may take, with making and closing its logs.
const END_TIME: Duration = Duration::from_secs(100);

/// Runs a load.
///
/// # Errors
/// The arguments are wrong, or the driver is not there.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let arguments = Arguments::read(arguments, &["stack", "seconds", "seed", "threads", "folder"])?;
    let is_ours = arguments.stack()?.is_ours();
    let wanted = Wanted {
        milliseconds: arguments.number("seconds", 60_u64)?.saturating_mul(1000),
        seed: arguments.number("seed", 1)?,
        threads: arguments.number("threads", 4)?,
        folder: arguments.folder(r"C:\load")?,
    };
    let companion = Companion::open()?;
    let mut checks = Checks::begin(7)?;
    let ended = run_checks(&mut checks, &companion, &wanted, is_ours);
    checks.end(ended)
}

struct Wanted {
    milliseconds: u64,
    seed: u64,
    threads: u16,
    folder: String,
}

fn run_checks(checks: &mut Checks, companion: &Companion, wanted: &Wanted, is_ours: bool) -> Result<(), String> {
    companion.require_reset()?;
    let folder = format!(r"{}\warm-up", wanted.folder);
    let short = Wanted { milliseconds: WARM_UP_MILLISECONDS, folder: folder.clone(), ..*wanted };
    let warmed_up = go(companion, &short);
    companion.require_reset()?;
    checks.check("the short load has no callback after its end", late(&ask(companion)?))?;
    let warmed_up = warmed_up.and_then(|_| fs::remove_dir_all(&folder).map_err(|error| format!("{folder}: {error}")));
    let before = Owned::ask(companion, is_ours)?;
    checks.outcome("a short load begins and ends", warmed_up)?;

    let folder = format!(r"{}\seed-{}", wanted.folder, wanted.seed);
    let went = go(companion, &Wanted { folder, ..*wanted });
    let (report, outcome) = match went {
        Ok(report) => (report, Ok(())),
        Err(message) => (ask(companion)?, Err(message)),
    };
    tell(&report, wanted);
    checks.outcome("the load goes on all the time, and ends", outcome)?;
    checks.check("no client saw what must never happen", violations(&report))?;
    checks.check("the load has shown everything that can happen", missing(&report))?;
    companion.require_reset()?;
    checks.check("no callback comes after the load's end", late(&ask(companion)?))?;
    checks.outcome("afterwards no more is owned than before", before.require_no_more(companion))
}

/// Begins a load and watches it until it is over.
fn go(companion: &Companion, wanted: &Wanted) -> Result<LoadReport, String> {
    begin(companion, wanted)?;
    watch(companion, Duration::from_millis(wanted.milliseconds))
}

/// Begins a load, and waits until it appends.
pub(crate) fn begin_for_long(companion: &Companion, folder: &str) -> Result<(), String> {
    begin(companion, &Wanted { milliseconds: 600_000, seed: 1, threads: 4, folder: folder.to_owned() })?;
    let end = Instant::now() + BEGIN_TIME;
    while ask(companion)?.completions == 0 {
        if Instant::now() > end {
            return Err(format!("it does not begin: {:?}", ask(companion)?));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn begin(companion: &Companion, wanted: &Wanted) -> Result<(), String> {
    let _there_was_none = fs::remove_dir_all(&wanted.folder);
    fs::create_dir_all(&wanted.folder).map_err(|error| format!("{}: {error}", wanted.folder))?;
    let mut load = Load::new(&format!(r"\??\{}", wanted.folder)).map_err(|_| "the folder's name is too long")?;
    (load.shapes, load.threads) = (SHAPES, wanted.threads);
    (load.milliseconds, load.seed) = (wanted.milliseconds, wanted.seed);
    companion.request("load", control::LOAD_START, &record(|to| load.write(to))?, 0).map(drop)
}

fn watch(companion: &Companion, time: Duration) -> Result<LoadReport, String> {
    let begin = Instant::now();
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let report = ask(companion)?;
        match report.state {
            1 => {}
            2 => return Ok(report),
            _ => return Err(format!("it could not begin: {:#010x}", report.status)),
        }
        let moved = report.appends + report.completions + report.succeeded_at_once;
        if moved != last {
            (last, since) = (moved, Instant::now());
        }
        let patience = if moved == 0 { BEGIN_TIME } else { STAND_STILL };
        let is_to_go_on = begin.elapsed() < time;
        if is_to_go_on && since.elapsed() > patience {
            return Err(format!("nothing was appended or completed for {} s: {report:?}", patience.as_secs()));
        }
        if begin.elapsed() > time + END_TIME {
            return Err(format!("it does not end: {report:?}"));
        }
        sleep(if time < LOOK_TIME { time / 5 } else { LOOK_TIME });
    }
}

fn ask(companion: &Companion) -> Result<LoadReport, String> {
    let output = companion.request("load status", control::LOAD_STATUS, &[], 256)?;
    LoadReport::read(&mut Reader::new(&output)).map_err(|_| "load status: the answer is no report".to_owned())
}

fn tell(report: &LoadReport, wanted: &Wanted) {
    Checks::note(format_args!(
        "load (seed {}): {} appends, {} full, requests: {} succeeded at once, {} pending, {} in progress",
        wanted.seed, report.appends, report.full, report.succeeded_at_once, report.pending, report.in_progress
    ));
    Checks::note(format_args!(
        "load: {} completions, {} of them pinned, {} asks, {} unpinned, {} registrations",
        report.completions, report.pinned, report.asks, report.unpinned, report.registrations
    ));
}

fn violations(report: &LoadReport) -> Vec<String> {
    if report.violations == 0 {
        return vec![];
    }
    let (number, status) = (report.first_violation & 0xFFFF_FFFF, report.first_violation >> 32);
    vec![format!(
        "{} violations, the first one has number {number} (tests/lab/kmdf-client/src/load/violation.rs), status {status:#010x}",
        report.violations
    )]
}

/// What the report says when there is no load any more: callbacks that came all the same.
fn late(report: &LoadReport) -> Vec<String> {
    if report.violations == 0 {
        return vec![];
    }
    vec![format!("expected no callback when there is no load, got {}", report.violations)]
}

/// What a load that shows something must have counted.
fn missing(report: &LoadReport) -> Vec<String> {
    let counts = [
        (report.appends, "append"),
        (report.full, "full log"),
        (report.succeeded_at_once, "request that succeeded at once"),
        (report.pending, "request that was pending"),
        (report.in_progress, "second request while one was open"),
        (report.completions, "completion"),
        (report.pinned, "completion on a pinned log"),
        (report.asks, "ask"),
        (report.unpinned, "notification that the log is unpinned"),
        (report.registrations, "registration"),
    ];
    let none = counts.iter().filter(|(count, _)| *count == 0);
    none.map(|(_, what)| format!("expected at least one {what}, got none")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_shows_nothing_has_failed() {
        assert_eq!(missing(&LoadReport::default()).len(), 10);
        let all = LoadReport {
            appends: 1,
            full: 1,
            succeeded_at_once: 1,
            pending: 1,
            in_progress: 1,
            completions: 1,
            pinned: 1,
            asks: 1,
            unpinned: 1,
            registrations: 1,
            ..LoadReport::default()
        };
        assert_eq!(missing(&all), Vec::<String>::new());
        assert_eq!(
            missing(&LoadReport { pinned: 0, ..all }),
            ["expected at least one completion on a pinned log, got none"]
        );
    }

    #[test]
    fn the_first_violation_is_told_with_its_status() {
        assert_eq!(violations(&LoadReport::default()), Vec::<String>::new());
        let report = LoadReport { violations: 3, first_violation: 0xC01A_002C_0000_000A, ..LoadReport::default() };
        assert!(violations(&report)[0].contains("number 10 "));
        assert_eq!(late(&report), ["expected no callback when there is no load, got 3"]);
        assert_eq!(late(&LoadReport::default()), Vec::<String>::new());
        assert!(violations(&report)[0].contains("0xc01a002c"));
    }
}
