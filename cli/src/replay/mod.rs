//! `clfsmgmt replay`: a recorded workload, replayed through ready streams on real files.
//!
//! | file | what |
//! |---|---|
//! | `arguments` | the options, checked, as settings and policies |
//! | `stage` | the log and its clients, ready to play on |
//! | `workload` | the trace as transactions |
//! | `simulation`, `agenda`, `transactions` | transactions as actors at the trace's time |
//! | `space`, `client` | full logs, asks, checkpoints, who pins |
//! | `payload`, `ledger`, `verification` | what was appended, and the proof that it is there |
//! | `interrupted` | an interrupted replay leaves no folder behind |
//! | `raw` | the same bytes with nothing between, to compare with |
//! | `recorder` | counters and the picture |

mod agenda;
mod arguments;
mod client;
mod interrupted;
mod ledger;
mod payload;
mod raw;
mod recorder;
mod simulation;
mod space;
mod stage;
mod transactions;
mod verification;
mod workload;

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Instant;

pub use arguments::{Durability, ReplayArguments};

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::log::Log;

use self::arguments::Settings;
use self::client::NoticeBoard;
use self::ledger::Ledger;
use self::recorder::Recorder;
use self::simulation::{Simulation, Written};
use self::stage::Stage;
use self::verification::Verified;
use self::workload::Workload;
use crate::failure::Failure;
use crate::history::History;
use crate::outcome::{Outcome, Pin};
use crate::trace::{self, Trace, TraceSource};
use crate::{report, summary};

/// Points of a line in the picture.
const POINTS_MAX: usize = 2_000;

/// What the replay left behind, besides the log.
struct Played {
    ledger: Ledger,
    recorder: Recorder,
    written: Vec<Written>,
    seconds: f64,
    management_seconds: f64,
    end_us: u64,
}

/// Replays, verifies, compares, shows. The exit code is 0 when nothing was lost.
///
/// # Errors
/// What cannot be done, in one line with the place and the mend.
pub fn run(arguments: &ReplayArguments) -> anyhow::Result<u8> {
    let settings = arguments.settings()?;
    let policies = arguments.policies(&settings)?;
    if arguments.json.is_some() && arguments.json == arguments.report {
        return Err(Failure::new("--report", "the same file as --json", "give two files").into());
    }
    try_output("--json", arguments.json.as_deref())?;
    try_output("--report", arguments.report.as_deref())?;
    let trace = trace::read(&TraceSource::from_argument(arguments.trace.clone()))?;
    let workload = Workload::new(&trace, settings.streams);
    let stage = Stage::set(arguments, &settings, &workload)?;
    let played = play(arguments, &settings, &trace, &workload, &stage, policies);
    let played = played.inspect_err(|_| stage.abandon())?;
    let started = Instant::now();
    let verified = verification::verify(stage.storage(), stage.block_limit, &played.ledger);
    let verified = verified.map_err(|error| stage.open_failure(error))?;
    let verify_seconds = started.elapsed().as_secs_f64();
    let raw_seconds = raw_seconds(&stage, &settings, &played);
    let outcome = Outcome {
        verify_seconds,
        raw_seconds,
        ratio: played.seconds / raw_seconds,
        ..outcome(&settings, &trace, &stage, &played, &verified)
    };
    stage.clear();
    show(arguments, played.recorder.history, &outcome)?;
    if let Some(complaint) = &verified.complaint {
        return Err(Failure::new(stage.base_path().display(), complaint, "this is a bug, please report it").into());
    }
    Ok(0)
}

