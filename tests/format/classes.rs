//! The fourteen classes of vulnerability published for the closed parser, one test each: the input that did it, sealed
//! again after the change, is refused with a rule or has no effect.

use clfsmgmt::format::block::{self, BlockKind};
use clfsmgmt::format::control::BlockIndex;
use clfsmgmt::format::copies::CopyState;
use clfsmgmt::format::metadata::{Metadata, Parsed};
use clfsmgmt::format::owner_page::OwnerPage;
use clfsmgmt::format::violation::Rule;
use clfsmgmt::units::{Lsn, Status, StreamId};
use proptest::prelude::*;

use crate::images::{
    self, CLIENT_SLOTS, CONTAINER_SLOTS, CONTROL, GENERAL, Part, SCRATCH, ZONE_BYTES, broken_rule, change_at, general,
    image, metadata, number, overwrite, sealed, spoilt, symbol, unsealed,
};
use crate::re_encode::re_encode;

#[test]
fn class_01_block_indices_of_an_extension_are_bounded_and_a_started_one_is_refused() {
    let mut image = image();
    for place in [0x88, 0x8A] {
        for index in 0..=u16::MAX {
            overwrite(&mut image, CONTROL, place, &index.to_le_bytes());
            let found = Metadata::parse(&image[..0x800]).expect_err("the file is cut short");
            let expected = if index < 6 { Rule::DescriptorRange } else { Rule::BlockIndex };
            assert_eq!(found.rule, expected, "{place:#x} = {index}");
        }
        overwrite(&mut image, CONTROL, place, &[0, 0]);
    }
    for state in [1, 2, 3, 0xFF, u32::MAX] {
        let rule = broken_rule(CONTROL, 0x84, &state.to_le_bytes());
        let expected = if state < 3 { Rule::ExtendUnfinished } else { Rule::ExtendState };
        assert_eq!(rule, Some(expected));
    }
}

#[test]
fn class_02_bytes_changed_after_reading_change_nothing() {
    let mut image = image();
    let mut parsed = Metadata::parse(&image).unwrap();
    let mut expected = parsed.clone();
    let mut before = Vec::new();
    let place = expected.metadata.next_general(&mut before).unwrap();
    image.fill(0xFF);
    let mut after = Vec::new();
    assert_eq!(parsed.metadata.next_general(&mut after), Ok(place));
    assert_eq!(after, before);
}

#[test]
fn class_03_what_cannot_be_written_is_not_read_and_both_copies_are_checked_alike() {
    for valid in [0u16, 3, 0xFFFF] {
        let rule = broken_rule(CONTROL, 6, &valid.to_le_bytes());
        assert_eq!(rule, Some(Rule::ValidSectors));
    }
    // A shadow made valid, with the higher dump count, and then with a wild index.
    let mut image = image();
    image.copy_within(0..0x400, 0x400);
    change_at(&mut image, 0x400, 0x400, |block| block[0x70] = 2);
    let parsed = Metadata::parse(&image).unwrap();
    assert_eq!(parsed.control.shadow, CopyState::Current);
    change_at(&mut image, 0x400, 0x400, |block| block[0x8A] = 0x13);
    let parsed = Metadata::parse(&image).unwrap();
    assert_eq!(parsed.control.primary, CopyState::Current);
    let CopyState::Invalid(violation) = parsed.control.shadow else { panic!("the shadow is refused") };
    assert_eq!((violation.rule, violation.offset), (Rule::BlockIndex, 0x48A));
    change_at(&mut image, 0, 0x400, |block| block[6] = 0);
    let found = Metadata::parse(&image).unwrap_err();
    assert_eq!((found.rule, found.offset), (Rule::ValidSectors, 6));
    // A model that breaks a rule is not written, and no block of metadata goes out without its checksum.
    let mut metadata = metadata();
    metadata.control.blocks[2].bytes = 0x200;
    let mut bytes = Vec::new();
    assert!(metadata.next_general(&mut bytes).is_err());
    assert_eq!(metadata.base.dump_count, 2);
    metadata.control.blocks[2].bytes = 0x7A00;
    metadata.next_general(&mut bytes).unwrap();
    assert_ne!(number(&bytes, 0x0C), 0);
}

