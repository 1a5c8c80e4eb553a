//! What was found by trying to break blocks that run on, each with the smallest log that shows it.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::format::block::{BlockHeader, BlockKind, HEADER_BYTES, seal, write_header};
use clfsmgmt::format::record::{RecordHeader, RecordKind, write_record};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, Removal};
use clfsmgmt::units::{Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::crash::{check, everything, go_on};
use crate::crash_world::World;
use crate::model::{append, container, payload, read_all, ready, ready_with};
use crate::recorder::{Files, Loss, Recorder};
use crate::refusals::{change, files_of};

const ONLY: StreamId = StreamId::PHYSICAL;
const CONTAINER: usize = 512 * 1024;

fn open(disk: &Recorder) -> Log<Recorder> {
    Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap()
}

/// Goes on until the end of the log is behind `end`.
fn fill(log: &mut Log<Recorder>, id: StreamId, end: Lsn, length: usize) {
    while log.end() < end {
        append(log, id, &payload(log.end().raw(), length)).unwrap();
        log.write_out(id).unwrap();
    }
    log.flush(id).unwrap();
}

#[test]
fn containers_that_begin_inside_a_block_are_deleted_with_a_closed_log() {
    for streams in [0, 1] {
        let disk = Recorder::default();
        let (mut log, ids) = ready(disk.clone(), streams, 3, 1);
        fill(&mut log, *ids.last().unwrap(), Lsn::new(2, 4096, 0).unwrap(), 9_000);
        log.close().unwrap();
        Log::delete_closed(&disk).unwrap();
        assert_eq!(disk.open_names(), Vec::<String>::new(), "{streams} streams");
    }
}

/// Metadata can name any file.
#[test]
fn a_file_that_only_looks_like_the_rest_of_a_block_at_first_is_not_deleted() {
    let disk = Recorder::default();
    let (log, _) = ready(disk.clone(), 0, 3, 1);
    log.close().unwrap();
    let mut files = files_of(&disk, &Files::new());
    let mut letter = payload(1, CONTAINER);
    letter[510..512].copy_from_slice(&[0x24, 1]);
    letter[1022..1024].fill(b'!');
    let mut novel = payload(2, CONTAINER);
    novel[510..512].copy_from_slice(&[0x04, 1]);
    files.insert("%BLF%\\container1".to_owned(), letter);
    files.insert("%BLF%\\container2".to_owned(), novel);
    let disk = Recorder::holding(files);
    Log::delete_closed(&disk).unwrap();
    assert_eq!(disk.open_names(), ["%BLF%\\container1", "%BLF%\\container2"]);
}

/// A block as earlier versions filled the end of a container with.
fn filler(stream: StreamId, usn: u8, at: Lsn, sectors: u16) -> Vec<u8> {
    let mut block = vec![0; usize::from(sectors) * 512];
    let header = BlockHeader { undurable: 1, ..BlockHeader::new(usn, stream, sectors, at, Lsn::INVALID) };
    write_header(&mut block, &header).unwrap();
    let kind = RecordKind::DATA | RecordKind::START | RecordKind::LAST;
    let record = RecordHeader::new(at, Lsn::INVALID, Lsn::INVALID, kind, 0).unwrap();
    write_record(&mut block, HEADER_BYTES, &record, &[]).unwrap();
    seal(&mut block, BlockKind::Data).unwrap();
    block
}

/// A crash came between the filling block and the metadata that name the container's end.
#[test]
fn a_block_that_fills_a_container_gives_the_physical_log_no_records() {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), 1, 3, 1);
    let whole = 2 * CONTAINER as u32 - 4096;
    let rest = 40 * 512;
    fill(&mut log, ids[0], Lsn::new(0, whole - rest - 16_384, 0).unwrap(), 9_000);
    // Exactly up to the place of the filling block.
    while log.end().block_offset() < whole - rest {
        append(&mut log, ids[0], b"short").unwrap();
        log.flush(ids[0]).unwrap();
    }
    let at = log.end();
    assert_eq!((at.container(), at.block_offset()), (0, whole - rest));
    let last = read_all(&log, ids[0]).unwrap().last().unwrap().lsn;
    drop(log);
    let mut files = files_of(&disk, &Files::new());
    let block = filler(ONLY, 1, at, 40);
    let from = at.block_offset() as usize;
    files.get_mut("%BLF%\\container0").unwrap()[from..from + block.len()].copy_from_slice(&block);
    let mut log = open(&Recorder::holding(files));
    assert_eq!(log.end(), Lsn::container_start(1), "it is understood");
    assert_eq!(log.tails().map(|(id, _)| id).collect::<Vec<_>>(), [ids[0]], "only a stream has a tail");
    append(&mut log, ids[0], b"more").unwrap();
    log.advance_base(ids[0], last).unwrap();
    let end = log.last_lsn(ids[0]).unwrap();
    log.advance_base(ids[0], end).unwrap();
    assert_eq!(log.space().first_container, 1, "the first container is recycled");
}

