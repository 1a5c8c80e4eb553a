//! Every predicate that a reader must ask, broken once: the rule and the offset in the file are named.

use clfsmgmt::format::check::{check_data_block, check_metadata};
use clfsmgmt::format::copies::CopyState;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::record::{RecordHeader, RecordKind, write_record};
use clfsmgmt::format::violation::{Place, Rule, Violation};
use clfsmgmt::format::{block, block::BlockHeader, block::BlockKind};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::images::{
    self, CLIENT_SLOTS, CONTAINER_SLOTS, CONTROL, GENERAL, Part, SCRATCH, image, metadata, spoilt, symbol,
};

/// Overwrites bytes of a block in all its copies; the primary copy's violation must be this rule at this place.
#[track_caller]
fn assert_broken(part: Part, place: usize, bytes: &[u8], rule: Rule, at: usize) {
    let violation = spoilt(part, place, bytes).expect_err("a rule is broken");
    assert_eq!(violation.rule, rule);
    assert_eq!(violation.place, Place::Base);
    assert_eq!(violation.offset, (part.offset + at) as u64, "offset of {rule:?}");
    assert_eq!(Status::from(violation), Status::LOG_METADATA_CORRUPT);
}

macro_rules! broken {
    ($($name:ident: $part:expr, $place:expr, $bytes:expr => $rule:ident at $at:expr;)*) => {
        $(#[test]
        fn $name() {
            assert_broken($part, $place, &$bytes, Rule::$rule, $at);
        })*
    };
}

