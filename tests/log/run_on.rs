//! Blocks that run on over their container's end, as Windows writes them: read, and gone on with in the first lap.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::format::block::{BlockHeader, BlockKind, HEADER_BYTES, seal, write_header};
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::record::{RecordHeader, RecordKind, write_record};
use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::log::{BlockLimit, Cursor, Direction, Log, OpenError};
use clfsmgmt::units::{Lsn, Status, StreamId};
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{Kept, append, container, payload, read_all, ready, wide};
use crate::recorder::{Files, Loss, Recorder};

const ONLY: StreamId = StreamId::PHYSICAL;
const CONTAINER: usize = 512 * 1024;

/// A log with these containers as another writer leaves it: blocks of 1 to 7 sectors one after another, without regard
/// to containers, up to the end; the metadata know of the first `known` only.
fn foreign(containers: u32, blocks: u64, known: u64) -> (Files, Vec<Kept>, Lsn) {
    let disk = Recorder::default();
    ready(disk.clone(), 0, containers, 1).0.close().unwrap();
    let random = &mut Xoshiro256PlusPlus::seed_from_u64(0);
    let mut files = disk.after_crash(&Files::new(), disk.position(), Loss::Nothing, random);
    let mut kept = Vec::new();
    let position = |at: usize| Lsn::new((at / CONTAINER) as u32, (at % CONTAINER) as u32, 0).unwrap();
    let (mut at, mut durable) = (0, Lsn::NULL);
    for number in 0..blocks {
        let sectors = 1 + (number * 5 % 7) as u16;
        let data = payload(number, usize::from(sectors) * 500 - 220);
        let lsn = position(at);
        let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
        let mut block = vec![0; usize::from(sectors) * 512];
        write_header(&mut block, &BlockHeader::new(1, ONLY, sectors, lsn, Lsn::INVALID)).unwrap();
        let kind = RecordKind::DATA | RecordKind::START | RecordKind::LAST;
        let record = RecordHeader::new(lsn, undo_next, previous, kind, data.len()).unwrap();
        write_record(&mut block, HEADER_BYTES, &record, &[&data]).unwrap();
        seal(&mut block, BlockKind::Data).unwrap();
        for sector in block.chunks(512) {
            let name = format!("%BLF%\\container{}", at / CONTAINER);
            files.get_mut(&name).unwrap()[at % CONTAINER..][..512].copy_from_slice(sector);
            at += 512;
        }
        kept.push(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
        if number + 1 == known {
            durable = position(at);
        }
    }
    let image = files.get_mut("base").unwrap();
    let mut metadata = Metadata::parse(image).unwrap().metadata;
    metadata.base.client_mut(ONLY).unwrap().last = durable;
    let mut bytes = Vec::new();
    let place = metadata.next_general(&mut bytes).unwrap() as usize;
    image[place..place + bytes.len()].copy_from_slice(&bytes);
    (files, kept, position(at))
}

/// More than a container's worth.
const ROUND: u64 = 300;

fn open(files: &Files, access: Access) -> Log<Recorder> {
    Log::open(Recorder::holding(files.clone()), access, BlockLimit::DEFAULT).unwrap()
}

#[test]
fn records_are_found_over_the_ends_of_containers_however_old_the_metadata_are() {
    for known in [0, 1, 200, 255, 256, 257, ROUND] {
        let (files, kept, end) = foreign(3, ROUND, known);
        assert_eq!(end.container(), 1);
        for access in [Access::Read, Access::Write] {
            let log = open(&files, access);
            assert_eq!(log.end(), end, "{known}");
            assert_eq!(read_all(&log, ONLY).unwrap(), kept, "{known}");
            let mut cursor = Cursor::new(ONLY, Direction::Forward);
            for record in kept.iter().rev() {
                assert_eq!(log.read(&mut cursor, record.lsn).unwrap().data, record.data);
            }
        }
    }
}

#[test]
fn a_log_whose_blocks_run_on_is_gone_on_with() {
    let (files, mut kept, _) = foreign(3, ROUND, ROUND);
    let disk = Recorder::holding(files);
    for round in 0..6u64 {
        let mut log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
        for number in 0..40 {
            let data = payload(1000 + round * 100 + number, 9_000);
            let lsn = match append(&mut log, ONLY, &data) {
                Err(Status::LOG_FULL) => {
                    let base = kept[kept.len() - 20].lsn;
                    log.advance_base(ONLY, base).unwrap();
                    kept.drain(..kept.len() - 20);
                    append(&mut log, ONLY, &data).unwrap()
                }
                outcome => outcome.unwrap(),
            };
            let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
            kept.push(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
        }
        log.flush(ONLY).unwrap();
        // Without a close, every other time.
        if round % 2 == 0 {
            log.close().unwrap();
        }
        let log = Log::open(disk.clone(), Access::Read, BlockLimit::DEFAULT).unwrap();
        assert!(read_all(&log, ONLY).unwrap() == kept, "round {round}");
    }
    let log = Log::open(disk, Access::Write, BlockLimit::DEFAULT).unwrap();
    assert!(log.end_container() >= 3, "{}", log.end());
}

#[test]
fn a_torn_block_over_a_containers_end_is_the_end() {
    let (mut files, kept, end) = foreign(3, ROUND, 100);
    let last = kept.iter().rposition(|record| record.lsn.container() == 0).unwrap();
    assert!(kept[last + 1].lsn.block_offset() > 0, "it runs on");
    // What lies behind it was never written.
    let from = kept[last + 1].lsn.block_offset() as usize;
    files.get_mut("%BLF%\\container1").unwrap()[from..end.block_offset() as usize].fill(0);
    files.get_mut("%BLF%\\container1").unwrap()[..512].fill(0);
    let disk = Recorder::holding(files.clone());
    let log = Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap();
    assert_eq!(read_all(&log, ONLY).unwrap().len(), last);
    drop(log);
    let random = &mut Xoshiro256PlusPlus::seed_from_u64(0);
    let after = disk.after_crash(&files, disk.position(), Loss::Nothing, random);
    let is_kept = |name: &str| after[name] == files[name];
    assert!(is_kept("%BLF%\\container0") && is_kept("%BLF%\\container1"), "nothing behind it could come back");
}

#[test]
fn inside_a_block_there_is_no_record_and_from_there_the_next_one_is_found() {
    let (files, kept, end) = foreign(3, ROUND, ROUND);
    let log = open(&files, Access::Read);
    let mut cursor = Cursor::new(ONLY, Direction::Forward);
    let is_record = |lsn| kept.binary_search_by_key(&lsn, |record| record.lsn);
    let mut at = Lsn::NULL;
    while at < end {
        let read = log.read(&mut cursor, at).map(|record| Kept::of(&record));
        let expected = is_record(at).map(|nth| kept[nth].clone()).map_err(|_| Status::LOG_RECORD_NONEXISTENT);
        assert_eq!(read, expected, "{at}");
        let nth = is_record(at).unwrap_or_else(|nth| nth);
        let from = log.read_from(&mut cursor, at).map(|record| Kept::of(&record));
        assert_eq!(from, kept.get(nth).cloned().ok_or(Status::END_OF_FILE), "from {at}");
        at = if u64::from(at.block_offset()) + 512 == CONTAINER as u64 {
            Lsn::container_start(at.container() + 1)
        } else {
            Lsn::from_raw(at.raw() + 512)
        };
    }
    for at in [end, Lsn::container_start(9)] {
        assert_eq!(log.read_from(&mut cursor, at).err(), Some(Status::END_OF_FILE));
    }
    let behind = kept[1].lsn.with_record(3);
    assert_eq!(log.read_from(&mut cursor, behind).unwrap().lsn, kept[2].lsn);
    assert_eq!(log.read_from(&mut cursor, Lsn::INVALID).err(), Some(Status::INVALID_PARAMETER));
}

#[test]
fn a_container_that_cannot_be_opened_fails_only_the_reads_that_need_it() {
    let (whole, kept, end) = foreign(3, ROUND, ROUND);
    for (missing, lost) in [(2, 0), (0, 1), (1, 2)] {
        let mut files = whole.clone();
        files.remove(&format!("%BLF%\\container{missing}"));
        let log = open(&files, Access::Read);
        assert_eq!(log.end(), end);
        let mut cursor = Cursor::new(ONLY, Direction::Forward);
        let first = kept.iter().position(|record| record.lsn.container() == 1).unwrap();
        for (nth, record) in kept.iter().enumerate() {
            // The block before the first of container 1 lies in both.
            let needs = [nth < first, nth + 1 >= first];
            let is_lost = lost > 0 && needs[lost - 1];
            let read = log.read(&mut cursor, record.lsn).map(|record| record.data.to_vec());
            let expected = if is_lost { Err(Status::LOG_CONTAINER_OPEN_FAILED) } else { Ok(record.data.clone()) };
            assert!(read == expected, "without {missing}: {}: {:?}", record.lsn, read.err());
        }
        let refused = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).map(drop);
        assert_eq!(refused, Err(OpenError::Status(Status::LOG_CONTAINER_OPEN_FAILED)));
    }
}

#[test]
fn a_container_that_was_cut_short_keeps_what_it_has() {
    let (mut files, kept, _) = foreign(3, ROUND, ROUND);
    files.get_mut("%BLF%\\container1").unwrap().truncate(0x2000);
    let log = open(&files, Access::Read);
    let mut cursor = Cursor::new(ONLY, Direction::Forward);
    let of_second = |record: &&Kept| record.lsn.container() == 1;
    let first = kept.iter().find(of_second).unwrap();
    assert_eq!(log.read(&mut cursor, first.lsn).unwrap().data, first.data);
    let last = kept.last().unwrap();
    assert_eq!(log.read(&mut cursor, last.lsn).err(), Some(Status::LOG_BLOCK_INCOMPLETE));
    let refused = Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).map(drop);
    assert_eq!(refused, Err(OpenError::Status(Status::LOG_METADATA_INCONSISTENT)));
}

