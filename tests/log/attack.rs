//! What was found by trying to break blocks that run on, each with the smallest log that shows it.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::format::block::{BlockHeader, BlockKind, HEADER_BYTES, seal, write_header};
use clfsmgmt::format::record::{RecordHeader, RecordKind, write_record};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, Removal};
use clfsmgmt::units::{Lsn, StreamId};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{append, container, payload, read_all, ready};
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
