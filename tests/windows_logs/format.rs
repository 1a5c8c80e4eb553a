//! Logs written by Windows: read, and written again to the identical bytes.
//!
//! The samples lie outside the package; where they are missing every test here says so and passes.

use std::fs;
use std::path::Path;

use clfsmgmt::format::block::{self, BlockHeader, BlockKind};
use clfsmgmt::format::check::{check_data_block, check_metadata};
use clfsmgmt::format::context::ContainerContext;
use clfsmgmt::format::control::BlockIndex;
use clfsmgmt::format::copies::CopyState;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::record::{Records, write_record};
use clfsmgmt::format::violation::Place;
use clfsmgmt::units::{Lsn, StreamId};
use proptest::test_runner::{Config, TestRunner};

use crate::re_encode::re_encode;
use crate::samples::for_each_sample;

fn for_each_folder(mut check: impl FnMut(&Path)) {
    for_each_sample(|_, base| check(base.parent().expect("a folder")));
}

fn base_of(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("$TxfLog.blf")).expect("the base log file")
}

fn containers_of(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().contains("Container"))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a container")).collect()
}

#[test]
fn every_metadata_block_of_windows_is_written_again_identically() {
    for_each_folder(|folder| {
        let image = base_of(folder);
        let parsed = Metadata::parse(&image).expect("a valid log");
        for index in BlockIndex::ALL {
            let descriptor = parsed.metadata.control.block(index);
            let start = descriptor.offset as usize;
            let original = &image[start..start + descriptor.bytes as usize];
            match re_encode(&image, index).expect("a valid copy") {
                Some(bytes) => assert!(bytes == original, "{index:?} of {}", folder.display()),
                None => assert!(original.iter().all(|byte| *byte == 0)),
            }
        }
        assert_eq!(check_metadata(&image).as_ref(), Ok(&parsed));
        assert_eq!(parsed.control.shadow, CopyState::Blank);
        assert_eq!(parsed.scratch.shadow, CopyState::Blank);
        let states = [parsed.general.primary, parsed.general.shadow];
        assert!(states.contains(&CopyState::Current) && states.contains(&CopyState::Older));
    });
}

#[test]
fn every_data_block_of_windows_is_written_again_identically() {
    for_each_folder(|folder| {
        let mut blocks = 0;
        for (physical, container) in (0..).zip(containers_of(folder)) {
            let mut offset = 0;
            while container.get(offset).is_some_and(|byte| *byte != 0) {
                let header = block::parse_header(&container[offset..offset + 512]).unwrap();
                let original = &container[offset..offset + header.total_bytes()];
                let position = Lsn::new(physical, u32::try_from(offset).unwrap(), 0).unwrap();
                let place = Place::Container(physical);
                let checked = check_data_block(&mut original.to_vec(), place, 0, position);
                assert_eq!(checked.as_ref(), Ok(&header));
                assert_eq!(rebuilt(original).0, original, "at {offset:#x}");
                offset += original.len();
                blocks += 1;
            }
        }
        assert!(blocks >= 3, "blocks in {}", folder.display());
    });
}

/// A data block made anew from its header and its records: its bytes, the header, and how many records there are.
pub(crate) fn rebuilt(original: &[u8]) -> (Vec<u8>, BlockHeader, usize) {
    let mut unsealed = original.to_vec();
    let header = block::unseal(&mut unsealed, BlockKind::Data).expect("a valid block");
    let mut made = vec![0; original.len()];
    block::write_header(&mut made, &header).expect("a valid header");
    let (mut next, mut records) = (0x70, 0);
    for record in Records::new(&unsealed, &header) {
        let (offset, record, data) = record.expect("a valid record");
        assert_eq!(offset, next);
        next = write_record(&mut made, offset, &record, &[data]).expect("it fits");
        records += 1;
    }
    block::seal(&mut made, BlockKind::Data).expect("a valid block");
    (made, header, records)
}