#[test]
fn damage_before_the_durable_end_fails_only_its_reader() {
    let (mut files, kept, end) = foreign(2, 20, 20);
    let hurt = kept[5].lsn.block_offset() as usize;
    files.get_mut("%BLF%\\container0").unwrap()[hurt + 511] ^= 1;
    let log = open(&files, Access::Read);
    assert_eq!(log.end(), end);
    let mut cursor = Cursor::new(ONLY, Direction::Forward);
    for (nth, record) in kept.iter().enumerate() {
        assert_eq!(log.read(&mut cursor, record.lsn).is_ok(), nth != 5, "{nth}");
    }
    assert_eq!(read_all(&log, ONLY).map(drop), Err(Status::LOG_SECTOR_PARITY_INVALID));
}

#[test]
fn metadata_that_name_an_end_inside_a_block_are_not_believed() {
    let (mut files, kept, end) = foreign(2, 20, 20);
    // A block of more than one sector, and its second one.
    let at = kept.iter().find(|kept| kept.data.len() > 500).unwrap().lsn.block_offset() + 512;
    let image = files.get_mut("base").unwrap();
    let mut metadata = Metadata::parse(image).unwrap().metadata;
    metadata.base.client_mut(ONLY).unwrap().last = Lsn::new(0, at, 0).unwrap();
    let mut bytes = Vec::new();
    let place = metadata.next_general(&mut bytes).unwrap() as usize;
    image[place..place + bytes.len()].copy_from_slice(&bytes);
    let log = open(&files, Access::Write);
    assert_eq!((log.end(), read_all(&log, ONLY).unwrap().len()), (end, kept.len()));
}