broken! {
    version_is_15_0: GENERAL, 0, [0x14] => BlockVersion at 0;
    minor_version_is_0: GENERAL, 1, [1] => BlockVersion at 0;
    total_sectors_is_at_least_1: GENERAL, 4, [0, 0] => TotalSectors at 4;
    total_sectors_is_at_least_the_valid_ones: GENERAL, 4, [60, 0] => ValidSectors at 6;
    valid_sectors_is_at_most_the_total: GENERAL, 6, [62, 0] => ValidSectors at 6;
    flags_say_encoded: GENERAL, 0x10, [2] => BlockFlags at 0x10;
    signatures_offset_follows_from_the_sector_count: GENERAL, 0x68, [0x78] => SignaturesOffset at 0x68;
    record_offset_is_after_the_header: GENERAL, 0x28, [0x68] => RecordOffsets at 0x28;
    record_offset_of_metadata_is_right_after_the_header: GENERAL, 0x28, [0x78] => RecordArea at 0x28;
    record_offset_is_aligned: GENERAL, 0x2C, [0x74] => RecordOffsets at 0x2C;
    control_magic_is_right: CONTROL, 0x78, [0] => ControlMagic at 0x78;
    control_version_is_1: CONTROL, 0x80, [2] => ControlVersion at 0x80;
    extend_state_is_known: CONTROL, 0x84, [9] => ExtendState at 0x84;
    no_extension_is_in_progress: CONTROL, 0x84, [2] => ExtendUnfinished at 0x84;
    truncate_state_is_known: CONTROL, 0x98, [9] => TruncateState at 0x98;
    no_truncation_is_in_progress: CONTROL, 0x98, [4] => TruncateUnfinished at 0x98;
    block_count_is_6: CONTROL, 0xB8, [7] => BlockCount at 0xB8;
    descriptors_are_in_order: CONTROL, 0xC0 + 24 + 16, [2] => DescriptorType at 0xC0 + 24 + 16;
    blocks_are_inside_the_file: CONTROL, 0xC0 + 5 * 24 + 14, [1] => DescriptorRange at 0xC0 + 5 * 24;
    blocks_are_disjoint: CONTROL, 0xC0 + 4 * 24 + 12, [0, 4, 0, 0] => DescriptorOverlap at 0xC0 + 4 * 24;
    dump_count_of_a_primary_copy_is_odd: SCRATCH, 0x70, [2] => CopyParity at 0x70;
    usn_is_half_the_dump_count: SCRATCH, 0x70, [3] => CopyUsn at 2;
    truncate_offsets_are_inside: SCRATCH, 0x78, [0xF8, 1] => TruncateOffsets at 0x78;
    zone_ends_before_the_array: GENERAL, 0x70 + 0x1328, [0xFF, 0x7F] => ZoneBound at 0x70 + 0x1328;
    security_table_is_empty: GENERAL, 0x70 + 0xC8, [8] => SharedSecurity at 0x70 + 0xC8;
    symbol_is_inside_the_zone: GENERAL, CLIENT_SLOTS, [0x38, 0x13] => SymbolPlace at CLIENT_SLOTS;
    symbol_is_aligned: GENERAL, CLIENT_SLOTS, [0x6C, 0x13] => SymbolPlace at CLIENT_SLOTS;
    symbol_type_is_right: GENERAL, symbol(CLIENT_SLOTS, 1), [7] => SymbolType at symbol(CLIENT_SLOTS, 1);
    symbol_size_is_right: GENERAL, symbol(CLIENT_SLOTS, 1) + 12, [0x60] => SymbolSize at symbol(CLIENT_SLOTS, 1) + 12;
    symbol_hash_is_its_names: GENERAL, symbol(CLIENT_SLOTS, 1) + 8, [0xFF] => SymbolHash at symbol(CLIENT_SLOTS, 1) + 8;
    symbol_name_offset_is_its_own: GENERAL, symbol(CLIENT_SLOTS, 1) + 32, [0] => SymbolOffsets at symbol(CLIENT_SLOTS, 1) + 32;
    symbol_context_offset_is_its_own: GENERAL, symbol(CLIENT_SLOTS, 1) + 36, [0] => SymbolOffsets at symbol(CLIENT_SLOTS, 1) + 36;
    symbol_is_not_deleted: GENERAL, symbol(CLIENT_SLOTS, 1) + 40, [1] => SymbolDeleted at symbol(CLIENT_SLOTS, 1) + 40;
    name_ends_inside_its_symbol: GENERAL, symbol(CLIENT_SLOTS, 1) + 0xB8 + 10, [b'x', 0, b'x', 0, b'x'] => SymbolName at symbol(CLIENT_SLOTS, 1) + 0xB8;
    name_is_not_empty: GENERAL, symbol(CLIENT_SLOTS, 1) + 0xB8, [0, 0] => SymbolName at symbol(CLIENT_SLOTS, 1) + 0xB8;
    client_context_has_its_type: GENERAL, symbol(CLIENT_SLOTS, 1) + 0x30, [8] => ContextType at symbol(CLIENT_SLOTS, 1) + 0x30;
    client_context_has_its_size: GENERAL, symbol(CLIENT_SLOTS, 1) + 0x34, [0x30] => ContextSize at symbol(CLIENT_SLOTS, 1) + 0x34;
    client_id_is_its_slot: GENERAL, symbol(CLIENT_SLOTS, 1) + 0x38, [2] => ClientSlot at CLIENT_SLOTS + 4;
    client_count_is_that_of_the_slots: GENERAL, 0x70 + 0x1334, [2] => ClientCount at 0x70 + 0x1334;
    next_client_is_above_all: GENERAL, 0x70 + 0x124, [2] => NextClient at 0x70 + 0x124;
    container_context_has_its_type: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x30, [7] => ContextType at symbol(CONTAINER_SLOTS, 1) + 0x30;
    container_context_has_its_size: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x34, [0x88] => ContextSize at symbol(CONTAINER_SLOTS, 1) + 0x34;
    container_id_is_its_slot: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x40, [3] => ContainerSlot at CONTAINER_SLOTS + 4;
    container_size_is_a_multiple_of_512_kib: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x38, [1] => ContainerSize at symbol(CONTAINER_SLOTS, 1) + 0x38;
    container_sizes_are_equal: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x3A, [0x20] => ContainerSize at CONTAINER_SLOTS;
    container_state_is_known: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x54, [3] => ContainerState at symbol(CONTAINER_SLOTS, 1) + 0x54;
    logical_ids_are_unique: GENERAL, symbol(CONTAINER_SLOTS, 1) + 0x44, [2] => QueueUnique at CONTAINER_SLOTS;
    container_count_is_that_of_the_slots: GENERAL, 0x70 + 0x12C, [11] => ContainerCount at 0x70 + 0x12C;
}

