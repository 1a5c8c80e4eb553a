//! Dedicated logs of registries: one in its first block, one that was written round, one whose free container is
//! missing.
//!
//! The samples lie outside the package; where they are missing every test here says so and passes.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use std::fs;
use std::path::Path;

use clfsmgmt::format::attributes::FileAttributes;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::record::RecordKind;
use clfsmgmt::format::sectors::{FirstSector, is_whole};
use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, LogOptions, OpenError, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::format::rebuilt;
use crate::model::{append, read_all};
use crate::recorder::{Files, Recorder};
use crate::samples::for_each_registry_sample;

const ONLY: StreamId = StreamId::PHYSICAL;

/// What a hand check of the bytes found.
struct Sample {
    archive: &'static str,
    base: Lsn,
    end: Lsn,
    live: usize,
    /// In all blocks that the files hold.
    records: usize,
}

fn lsn(container: u32, offset: u32, record: u32) -> Lsn {
    Lsn::new(container, offset, record).unwrap()
}

fn samples() -> [Sample; 3] {
    let sample = |archive, base, end, live, records| Sample { archive, base, end, live, records };
    [
        sample("windows-log-009", lsn(0, 0, 0), lsn(0, 0x600, 0), 3, 3),
        sample("windows-log-032", lsn(1, 0x7800, 1), lsn(1, 0x7A00, 0), 1, 655),
        sample("windows-log-101", lsn(0, 0xC00, 1), lsn(0, 0xE00, 0), 1, 5),
    ]
}

fn for_each(mut check: impl FnMut(&Sample, &Path)) {
    for_each_registry_sample(|name, base| {
        let samples = samples();
        check(samples.iter().find(|sample| sample.archive == name).expect("a known sample"), base);
    });
}

fn open(base: &Path, access: Access) -> Result<Log<FileStorage>, OpenError> {
    Log::open(FileStorage::new(base), access, BlockLimit::DEFAULT)
}

#[test]
fn registry_logs_are_read_from_base_to_end() {
    for_each(|sample, base| {
        let log = open(base, Access::Read).unwrap_or_else(|error| panic!("{}: {error:?}", sample.archive));
        let stream = log.stream_information(ONLY).unwrap();
        assert_eq!((stream.base, stream.last), (sample.base, sample.end), "{}", sample.archive);
        let found = read_all(&log, ONLY).unwrap();
        assert_eq!((found.len(), found[0].lsn), (sample.live, sample.base), "{}", sample.archive);
        assert!(found.iter().all(|kept| kept.kind == RecordKind::RESTART));
        let newest = log.read_restart_area(&mut Cursor::new(ONLY, Direction::Previous)).unwrap().lsn;
        assert_eq!(newest, found.last().unwrap().lsn);
    });
}

/// The containers' bytes by physical id; of one that is missing, none.
fn containers(base: &Path) -> Vec<Vec<u8>> {
    let parsed = Metadata::parse(&fs::read(base).unwrap()).unwrap().metadata.base;
    let name = |physical| String::from_utf16(parsed.container_name(physical).unwrap()).unwrap();
    let path = |physical| base.with_file_name(name(physical).rsplit('\\').next().unwrap());
    (0..parsed.containers().count() as u32).map(|physical| fs::read(path(physical)).unwrap_or_default()).collect()
}

/// Every whole block of the files; one that does not fit into its container goes on at the start of the other one.
fn blocks(base: &Path) -> Vec<Vec<u8>> {
    let containers = containers(base);
    let mut found = Vec::new();
    for (number, container) in containers.iter().enumerate() {
        let next = &containers[(number + 1) % containers.len()];
        for offset in (0..container.len()).step_by(512) {
            let sectors = container[offset..].iter().chain(next).copied();
            let Some(first) = FirstSector::parse(&container[offset..offset + 512]) else { continue };
            let bytes: Vec<u8> = sectors.take(usize::from(first.total_sectors) * 512).collect();
            if is_whole(&bytes) && first.current.block_offset() as usize == offset {
                found.push(bytes);
            }
        }
    }
    found
}

#[test]
fn every_block_of_a_registry_log_is_written_again_identically() {
    for_each(|sample, base| {
        let mut records = 0;
        for original in blocks(base) {
            let (made, header, count) = rebuilt(&original);
            assert_eq!(header.undurable, 0, "Windows says nothing there");
            records += count;
            assert!(made == original, "{}: {}", sample.archive, header.current);
        }
        assert_eq!(records, sample.records, "{}", sample.archive);
    });
}