#[test]
fn streams_containers_and_restart_records_are_where_the_metadata_say() {
    for_each_folder(|folder| {
        let parsed = Metadata::parse(&base_of(folder)).expect("a valid log");
        let base = &parsed.metadata.base;
        let containers = containers_of(folder);
        assert!(base.is_multiplexed());
        assert_eq!(base.clients().count(), 3);
        assert_eq!(base.containers().count(), containers.len());
        for (container, bytes) in base.containers().zip(&containers) {
            assert_eq!(container.size, bytes.len() as u64);
            assert_eq!(container.logical, container.physical);
        }
        let end = base.client(StreamId::PHYSICAL).unwrap().last;
        assert_eq!(containers[0][end.block_offset() as usize], 0);
        let name = "txflog".encode_utf16().collect::<Vec<u16>>();
        let stream = base.client_named(&name).expect("the stream TxfLog");
        assert!(stream.restart.is_valid() && stream.base <= stream.restart);
        assert!(base.client_named(&[1]).is_none());
    });
}

#[test]
fn windows_kernel_pointers_are_cleared_by_a_writer() {
    let mut container = ContainerContext::new(1 << 20, 0, 0, 1);
    container.stale_pointer = 0xFFFF_8000_0000_1000;
    for_each_folder(|folder| {
        let parsed = Metadata::parse(&base_of(folder)).expect("a valid log");
        let mut base = parsed.metadata.base;
        base.containers_mut().for_each(|context| context.stale_pointer = container.stale_pointer);
        base.clear_stale_pointers();
        assert!(base.containers().all(|context| context.stale_pointer == 0));
    });
}

#[test]
fn the_next_write_of_a_windows_log_goes_to_the_older_copy_and_reads_back() {
    for_each_folder(|folder| {
        let mut image = base_of(folder);
        let mut metadata = Metadata::parse(&image).expect("a valid log").metadata;
        let mut buffer = Vec::new();
        for _ in 0..4 {
            let before = metadata.base.dump_count;
            let client = metadata.base.client_mut(StreamId::PHYSICAL).unwrap();
            client.last = Lsn::from_raw(client.last.raw() + 0x200);
            let place = metadata.next_general(&mut buffer).expect("it fits");
            let place = usize::try_from(place).unwrap();
            image[place..place + buffer.len()].copy_from_slice(&buffer);
            let again = Metadata::parse(&image).expect("a valid log");
            assert_eq!(again.metadata, metadata);
            assert_eq!(metadata.base.dump_count, before + 1);
        }
    });
}

#[test]
fn no_change_of_a_windows_log_makes_reading_panic() {
    for_each_folder(|folder| {
        let image = base_of(folder);
        let blocks = containers_of(folder).remove(0)[..0x800].to_vec();
        let change = (0usize..0x1_0000, proptest::num::u8::ANY);
        let changes = proptest::collection::vec(change, 1..6);
        let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
        let result = runner.run(&changes, |changes| {
            let (mut image, mut blocks) = (image.clone(), blocks.clone());
            for (place, value) in changes {
                // Most bytes are slack: half of the changes go to the start of a copy.
                let place = if value % 2 == 0 { place } else { 0x800 + place % 0x1C00 };
                image[place] = value;
                blocks[place % 0x800] = value;
            }
            reseal(&mut image);
            if let Ok(parsed) = Metadata::parse(&image) {
                let mut metadata = parsed.metadata;
                let _ = metadata.next_general(&mut Vec::new());
                let _ = check_metadata(&image);
            }
            for offset in (0..0x800).step_by(0x200) {
                let block = &mut blocks[offset..offset + 0x200];
                if let Ok(header) = block::unseal(block, BlockKind::Data) {
                    assert!(Records::new(block, &header).count() <= 513);
                }
            }
            Ok(())
        });
        result.expect("no panic");
    });
}

/// Corrects the checksum of both general copies and the control block.
fn reseal(image: &mut [u8]) {
    for (offset, size) in [(0, 0x400), (0x800, 0x7A00), (0x8200, 0x7A00)] {
        let block = &mut image[offset..offset + size];
        block[0x0C..0x10].fill(0);
        let checksum = crc32fast::hash(block);
        block[0x0C..0x10].copy_from_slice(&checksum.to_le_bytes());
    }
}
