//! What is not understood is refused by a writer, with its place, and left as it was; readers read what is before it.

use std::fmt::Debug;

use clfsmgmt::format::attributes::FileAttributes;
use clfsmgmt::format::base_record::LogState;
use clfsmgmt::format::block::{BlockKind, parse_header, seal, unseal};
use clfsmgmt::format::context::ContainerState;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::violation::{Place, Rule, Violation};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, OpenError};
use clfsmgmt::units::{Lsn, Status, StreamId};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{append, payload, read_all, ready};
use crate::recorder::{Files, Loss, Recorder};

const FIRST: &str = "%BLF%\\container0";

/// What the disk holds.
pub(super) fn files_of(disk: &Recorder, before: &Files) -> Files {
    disk.after_crash(before, disk.position(), Loss::Nothing, &mut Xoshiro256PlusPlus::seed_from_u64(0))
}

/// A log whose process ended behind `records` acknowledged records, each in a block of its own, that its metadata do
/// not know of; and the offset of each block.
pub(super) fn abandoned(streams: u32, records: usize) -> (Files, StreamId, Vec<usize>) {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), streams, 2, 1);
    let id = *ids.last().unwrap();
    let mut offsets = Vec::new();
    for _ in 0..records {
        offsets.push(log.end().block_offset() as usize);
        append(&mut log, id, &[7; 700]).unwrap();
        log.flush(id).unwrap();
    }
    drop(log);
    (files_of(&disk, &Files::new()), id, offsets)
}

#[track_caller]
fn violation<T: Debug>(outcome: Result<T, OpenError>) -> Violation {
    match outcome {
        Err(OpenError::Violation(violation)) => violation,
        other => panic!("not refused with a place: {other:?}"),
    }
}

/// Opens for writing, which is refused and changes nothing.
#[track_caller]
pub(super) fn refused(files: &Files) -> Violation {
    let disk = Recorder::holding(files.clone());
    let violation = violation(Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).map(drop));
    assert!(files_of(&disk, files) == *files, "nothing was written");
    violation
}

pub(super) fn readable(files: &Files, id: StreamId) -> usize {
    let log = Log::open(Recorder::holding(files.clone()), Access::Read, BlockLimit::DEFAULT).unwrap();
    read_all(&log, id).unwrap().len()
}

pub(super) fn poke(files: &mut Files, at: usize, bytes: &[u8]) {
    files.get_mut(FIRST).unwrap()[at..at + bytes.len()].copy_from_slice(bytes);
}

#[test]
fn a_whole_block_behind_the_durable_end_that_is_not_understood_is_refused_and_stays() {
    let cases: [(u32, usize, &[u8], Rule); 11] = [
        (0, 1, &[1], Rule::BlockVersion),
        (0, 0x10, &[3], Rule::BlockFlags),
        (0, 3, &[5], Rule::BlockStream),
        (0, 0x70 + 36, &[0x65], Rule::RecordKind),
        (0, 0x70 + 36, &[0x31], Rule::RecordWhole),
        (0, 0x70 + 32, &[0x20], Rule::RecordFlags),
        (0, 0x70 + 2, &[9], Rule::RecordPlace),
        (2, 3, &[0], Rule::BlockStream),
        (2, 0x70 + 2, &[9], Rule::RecordPlace),
        (0, 0x70 + 40 + 300, &[9], Rule::Digest),
        (2, 0x70 + 40 + 300, &[9], Rule::Digest),
    ];
    for (streams, field, bytes, rule) in cases {
        // The last block, and one with others behind it.
        for nth in [2, 3] {
            let (mut files, id, offsets) = abandoned(streams, 4);
            poke(&mut files, offsets[nth] + field, bytes);
            let found = refused(&files);
            assert_eq!(found.rule, rule, "{field:#x}");
            assert_eq!(found.place, Place::Container(0), "{rule:?}");
            let start = offsets[nth] as u64;
            assert!((start..start + 0x200).contains(&found.offset), "{rule:?} at {:#x}", found.offset);
            assert_eq!(readable(&files, id), nth, "{rule:?}: what lies before is read");
        }
    }
}