#[test]
fn every_symbol_is_in_the_bucket_of_its_hash_and_in_its_own_table() {
    let root = |table: usize, bucket: usize| {
        let place = 0x70 + table + 8 * bucket;
        (place, images::general()[place..place + 8].to_vec())
    };
    let used = |table: usize| {
        (0..11).map(|bucket| root(table, bucket)).find(|(_, link)| *link != [0; 8]).expect("a used bucket")
    };
    let (place, link) = used(0x18);
    let empty = spoilt(GENERAL, place, &[0; 8]).unwrap_err();
    assert_eq!(empty.rule, Rule::SymbolTree);
    let mut turned = images::general()[0x88..0x88 + 88].to_vec();
    turned.rotate_right(8);
    let wrong = spoilt(GENERAL, 0x88, &turned).unwrap_err();
    assert_eq!(wrong.rule, Rule::SymbolBucket);
    let (place, _) = used(0x70);
    let foreign = spoilt(GENERAL, place, &link).unwrap_err();
    assert!(matches!(foreign.rule, Rule::SymbolKind | Rule::SymbolTree));
}

#[test]
fn total_sectors_are_those_of_the_descriptor() {
    let mut image = image();
    images::overwrite(&mut image, GENERAL, 0x68, &[0x88, 0x77]);
    images::overwrite(&mut image, GENERAL, 4, &[60, 0, 60, 0]);
    let found = Metadata::parse(&image).unwrap_err();
    assert_eq!((found.rule, found.offset), (Rule::BlockLength, 0x804));
}

#[test]
fn checksum_and_every_signature_are_asked_in_metadata() {
    let mut damaged = image();
    damaged[0x0C] ^= 1;
    let found = Metadata::parse(&damaged).unwrap_err();
    assert_eq!((found.rule, found.offset), (Rule::Checksum, 0x0C));
    for sector in 0..61 {
        let mut damaged = image();
        for copy in [0x800, 0x8200] {
            let block = &mut damaged[copy..copy + 0x7A00];
            block[sector * 512 + 510] ^= 0x08;
            block[0x0C..0x10].fill(0);
            let checksum = crc32fast::hash(block);
            block[0x0C..0x10].copy_from_slice(&checksum.to_le_bytes());
        }
        let found = Metadata::parse(&damaged).unwrap_err();
        let offset = (0x800 + sector * 512 + 510) as u64;
        assert_eq!((found.rule, found.offset), (Rule::Signature, offset));
    }
}

#[test]
fn a_file_that_ends_early_is_refused_at_every_length() {
    let image = image();
    for length in (0..image.len()).step_by(256) {
        assert!(Metadata::parse(&image[..length]).is_err(), "{length:#x}");
    }
}

#[test]
fn reading_takes_the_good_copy_and_checking_names_the_bad_one() {
    let mut damaged = image();
    damaged[0x8200 + 0x3000] ^= 1;
    let parsed = Metadata::parse(&damaged).unwrap();
    assert_eq!(parsed.general.primary, CopyState::Current);
    assert_eq!(parsed.metadata.base.dump_count, 1);
    let found = check_metadata(&damaged).unwrap_err();
    assert_eq!((found.rule, found.offset), (Rule::Checksum, 0x820C));
    assert_eq!(parsed.general.shadow, CopyState::Invalid(found));
}