#[test]
fn in_a_stream_of_a_multiplexed_log_the_next_record_is_found_from_any_lsn() {
    let (mut log, ids) = ready(Recorder::default(), 2, 2, 1);
    let mut lsns = [Vec::new(), Vec::new()];
    for number in 0..60 {
        for (id, lsns) in ids.iter().zip(&mut lsns) {
            lsns.push(append(&mut log, *id, &payload(number, 3_000)).unwrap());
        }
        if number % 9 == 0 {
            log.flush(ids[0]).unwrap();
        }
    }
    for (id, lsns) in ids.iter().zip(&lsns) {
        let mut cursor = Cursor::new(*id, Direction::Forward);
        for at in (0..0x50000).step_by(0x200).map(|offset| Lsn::new(0, offset, 0).unwrap()) {
            for at in [at, at.with_record(1), at.with_record(40)] {
                let expected = lsns.iter().find(|lsn| **lsn >= at).copied().ok_or(Status::END_OF_FILE);
                let found = log.read_from(&mut cursor, at).map(|record| record.lsn);
                assert_eq!(found, expected, "stream {id} from {at}");
            }
        }
    }
    let base = lsns[0][10];
    log.advance_base(ids[0], base).unwrap();
    let mut cursor = Cursor::new(ids[0], Direction::Forward);
    assert_eq!(log.read_from(&mut cursor, Lsn::NULL).unwrap().lsn, base, "not below the base");
    assert!(
        log.storage().open_container(&container(0), Access::Read).is_ok() && log.find_stream(&wide("s1")).is_some()
    );
}
