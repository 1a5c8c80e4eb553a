//! Log blocks: header, sector signatures, checksum.
//!
//! A block is a number of 512-byte sectors. On disk ("sealed") the last two bytes of every sector are a signature, by
//! which a torn write is seen; the bytes that were there are kept in an array near the block's end. The array's place
//! follows from the sector count and is never taken from the file. A block is sealed and unsealed in place; when that
//! is refused the block is left as it was.

use super::bytes::{array_at, put, slice, u8_at, u16_at, u32_at, u64_at};
use super::checksum::{self, CHECKSUM_OFFSET};
pub(crate) use super::digest::BLOCK_DIGEST_OFFSET;
use super::digest::{self, SECTOR_DIGEST_OFFSET, Said};
pub use super::signatures::{BlockKind, signatures_offset};
use super::signatures::{displace, restore, signature, trailer};
use super::violation::Rule;
use crate::units::{Lsn, StreamId, index, sectors_to_bytes};

/// Where a block's first part begins: right behind the header.
pub(super) const FIRST_PART: u32 = 0x70;
/// The size of a block header.
pub const HEADER_BYTES: usize = index(FIRST_PART);
/// The only known block version: major, minor.
pub const VERSION: [u8; 2] = [0x15, 0];
/// The header flag of a sealed block.
pub const FLAG_ENCODED: u32 = 1;

pub(crate) const USN_OFFSET: usize = 0x02;
pub(crate) const STREAM_OFFSET: usize = 0x03;
pub(super) const TOTAL_OFFSET: usize = 0x04;
const VALID_OFFSET: usize = 0x06;
const FLAGS_OFFSET: usize = 0x10;
const UNDURABLE_OFFSET: usize = 0x14;
pub(crate) const CURRENT_OFFSET: usize = 0x18;
pub(super) const NEXT_OFFSET: usize = 0x20;
pub(super) const RECORDS_OFFSET: usize = 0x28;
const SIGNATURES_OFFSET: usize = 0x68;

/// A block's header, but for the fields that follow from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// The update sequence number: the second byte of every sector signature.
    pub usn: u8,
    /// The stream of the block's records; 0 in metadata.
    pub stream: StreamId,
    /// The block's size in sectors.
    pub total_sectors: u16,
    /// How many of them count.
    pub valid_sectors: u16,
    /// Ours, 0 where nothing is said: digests of a block in a container, and of its first sector.
    pub digests: [u32; 2],
    /// The CRC-32 of a metadata block, 0 in others.
    pub checksum: u32,
    /// [`FLAG_ENCODED`] on disk.
    pub flags: u32,
    /// Ours, 0 where nothing is said: one more than the sectors before the block that were not durable then.
    pub undurable: u32,
    /// The block's own physical LSN; `INVALID` in metadata.
    pub current: Lsn,
    /// The physical LSN of the next block, or `INVALID`.
    pub next: Lsn,
    /// Where the block's parts begin.
    pub record_offsets: [u32; 16],
}

