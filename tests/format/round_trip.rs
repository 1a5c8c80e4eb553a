//! What is written is read back: random models, alternating copies, growing base log files.

use clfsmgmt::format::attributes::FileAttributes;
use clfsmgmt::format::base_record::{BaseRecord, LogState};
use clfsmgmt::format::check::check_metadata;
use clfsmgmt::format::context::{CONTAINER_UNIT, ClientContext, ContainerContext};
use clfsmgmt::format::control::BlockIndex;
use clfsmgmt::format::copies::CopyState;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::record::{RecordHeader, RecordKind, Records, record_space, write_record};
use clfsmgmt::format::{block, block::BlockHeader, block::BlockKind};
use clfsmgmt::units::{Lsn, Status, StreamId, Time};
use proptest::prelude::*;

use crate::images::{image, metadata, units};
use crate::re_encode::re_encode;

#[test]
fn a_new_log_has_the_constants_and_copies_of_every_known_log() {
    let image = image();
    assert_eq!(image.len(), 65_536);
    let checksum = |place: usize| u32::from_le_bytes(image[place..place + 4].try_into().unwrap());
    assert_eq!(checksum(0x0C), 0xC64C_824B);
    assert_eq!(checksum(0xFC0C), 0x94E1_0FCD);
    let parsed = check_metadata(&image).unwrap();
    assert_eq!(parsed.metadata, metadata());
    assert_eq!(parsed.control.shadow, CopyState::Blank);
    assert_eq!(parsed.scratch.shadow, CopyState::Blank);
    assert_eq!(parsed.general.primary_dump, Some(1));
    assert_eq!(parsed.general.shadow_dump, Some(2));
}

#[test]
fn odd_dump_counts_go_to_the_primary_copy_and_every_torn_write_leaves_the_other() {
    let mut metadata = metadata();
    let mut image = metadata.fresh_image().unwrap();
    let mut buffer = Vec::new();
    for round in 3..600u64 {
        let before = metadata.clone();
        let place = metadata.next_general(&mut buffer).unwrap();
        assert_eq!(metadata.base.dump_count, round);
        assert_eq!(place, if round % 2 == 1 { 0x800 } else { 0x8200 });
        assert_eq!(u64::from(buffer[2]), round.div_ceil(2) % 256);
        let capacity = buffer.capacity();
        if round % 100 == 0 {
            let mut torn = image.clone();
            let place = usize::try_from(place).unwrap();
            torn[place..place + 512 * 30].copy_from_slice(&buffer[..512 * 30]);
            metadata = Metadata::parse(&torn).unwrap().metadata;
            assert_eq!(metadata, before);
            assert_eq!(metadata.next_general(&mut buffer), Ok(u64::try_from(place).unwrap()));
        }
        assert_eq!(buffer.capacity(), capacity, "no memory is taken again");
        write(&mut image, place, &buffer);
    }
    assert_eq!(check_metadata(&image).unwrap().metadata, metadata);
}

fn write(image: &mut Vec<u8>, place: u64, bytes: &[u8]) {
    let place = usize::try_from(place).unwrap();
    let end = place + bytes.len();
    image.resize(image.len().max(end), 0);
    image[place..end].copy_from_slice(bytes);
}

fn container(number: u32) -> (Vec<u16>, ContainerContext) {
    let name = units(&format!(r"\Device\Volume1\logs\base\container-{number:020}"));
    (name, ContainerContext::new(CONTAINER_UNIT, number, number, 1))
}

