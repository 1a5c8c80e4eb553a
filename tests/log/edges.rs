//! Numbers at the ends of their ranges, and fields that could be read two ways: one rule each, asked when a log is
//! opened.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::format::block::{BlockKind, parse_header, unseal};
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::violation::{Place, Rule};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::model::{append, container, read_all};
use crate::recorder::{Files, Recorder};
use crate::refusals::{abandoned, change, closed, poke, readable, refused};

/// The highest container id: behind it there is a position for the end of a full log, and that is no invalid LSN.
const HIGHEST: u32 = u32::MAX - 2;

/// An empty log of two containers whose ids begin with `first`.
fn from_id(first: u32) -> Files {
    let (mut files, _) = closed(0);
    change(&mut files, |metadata| {
        for container in metadata.base.containers_mut() {
            container.logical += first;
        }
        let client = metadata.base.client_mut(StreamId::PHYSICAL).unwrap();
        (client.base, client.last) = (Lsn::container_start(first), Lsn::container_start(first));
        client.archive_tail = client.base;
    });
    files
}

fn open(disk: &Recorder) -> Log<Recorder> {
    Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap()
}

#[test]
fn ids_of_containers_are_given_out_up_to_the_highest_and_the_log_opens_again() {
    for (first, added) in [(HIGHEST - 1, 0), (HIGHEST - 2, 1), (HIGHEST - 4, 3)] {
        let disk = Recorder::holding(from_id(first));
        let mut log = open(&disk);
        for number in 0..added {
            log.add_container(&container(10 + number), None).unwrap();
        }
        let refused = log.next_container_size(None, 1);
        assert_eq!(refused, Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED), "from {first}");
        let refused = log.add_container(&container(20), None);
        assert_eq!(refused, Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED), "from {first}");
        let mut kept = 0;
        while append(&mut log, StreamId::PHYSICAL, &[7; 60_000]).is_ok() {
            kept += 1;
        }
        log.flush(StreamId::PHYSICAL).unwrap();
        drop(log);
        let log = open(&disk);
        assert_eq!(read_all(&log, StreamId::PHYSICAL).unwrap().len(), kept, "from {first}");
        assert_eq!(log.containers().map(|container| container.logical).max(), Some(HIGHEST));
    }
}