#[test]
fn an_end_beside_which_a_container_is_missing_is_read_all_the_same() {
    // Container 1 begins with the end of a block, and behind the end of the log lies a stale sector from inside one.
    let disk = Recorder::default();
    let (mut log, _) = ready(disk.clone(), 0, 2, 1);
    fill(&mut log, ONLY, Lsn::container_start(1), 9_000);
    assert!(log.end().block_offset() > 0, "it runs on");
    let end = log.end();
    // It was begun, and its first sector was lost.
    append(&mut log, ONLY, &payload(7, 9_000)).unwrap();
    log.write_out(ONLY).unwrap();
    drop(log);
    let mut files = files_of(&disk, &Files::new());
    let from = end.block_offset() as usize;
    let second = files["%BLF%\\container1"][from + 512..from + 1024].to_vec();
    files.get_mut("%BLF%\\container1").unwrap()[from..from + 512].copy_from_slice(&second);
    change(&mut files, |metadata| metadata.base.client_mut(ONLY).unwrap().last = end);
    Log::open(Recorder::holding(files.clone()), Access::Read, BlockLimit::DEFAULT).unwrap();
    files.remove("%BLF%\\container0");
    let log = Log::open(Recorder::holding(files), Access::Read, BlockLimit::DEFAULT).map(|log| log.end());
    assert_eq!(log, Ok(end));
}

#[test]
fn an_end_inside_an_owner_page_takes_no_records_that_are_not_there() {
    for offset in [0x7F000, 0x7FE00, 0xFF000, 0xFFE00] {
        let disk = Recorder::default();
        let (mut log, ids) = ready(disk.clone(), 1, 3, 1);
        append(&mut log, ids[0], b"record").unwrap();
        log.close().unwrap();
        let mut files = files_of(&disk, &Files::new());
        change(&mut files, |metadata| {
            metadata.base.client_mut(ONLY).unwrap().last = Lsn::new(0, offset, 0).unwrap();
        });
        let disk = Recorder::holding(files);
        let Ok(mut log) = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT) else {
            continue;
        };
        if append(&mut log, ids[0], &[7; 2000]).and_then(|_| log.flush(ids[0])).is_err() {
            continue;
        }
        drop(log);
        let found = Log::open(disk, Access::Read, BlockLimit::DEFAULT).map(|log| read_all(&log, ids[0]).unwrap().len());
        assert_eq!(found, Ok(2), "{offset:#x}");
    }
}

/// A flush of the metadata fails and drops them; who opens the log again writes the next copy over the only one that
/// the disk has whole.
#[test]
fn metadata_that_a_failed_flush_has_dropped_do_not_take_the_copy_before_with_them() {
    for is_closed in [false, true] {
        let disk = Recorder::default();
        let (mut log, _) = ready(disk.clone(), 0, 3, 1);
        let acknowledged = append(&mut log, ONLY, b"acknowledged").unwrap();
        log.flush(ONLY).unwrap();
        // The metadata before name a file that is deleted now.
        log.remove_container(&container(2), Removal::OnlyIfFree).unwrap();
        if is_closed {
            disk.fail_next_flush();
            log.close().unwrap_err();
        } else {
            disk.fail_next_flush();
            log.advance_base(ONLY, acknowledged).unwrap_err();
            drop(log);
        }
        let from = disk.position();
        let mut log = open(&disk);
        append(&mut log, ONLY, b"more").unwrap();
        log.flush(ONLY).unwrap();
        for cut in from..=disk.position() {
            for seed in 0..20 {
                let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
                let files = disk.after_crash(&Files::new(), cut, Loss::Sectors, random);
                let context = format!("closed {is_closed}, {} behind, seed {seed}", cut - from);
                let log = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT)
                    .unwrap_or_else(|error| panic!("{context}: {error:?}"));
                assert_eq!(read_all(&log, ONLY).unwrap()[0].lsn, acknowledged, "{context}");
            }
        }
    }
}