#[test]
fn class_04_a_signature_array_anywhere_but_at_its_place_is_refused() {
    let mut image = image();
    let wild = (0..0x7A00).step_by(8).chain([0x7981, 0xFFFF_FFFF, 0x8000_0000]);
    for offset in wild.filter(|offset| *offset != 0x7980) {
        let bytes = u32::to_le_bytes(offset);
        overwrite(&mut image, GENERAL, 0x68, &bytes);
        let found = Metadata::parse(&image).unwrap_err();
        assert_eq!(found.rule, Rule::SignaturesOffset);
        assert_eq!(found.offset, 0x868);
    }
}

#[test]
fn class_05_a_symbol_zone_that_reaches_into_the_array_is_refused() {
    let zone = number(&general(), ZONE_BYTES);
    let room = 0x7980 - 0x70 - 0x1338;
    assert!(spoilt(GENERAL, ZONE_BYTES, &zone.to_le_bytes()).is_ok());
    assert!(spoilt(GENERAL, ZONE_BYTES, &u32::to_le_bytes(room)).is_ok());
    for bytes in [room + 1, 0x7A00, 0x8000_0000, u32::MAX - 0x1337, u32::MAX] {
        let rule = broken_rule(GENERAL, ZONE_BYTES, &bytes.to_le_bytes());
        assert_eq!(rule, Some(Rule::ZoneBound), "{bytes:#x}");
    }
    for bytes in 0..zone {
        let refused = spoilt(GENERAL, ZONE_BYTES, &bytes.to_le_bytes());
        assert!(refused.is_err(), "{bytes:#x}");
    }
    // Allocation in a full block says so and writes nothing.
    let mut metadata = metadata();
    let long = vec![u16::from(b'x'); 15_000];
    let context = clfsmgmt::format::context::ClientContext::new(StreamId(9));
    metadata.base.add_client(&long, context).unwrap();
    assert!(metadata.needs_extension());
    let full = metadata.next_general(&mut Vec::new());
    assert_eq!(full, Err(Status::INSUFFICIENT_RESOURCES));
}

#[test]
fn class_06_contexts_that_overlap_are_misaligned_or_swapped_are_refused() {
    let block = general();
    let client = number(&block, CLIENT_SLOTS + 4);
    let container = number(&block, CONTAINER_SLOTS + 4);
    for slots in [CLIENT_SLOTS, CONTAINER_SLOTS] {
        let own = number(&block, slots + 4);
        let inside = (8..0x88).step_by(8).map(|step| own + step);
        let misaligned = (1..8).map(|step| own + step);
        let wild = [1, 0x2F, 0x1337, 0x1338 + 0x2F, 0x7910, 0x7FFF_FFFF, u32::MAX];
        let swapped = [client, container].into_iter().filter(|offset| *offset != own);
        let neighbour = [number(&block, slots), number(&block, slots + 8)];
        for offset in inside.chain(misaligned).chain(wild).chain(swapped).chain(neighbour) {
            let rule = broken_rule(GENERAL, slots + 4, &offset.to_le_bytes());
            assert!(rule.is_some(), "{slots:#x}: {offset:#x}");
        }
    }
    let misaligned = broken_rule(GENERAL, CLIENT_SLOTS + 4, &(client + 4).to_le_bytes());
    assert_eq!(misaligned, Some(Rule::SymbolPlace));
    let twice = broken_rule(GENERAL, CLIENT_SLOTS + 4 * 5, &client.to_le_bytes());
    assert_eq!(twice, Some(Rule::SymbolOverlap));
    let swapped = broken_rule(GENERAL, CLIENT_SLOTS + 4, &container.to_le_bytes());
    assert_eq!(swapped, Some(Rule::SymbolOverlap));
}

#[test]
fn class_07_block_count_and_descriptors_are_exact() {
    let mut image = image();
    for count in (0..=u16::MAX).filter(|count| *count != 6) {
        overwrite(&mut image, CONTROL, 0xB8, &count.to_le_bytes());
        let found = Metadata::parse(&image).unwrap_err();
        assert_eq!((found.rule, found.offset), (Rule::BlockCount, 0xB8));
    }
    for descriptor in 0..6 {
        let place = 0x70 + 80 + 24 * descriptor;
        for size in [0, 1, 0x1FF, 0x201, 0x1_0000, 0x7FFF_FE00, u32::MAX] {
            let refused = spoilt(CONTROL, place + 8, &u32::to_le_bytes(size));
            assert!(refused.is_err(), "size {size:#x} of {descriptor}");
        }
        for offset in [1, 0x600, 0xFE01, 0x1_0000, 0xFFFF_FE00, u32::MAX] {
            let refused = spoilt(CONTROL, place + 12, &u32::to_le_bytes(offset));
            assert!(refused.is_err(), "offset {offset:#x} of {descriptor}");
        }
    }
}