#[test]
fn opening_a_log_for_writing_leaves_every_byte_of_its_containers() {
    for_each(|sample, base| {
        let before = containers(base);
        let opened = open(base, Access::Write).map(drop).map_err(Status::from);
        let is_complete = sample.archive != "windows-log-101";
        assert_eq!(opened, if is_complete { Ok(()) } else { Err(Status::LOG_CONTAINER_OPEN_FAILED) });
        assert!(containers(base) == before, "{}: nothing was written", sample.archive);
    });
}

#[test]
fn a_log_takes_records_in_its_lap_and_keeps_the_old_ones() {
    for_each(|sample, base| {
        if sample.archive == "windows-log-101" {
            return;
        }
        let mut log = open(base, Access::Write).unwrap();
        let mut old = read_all(&log, ONLY).unwrap();
        let lsn = append(&mut log, ONLY, b"ours").unwrap();
        log.close().unwrap();
        let log = open(base, Access::Write).unwrap();
        let found = read_all(&log, ONLY).unwrap();
        let ours = found.last().unwrap();
        assert_eq!((ours.lsn, &ours.data[..]), (lsn, &b"ours"[..]));
        old.push(ours.clone());
        assert_eq!(found, old);
    });
}

/// A container's bytes without what is ours in its blocks: digests, and what was durable.
fn without_ours(mut container: Vec<u8>) -> Vec<u8> {
    for sector in container.chunks_mut(512) {
        if FirstSector::parse(sector).is_some() {
            for ours in [0x08..0x0C, 0x14..0x18, 0x6C..0x70] {
                sector[ours].fill(0);
            }
        }
    }
    container
}

#[test]
fn a_log_with_the_same_history_as_one_of_windows_differs_in_nothing_but_what_is_ours() {
    for_each(|sample, base| {
        if sample.archive != "windows-log-032" {
            return;
        }
        let (real, written) = (Metadata::parse(&fs::read(base).unwrap()).unwrap().metadata.base, containers(base));
        unwound(base);
        let history = open(base, Access::Read).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again.blf");
        let name = real.client_name(ONLY).unwrap().to_vec();
        let (is_multiplexed, is_archived, log_id) = (false, false, real.log_id);
        let options = LogOptions { is_multiplexed, is_archived, log_id, name: &name, block_limit: BlockLimit::DEFAULT };
        let mut log = Log::create(FileStorage::new(&path), &options).unwrap();
        for container in real.containers() {
            log.add_container(real.container_name(container.physical).unwrap(), Some(Bytes(container.size))).unwrap();
        }
        let records = read_all(&history, ONLY).unwrap();
        for (nth, record) in records.iter().enumerate() {
            let usn = written[record.lsn.container() as usize][record.lsn.block_offset() as usize + 2];
            if usn == 2 && log.space().first_container == 0 {
                // The lap ended here: the base had left the first container.
                log.advance_base(ONLY, records[nth - 1].lsn).unwrap();
            }
            let data: &[&[u8]] = &[&record.data];
            let lsn = if record.kind == RecordKind::RESTART {
                log.write_restart_area(ONLY, data, None)
            } else {
                let parts = RecordParts { data, undo_next: record.undo_next, previous: record.previous };
                log.append(ONLY, &parts, Admission::Free)
            };
            assert_eq!(lsn, Ok(record.lsn));
            let is_last = records.get(nth + 1).is_none_or(|next| next.lsn.block() != record.lsn.block());
            if is_last {
                log.flush(ONLY).unwrap();
            }
        }
        log.advance_base(ONLY, sample.base).unwrap();
        log.close().unwrap();
        let again = Metadata::parse(&fs::read(&path).unwrap()).unwrap().metadata.base;
        for (physical, container) in containers(&path).into_iter().enumerate() {
            assert!(without_ours(container) == written[physical], "container {physical}");
        }
        assert!(again.containers().eq(real.containers()));
        assert_eq!((again.usn, again.state), (real.usn, real.state));
        let mut windows = real.client(ONLY).unwrap().clone();
        // That the registry's files are hidden is no part of the log's history.
        windows.attributes.remove(FileAttributes::HIDDEN);
        assert_eq!(again.client(ONLY), Some(&windows));
    });
}