impl BlockHeader {
    /// The header of a block with one part, right after the header.
    pub fn new(usn: u8, stream: StreamId, sectors: u16, current: Lsn, next: Lsn) -> Self {
        let record_offsets = [FIRST_PART, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Self {
            usn,
            stream,
            total_sectors: sectors,
            valid_sectors: sectors,
            digests: [0; 2],
            checksum: 0,
            flags: FLAG_ENCODED,
            undurable: 0,
            current,
            next,
            record_offsets,
        }
    }

    /// The same header, of a block that gets digests when it is sealed.
    #[must_use]
    pub fn with_digests(self) -> Self {
        Self { digests: [1; 2], ..self }
    }

    /// The block's size in bytes.
    pub fn total_bytes(&self) -> usize {
        index(sectors_to_bytes(self.total_sectors))
    }

    fn check(&self) -> Result<(), (usize, Rule)> {
        if self.total_sectors == 0 {
            return Err((TOTAL_OFFSET, Rule::TotalSectors));
        }
        if self.valid_sectors == 0 || self.valid_sectors > self.total_sectors {
            return Err((VALID_OFFSET, Rule::ValidSectors));
        }
        let end = signatures_offset(self.total_sectors);
        for (&offset, place) in self.record_offsets.iter().zip((RECORDS_OFFSET..).step_by(4)) {
            if offset != 0 && (offset < FIRST_PART || offset >= end || offset % 8 != 0) {
                return Err((place, Rule::RecordOffsets));
            }
        }
        Ok(())
    }
}

/// The room for a record in a metadata block of `total_sectors`.
pub(super) fn record_room(total_sectors: u16) -> usize {
    index(signatures_offset(total_sectors)).saturating_sub(HEADER_BYTES)
}

/// Reads a header from a block's first sector and checks the fields that can be judged alone.
///
/// # Errors
/// The rule that is broken.
pub fn parse_header(first_sector: &[u8]) -> Result<BlockHeader, Rule> {
    parse_placed(first_sector).map_err(|(_, rule)| rule)
}

/// As [`parse_header`], with the offset of the field that breaks the rule.
pub(super) fn parse_placed(first_sector: &[u8]) -> Result<BlockHeader, (usize, Rule)> {
    let header = read_header(first_sector).ok_or((0, Rule::BlockLength))?;
    if array_at(first_sector, 0) != Some(VERSION) {
        return Err((0, Rule::BlockVersion));
    }
    if header.flags != FLAG_ENCODED {
        return Err((FLAGS_OFFSET, Rule::BlockFlags));
    }
    header.check()?;
    let stored = u32_at(first_sector, SIGNATURES_OFFSET);
    if stored != Some(signatures_offset(header.total_sectors)) {
        return Err((SIGNATURES_OFFSET, Rule::SignaturesOffset));
    }
    Ok(header)
}

pub(super) fn read_header(bytes: &[u8]) -> Option<BlockHeader> {
    let mut record_offsets = [0; 16];
    for (slot, place) in record_offsets.iter_mut().zip((RECORDS_OFFSET..).step_by(4)) {
        *slot = u32_at(bytes, place)?;
    }
    slice(bytes, 0, HEADER_BYTES)?;
    Some(BlockHeader {
        usn: u8_at(bytes, USN_OFFSET)?,
        stream: StreamId(u8_at(bytes, STREAM_OFFSET)?),
        total_sectors: u16_at(bytes, TOTAL_OFFSET)?,
        valid_sectors: u16_at(bytes, VALID_OFFSET)?,
        digests: [u32_at(bytes, BLOCK_DIGEST_OFFSET)?, u32_at(bytes, SECTOR_DIGEST_OFFSET)?],
        checksum: u32_at(bytes, CHECKSUM_OFFSET)?,
        flags: u32_at(bytes, FLAGS_OFFSET)?,
        undurable: u32_at(bytes, UNDURABLE_OFFSET)?,
        current: Lsn::from_raw(u64_at(bytes, CURRENT_OFFSET)?),
        next: Lsn::from_raw(u64_at(bytes, NEXT_OFFSET)?),
        record_offsets,
    })
}

/// Writes all 112 bytes of the header, the signatures offset by its formula.
///
/// # Errors
/// `block` is not as long as the header says, or the header breaks a rule that [`parse_header`] asks; nothing was
/// written.
pub fn write_header(block: &mut [u8], header: &BlockHeader) -> Result<(), Rule> {
    header.check().map_err(|(_, rule)| rule)?;
    if block.len() != header.total_bytes() {
        return Err(Rule::BlockLength);
    }
    let mut bytes = [0; HEADER_BYTES];
    fill_header(&mut bytes, header).ok_or(Rule::BlockLength)?;
    put(block, 0, &bytes).ok_or(Rule::BlockLength)
}

fn fill_header(bytes: &mut [u8], header: &BlockHeader) -> Option<()> {
    put(bytes, 0, &VERSION)?;
    put(bytes, USN_OFFSET, &[header.usn, header.stream.0])?;
    put(bytes, TOTAL_OFFSET, &header.total_sectors.to_le_bytes())?;
    put(bytes, VALID_OFFSET, &header.valid_sectors.to_le_bytes())?;
    let [block_digest, sector_digest] = header.digests;
    put(bytes, BLOCK_DIGEST_OFFSET, &block_digest.to_le_bytes())?;
    put(bytes, SECTOR_DIGEST_OFFSET, &sector_digest.to_le_bytes())?;
    put(bytes, CHECKSUM_OFFSET, &header.checksum.to_le_bytes())?;
    put(bytes, FLAGS_OFFSET, &header.flags.to_le_bytes())?;
    put(bytes, UNDURABLE_OFFSET, &header.undurable.to_le_bytes())?;
    put(bytes, CURRENT_OFFSET, &header.current.raw().to_le_bytes())?;
    put(bytes, NEXT_OFFSET, &header.next.raw().to_le_bytes())?;
    for (offset, place) in header.record_offsets.iter().zip((RECORDS_OFFSET..).step_by(4)) {
        put(bytes, place, &offset.to_le_bytes())?;
    }
    put(bytes, SIGNATURES_OFFSET, &signatures_offset(header.total_sectors).to_le_bytes())
}

/// Seals a block in place: flags, displaced bytes, signatures; a checksum in metadata, 0 in the others. Digests are
/// made anew in a block that has any ([`BlockHeader::with_digests`]).
///
/// The slack between the records and the array goes to disk as it is: clear it when the buffer was used before.
///
/// # Errors
/// The header breaks a rule that [`unseal`] asks; the block is as it was.
pub fn seal(block: &mut [u8], kind: BlockKind) -> Result<(), Rule> {
    let mut header = read_header(block).ok_or(Rule::BlockLength)?;
    if array_at(block, 0) != Some(VERSION) {
        return Err(Rule::BlockVersion);
    }
    check_whole(block, &header, kind).map_err(|(_, rule)| rule)?;
    header.flags = FLAG_ENCODED;
    header.checksum = 0;
    let has_digests = kind != BlockKind::Metadata && header.digests != [0; 2];
    if has_digests {
        header.digests = [0; 2];
    }
    write_header(block, &header)?;
    displace(block, header.total_sectors, header.usn, kind).ok_or(Rule::BlockLength)?;
    if has_digests {
        digest::write(block).ok_or(Rule::BlockLength)?;
    }
    if kind == BlockKind::Metadata {
        let checksum = checksum::of_block(block);
        put(block, CHECKSUM_OFFSET, &checksum.to_le_bytes()).ok_or(Rule::BlockLength)?;
    }
    Ok(())
}

/// Checks a sealed block and puts the displaced bytes back in place.
///
/// # Errors
/// The rule that is broken and the offset in the block where; the block is as it was.
pub fn unseal(block: &mut [u8], kind: BlockKind) -> Result<BlockHeader, (usize, Rule)> {
    let header = check_sealed(block, kind)?;
    restore(block, header.total_sectors).ok_or((0, Rule::BlockLength))?;
    Ok(header)
}

/// Takes the digests out of a sealed block whose first sector is not as it was written; says whether it did. So other
/// rules can be asked that it breaks.
pub fn forget_digests_of_changed(block: &mut [u8]) -> bool {
    digest::is_changed(block)
        && put(block, BLOCK_DIGEST_OFFSET, &[0; 4]).and(put(block, SECTOR_DIGEST_OFFSET, &[0; 4])).is_some()
}

/// As [`unseal`], but leaves the block sealed.
///
/// # Errors
/// The rule that is broken and the offset in the block where.
pub fn check_sealed(block: &[u8], kind: BlockKind) -> Result<BlockHeader, (usize, Rule)> {
    let header = parse_placed(block)?;
    check_whole(block, &header, kind)?;
    if kind == BlockKind::Metadata && checksum::of_block(block) != header.checksum {
        return Err((CHECKSUM_OFFSET, Rule::Checksum));
    }
    for sector in 0..header.total_sectors {
        let place = trailer(sector);
        if array_at(block, place) != Some(signature(sector, header.total_sectors, header.usn, kind)) {
            return Err((place, Rule::Signature));
        }
    }
    if kind != BlockKind::Metadata && matches!(digest::said(block), Said::Torn | Said::Changed) {
        return Err((BLOCK_DIGEST_OFFSET, Rule::Digest));
    }
    Ok(header)
}

/// The rules that need the block's length and kind; asked alike before sealing and unsealing.
fn check_whole(block: &[u8], header: &BlockHeader, kind: BlockKind) -> Result<(), (usize, Rule)> {
    header.check()?;
    if block.len() != header.total_bytes() {
        return Err((TOTAL_OFFSET, Rule::BlockLength));
    }
    let [first, second, third, ..] = header.record_offsets;
    match kind {
        BlockKind::Data | BlockKind::Metadata if first != FIRST_PART => Err((RECORDS_OFFSET, Rule::RecordArea)),
        BlockKind::OwnerPage if first != 0 || second == 0 || third == 0 => Err((RECORDS_OFFSET, Rule::RecordOffsets)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::units::SECTOR_BYTES;

    fn filled(sectors: u16) -> Vec<u8> {
        let mut block = vec![0; usize::from(sectors) * SECTOR_BYTES];
        for (place, byte) in block.iter_mut().enumerate() {
            *byte = u8::try_from(place % 251).unwrap();
        }
        let header = BlockHeader::new(7, StreamId(3), sectors, Lsn::NULL, Lsn::INVALID);
        write_header(&mut block, &header).unwrap();
        block
    }
    #[test]
    fn signature_arrays_are_where_real_blocks_have_them() {
        assert_eq!([1, 2, 3, 61].map(signatures_offset), [0x1F8, 0x3F8, 0x5F8, 0x7980]);
    }

    #[test]
    fn unsealing_gives_back_everything_before_the_array_at_every_size() {
        for sectors in (1..=70).chain([255, 256, 257, 258, 300, 511, 512, 1000, 2048, 65_535]) {
            let before = filled(sectors);
            let mut block = before.clone();
            seal(&mut block, BlockKind::Data).unwrap();
            assert_eq!(block[510], 0x44 | if sectors == 1 { 0x20 } else { 0 });
            let header = unseal(&mut block, BlockKind::Data).unwrap();
            assert_eq!(header.total_sectors, sectors);
            let end = index(signatures_offset(sectors));
            assert!(block[..end] == before[..end], "{sectors} sectors");
        }
    }

    #[test]
    fn a_refused_block_is_left_as_it_was() {
        let mut block = filled(4);
        seal(&mut block, BlockKind::Metadata).unwrap();
        block[3 * 512 + 511] ^= 1;
        let torn = block.clone();
        let failed = unseal(&mut block, BlockKind::Metadata);
        assert_eq!(failed, Err((CHECKSUM_OFFSET, Rule::Checksum)));
        assert_eq!(block, torn);
        let mut data = filled(4);
        seal(&mut data, BlockKind::Data).unwrap();
        data[3 * 512 + 511] ^= 1;
        let failed = unseal(&mut data, BlockKind::Data);
        assert_eq!(failed, Err((3 * 512 + 510, Rule::Signature)));
    }

    #[test]
    fn header_rules_are_asked_before_sealing_as_before_unsealing() {
        let spoil: [(usize, u8, Rule); 5] = [
            (0, 0x14, Rule::BlockVersion),
            (4, 0, Rule::TotalSectors),
            (6, 0, Rule::ValidSectors),
            (6, 5, Rule::ValidSectors),
            (0x28, 0x71, Rule::RecordOffsets),
        ];
        for (place, value, rule) in spoil {
            let mut block = filled(4);
            block[place] = value;
            assert_eq!(seal(&mut block, BlockKind::Data), Err(rule));
            let mut block = filled(4);
            seal(&mut block, BlockKind::Data).unwrap();
            block[place] = value;
            assert_eq!(unseal(&mut block, BlockKind::Data).unwrap_err().1, rule);
        }
    }
}
