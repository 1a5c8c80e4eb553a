//! One block of every kind: parsed as it comes and sealed, written again, and the same in the end.
#![no_main]

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::format::block::{self, BlockKind, HEADER_BYTES};
use clfsmgmt::format::check::check_data_block;
use clfsmgmt::format::control::ControlRecord;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::owner_page::OwnerPage;
use clfsmgmt::format::record::Records;
use clfsmgmt::format::sectors::{FirstSector, SectorPlace, is_whole};
use clfsmgmt::format::truncate::TruncateRecord;
use clfsmgmt::format::violation::Place;
use clfsmgmt::units::Lsn;
use clfsmgmt_fuzz::edits;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let _ = (FirstSector::parse(bytes), SectorPlace::parse(bytes), is_whole(bytes), Metadata::parse(bytes).is_ok());
    // A record alone, as it lies in its block.
    match kind >> 4 & 3 {
        1 => again(bytes, |b| BaseRecord::parse(b).ok(), |model, out| model.write(out).is_ok()),
        2 => again(bytes, |b| ControlRecord::parse(b, 1 << 20).ok(), |model, out| model.write(out).is_ok()),
        3 => again(bytes, |b| TruncateRecord::parse(b).ok(), |model, out| model.write(out).is_ok()),
        _ => one_block(kind & 3, bytes),
    }
});

/// What is read is written, and read again as the same.
fn again<T: PartialEq + core::fmt::Debug>(
    bytes: &[u8],
    parse: impl Fn(&[u8]) -> Option<T>,
    write: impl Fn(&T, &mut [u8]) -> bool,
) {
    let Some(model) = parse(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    assert!(write(&model, &mut out), "{model:?} was read and is not written");
    assert_eq!(parse(&out), Some(model));
}

fn one_block(kind: u8, bytes: &[u8]) {
    let mut sealed = bytes.to_vec();
    sealed.resize(bytes.len().next_multiple_of(512).clamp(512, 64 * 512), 0);
    let kind = [BlockKind::Data, BlockKind::OwnerPage, BlockKind::Metadata, BlockKind::Data][usize::from(kind)];
    let total = sealed.len() / 512;
    // What a fuzzer hardly guesses: version, sizes, signatures, checksum.
    sealed[..2].copy_from_slice(&block::VERSION);
    sealed[4..6].copy_from_slice(&(total as u16).to_le_bytes());
    sealed[0x68..0x6C].copy_from_slice(&block::signatures_offset(total as u16).to_le_bytes());
    let byte = match kind {
        BlockKind::Data => 0x04,
        BlockKind::OwnerPage => 0x08,
        BlockKind::Metadata => 0x10,
    };
    for (number, sector) in sealed.chunks_exact_mut(512).enumerate() {
        sector[510] = byte | if number == 0 { 0x40 } else { 0 } | if number + 1 == total { 0x20 } else { 0 };
    }
    edits::seal(&mut sealed, kind == BlockKind::Metadata);
    let mut unsealed = sealed.clone();
    let Ok(header) = block::unseal(&mut unsealed, kind) else { return };
    let mut again = unsealed.clone();
    block::seal(&mut again, kind).expect("what was unsealed is sealed");
    let mut twice = again.clone();
    let header_again = block::unseal(&mut twice, kind).expect("what was sealed is unsealed");
    let end = block::signatures_offset(header.total_sectors) as usize;
    assert!(unsealed[HEADER_BYTES..end] == twice[HEADER_BYTES..end], "sealing changes nothing");
    assert_eq!((header.current, header.stream, header.usn), (header_again.current, header_again.stream, header.usn));
    match kind {
        BlockKind::Data => {
            let records = || Records::new(&unsealed, &header);
            let listed = records().filter_map(Result::ok).map(|(offset, record, data)| {
                assert!(offset + 40 <= end && data.len() <= record.length as usize);
                let _ = record.check_understood();
                record.lsn
            });
            let lsns: Vec<Lsn> = listed.collect();
            assert!(lsns.is_sorted() && lsns.len() <= 512);
            let checked = check_data_block(&mut sealed.clone(), Place::Container(0), 0, header.current);
            assert!(checked.is_err() || records().all(|record| record.is_ok()));
        }
        BlockKind::OwnerPage => {
            let Ok(page) = OwnerPage::parse(&mut sealed.clone()) else { return };
            let mut written = vec![0; sealed.len()];
            page.write(&mut written, header.usn).expect("what was read is written");
            assert_eq!(OwnerPage::parse(&mut written), Ok(page));
        }
        BlockKind::Metadata => {}
    }
}
