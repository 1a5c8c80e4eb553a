//! What a crash has left behind the end of a log never becomes part of it, however new blocks grow up to it.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::{Lsn, StreamId};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{Kept, append, payload, read_all, ready};
use crate::recorder::{Files, Loss, Recorder};

const CONTAINER: usize = 512 * 1024;
const BLOCK: usize = 8 * 512;
/// A record that fills a block of 8 sectors.
const RECORD: usize = BLOCK - 0x70 - 40 - 16;

fn open(disk: &Recorder) -> Log<Recorder> {
    Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap()
}

/// A log of one stream, of several streams, with one of them.
fn each_kind(check: impl Fn(Recorder, Log<Recorder>, StreamId)) {
    for streams in [0, 2] {
        let disk = Recorder::default();
        let (log, ids) = ready(disk.clone(), streams, 3, 1);
        check(disk, log, *ids.last().unwrap());
    }
}

/// Everything that was written.
fn files_of(disk: &Recorder, initial: &Files) -> Files {
    disk.after_crash(initial, disk.position(), Loss::Nothing, &mut Xoshiro256PlusPlus::seed_from_u64(0))
}

/// Appends a block's worth, which is written and not flushed; says where the block lies.
fn write(log: &mut Log<Recorder>, id: StreamId, number: u64, length: usize) -> Lsn {
    let at = log.end();
    let data = [&number.to_le_bytes(), &payload(number, length - 8)[..]].concat();
    append(log, id, &data).unwrap();
    log.write_out(id).unwrap();
    at
}

fn name(container: u32) -> String {
    format!("%BLF%\\container{container}")
}

/// The disk never got these sectors of a container.
fn lose(files: &mut Files, before: &Files, container: u32, from: usize, bytes: usize) {
    let name = name(container);
    let old = before[&name][from..from + bytes].to_vec();
    files.get_mut(&name).unwrap()[from..from + bytes].copy_from_slice(&old);
}

fn numbers(found: &[Kept]) -> Vec<u64> {
    found.iter().map(|kept| u64::from_le_bytes(kept.data[..8].try_into().unwrap())).collect()
}

/// The log goes on with one record that is as long as what was lost; then its process ends.
fn go_on(files: Files, id: StreamId, length: usize) -> Vec<u64> {
    let disk = Recorder::holding(files);
    let mut log = open(&disk);
    write(&mut log, id, 99, length);
    log.flush(id).unwrap();
    drop(log);
    numbers(&read_all(&open(&disk), id).unwrap())
}

/// Behind one record two more are written, of which the disk loses the first.
fn lose_the_one_between(disk: &Recorder, mut log: Log<Recorder>, id: StreamId) {
    let before = files_of(disk, &Files::new());
    let lost = write(&mut log, id, 1, RECORD);
    write(&mut log, id, 2, RECORD);
    let mut files = files_of(disk, &Files::new());
    lose(&mut files, &before, 0, lost.block_offset() as usize, BLOCK);
    assert_eq!(go_on(files, id, RECORD), [0, 99]);
}

#[test]
fn blocks_behind_one_that_was_lost_do_not_come_back() {
    each_kind(|disk, mut log, id| {
        write(&mut log, id, 0, RECORD);
        log.flush(id).unwrap();
        lose_the_one_between(&disk, log, id);
    });
}

#[test]
fn nor_do_they_after_a_log_was_closed() {
    each_kind(|disk, mut log, id| {
        write(&mut log, id, 0, RECORD);
        log.close().unwrap();
        lose_the_one_between(&disk, open(&disk), id);
    });
}

#[test]
fn nor_do_those_in_the_container_behind_a_block_that_ran_on() {
    each_kind(|disk, mut log, id| {
        let mut number = 0;
        // Without the last owner page.
        let size = if log.is_multiplexed() { 2 * CONTAINER - 4096 } else { CONTAINER };
        loop {
            let rest = size - log.end().block_offset() as usize;
            if rest < BLOCK {
                break;
            }
            write(&mut log, id, number, if rest > BLOCK { RECORD } else { 300 });
            number += 1;
        }
        log.flush(id).unwrap();
        let expected: Vec<u64> = (0..number).chain([99]).collect();
        let before = files_of(&disk, &Files::new());
        let lost = write(&mut log, id, number, RECORD);
        assert_eq!((lost.container(), log.end_container()), (0, 1), "it runs on");
        let behind = log.end().block_offset() as usize;
        assert!(behind > 0);
        write(&mut log, id, number + 1, RECORD);
        let mut files = files_of(&disk, &Files::new());
        lose(&mut files, &before, 1, 0, behind);
        assert_eq!(go_on(files, id, RECORD), expected);
    });
}

/// Old sectors have the USN of new ones where a container is written again within one lap.
#[test]
fn a_block_that_is_torn_over_old_sectors_of_the_same_lap_is_known() {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), 0, 3, 1);
    let id = ids[0];
    let mut lsns = Vec::new();
    let until = |log: &mut Log<Recorder>, lsns: &mut Vec<Lsn>, end: Lsn| {
        while log.end() < end {
            lsns.push(write(log, id, lsns.len() as u64, RECORD));
        }
        log.flush(id).unwrap();
    };
    let half = |container| Lsn::new(container, CONTAINER as u32 / 2, 0).unwrap();
    until(&mut log, &mut lsns, half(2));
    log.advance_base(id, Lsn::container_start(2)).unwrap();
    until(&mut log, &mut lsns, half(4));
    log.advance_base(id, half(3)).unwrap();
    until(&mut log, &mut lsns, Lsn::new(5, CONTAINER as u32 * 3 / 4, 0).unwrap());
    let known = read_all(&log, id).unwrap();
    let before = files_of(&disk, &Files::new());
    let at = write(&mut log, id, lsns.len() as u64, RECORD).block_offset() as usize;
    let after = files_of(&disk, &Files::new());
    let (old, new) = (&before[&name(2)][at..at + BLOCK], &after[&name(2)][at..at + BLOCK]);
    assert!(old[2] == new[2] && old != new, "the same USN");
    for lost in 1..8 {
        let mut files = after.clone();
        lose(&mut files, &before, 2, at + lost * 512, BLOCK - lost * 512);
        for access in [Access::Read, Access::Write] {
            let log = Log::open(Recorder::holding(files.clone()), access, BlockLimit::DEFAULT).unwrap();
            assert!(read_all(&log, id).unwrap() == known, "{lost} sectors of it");
        }
    }
}