#[test]
fn several_containers_are_refused_together_if_not_all_of_them_get_an_id() {
    let log = open(&Recorder::holding(from_id(HIGHEST - 2)));
    log.next_container_size(None, 1).unwrap();
    assert_eq!(log.next_container_size(None, 2), Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
    assert_eq!(log.next_container_size(Some(Bytes(1 << 19)), 2), Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
}

#[test]
fn containers_are_recycled_as_long_as_there_are_ids_and_the_log_is_full_then() {
    let disk = Recorder::holding(from_id(HIGHEST - 6));
    let mut log = open(&disk);
    let mut rounds = 0;
    loop {
        let before = rounds;
        while append(&mut log, StreamId::PHYSICAL, &[7; 60_000]).is_ok() {
            rounds += 1;
        }
        let last = log.last_lsn(StreamId::PHYSICAL).unwrap();
        log.advance_base(StreamId::PHYSICAL, last).unwrap();
        if rounds == before {
            break;
        }
    }
    // Seven containers' worth, but for what each may lose at its end.
    assert!(rounds >= 7 * 7, "{rounds}");
    assert_eq!(log.fault(), None);
    assert_eq!(append(&mut log, StreamId::PHYSICAL, &[7; 60_000]), Err(Status::LOG_FULL));
    log.close().unwrap();
    let log = open(&disk);
    assert_eq!(log.containers().map(|container| container.logical).max(), Some(HIGHEST));
}

#[test]
fn a_log_whose_containers_have_ids_above_the_highest_is_refused() {
    let mut files = from_id(HIGHEST - 1);
    change(&mut files, |_| {});
    // Not by the model, which would not be written.
    for at in [0x800, 0x8200] {
        raise_last_id(&mut files, at);
    }
    let found = refused(&files);
    assert_eq!((found.place, found.rule), (Place::Base, Rule::ContainerId));
    assert_eq!(Status::from(found), Status::LOG_METADATA_CORRUPT);
}

/// Raises the id of the last container in the general block at an offset, and seals the block again.
fn raise_last_id(files: &mut Files, at: usize) {
    let image = files.get_mut("base").unwrap();
    let sealed = &mut image[at..at + 0x7A00];
    unseal(sealed, BlockKind::Metadata).unwrap();
    let from = HIGHEST.to_le_bytes();
    for place in (0x70..0x7000).step_by(4).filter(|place| sealed[*place..place + 4] == from).collect::<Vec<_>>() {
        sealed[place..place + 4].copy_from_slice(&(HIGHEST + 1).to_le_bytes());
    }
    clfsmgmt::format::block::seal(sealed, BlockKind::Metadata).unwrap();
}

#[test]
fn a_dump_count_that_leaves_no_room_for_writes_to_come_is_no_copy_of_the_log() {
    // Each of the three records; the other copy counts where it is whole.
    for (at, bytes) in [(0x0, 0x400), (0x800, 0x7A00), (0xFC00, 0x200)] {
        for count in [u64::MAX, u64::MAX - 2, 1 << 63 | 1] {
            let (mut files, ids) = closed(0);
            let image = files.get_mut("base").unwrap();
            let sealed = &mut image[at..at + bytes];
            unseal(sealed, BlockKind::Metadata).unwrap();
            sealed[0x70..0x78].copy_from_slice(&count.to_le_bytes());
            sealed[2] = count.div_ceil(2) as u8;
            clfsmgmt::format::block::seal(sealed, BlockKind::Metadata).unwrap();
            let has_other = at == 0x800;
            let parsed = Metadata::parse(image);
            if has_other {
                parsed.unwrap();
                let mut log = open(&Recorder::holding(files));
                append(&mut log, ids[0], b"more").unwrap();
                log.close().unwrap();
            } else {
                let found = parsed.unwrap_err();
                assert_eq!((found.rule, found.offset), (Rule::DumpCount, at as u64 + 0x70));
                assert_eq!(refused(&files).rule, Rule::DumpCount);
            }
        }
    }
}

#[test]
fn a_streams_lsns_rise_from_block_to_block() {
    let (whole, id, offsets) = abandoned(2, 4);
    // The last one with the LSN of each that is before it, and of one that lies below what the metadata know.
    for other in [offsets[0], offsets[1], offsets[2]] {
        let mut files = whole.clone();
        let lsn = Lsn::new(0, other as u32, 0).unwrap();
        poke(&mut files, offsets[3] + 0x70, &lsn.raw().to_le_bytes());
        let found = refused(&files);
        assert_eq!((found.place, found.rule), (Place::Container(0), Rule::LsnRise), "{other:#x}");
        assert_eq!(found.offset, offsets[3] as u64 + 0x70);
        assert_eq!(readable(&files, id), 3);
    }
    assert_eq!(readable(&whole, id), 4);
}

#[test]
fn a_streams_lsns_rise_from_what_the_metadata_know() {
    let disk = Recorder::default();
    let (mut log, ids) = crate::model::ready(disk.clone(), 2, 2, 1);
    append(&mut log, ids[0], &[7; 700]).unwrap();
    log.flush(ids[0]).unwrap();
    while log.end_container() == 0 {
        append(&mut log, ids[1], &[7; 60_000]).unwrap();
    }
    log.close().unwrap();
    let mut log = open(&disk);
    let at = log.end().block_offset() as usize;
    append(&mut log, ids[0], &[7; 700]).unwrap();
    log.flush(ids[0]).unwrap();
    drop(log);
    let mut files = crate::refusals::files_of(&disk, &Files::new());
    assert_eq!(readable(&files, ids[0]), 2);
    files.get_mut("%BLF%\\container1").unwrap()[at + 0x70..at + 0x78].fill(0);
    assert_eq!(refused(&files).rule, Rule::LsnRise);
    assert_eq!(readable(&files, ids[0]), 1);
}

#[test]
fn records_that_do_not_begin_right_behind_the_header_are_read_by_nobody() {
    for streams in [0, 2] {
        let (mut files, id, offsets) = abandoned(streams, 3);
        let at = offsets[2];
        let bytes = files.get_mut("%BLF%\\container0").unwrap();
        let total = parse_header(&bytes[at..]).unwrap().total_bytes();
        let sealed = &mut bytes[at..at + total];
        unseal(sealed, BlockKind::Data).unwrap();
        // The whole record lies elsewhere, and is right there.
        sealed.copy_within(0x70..0x70 + 40 + 700, 0x90);
        sealed[0x70..0x90].fill(0);
        // Sealed by hand: the format does not make such a block.
        let header_bytes = sealed[0x28..0x2C].to_vec();
        assert_eq!(header_bytes, [0x70, 0, 0, 0]);
        clfsmgmt::format::block::seal(sealed, BlockKind::Data).unwrap();
        sealed[0x28] = 0x90;
        let found = refused(&files);
        assert_eq!((found.place, found.rule), (Place::Container(0), Rule::RecordArea), "{streams} streams");
        assert_eq!(found.offset, at as u64 + 0x28);
        assert_eq!(readable(&files, id), 2);
    }
}

/// Found by `fuzz/targets/open.rs`.
#[test]
fn an_lsn_that_is_damaged_before_the_durable_end_refuses_nothing_behind_it() {
    for streams in [0, 1] {
        let (mut files, ids) = closed(streams);
        let far = Lsn::new(0, 0x1_0000, 0).unwrap();
        poke(&mut files, 0x70, &far.raw().to_le_bytes());
        let disk = Recorder::holding(files);
        for _ in 0..3 {
            // What could be opened for writing opens again.
            let mut log = open(&disk);
            append(&mut log, ids[0], &[7; 700]).unwrap();
            log.flush(ids[0]).unwrap();
        }
    }
}
