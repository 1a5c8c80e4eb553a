//! A process that writes a log is killed at random moments: what it was told is durable is there, byte for byte.
//!
//! The test binary runs itself again as the writer, which prints one line after each flush that returned.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]
#![cfg(unix)]

#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::{Lsn, Status, StreamId};
use model::{append, payload, read_all, ready};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const FOLDER: &str = "CLFSMGMT_TEST_KILLED_FOLDER";
const STREAMS: &str = "CLFSMGMT_TEST_KILLED_STREAMS";

/// What the writer said of one stream: the last number that is durable, the number at its base, its restart area's.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    durable: u64,
    base: u64,
    restart: u64,
}

fn storage(folder: &Path) -> FileStorage {
    FileStorage::new(folder.join("log.blf"))
}

/// Record `number` of a stream: its number, then bytes that follow from it.
fn record(id: StreamId, number: u64) -> Vec<u8> {
    let seed = (u64::from(id.0) << 48) | number;
    let length = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize;
    let mut data = number.to_le_bytes().to_vec();
    data.extend(payload(seed, if length.is_multiple_of(17) { length * 9 } else { length / 4 }));
    data
}

fn number_of(data: &[u8]) -> u64 {
    u64::from_le_bytes(data[..8].try_into().unwrap())
}

/// Runs only as the child of the tests below: writes until it is killed.
#[test]
fn the_writer() {
    let (Ok(folder), Ok(streams)) = (env::var(FOLDER), env::var(STREAMS)) else {
        return;
    };
    let streams: u8 = streams.parse().unwrap();
    let ids: Vec<_> = if streams == 0 { vec![StreamId::PHYSICAL] } else { (1..=streams).map(StreamId).collect() };
    let mut log = Log::open(storage(Path::new(&folder)), Access::Write, BlockLimit::DEFAULT).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(std::process::id()));
    let mut next: Vec<u64> = Vec::new();
    let mut kept: Vec<Vec<(u64, Lsn)>> = Vec::new();
    for id in &ids {
        let found = read_all(&log, *id).unwrap();
        kept.push(found.iter().map(|record| (number_of(&record.data), record.lsn)).collect());
        let restart = found.last().map_or(1, |record| number_of(&record.data) + 1);
        next.push(restart);
    }
    let say = |line: String| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
    };
    say("told ready 0 0 0".into());
    loop {
        let nth = random.next_u32() as usize % ids.len();
        let (id, number) = (ids[nth], next[nth]);
        let data = record(id, number);
        let choice = random.next_u32() % 24;
        let outcome = if choice == 0 {
            let first = kept[nth].len() / 2;
            let base = kept[nth].get(first).copied();
            let outcome = log.write_restart_area(id, &[&data], base.map(|(_, lsn)| lsn));
            if outcome.is_ok() {
                kept[nth].drain(..first);
                say(format!("told {} {number} {} {number}", id.0, base.map_or(0, |(number, _)| number)));
            }
            outcome
        } else {
            append(&mut log, id, &data)
        };
        match outcome {
            Ok(lsn) => {
                kept[nth].push((number, lsn));
                next[nth] += 1;
            }
            Err(Status::LOG_FULL) => {
                for nth in 0..ids.len() {
                    // The base is durable as far as the log is.
                    log.flush(ids[nth]).unwrap();
                    let first = kept[nth].len() * 3 / 4;
                    let Some((number, lsn)) = kept[nth].get(first).copied() else {
                        continue;
                    };
                    log.advance_base(ids[nth], lsn).unwrap();
                    kept[nth].drain(..first);
                    say(format!("told {} {} {number} 0", ids[nth].0, next[nth] - 1));
                }
            }
            Err(status) => panic!("{status}"),
        }
        if choice < 4 {
            log.flush(id).unwrap();
            say(format!("told {} {} 0 0", id.0, next[nth] - 1));
        }
    }
}