/// The log that was written round as it was before its first container was recycled: all its records are live.
fn unwound(base: &Path) {
    let mut image = fs::read(base).unwrap();
    let mut metadata = Metadata::parse(&image).unwrap().metadata;
    let first = metadata.base.containers_mut().find(|container| container.physical == 0).unwrap();
    (first.logical, first.usn) = (0, 1);
    metadata.base.client_mut(ONLY).unwrap().base = Lsn::NULL;
    let mut bytes = Vec::new();
    let place = metadata.next_general(&mut bytes).unwrap() as usize;
    image[place..place + bytes.len()].copy_from_slice(&bytes);
    fs::write(base, image).unwrap();
}

#[test]
fn every_record_of_a_log_that_was_written_round_is_read_over_the_containers_end_and_two_laps() {
    for_each(|sample, base| {
        if sample.archive != "windows-log-032" {
            return;
        }
        unwound(base);
        let log = open(base, Access::Read).unwrap();
        let found = read_all(&log, ONLY).unwrap();
        assert_eq!(found.len(), sample.records);
        assert!(found.is_sorted_by_key(|kept| kept.lsn));
        let mut cursor = Cursor::new(ONLY, Direction::Forward);
        for kept in &found {
            assert_eq!(log.read(&mut cursor, kept.lsn).unwrap().data, kept.data);
        }
        // The block over the end has one sector in each container.
        let over = found.iter().rfind(|kept| kept.lsn.container() == 0).unwrap().lsn.block();
        assert_eq!((over, found[found.len() - 1].lsn), (lsn(0, 0x7FE00, 0), sample.base));
        assert_eq!(log.read(&mut cursor, lsn(1, 0, 0)).err(), Some(Status::LOG_RECORD_NONEXISTENT));
        assert_eq!(log.read_from(&mut cursor, lsn(1, 0, 0)).unwrap().lsn, lsn(1, 0x200, 0));
    });
}

#[test]
fn no_damage_of_a_registry_log_makes_reading_panic_or_go_on_for_ever() {
    for_each(|sample, base| {
        if sample.archive == "windows-log-032" {
            unwound(base);
        }
        let parsed = Metadata::parse(&fs::read(base).unwrap()).unwrap().metadata.base;
        let mut whole = Files::from([("base".to_owned(), fs::read(base).unwrap())]);
        for (physical, bytes) in (0..).zip(containers(base)).filter(|(_, bytes)| !bytes.is_empty()) {
            whole.insert(String::from_utf16_lossy(parsed.container_name(physical).unwrap()), bytes);
        }
        let mut random = Xoshiro256PlusPlus::seed_from_u64(12);
        for _ in 0..150 {
            let mut files = whole.clone();
            for _ in 0..=random.next_u32() % 4 {
                damage(&mut files, sample.end, &mut random);
            }
            for access in [Access::Read, Access::Write] {
                let Ok(log) = Log::open(Recorder::holding(files.clone()), access, BlockLimit::DEFAULT) else {
                    continue;
                };
                let _ = read_all(&log, ONLY);
                let mut cursor = Cursor::new(ONLY, Direction::Forward);
                for _ in 0..20 {
                    let at = lsn(random.next_u32() % 2, random.next_u32() % 1024 * 512, random.next_u32() % 3);
                    if let Ok(found) = log.read_from(&mut cursor, at) {
                        assert!(found.lsn >= at);
                    }
                }
            }
        }
    });
}

/// Changes a byte of a sector's head or trailer, or puts another sector in its place.
fn damage(files: &mut Files, end: Lsn, random: &mut Xoshiro256PlusPlus) {
    let names: Vec<String> = files.keys().filter(|name| *name != "base").cloned().collect();
    let container = files.get_mut(&names[random.next_u32() as usize % names.len()]).unwrap();
    // Most of what matters lies before the end.
    let sectors =
        if random.next_u32().is_multiple_of(2) { end.block_offset() as usize / 512 + 2 } else { container.len() / 512 };
    let sector = random.next_u32() as usize % sectors * 512;
    let place = random.next_u32() as usize;
    match random.next_u32() % 3 {
        0 => container[sector + place % 0xA0] = random.next_u32() as u8,
        1 => container[sector + 510 + place % 2] ^= 1 << (random.next_u32() % 8),
        _ => {
            let other = place % sectors * 512;
            container.copy_within(other..other + 512, sector);
        }
    }
}
