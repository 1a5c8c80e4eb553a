//! Logs made for tests, spoilt at a chosen place and sealed again.
//!
//! An attacker recomputes checksums and signatures; so does every test here, by means of its own (`crc32fast`, and
//! the layout written out), so that the code under test does not vouch for itself.
#![allow(dead_code, reason = "each test file uses its part")]

use clfsmgmt::format::base_record::LogState;
use clfsmgmt::format::context::{CONTAINER_UNIT, ClientContext, ContainerContext};
use clfsmgmt::format::metadata::{Metadata, Parsed};
use clfsmgmt::format::violation::{Rule, Violation};
use clfsmgmt::units::StreamId;

/// Where the slots of clients and containers are in a general block.
pub(crate) const CLIENT_SLOTS: usize = 0x70 + 0x138;
pub(crate) const CONTAINER_SLOTS: usize = 0x70 + 0x328;
pub(crate) const ZONE_BYTES: usize = 0x70 + 0x1328;

/// A metadata block in a new log: offset, size, and the offset of its other copy if that is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) other: Option<usize>,
}

pub(crate) const CONTROL: Part = Part { offset: 0, size: 0x400, other: None };
pub(crate) const GENERAL: Part = Part { offset: 0x800, size: 0x7A00, other: Some(0x8200) };
pub(crate) const SCRATCH: Part = Part { offset: 0xFC00, size: 0x200, other: None };

pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A multiplexed log with 3 streams and 12 containers: more than buckets, so that some collide.
pub(crate) fn metadata() -> Metadata {
    let mut metadata = Metadata::new([7; 16], LogState::ON_DISK_DEDICATED | LogState::MULTIPLEXED);
    let base = &mut metadata.base;
    for (number, name) in [r"\Device\Volume1\base.blf", "alpha", "beta"].iter().enumerate() {
        let id = StreamId(u8::try_from(number).unwrap());
        base.add_client(&units(name), ClientContext::new(id)).unwrap();
    }
    for number in 0..12 {
        let name = units(&format!(r"%BLF%\container{number}"));
        let context = ContainerContext::new(2 * CONTAINER_UNIT, number, number, 1);
        base.add_container(&name, context).unwrap();
    }
    metadata
}

pub(crate) fn image() -> Vec<u8> {
    metadata().fresh_image().unwrap()
}

fn signatures_place(size: usize) -> usize {
    size - (2 * (size / 512)).next_multiple_of(8)
}

/// The block as it is in memory: displaced bytes back in their places.
pub(crate) fn unsealed(block: &[u8]) -> Vec<u8> {
    let mut bytes = block.to_vec();
    let array = signatures_place(block.len());
    for sector in 0..block.len() / 512 {
        let saved = [block[array + 2 * sector], block[array + 2 * sector + 1]];
        bytes[sector * 512 + 510..sector * 512 + 512].copy_from_slice(&saved);
    }
    bytes
}

/// The block as it is on disk: signatures and checksum, whatever the header says.
pub(crate) fn sealed(block: &[u8]) -> Vec<u8> {
    let mut bytes = block.to_vec();
    let array = signatures_place(block.len());
    let sectors = block.len() / 512;
    for sector in 0..sectors {
        let trailer = sector * 512 + 510;
        let saved = [block[trailer], block[trailer + 1]];
        bytes[array + 2 * sector..array + 2 * sector + 2].copy_from_slice(&saved);
    }
    for sector in 0..sectors {
        let first = if sector == 0 { 0x40 } else { 0 };
        let last = if sector + 1 == sectors { 0x20 } else { 0 };
        bytes[sector * 512 + 510] = 0x10 | first | last;
        bytes[sector * 512 + 511] = bytes[2];
    }
    bytes[0x0C..0x10].fill(0);
    let checksum = crc32fast::hash(&bytes);
    bytes[0x0C..0x10].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Changes one copy of a block and seals it again.
pub(crate) fn change_at(image: &mut [u8], offset: usize, size: usize, change: impl FnOnce(&mut [u8])) {
    let place = offset..offset + size;
    let mut block = unsealed(&image[place.clone()]);
    change(&mut block);
    image[place].copy_from_slice(&sealed(&block));
}

/// Changes every written copy of a block and seals it again.
pub(crate) fn change(image: &mut [u8], part: Part, change: impl Fn(&mut [u8])) {
    change_at(image, part.offset, part.size, &change);
    if let Some(other) = part.other {
        change_at(image, other, part.size, &change);
    }
}

/// Overwrites bytes at an offset in every written copy of a block.
pub(crate) fn overwrite(image: &mut [u8], part: Part, place: usize, bytes: &[u8]) {
    change(image, part, |block| {
        block[place..place + bytes.len()].copy_from_slice(bytes);
    });
}

/// What reading says of a new log with these bytes overwritten.
pub(crate) fn spoilt(part: Part, place: usize, bytes: &[u8]) -> Result<Parsed, Violation> {
    let mut image = image();
    overwrite(&mut image, part, place, bytes);
    Metadata::parse(&image)
}

/// The rule that reading names for a new log with these bytes overwritten.
pub(crate) fn broken_rule(part: Part, place: usize, bytes: &[u8]) -> Option<Rule> {
    spoilt(part, place, bytes).err().map(|violation| violation.rule)
}

pub(crate) fn number(block: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(block[place..place + 4].try_into().unwrap())
}

/// The unsealed primary general block of a new log.
pub(crate) fn general() -> Vec<u8> {
    let image = image();
    unsealed(&image[GENERAL.offset..GENERAL.offset + GENERAL.size])
}

/// Where in a general block the symbol of a slot begins.
pub(crate) fn symbol(slots: usize, slot: usize) -> usize {
    0x70 + number(&general(), slots + 4 * slot) as usize - 0x30
}