#[test]
fn class_08_client_counts_are_bounded_and_no_count_sizes_an_owner_page() {
    for next in 0..=u8::MAX {
        let accepted = spoilt(GENERAL, 0x70 + 0x124, &[next]).is_ok();
        assert_eq!(accepted, (3..=97).contains(&next), "next client {next}");
        let accepted = spoilt(GENERAL, 0x70 + 0x1334, &[next]).is_ok();
        assert_eq!(accepted, next == 3, "count {next}");
    }
    let mut page = OwnerPage::new(Lsn::new(0, 0x7F000, 0).unwrap()).unwrap();
    for id in 0..=u8::MAX {
        let noted = page.note_range(StreamId(id), Lsn::NULL, Lsn::NULL);
        assert_eq!(noted.is_ok(), id <= 96);
    }
    assert!(page.write(&mut [0; 4096], 1).is_ok());
}

#[test]
fn class_12_what_was_read_owns_its_memory() {
    fn assert_owned<T: Send + Sync + 'static>() {}
    assert_owned::<Parsed>();
    let parsed = {
        let image = image();
        Metadata::parse(&image).unwrap()
    };
    assert_eq!(parsed.metadata, metadata());
}

#[test]
fn class_13_pointers_in_a_file_are_never_written_out_again() {
    let mut image = image();
    for descriptor in 0..6 {
        overwrite(&mut image, CONTROL, 0x70 + 80 + 24 * descriptor, &[0xFF; 8]);
    }
    let container = symbol(CONTAINER_SLOTS, 0) + 0x30;
    let client = symbol(CLIENT_SLOTS, 1) + 0x30;
    overwrite(&mut image, GENERAL, container + 24, &[0xFF; 8]);
    overwrite(&mut image, GENERAL, client + 128, &[0xFF; 8]);
    let mut parsed = Metadata::parse(&image).unwrap().metadata;
    assert_ne!(parsed, metadata());
    parsed.base.clear_stale_pointers();
    assert_eq!(parsed, metadata());
    assert_eq!(parsed.fresh_image().unwrap(), images::image());
}

/// Links: self, two-cycle, shared, foreign.
#[test]
fn class_14_a_walk_along_tree_links_ends() {
    for slots in [CLIENT_SLOTS, CONTAINER_SLOTS] {
        for link in [16, 24] {
            for (from, to) in [(0, 0), (0, 1), (1, 0), (2, 2), (1, 2)] {
                let place = symbol(slots, from) + link;
                let target = symbol(slots, to) as u64 - 0x70;
                let found = spoilt(GENERAL, place, &target.to_le_bytes());
                assert!(found.is_err(), "{slots:#x}: {from} to {to}");
            }
        }
    }
    let itself = symbol(CLIENT_SLOTS, 0);
    let target = itself as u64 - 0x70;
    let rule = broken_rule(GENERAL, itself + 16, &target.to_le_bytes());
    assert_eq!(rule, Some(Rule::SymbolTree));
    let one = symbol(CLIENT_SLOTS, 1);
    let mut image = image();
    overwrite(&mut image, GENERAL, itself + 16, &(one as u64 - 0x70).to_le_bytes());
    overwrite(&mut image, GENERAL, one + 24, &target.to_le_bytes());
    assert!(Metadata::parse(&image).is_err());
}