/// Finds out before the work whether its result can be written; leaves the file as it is.
fn try_output(option: &str, path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        return Ok(());
    };
    let was_there = path.exists();
    let opened = OpenOptions::new().append(true).create(true).open(path);
    opened.map_err(|error| Failure::new(path.display(), error, format!("choose another file with {option}")))?;
    if !was_there {
        // It was made a moment ago, to see whether that is possible.
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn play(
    arguments: &ReplayArguments,
    settings: &Settings,
    trace: &Trace,
    workload: &Workload<'_>,
    stage: &Stage,
    policies: Vec<Policy>,
) -> Result<Played, Failure> {
    let board = NoticeBoard::default();
    let ready = stage.manage(settings, policies, &board)?;
    let space = ready.log.with(Log::space).map_err(|status| stage.failure(status))?;
    let history = History {
        title: format!("Replay of {}", trace.source),
        log_name: stage.base_path().display().to_string(),
        settings: settings.shown.clone(),
        container_bytes: settings.container_size.0,
        containers_max: Some(settings.containers_max.0),
        ..History::default()
    };
    let progress = progress_bar(trace.events.len(), arguments);
    let mut recorder = Recorder::new(history, settings.container_size.0, &space);
    for stream in 0..settings.streams {
        recorder.add_stream(stream + 1, stage::stream_name(stream));
    }
    let mut simulation = Simulation {
        settings,
        workload,
        host: &ready.host,
        log: &ready.log,
        clock: &ready.clock,
        board,
        clients: ready.clients,
        actors: (0..workload.transactions.len()).map(|_| None).collect(),
        agenda: agenda::Agenda::default(),
        now_us: 0,
        ledger: Ledger::new(usize::from(settings.streams)),
        recorder,
        written: Vec::with_capacity(trace.events.len()),
        payload: Vec::new(),
        progress: &progress,
    };
    let started = Instant::now();
    simulation.note_space()?;
    simulation.run()?;
    simulation.settle()?;
    let Simulation { clients, ledger, mut recorder, written, now_us, .. } = simulation;
    progress.finish_and_clear();
    let (manager, log) = ready.log.management();
    let statistics = manager.statistics(log).unwrap_or_default();
    for client in &clients {
        // It is registered until here.
        let _ = manager.deregister(client.cookie);
    }
    ready.log.close().map_err(|status| stage.failure(status))?;
    recorder.history.duration_us = now_us;
    Ok(Played {
        ledger,
        recorder,
        written,
        seconds: started.elapsed().as_secs_f64(),
        management_seconds: std::time::Duration::from_nanos(statistics.management_nanoseconds).as_secs_f64(),
        end_us: now_us,
    })
}

fn progress_bar(records: usize, arguments: &ReplayArguments) -> indicatif::ProgressBar {
    let progress = indicatif::ProgressBar::new(records as u64);
    let template = "{spinner} {bar:40} {human_pos}/{human_len} records, {eta} left";
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        progress.set_style(style);
    }
    let writes_to_terminal = arguments.json.as_deref() == Some(Path::new("-"));
    if writes_to_terminal {
        progress.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    progress
}

/// The measurement is a courtesy: without room for it the replay is still a success.
fn raw_seconds(stage: &Stage, settings: &Settings, played: &Played) -> f64 {
    let files = played.recorder.counts.containers_peak;
    match raw::measure(stage.folder(), files, settings.container_size.0, &played.written) {
        Ok(duration) => duration.as_secs_f64(),
        Err(error) => {
            eprintln!("{}: bare files cannot be written to compare with: {error}", stage.folder().display());
            f64::NAN
        }
    }
}

fn outcome(settings: &Settings, trace: &Trace, stage: &Stage, played: &Played, verified: &Verified) -> Outcome {
    let counts = &played.recorder.counts;
    let pins = played.recorder.history.pins.iter().map(|pin| Pin {
        who: pin.who.clone(),
        since_us: pin.from_us,
        until_us: pin.to_us,
    });
    Outcome {
        trace_records: trace.events.len() as u64,
        records_appended: counts.records_appended,
        records_skipped: counts.records_skipped,
        abort_records: counts.abort_records,
        restart_areas: counts.restart_areas,
        records_verified: verified.records,
        records_lost: verified.lost,
        bytes_appended: counts.bytes_appended,
        streams: u32::from(settings.streams),
        container_size: settings.container_size.0,
        containers_max: Some(settings.containers_max.0),
        containers_peak: counts.containers_peak,
        containers_grown: counts.containers_grown,
        containers_shrunk: counts.containers_shrunk,
        containers_recycled: counts.containers_recycled,
        log_full_requests: counts.log_full_requests,
        log_full_succeeded: counts.log_full_succeeded,
        log_full_failed: counts.log_full_failed,
        tails_asked: counts.tails_asked,
        tails_refused: counts.tails_refused,
        pinned: counts.pinned,
        unpinned: counts.unpinned,
        pins: pins.collect(),
        transactions_aborted: counts.transactions_aborted,
        writers_stopped_us: played.recorder.stopped_us(),
        trace_us: played.end_us,
        seconds: played.seconds,
        management_share: played.management_seconds / played.seconds,
        durability: settings.durability.word().to_owned(),
        log: stage.kept_log(),
        per_stream: verified.per_stream.clone(),
        ..Outcome::default()
    }
}

fn show(arguments: &ReplayArguments, mut history: History, outcome: &Outcome) -> anyhow::Result<()> {
    history.thin(POINTS_MAX);
    if let Some(path) = &arguments.report {
        let written = std::fs::write(path, report::render(&history, outcome));
        written.map_err(|error| Failure::new(path.display(), error, "choose another file with --report"))?;
    }
    let json_on_terminal = arguments.json.as_deref() == Some(Path::new("-"));
    if let Some(path) = &arguments.json {
        let written = outcome.write_json(path);
        written.map_err(|error| Failure::new(path.display(), error, "choose another file with --json"))?;
    }
    if !json_on_terminal {
        summary::print(outcome)?;
    }
    Ok(())
}