#[test]
fn a_log_grows_to_1024_containers_and_survives_a_cut_at_every_write_of_an_extension() {
    let mut metadata = Metadata::new([1; 16], LogState::ON_DISK_DEDICATED);
    let physical = ClientContext::new(StreamId::PHYSICAL);
    metadata.base.add_client(&units("base"), physical).unwrap();
    let mut image = metadata.fresh_image().unwrap();
    let mut buffer = Vec::new();
    let mut extensions = 0;
    for number in 0..1024 {
        let before = metadata.clone();
        let (name, context) = container(number);
        metadata.base.add_container(&name, context).unwrap();
        if !metadata.needs_extension() {
            if number % 64 == 0 {
                let place = metadata.next_general(&mut buffer).unwrap();
                write(&mut image, place, &buffer);
            }
            continue;
        }
        let refused = metadata.next_general(&mut buffer);
        assert_eq!(refused, Err(Status::INSUFFICIENT_RESOURCES));
        let on_disk = Metadata::parse(&image).unwrap().metadata;
        let extension = metadata.plan_extension().unwrap();
        for (done, part) in extension.writes.iter().enumerate() {
            let mut torn = image.clone();
            write(&mut torn, part.offset, &part.bytes[..part.bytes.len() / 2]);
            let found = Metadata::parse(&torn).unwrap().metadata;
            if done < 3 {
                assert_eq!(found.base, on_disk.base, "torn write {done}");
            }
            write(&mut image, part.offset, &part.bytes);
            let found = Metadata::parse(&image).unwrap().metadata;
            let containers = if done < 2 { on_disk.base.containers().count() } else { number as usize + 1 };
            assert_eq!(found.base.containers().count(), containers);
        }
        metadata.finish_extension(extension);
        let parsed = check_metadata(&image).unwrap();
        assert_eq!(parsed.metadata, metadata);
        assert_ne!(before.control.blocks, metadata.control.blocks);
        assert!(!metadata.needs_extension());
        extensions += 1;
    }
    assert!((4..=10).contains(&extensions), "{extensions} extensions");
    let place = metadata.next_general(&mut buffer).unwrap();
    write(&mut image, place, &buffer);
    assert_eq!(check_metadata(&image).unwrap().metadata, metadata);
    let (name, context) = container(1024);
    let refused = metadata.base.add_container(&name, context);
    assert_eq!(refused, Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED));
    for index in BlockIndex::ALL {
        let _ = re_encode(&image, index).unwrap();
    }
}

#[test]
fn streams_and_containers_are_added_and_removed_cleanly() {
    let mut base = metadata().base;
    let whole = base.clone();
    let beta = units("BETA");
    let taken = base.add_client(&beta, ClientContext::new(StreamId(5)));
    assert_eq!(taken, Err(Status::OBJECT_NAME_COLLISION));
    let gamma = units("gamma");
    for id in [2, 97, 255] {
        let refused = base.add_client(&gamma, ClientContext::new(StreamId(id)));
        assert_eq!(refused, Err(Status::INVALID_PARAMETER));
    }
    let nameless = base.add_client(&[], ClientContext::new(StreamId(5)));
    assert_eq!(nameless, Err(Status::OBJECT_NAME_INVALID));
    for context in [
        ContainerContext::new(CONTAINER_UNIT, 20, 20, 1),
        ContainerContext::new(2 * CONTAINER_UNIT, 3, 20, 1),
        ContainerContext::new(2 * CONTAINER_UNIT, 20, 3, 1),
        ContainerContext::new(2 * CONTAINER_UNIT, 1024, 20, 1),
        ContainerContext::new(2 * CONTAINER_UNIT, 20, Lsn::CONTAINER_MAX + 1, 1),
    ] {
        let refused = base.add_container(&units("c"), context);
        assert_eq!(refused, Err(Status::INVALID_PARAMETER));
    }
    assert_eq!(base, whole);
    assert_eq!(base.free_container_id(), Some(12));
    let removed = base.remove_container(4).unwrap();
    assert_eq!(base.free_container_id(), Some(4));
    assert!(base.container(4).is_none() && base.container_named(&removed.name).is_none());
    assert_eq!(base.free_client_id(), Some(StreamId(3)));
    base.remove_client(StreamId(1)).unwrap();
    assert_eq!(base.free_client_id(), Some(StreamId(1)));
    assert_eq!(base.client_named(&beta).unwrap().id, StreamId(2));
    let mut record = vec![0; 0x7910];
    base.write(&mut record).unwrap();
    assert_eq!(BaseRecord::parse(&record), Ok(base));
}