#[test]
fn a_hole_before_acknowledged_blocks_is_damage_and_no_end() {
    for streams in [0, 2] {
        let (whole, id, offsets) = abandoned(streams, 100);
        let hole = offsets[3];
        let damages: [(usize, &[u8], Rule); 4] = [
            (0, &[0], Rule::BlockVersion),
            (0x1A, &[1], Rule::BlockBehind),
            (511, &[9], Rule::BlockBehind),
            (0, &[0; 1024], Rule::BlockBehind),
        ];
        for (field, bytes, rule) in damages {
            let mut files = whole.clone();
            poke(&mut files, hole + field, bytes);
            let found = refused(&files);
            assert_eq!((found.place, found.rule), (Place::Container(0), rule), "{field:#x}");
            assert_eq!(found.offset, hole as u64);
            assert_eq!(readable(&files, id), 3);
        }
    }
}

/// A disk may drop in silence what it was told to flush, and leave there what was before: nothing, or an earlier lap.
#[test]
fn a_block_that_the_disk_has_lost_is_not_passed_over() {
    for streams in [0, 2] {
        let disk = Recorder::default();
        let (mut log, ids) = ready(disk.clone(), streams, 3, 1);
        let id = *ids.last().unwrap();
        let mut offsets = Vec::new();
        while log.end().container() == 0 {
            offsets.push(log.end().block_offset() as usize);
            append(&mut log, id, &payload(7, 20_000)).unwrap();
            log.flush(id).unwrap();
        }
        log.close().unwrap();
        let whole = files_of(&disk, &Files::new());
        let count = readable(&whole, id);
        for nth in [1, 5, count - 3] {
            let earlier = &whole[FIRST][offsets[0]..offsets[0] + 512];
            for sector in [&[0; 512], earlier] {
                let mut files = whole.clone();
                poke(&mut files, offsets[nth], sector);
                let log = Log::open(Recorder::holding(files), Access::Read, BlockLimit::DEFAULT).unwrap();
                let found = read_all(&log, id).map(|records| records.len());
                let lost = [Err(Status::LOG_BLOCK_INVALID), Err(Status::LOG_BLOCK_VERSION)];
                assert!(lost.contains(&found), "{streams} streams: {found:?} of {count} records without {nth}");
            }
        }
    }
}

#[test]
fn blocks_behind_a_hole_that_do_not_say_what_was_durable_count_as_acknowledged() {
    let (mut files, _, offsets) = abandoned(0, 10);
    for offset in &offsets {
        // Nor has it digests.
        poke(&mut files, offset + 0x08, &[0; 4]);
        poke(&mut files, offset + 0x14, &[0; 4]);
        poke(&mut files, offset + 0x6C, &[0; 4]);
    }
    drop(Log::open(Recorder::holding(files.clone()), Access::Write, BlockLimit::DEFAULT).unwrap());
    poke(&mut files, offsets[3], &[0; 1024]);
    assert_eq!(refused(&files).rule, Rule::BlockBehind);
}

#[test]
fn blocks_that_were_never_acknowledged_may_have_holes_between_them() {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), 0, 2, 1);
    let mut offsets = Vec::new();
    for nth in 0..6 {
        offsets.push(log.end().block_offset() as usize);
        append(&mut log, ids[0], &[7; 700]).unwrap();
        if nth == 1 {
            log.flush(ids[0]).unwrap();
        } else {
            drop(log.begin_flush(ids[0]).unwrap());
        }
    }
    drop(log);
    let mut files = files_of(&disk, &Files::new());
    poke(&mut files, offsets[3], &[0; 1024]);
    let log = Log::open(Recorder::holding(files.clone()), Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(read_all(&log, ids[0]).unwrap().len(), 3);
    // One that was flushed is missed.
    poke(&mut files, offsets[1], &[0; 1024]);
    assert_eq!(refused(&files).offset, offsets[1] as u64);
}

pub(super) fn closed(streams: u32) -> (Files, Vec<StreamId>) {
    let disk = Recorder::default();
    let (mut log, ids) = ready(disk.clone(), streams, 2, 1);
    for id in &ids {
        append(&mut log, *id, b"kept").unwrap();
    }
    log.close().unwrap();
    (files_of(&disk, &Files::new()), ids)
}

/// Changes the metadata and writes them as the next copy.
pub(super) fn change(files: &mut Files, change: impl FnOnce(&mut Metadata)) {
    let image = files.get_mut("base").unwrap();
    let mut metadata = Metadata::parse(image).unwrap().metadata;
    change(&mut metadata);
    let mut bytes = Vec::new();
    let at = usize::try_from(metadata.next_general(&mut bytes).unwrap()).unwrap();
    image[at..at + bytes.len()].copy_from_slice(&bytes);
}