/// The power goes while a log is opened again, at any of its writes and flushes.
#[test]
fn a_crash_within_a_recovery_loses_and_brings_back_nothing() {
    for (is_multiplexed, seed) in [(false, 21), (false, 22), (true, 23), (true, 24)] {
        let mut world = World::new(is_multiplexed, seed);
        for _ in 0..1_500 {
            world.step();
        }
        let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let (first, total) = (world.moments[0].position, world.disk.position());
        for nth in 0..24 {
            let cut = first + (total - first) * nth / 24;
            let behind = world.moments.partition_point(|moment| moment.position <= cut);
            let (before, after) = (&world.moments[behind - 1], &world.moments[behind.min(world.moments.len() - 1)]);
            let files = world.disk.after_crash(&Files::new(), cut, Loss::Sectors, random);
            let disk = Recorder::holding(files.clone());
            let mut log = open(&disk);
            go_on(&mut log, "first");
            drop(log);
            for second in 0..=disk.position() {
                let context = format!("seed {seed}, cut {cut}, {second} of {}", disk.position());
                let files = disk.after_crash(&files, second, Loss::Sectors, random);
                let again = Recorder::holding(files.clone());
                let log = Log::open(again.clone(), Access::Write, BlockLimit::DEFAULT);
                let mut log = log.unwrap_or_else(|error| panic!("{context}: {error:?}"));
                let mut found = everything(&log);
                for records in &mut found {
                    while records.last().is_some_and(|(_, number, _)| *number == u64::MAX) {
                        records.pop();
                    }
                }
                go_on(&mut log, &context);
                drop(log);
                let log = open(&again);
                for (before, now) in found.iter().zip(everything(&log)) {
                    assert!(now.starts_with(before), "{context}");
                    assert!(
                        now[before.len()..].iter().all(|(_, number, _)| *number == u64::MAX),
                        "{context}: came back"
                    );
                }
                if second == 0 {
                    check(
                        &Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).unwrap(),
                        before,
                        after,
                        &context,
                    );
                }
            }
        }
    }
}

/// Everything that was admitted can be written, with blocks as large as containers allow, round and round.
#[test]
fn whatever_is_admitted_can_be_written_with_the_largest_blocks() {
    for (streams, factor, limit) in [
        (0, 16, BlockLimit::MAX),
        (2, 9, BlockLimit::MAX),
        (0, 1, BlockLimit::of(256 << 10, 0).unwrap()),
        (3, 1, BlockLimit::of(400 << 10, 0).unwrap()),
    ] {
        for seed in 0..2 {
            let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let disk = Recorder::default();
            let (mut log, ids) = ready_with(disk.clone(), streams, 3, factor, limit);
            let mut kept: Vec<Vec<(Lsn, u64, usize)>> = vec![Vec::new(); ids.len()];
            let most = limit.bytes() as u32 / 100 * 98;
            let mut added = 10;
            for number in 0..260 {
                let which = random.next_u32() as usize % ids.len();
                let id = ids[which];
                let length = match random.next_u32() % 3 {
                    0 => random.next_u32() % most,
                    1 => random.next_u32() % 5000,
                    _ => most - random.next_u32() % 3000,
                } as usize;
                match append(&mut log, id, &payload(number, length)) {
                    Ok(lsn) => kept[which].push((lsn, number, length)),
                    Err(Status::LOG_FULL) => {
                        // Restart areas still fit, and say where each stream begins.
                        for (id, kept) in ids.iter().zip(&mut kept) {
                            log.write_restart_area(*id, &[&[7; 900]], None)
                                .unwrap_or_else(|status| panic!("restart {status}, fault {:?}", log.fault()));
                            let skip = kept.len() - random.next_u32() as usize % 2.min(kept.len() + 1);
                            let base = kept.get(skip).map_or_else(|| log.last_lsn(*id).unwrap(), |(lsn, ..)| *lsn);
                            log.advance_base(*id, base).unwrap();
                            kept.drain(..skip);
                        }
                    }
                    Err(status) => panic!("{streams} {seed} {number}: {status} {:?}", log.fault()),
                }
                match random.next_u32() % 12 {
                    0 => log.flush(id).unwrap(),
                    1 if log.space().total_containers.0 < 5 => {
                        added += 1;
                        log.add_container(&container(added), None).unwrap();
                    }
                    2 if log.space().total_containers.0 > 3 => {
                        let name = log.containers().next().unwrap().name.to_vec();
                        let outcome = log.remove_container(&name, Removal::WhenPassed);
                        assert!(matches!(outcome, Ok(()) | Err(Status::LOG_CANT_DELETE)), "{outcome:?}");
                    }
                    3 if log.space().total_containers.0 > 2 => {
                        let _ = log.remove_free_container();
                    }
                    4 => {
                        if random.next_u32() % 2 == 0 {
                            log.close().unwrap();
                        } else {
                            for id in &ids {
                                log.flush(*id).unwrap();
                            }
                            drop(log);
                        }
                        log = Log::open(disk.clone(), Access::Write, limit).unwrap();
                        for (id, kept) in ids.iter().zip(&kept) {
                            let found: Vec<_> = read_all(&log, *id)
                                .unwrap()
                                .into_iter()
                                .filter(|kept| kept.kind == RecordKind::DATA)
                                .collect();
                            let tail = &found[found.len() - kept.len()..];
                            for (found, (lsn, number, length)) in tail.iter().zip(kept) {
                                assert!(found.lsn == *lsn && found.data == payload(*number, *length), "{lsn}");
                            }
                        }
                    }
                    _ => {}
                }
                assert_eq!(log.fault(), None);
            }
        }
    }
}