prop_compose! {
    fn clients()(
        ids in prop::collection::btree_set(1u8..=96, 0..12),
        numbers in prop::array::uniform8(any::<u64>()),
        small in any::<(u16, u32, u32, u8)>(),
    ) -> Vec<ClientContext> {
        [0].into_iter().chain(ids).map(|id| {
            let mut client = ClientContext::new(StreamId(id));
            client.attributes = FileAttributes::from_disk(small.0);
            (_, client.flush_threshold, client.shadow_sectors, client.state) = small;
            let spread = u64::from(id);
            client.undo_commitment = numbers[0] ^ spread;
            client.created = Time(numbers[1] ^ spread);
            client.base = Lsn::from_raw(numbers[2] ^ spread);
            client.last = Lsn::from_raw(numbers[3] ^ spread);
            client.restart = Lsn::from_raw(numbers[4] ^ spread);
            client.physical_base = Lsn::from_raw(numbers[5] ^ spread);
            client.archive_tail = Lsn::from_raw(numbers[6] ^ spread);
            client.security_context = numbers[7];
            client
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_base_record_comes_back(
        clients in clients(),
        containers in prop::collection::btree_set(0u32..1024, 0..60),
        units_of_size in 1u64..=8192,
        names in prop::collection::vec("[a-zA-Z0-9äöÜß_\\\\]{1,20}", 80),
        log_id in any::<[u8; 16]>(),
        state in any::<u8>(),
    ) {
        let mut base = BaseRecord::new(log_id, LogState::from_bits_retain(state));
        let mut names = names.iter().enumerate().map(|(n, name)| units(&format!("{name}{n}")));
        for client in clients {
            base.add_client(&names.next().unwrap(), client).unwrap();
        }
        for physical in containers {
            let size = units_of_size * CONTAINER_UNIT;
            let context = ContainerContext::new(size, physical, Lsn::CONTAINER_MAX - physical, 7);
            base.add_container(&names.next().unwrap(), context).unwrap();
        }
        let mut record = vec![0; base.encoded_bytes().unwrap()];
        base.write(&mut record).unwrap();
        prop_assert_eq!(BaseRecord::parse(&record), Ok(base.clone()));
        record.pop();
        prop_assert!(BaseRecord::parse(&record).is_err());
        let mut short = vec![0; record.len()];
        prop_assert!(base.write(&mut short).is_err());
    }

    #[test]
    fn random_records_come_back_through_a_sealed_block(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 1..40),
        noise in any::<u8>(),
        usn in any::<u8>(),
    ) {
        let room: usize = records.iter().map(|data| record_space(data.len()).unwrap()).sum();
        let sectors = (0x70 + room + 8).div_ceil(510);
        let mut bytes = vec![noise; sectors * 512];
        let position = Lsn::new(3, 0x1000, 0).unwrap();
        let count = u16::try_from(sectors).unwrap();
        let header = BlockHeader::new(usn, StreamId(4), count, position, Lsn::INVALID);
        block::write_header(&mut bytes, &header).unwrap();
        let mut offset = 0x70;
        for (number, data) in (0..).zip(&records) {
            let mut kind = RecordKind::DATA;
            kind.set(RecordKind::START, number == 0);
            kind.set(RecordKind::LAST, number as usize + 1 == records.len());
            let lsn = position.with_record(number);
            let record = RecordHeader::new(lsn, Lsn::NULL, Lsn::INVALID, kind, data.len()).unwrap();
            let (front, back) = data.split_at(data.len() / 2);
            offset = write_record(&mut bytes, offset, &record, &[front, back]).unwrap();
        }
        block::seal(&mut bytes, BlockKind::Data).unwrap();
        let on_disk = bytes.clone();
        let header = block::unseal(&mut bytes, BlockKind::Data).unwrap();
        let read: Result<Vec<_>, _> = Records::new(&bytes, &header)
            .map(|record| record.map(|(_, _, data)| data.to_vec()))
            .collect();
        prop_assert_eq!(read, Ok(records));
        block::seal(&mut bytes, BlockKind::Data).unwrap();
        prop_assert_eq!(bytes, on_disk);
    }
}