#[test]
fn base_restart_and_last_lsn_are_in_order() {
    let with = |base: u64, restart: u64, last: u64| {
        let mut metadata = metadata();
        let client = metadata.base.client_mut(StreamId(1)).unwrap();
        client.base = Lsn::from_raw(base);
        client.restart = Lsn::from_raw(restart);
        client.last = Lsn::from_raw(last);
        let image = metadata.fresh_image().unwrap();
        check_metadata(&image).map(|_| ()).map_err(|found| {
            assert_eq!(found.offset, (0x8200 + CLIENT_SLOTS + 4) as u64);
            found.rule
        })
    };
    let invalid = Lsn::INVALID.raw();
    assert_eq!(with(0x200, 0x200, 0x400), Ok(()));
    assert_eq!(with(0x200, invalid, 0x400), Ok(()));
    assert_eq!(with(0x400, invalid, 0x200), Err(Rule::LsnOrder));
    assert_eq!(with(0x400, 0x200, 0x600), Err(Rule::LsnOrder));
    assert_eq!(with(0x200, 0x600, 0x400), Err(Rule::LsnOrder));
    let gone = Lsn::container_start(40).raw();
    assert_eq!(with(gone, invalid, gone + 512), Err(Rule::LsnContainer));
}

#[test]
fn a_dedicated_log_has_only_client_0() {
    let mut metadata = metadata();
    metadata.base.state = clfsmgmt::format::base_record::LogState::ON_DISK_DEDICATED;
    let found = check_metadata(&metadata.fresh_image().unwrap()).unwrap_err();
    assert_eq!(found.rule, Rule::DedicatedClients);
}

/// A sealed block of 2 sectors at 1:0x600 with one record of 8 bytes; `change` spoils it before it is sealed.
fn data_block(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    let position = Lsn::new(1, 0x600, 0).unwrap();
    let header = BlockHeader::new(1, StreamId(1), 2, position, Lsn::INVALID);
    block::write_header(&mut bytes, &header).unwrap();
    let kind = RecordKind::DATA | RecordKind::START | RecordKind::LAST;
    let record = RecordHeader::new(position, Lsn::NULL, Lsn::NULL, kind, 8).unwrap();
    write_record(&mut bytes, 0x70, &record, &[&[5; 8]]).unwrap();
    change(&mut bytes);
    block::seal(&mut bytes, BlockKind::Data).unwrap();
    bytes
}

#[test]
fn a_data_block_is_at_its_position_and_its_records_are_right() {
    let check = |change: &[(usize, u8)]| {
        let mut bytes = data_block(|block| {
            for (place, value) in change {
                block[*place] = *value;
            }
        });
        let position = Lsn::new(1, 0x600, 0).unwrap();
        check_data_block(&mut bytes, Place::Container(1), 0x600, position).map(|_| ())
    };
    let broken = |offset: u64, rule| Err(Violation { place: Place::Container(1), offset: 0x600 + offset, rule });
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&[(0x19, 4)]), broken(0x18, Rule::BlockPosition));
    let next = [(0x21, 2), (0x24, 0), (0x25, 0), (0x26, 0), (0x27, 0)];
    assert_eq!(check(&next), broken(0x20, Rule::BlockNext));
    assert_eq!(check(&[(3, 97)]), broken(3, Rule::BlockStream));
    assert_eq!(check(&[(0x88, 39)]), broken(0x88, Rule::RecordLength));
    assert_eq!(check(&[(0x89, 4)]), broken(0x88, Rule::RecordEnd));
    assert_eq!(check(&[(0x94, 0x45)]), broken(0x94, Rule::RecordKind));
    assert_eq!(check(&[(0x70, 1)]), broken(0x70, Rule::RecordNumber));
    assert_eq!(check(&[(0x94, 5)]), broken(0xA0 + 24, Rule::RecordLength));
    let mut torn = data_block(|_| ());
    torn[1023] ^= 1;
    let position = Lsn::new(1, 0x600, 0).unwrap();
    let found = check_data_block(&mut torn, Place::Container(1), 0x600, position).unwrap_err();
    assert_eq!(found.rule, Rule::Signature);
    assert_eq!(found.offset, 0x600 + 1022);
    assert_eq!(Status::from(found), Status::LOG_SECTOR_PARITY_INVALID);
}