#[test]
fn a_log_that_is_to_be_deleted_shut_down_or_secure_is_not_written() {
    for state in [LogState::PENDING_DELETE, LogState::SHUTDOWN, LogState::SECURE] {
        let (mut files, ids) = closed(0);
        change(&mut files, |metadata| metadata.base.state |= state);
        let found = refused(&files);
        assert_eq!((found.place, found.rule), (Place::Base, Rule::LogOpen), "{state:?}");
        assert_eq!(Status::from(found), Status::LOG_STATE_INVALID);
        assert_eq!(readable(&files, ids[0]), 1);
    }
}

#[test]
fn a_container_that_is_being_made_or_waits_to_be_archived_is_not_taken_for_inactive() {
    use ContainerState::{Initializing, PendingArchive, PendingArchiveAndDelete};
    for state in [Initializing, PendingArchive, PendingArchiveAndDelete] {
        let (mut files, ids) = closed(0);
        change(&mut files, |metadata| {
            metadata.base.containers_mut().last().unwrap().state = state;
        });
        let found = refused(&files);
        assert_eq!((found.place, found.rule), (Place::Base, Rule::ContainerIdle), "{state:?}");
        assert_eq!(Status::from(found), Status::LOG_CONTAINER_STATE_INVALID);
        assert_eq!(readable(&files, ids[0]), 1);
    }
}

#[test]
fn a_log_of_a_later_lap_is_gone_on_with_in_that_lap() {
    let (mut files, ids) = closed(0);
    change(&mut files, |metadata| metadata.base.usn = 2);
    assert_eq!(readable(&files, ids[0]), 1);
    let disk = Recorder::holding(files.clone());
    let mut log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    let lsn = append(&mut log, ids[0], b"more").unwrap();
    log.flush(ids[0]).unwrap();
    drop(log);
    let files = files_of(&disk, &files);
    let header = parse_header(&files[FIRST][lsn.block_offset() as usize..]).unwrap();
    assert_eq!((header.usn, readable(&files, ids[0])), (2, 2));
}

#[test]
fn a_stream_ahead_of_the_log_or_of_itself_is_refused() {
    let far = Lsn::new(1, 0x200, 0).unwrap();
    for streams in [0, 2] {
        for (base, last) in [(Some(far), None), (None, Some(far)), (Some(far), Some(far))] {
            let (mut files, ids) = closed(streams);
            // The last LSN of a dedicated log is the log's end: nothing can be ahead of it but what is not there.
            if streams == 0 && last.is_some() {
                continue;
            }
            change(&mut files, |metadata| {
                let client = metadata.base.client_mut(*ids.last().unwrap()).unwrap();
                client.base = base.unwrap_or(client.base);
                client.last = last.unwrap_or(client.last);
            });
            let found = refused(&files);
            assert_eq!((found.place, found.rule), (Place::Base, Rule::LsnEnd), "{base:?} {last:?}");
        }
    }
}

#[test]
fn the_archive_tail_of_a_multiplexed_log_stays_where_it_is() {
    let (mut files, ids) = closed(2);
    let tail = Lsn::new(0, 0x200, 0).unwrap();
    change(&mut files, |metadata| {
        let physical = metadata.base.client_mut(StreamId::PHYSICAL).unwrap();
        physical.attributes |= FileAttributes::ARCHIVE;
        physical.archive_tail = tail;
    });
    let disk = Recorder::holding(files.clone());
    let mut log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    append(&mut log, ids[0], b"more").unwrap();
    log.close().unwrap();
    let files = files_of(&disk, &files);
    let metadata = Metadata::parse(&files["base"]).unwrap().metadata;
    assert_eq!(metadata.base.client(StreamId::PHYSICAL).unwrap().archive_tail, tail);
}

#[test]
fn a_block_whose_records_are_not_understood_can_be_sealed_again() {
    let (files, _, offsets) = abandoned(0, 1);
    let sealed = &files[FIRST][offsets[0]..];
    let header = parse_header(sealed).unwrap();
    let mut block = sealed[..header.total_bytes()].to_vec();
    unseal(&mut block, BlockKind::Data).unwrap();
    seal(&mut block, BlockKind::Data).unwrap();
    assert!(block[..] == sealed[..header.total_bytes()], "what a block says of the durable end is kept");
}