/// The fields that say how long or where something is: part, offset, size.
fn fields() -> Vec<(Part, usize, usize)> {
    let mut fields = Vec::new();
    for part in [CONTROL, GENERAL, SCRATCH] {
        fields.extend([(part, 4, 2), (part, 6, 2), (part, 0x68, 4)]);
        fields.extend((0x28..0x68).step_by(4).map(|place| (part, place, 4)));
    }
    fields.extend((0xB8..0x150).step_by(4).map(|place| (CONTROL, place, 4)));
    fields.extend([(SCRATCH, 0x78, 4), (SCRATCH, 0x7C, 4)]);
    fields.extend((0x88..0x190).step_by(8).map(|place| (GENERAL, place, 8)));
    for slots in [CLIENT_SLOTS, CONTAINER_SLOTS] {
        fields.extend((0..16).map(|slot| (GENERAL, slots + 4 * slot, 4)));
        for slot in 0..3 {
            let symbol = symbol(slots, slot);
            fields.extend((4..0x40).step_by(4).map(|part| (GENERAL, symbol + part, 4)));
        }
    }
    fields.push((GENERAL, ZONE_BYTES, 4));
    fields
}

fn check_never_panics(image: &[u8]) {
    let Ok(parsed) = Metadata::parse(image) else {
        return;
    };
    for index in BlockIndex::ALL {
        let _ = re_encode(image, index);
    }
    let mut metadata = parsed.metadata;
    let _ = metadata.next_general(&mut Vec::new());
    let _ = metadata.plan_extension();
    let _ = clfsmgmt::format::check::check_metadata(image);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn class_09_sizes_that_disagree_are_refused_or_harmless(
        chosen in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 0u32..64), 1..4),
    ) {
        let fields = fields();
        let mut image = image();
        for (field, value, shift) in chosen {
            let (part, place, size) = fields[field.index(fields.len())];
            overwrite(&mut image, part, place, &(value >> shift).to_le_bytes()[..size]);
        }
        check_never_panics(&image);
    }

    #[test]
    fn class_10_offsets_beyond_their_block_are_errors(
        field in any::<prop::sample::Index>(),
        beyond in 0x7A00u32..,
    ) {
        let mut offsets: Vec<_> = (0..16).map(|slot| CLIENT_SLOTS + 4 * slot).collect();
        offsets.extend((0..16).map(|slot| CONTAINER_SLOTS + 4 * slot));
        offsets.extend((0x28..0x6C).step_by(4));
        offsets.extend((0x88..0x140).step_by(8));
        for slots in [CLIENT_SLOTS, CONTAINER_SLOTS] {
            offsets.extend([16, 20, 24, 28, 32, 36].map(|part| symbol(slots, 1) + part));
        }
        let place = offsets[field.index(offsets.len())];
        prop_assert!(spoilt(GENERAL, place, &beyond.to_le_bytes()).is_err());
    }

    #[test]
    fn class_11_every_malformed_input_gives_a_status(
        places in prop::collection::vec((0usize..0x8000, any::<u8>()), 1..8),
        part in prop::sample::select(vec![CONTROL, GENERAL, SCRATCH]),
        random in prop::collection::vec(any::<u8>(), 0..2048),
    ) {
        let mut image = image();
        for (place, value) in places {
            overwrite(&mut image, part, place % part.size, &[value]);
        }
        check_never_panics(&image);
        check_never_panics(&random);
        let mut whole = image;
        let length = random.len();
        whole[..length].copy_from_slice(&random);
        check_never_panics(&whole);
    }

    #[test]
    fn class_11_random_blocks_give_a_status(
        mut random in prop::collection::vec(any::<u8>(), 0..4096),
        sectors in 1usize..8,
    ) {
        let _ = block::parse_header(&random);
        for kind in [BlockKind::Data, BlockKind::OwnerPage, BlockKind::Metadata] {
            let _ = block::unseal(&mut random, kind);
            let _ = block::seal(&mut random, kind);
        }
        let _ = OwnerPage::parse(&mut random);
        // As above, but with a header that is right, so that the rest is looked at.
        random.resize(sectors * 512, 0);
        let header = block::BlockHeader::new(
            1, StreamId(1), u16::try_from(sectors).unwrap(), Lsn::NULL, Lsn::INVALID,
        );
        block::write_header(&mut random, &header).unwrap();
        let records = clfsmgmt::format::record::Records::new(&random, &header);
        prop_assert!(records.count() <= 513);
    }
}

#[test]
fn sealing_of_the_tests_is_the_sealing_of_the_format() {
    let image = image();
    let block = &image[GENERAL.offset..GENERAL.offset + GENERAL.size];
    assert_eq!(sealed(&unsealed(block)), block);
}