/// Starts the writer, lets it work for a while, kills it, and returns what it said.
fn kill_one(folder: &Path, streams: u32, work: Duration, told: &mut BTreeMap<u8, Told>) -> usize {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_writer", "--nocapture"])
        .env(FOLDER, folder)
        .env(STREAMS, streams.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // Killed only after it has begun to write, at a moment that has nothing to do with what it says.
    assert!(lines.any(|line| line.contains("told ready")), "the writer did not start: {}", stderr(&mut child));
    let killer = std::thread::spawn(move || {
        std::thread::sleep(work);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        (status, stderr(&mut child))
    });
    let mut count = 0;
    for line in lines {
        let Some((_, numbers)) = line.split_once("told ") else {
            continue;
        };
        let numbers: Vec<u64> = numbers.split(' ').map_while(|number| number.parse().ok()).collect();
        // The last line may have been cut.
        let [id, durable, base, restart] = numbers[..] else {
            continue;
        };
        let told = told.entry(id as u8).or_default();
        told.durable = told.durable.max(durable);
        told.base = told.base.max(base);
        told.restart = told.restart.max(restart);
        count += 1;
    }
    let (status, words) = killer.join().unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    assert_eq!(signal, Some(9), "the writer ended by itself: {words}");
    count
}

fn stderr(child: &mut std::process::Child) -> String {
    let mut text = String::new();
    if let Some(mut pipe) = child.stderr.take() {
        drop(std::io::Read::read_to_string(&mut pipe, &mut text));
    }
    text
}

fn check(folder: &Path, told: &BTreeMap<u8, Told>, context: &str) {
    let log = Log::open(storage(folder), Access::Write, BlockLimit::DEFAULT);
    let log = log.unwrap_or_else(|error| panic!("{context}: {error:?}"));
    for (id, told) in told {
        let id = StreamId(*id);
        let found = read_all(&log, id).unwrap();
        let numbers: Vec<_> = found.iter().map(|record| number_of(&record.data)).collect();
        for (kept, number) in found.iter().zip(&numbers) {
            assert_eq!(kept.data, record(id, *number), "{context}: stream {id}: record {number}");
        }
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{context}: stream {id}: a hole");
        let (first, last) = (numbers.first().copied(), numbers.last().copied());
        assert!(last >= Some(told.durable), "{context}: stream {id}: {last:?} of {told:?}");
        // A base that was moved just before the kill may be further than was said.
        let information = log.stream_information(id).unwrap();
        assert!(first.is_some_and(|first| first >= told.base), "{context}: stream {id}: {first:?} of {told:?}");
        let restart = found.iter().filter(|kept| kept.lsn == information.restart).map(|kept| number_of(&kept.data));
        let restart = restart.max().unwrap_or(0);
        assert!(restart >= told.restart || first > Some(told.restart), "{context}: stream {id}: restart {restart}");
    }
}

fn kill(streams: u32, kills: u32, longest: u32, limit: Duration) {
    let start = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    ready(storage(folder.path()), streams, 3, 1).0.close().unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(streams));
    let (mut told, mut count, mut done) = (BTreeMap::new(), 0, 0);
    while done < kills && start.elapsed() < limit {
        let work = Duration::from_micros(u64::from(random.next_u32() % (longest * 1_000)));
        count += kill_one(folder.path(), streams, work, &mut told);
        done += 1;
        check(folder.path(), &told, &format!("{streams} streams, kill {done}"));
    }
    let log = Log::open(storage(folder.path()), Access::Read, BlockLimit::DEFAULT).unwrap();
    println!("container {}", log.end_container());
    println!("{streams} streams: {done} kills, {count} acknowledgements");
    assert!(count > 0 && done >= kills.min(5));
}

#[test]
fn acknowledged_records_of_a_dedicated_log_survive_kills() {
    kill(0, 25, 150, Duration::from_secs(18));
}

#[test]
fn acknowledged_records_of_a_multiplexed_log_survive_kills() {
    kill(4, 25, 150, Duration::from_secs(18));
}

#[test]
fn acknowledged_records_of_many_streams_survive_kills() {
    kill(60, 10, 250, Duration::from_secs(18));
}

#[test]
#[ignore = "long: some minutes"]
fn acknowledged_records_survive_a_thousand_kills() {
    for streams in [0, 1, 5, 30] {
        kill(streams, 250, 400, Duration::from_mins(2));
    }
}
