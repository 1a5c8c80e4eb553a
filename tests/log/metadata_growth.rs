//! The base log file grows: into places that it had before, never further than opening accepts, and nothing is lost
//! whenever it is cut off.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::format::control::{BlockIndex, Descriptor};
use clfsmgmt::format::copies::CopyState;
use clfsmgmt::format::metadata::{FILE_BYTES_MAX, Metadata};
use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::Status;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::faulty::{Call, Faulty, Plan};
use crate::model::{append, read_all, ready, wide};
use crate::recorder::{Files, Loss, Recorder};

/// A stream's name of `length` letters.
fn name(number: usize, length: usize) -> Vec<u16> {
    wide(&format!("{number:02}{}", "n".repeat(length)))
}

fn open<S: Storage + Clone>(disk: &S) -> Log<S> {
    Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap()
}

/// The files as they would be if nothing was lost.
fn files_of(disk: &Recorder, before: &Files) -> Files {
    disk.after_crash(before, disk.position(), Loss::Nothing, &mut Xoshiro256PlusPlus::seed_from_u64(0))
}

/// Where the general blocks are.
fn places(image: &[u8]) -> [Descriptor; 2] {
    let control = Metadata::parse(image).unwrap().metadata.control;
    [BlockIndex::General, BlockIndex::GeneralShadow].map(|block| control.block(block))
}

#[test]
fn a_base_log_file_never_grows_beyond_what_opening_accepts() {
    for streams in [1, 3] {
        let disk = Recorder::default();
        let (mut log, ids) = ready(disk.clone(), streams, 2, 1);
        let mut added = 0;
        let refused = loop {
            match log.create_stream(&name(added, 500_000)) {
                Ok(_) => added += 1,
                Err(status) => break status,
            }
        };
        assert_eq!(refused, Status::INSUFFICIENT_RESOURCES);
        assert!(log.fault().is_none(), "the log goes on");
        // Two copies of at most a quarter of the file, as old and new ones are there at the same time.
        assert!((12..20).contains(&added), "{added} names of 1 MB");
        let size = log.information().unwrap().base_file_size.0;
        assert!(size <= FILE_BYTES_MAX, "{size} bytes");
        log.create_stream(&name(added, 10)).unwrap();
        append(&mut log, ids[0], b"goes on").unwrap();
        log.close().unwrap();
        let log = open(&disk);
        assert_eq!(read_all(&log, ids[0]).unwrap().len(), 1);
        assert_eq!(log.space().total_clients as usize, 1 + streams as usize + added + 1);
    }
}

#[test]
fn places_of_former_blocks_are_used_again() {
    let disk = Recorder::default();
    let (mut log, _) = ready(disk.clone(), 1, 2, 1);
    let (mut before, mut again, mut end, mut largest) = (None, 0, 0, 0);
    for number in 0..90 {
        log.create_stream(&name(number, 4_000)).unwrap();
        let image = &disk.contents("base");
        let now = places(image);
        if before.is_some_and(|before| before != now) {
            again += usize::from(now.iter().any(|block| block.offset < end));
            end = image.len() as u32;
            largest = now[0].bytes;
        }
        before = Some(now);
    }
    assert!(again >= 2, "{again}");
    // Both copies of the present blocks, and of the former ones.
    assert!(end < 4 * largest + largest, "{end} bytes for blocks of {largest}");
}

/// A disk whose log is about to grow into places that it had before, by one more stream with a name of this length.
struct Verge {
    files: Files,
    next: usize,
}

const LENGTH: usize = 4_000;

fn verges() -> Vec<Verge> {
    let disk = Recorder::default();
    let (mut log, _) = ready(disk.clone(), 1, 2, 1);
    let mut found = Vec::new();
    let mut files = files_of(&disk, &Files::new());
    for next in 0..90 {
        log.create_stream(&name(next, LENGTH)).unwrap();
        let after = files_of(&disk, &Files::new());
        let (old, new) = (places(&files["base"]), places(&after["base"]));
        if old != new && new.iter().any(|block| (block.offset as usize) < files["base"].len()) {
            found.push(Verge { files, next });
        }
        files = after;
    }
    found
}

/// How many streams of ours the log has, which are the first ones.
fn streams<S: Storage>(log: &Log<S>) -> usize {
    let count = (0..96).take_while(|number| log.find_stream(&name(*number, LENGTH)).is_some()).count();
    assert_eq!(log.space().total_clients as usize, count + 2, "no other ones");
    count
}