/// Laps go from 255 to 2, with crashes in between.
#[test]
fn nothing_is_lost_where_the_count_of_laps_begins_anew() {
    for streams in [0, 1] {
        let disk = Recorder::default();
        ready(disk.clone(), streams, 3, 1).0.close().unwrap();
        let mut files = files_of(&disk, &Files::new());
        change(&mut files, |metadata| {
            metadata.base.usn = 253;
            metadata.base.containers_mut().for_each(|container| container.usn = 253);
        });
        let disk = Recorder::holding(files.clone());
        let mut log = open(&disk);
        let id = StreamId(streams as u8);
        let random = &mut Xoshiro256PlusPlus::seed_from_u64(1);
        let (mut known, mut laps) = (Vec::new(), Vec::new());
        for number in 0..700 {
            match append(&mut log, id, &payload(number, 20_000)) {
                Ok(lsn) => known.push(lsn),
                Err(Status::LOG_FULL) => {
                    let middle = known.len() / 2;
                    known.drain(..middle);
                    log.advance_base(id, known[0]).unwrap();
                }
                Err(status) => panic!("{status}"),
            }
            laps.push(log.containers().last().unwrap().usn);
            if number % 9 == 0 {
                log.flush(id).unwrap();
                let flushed = known.clone();
                let more = append(&mut log, id, &payload(number, 700));
                known.extend(more.as_ref().ok());
                log.write_out(id).unwrap();
                let after = disk.after_crash(&files, disk.position(), Loss::Sectors, random);
                let log = open(&Recorder::holding(after));
                let found: Vec<_> = read_all(&log, id).unwrap().iter().map(|kept| kept.lsn).collect();
                assert!(found.starts_with(&flushed) && known.starts_with(&found), "{streams} streams, {number}");
            }
        }
        laps.dedup();
        assert!(laps.starts_with(&[253, 254, 255, 2, 3]), "{laps:?}");
    }
}

/// Files of containers are deleted, flushes fail and drop what they were for, and the power goes.
#[test]
fn a_log_with_failed_flushes_opens_again_after_the_power_went_at_any_moment() {
    for streams in [0, 2] {
        for seed in 0..12 {
            let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let disk = Recorder::default();
            let (log, ids) = ready(disk.clone(), streams, 4, 1);
            drop(log);
            let id = *ids.last().unwrap();
            let mut added = 50;
            for round in 0..5 {
                let start = disk.position();
                // The flush that is to fail may be one of opening.
                let opened = || Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).ok();
                let mut log = opened().or_else(opened).unwrap();
                for cut in start..=disk.position() {
                    let files = disk.after_crash(&Files::new(), cut, Loss::Sectors, random);
                    let opened = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).map(drop);
                    assert_eq!(opened, Ok(()), "{streams} streams, seed {seed}, round {round}, {}", cut - start);
                }
                let lands = random.next_u32() % 40;
                for step in 0..40 {
                    if step == lands {
                        disk.fail_next_flush();
                    }
                    let outcome = match random.next_u32() % 10 {
                        0 => {
                            added += 1;
                            log.add_container(&container(added), None).map(drop)
                        }
                        1 if log.space().total_containers.0 > 3 => log.remove_free_container(),
                        2 if log.space().total_containers.0 > 3 => {
                            let name = log.containers().next().unwrap().name.to_vec();
                            log.remove_container(&name, Removal::WhenPassed)
                        }
                        3 => log.advance_base(id, log.durable_lsn(id).unwrap()),
                        4 => log.flush(id),
                        _ => append(&mut log, id, &payload(step.into(), 50_000)).map(drop),
                    };
                    let from = disk.position();
                    if log.fault().is_some() {
                        break;
                    }
                    assert!(matches!(outcome, Ok(()) | Err(Status::LOG_FULL | Status::LOG_CANT_DELETE)), "{outcome:?}");
                    if step % 4 == 0 {
                        let files = disk.after_crash(&Files::new(), from, Loss::Sectors, random);
                        let opened = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).map(drop);
                        assert_eq!(opened, Ok(()), "{streams} streams, seed {seed}, round {round}, step {step}");
                    }
                }
            }
        }
    }
}
