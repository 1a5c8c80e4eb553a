//! A writer at a steady pace on a log that grows ahead of need, against one on a log that has room from the start.

use std::thread::sleep;
use std::time::{Duration, Instant};

use clfsmgmt::units::Status;

use crate::files::{AutoGrow, COMMIT_RECORDS, Folder, GrowingLog, RECORD};
use crate::measure::{Case, in_turns, longest, median, nanoseconds, ratio, title};

const ROUNDS: usize = 5;
const CONTAINER_BYTES: u64 = 4 << 20;
const BYTES_PER_SECOND: u64 = 40 << 20;
const RECORDS_PER_MEBIBYTE: f64 = 256.0;
const RECORDS: u32 = 12_000;
/// The writer sleeps between bursts: a disk's and a thread's own pace is coarser than one record.
const BURST: u32 = 8;
/// Room for all records, with as much again.
const CONTAINERS_ENOUGH: u32 = 24;

/// One run of the writer.
#[derive(Default)]
struct Run {
    appends: Vec<f64>,
    /// The longest of those that did not go on to another container, which takes a flush.
    longest_inside: f64,
    met_full_log: u32,
    seconds: f64,
}

/// Prints the table.
pub(crate) fn print() {
    title("Auto-grow ahead of a writer (4 KiB records at 40 MiB/s, 4 MiB containers)");
    println!(" log                LOG_FULL met    longest     inside     99.9 %  reached pace");
    println!("                     (aim: none)     append  container");
    let (mut fixed, mut growing) = (Vec::new(), Vec::new());
    let mut cases: [Case<'_>; 2] = [
        Box::new(|| note(&mut fixed, CONTAINERS_ENOUGH, AutoGrow::Off)),
        Box::new(|| note(&mut growing, 3, AutoGrow::On)),
    ];
    let samples = in_turns(ROUNDS, &mut cases);
    drop(cases);
    print_runs("has room at once", &fixed);
    print_runs("grows ahead", &growing);
    println!(
        "Growing to not growing (medians of {ROUNDS} rounds): longest append {:.2}, longest that",
        ratio(&samples[1], &samples[0])
    );
    let inside = |runs: &[Run]| -> Vec<f64> { runs.iter().map(|run| run.longest_inside).collect() };
    println!(
        "stayed inside a container {:.2}. Going on to the next flushes the last.",
        ratio(&inside(&growing), &inside(&fixed))
    );
}

/// Answers the longest append.
fn note(runs: &mut Vec<Run>, containers: u32, auto_grow: AutoGrow) -> f64 {
    let folder = Folder::new();
    let mut log = GrowingLog::with_containers(&folder, CONTAINER_BYTES, containers, auto_grow);
    let run = write(&mut log);
    let longest = longest(&run.appends);
    runs.push(run);
    longest
}

fn write(log: &mut GrowingLog) -> Run {
    let mut run = Run::default();
    run.appends.reserve(RECORDS as usize);
    let begun = Instant::now();
    for record in 1..=RECORDS {
        let container = log.container();
        let appending = Instant::now();
        while let Err(status) = log.append_only() {
            assert!(status == Status::LOG_FULL, "{status:?}");
            run.met_full_log += 1;
            log.ask_for_space();
        }
        let taken = nanoseconds(appending.elapsed());
        run.appends.push(taken);
        if log.container() == container {
            run.longest_inside = run.longest_inside.max(taken);
        }
        if record.is_multiple_of(COMMIT_RECORDS) {
            log.commit();
        }
        if record.is_multiple_of(BURST) {
            let written = u64::from(record) * RECORD.len() as u64;
            let due = Duration::from_nanos(written * 1_000_000_000 / BYTES_PER_SECOND);
            sleep(due.saturating_sub(begun.elapsed()));
        }
    }
    run.seconds = begun.elapsed().as_secs_f64();
    run
}

fn print_runs(name: &str, runs: &[Run]) {
    let met: u32 = runs.iter().map(|run| run.met_full_log).sum();
    let mebibytes = f64::from(RECORDS) / RECORDS_PER_MEBIBYTE;
    println!(
        " {name:18}{met:13} {:7.2} ms {:7.2} ms {:7.2} ms {:7.1} MiB/s",
        median(runs.iter().map(|run| longest(&run.appends))) / 1e6,
        median(runs.iter().map(|run| run.longest_inside)) / 1e6,
        median(runs.iter().map(|run| per_mille(&run.appends))) / 1e6,
        median(runs.iter().map(|run| mebibytes / run.seconds)),
    );
}

/// Of a thousand appends all but one take no longer.
fn per_mille(appends: &[f64]) -> f64 {
    let mut sorted = appends.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * 999) / 1000;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