#[test]
fn a_crash_at_any_write_of_an_extension_into_former_places_loses_nothing() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut cuts = 0;
    let verges = verges();
    assert!(verges.len() >= 2);
    for Verge { files, next } in verges {
        let disk = Recorder::holding(files.clone());
        let mut log = open(&disk);
        let start = disk.position();
        log.create_stream(&name(next, LENGTH)).unwrap();
        let end = disk.position();
        assert!(end - start >= 8, "an extension has many writes");
        for cut in start..=end {
            let losses = [Loss::Nothing, Loss::Everything].into_iter();
            for loss in losses.chain([Loss::Sectors; 5]).chain([Loss::Writes; 2]) {
                cuts += 1;
                let context = format!("stream {next}, cut {cut} of {start}..{end}, {loss:?}");
                let files = disk.after_crash(&files, cut, loss, &mut random);
                let disk = Recorder::holding(files);
                let mut log = open(&disk);
                let count = streams(&log);
                assert!(count == next || count == next + 1, "{context}: {count}");
                assert!(cut < end || count == next + 1, "{context}: it was acknowledged");
                // Goes on, over the next extension too.
                for number in count..(count + 4).min(90) {
                    log.create_stream(&name(number, LENGTH)).unwrap_or_else(|status| panic!("{context}: {status}"));
                }
                log.close().unwrap();
                // A control copy that was torn is written with the next extension.
                let parsed = Metadata::parse(&disk.contents("base")).unwrap();
                let states = [parsed.general.primary, parsed.general.shadow];
                assert!(states.iter().all(|state| !matches!(state, CopyState::Invalid(_))), "{context}: {states:?}");
            }
        }
    }
    println!("{cuts} crashes");
}

#[test]
fn a_log_that_crashes_again_and_again_while_it_grows_keeps_every_stream() {
    for seed in 0..6 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let disk = Recorder::default();
        drop(ready(disk.clone(), 1, 2, 1));
        let mut files = files_of(&disk, &Files::new());
        let (mut acknowledged, mut tried, mut crashes) = (0, 0, 0);
        while acknowledged < 80 {
            let disk = Recorder::holding(files.clone());
            let mut log = open(&disk);
            let count = streams(&log);
            assert!(count >= acknowledged && count <= tried, "seed {seed}: {acknowledged} <= {count} <= {tried}");
            // Positions at which so many are acknowledged.
            let mut told = vec![(disk.position(), count)];
            for number in count..(count + 1 + random.next_u32() as usize % 6).min(85) {
                log.create_stream(&name(number, LENGTH)).unwrap();
                told.push((disk.position(), number + 1));
            }
            let (start, end) = (told[0].0, disk.position());
            let cut = start + random.next_u32() as usize % (end - start + 1);
            let loss = [Loss::Sectors, Loss::Writes, Loss::Everything][crashes % 3];
            files = disk.after_crash(&files, cut, loss, &mut random);
            acknowledged = told.iter().rev().find(|(position, _)| *position <= cut).unwrap().1;
            tried = told.last().unwrap().1;
            crashes += 1;
        }
        assert!(crashes > 20, "{crashes}");
    }
}

#[test]
fn any_write_or_flush_of_an_extension_into_former_places_may_fail() {
    for Verge { files, next } in verges() {
        for call in [Call::Write, Call::Flush] {
            for (nth, is_done, from_then_on) in
                (1..9).flat_map(|nth| [(nth, false, false), (nth, true, false), (nth, false, true)])
            {
                let context = format!("stream {next}, {call:?} {nth}, done {is_done}, on {from_then_on}");
                let storage = Faulty::new(Recorder::holding(files.clone()));
                let mut log = open(&storage);
                storage.faults.start(Plan { call, nth, from_then_on, is_done });
                let outcome = log.create_stream(&name(next, LENGTH));
                if storage.faults.stop() == 0 {
                    outcome.unwrap();
                    continue;
                }
                outcome.unwrap_err();
                if log.fault().is_none() {
                    assert_eq!(streams(&log), next, "{context}");
                    log.create_stream(&name(next, LENGTH)).unwrap_or_else(|status| panic!("{context}: {status}"));
                    log.close().unwrap();
                    assert_eq!(streams(&open(&storage)), next + 1, "{context}");
                } else {
                    drop(log);
                    let mut log = open(&storage);
                    let count = streams(&log);
                    assert!(count == next || count == next + 1, "{context}");
                    for number in count..count + 4 {
                        log.create_stream(&name(number, LENGTH)).unwrap();
                    }
                    log.close().unwrap();
                }
            }
        }
    }
}
