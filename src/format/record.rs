//! The records of a data block.
//!
//! Records follow each other 8-aligned from the block's first record offset; the last one says so. A record's LSN is
//! the stream's: in a multiplexed log its block part may differ from the block's own position, but all records of a
//! block agree in it.

use bitflags::bitflags;

use super::block::{self, BlockHeader};
use super::bytes::{align8, put, slice, slice_mut, u16_at, u32_at, u64_at};
use super::violation::Rule;
use crate::units::{Lsn, SECTOR_BYTES, index};

/// The size of a record header.
pub const RECORD_HEADER_BYTES: usize = 40;

const UNDO_OFFSET: usize = 8;
const PREVIOUS_OFFSET: usize = 16;
const LENGTH_OFFSET: usize = 24;
const RESERVED_OFFSET: usize = 28;
const FLAGS_OFFSET: usize = 32;
const HEADER_SIZE_OFFSET: usize = 34;
const KIND_OFFSET: usize = 36;

bitflags! {
    /// What a record is, and where it stands in its block.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct RecordKind: u32 {
        /// A client's record.
        const DATA = 1;
        /// A restart record.
        const RESTART = 2;
        /// The first record of its block.
        const START = 4;
        /// Not seen in any log.
        const END = 8;
        /// Not seen in any log.
        const CONTINUATION = 0x10;
        /// The last record of its block.
        const LAST = 0x20;
    }
}

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// The record's LSN in its stream.
    pub lsn: Lsn,
    /// The next record to undo, as the client gave it.
    pub undo_next: Lsn,
    /// The previous record of the chain, as the client gave it; a restart record's previous restart record.
    pub previous: Lsn,
    /// Header and data, not rounded.
    pub length: u32,
    /// 0 in every known log.
    pub reserved: u32,
    /// 0 in every known log.
    pub flags: u16,
    /// Where the data begins.
    pub header_bytes: u16,
    /// The type bits.
    pub kind: RecordKind,
}

impl RecordHeader {
    /// The header of a record with `data_length` bytes; `None` if that is too long for a record.
    pub fn new(lsn: Lsn, undo_next: Lsn, previous: Lsn, kind: RecordKind, data_length: usize) -> Option<Self> {
        Some(Self {
            lsn,
            undo_next,
            previous,
            length: u32::try_from(RECORD_HEADER_BYTES.checked_add(data_length)?).ok()?,
            reserved: 0,
            flags: 0,
            header_bytes: 40,
            kind,
        })
    }
}

impl RecordHeader {
    /// Whether everything about the record is understood; what is not can still be listed.
    ///
    /// # Errors
    /// The rule that is broken, and the offset of its field in the record.
    pub fn check_understood(&self) -> Result<(), (usize, Rule)> {
        if self.kind.intersects(RecordKind::END | RecordKind::CONTINUATION) {
            return Err((KIND_OFFSET, Rule::RecordWhole));
        }
        if self.flags != 0 {
            return Err((FLAGS_OFFSET, Rule::RecordFlags));
        }
        Ok(())
    }
}

/// The room a record with `data_len` bytes takes in a block; `None` if that is too long for a record.
pub fn record_space(data_len: usize) -> Option<usize> {
    let space = align8(data_len.checked_add(RECORD_HEADER_BYTES)?)?;
    u32::try_from(space).ok().map(|_| space)
}

/// The end of the records' room in a block of this length.
fn records_end(block: &[u8]) -> Option<usize> {
    let sectors = u16::try_from(block.len().checked_div(SECTOR_BYTES)?).ok()?;
    Some(index(block::signatures_offset(sectors)))
}

/// Writes a record at `offset`, its data in parts, and zeros up to the next 8-aligned offset, which is returned.
///
/// # Errors
/// The record does not fit before the signature array, `offset` is not 8-aligned, or the header's lengths are not
/// those of the data; nothing was written.
pub fn write_record(
    block: &mut [u8],
    offset: usize,
    header: &RecordHeader,
    data_parts: &[&[u8]],
) -> Result<usize, Rule> {
    if offset < block::HEADER_BYTES || !offset.is_multiple_of(8) {
        return Err(Rule::RecordOffsets);
    }
    let mut length = RECORD_HEADER_BYTES;
    for part in data_parts {
        length = length.checked_add(part.len()).ok_or(Rule::RecordLength)?;
    }
    if length != index(header.length) {
        return Err(Rule::RecordLength);
    }
    if usize::from(header.header_bytes) != RECORD_HEADER_BYTES {
        return Err(Rule::RecordHeaderBytes);
    }
    let space = align8(length).ok_or(Rule::RecordLength)?;
    let next = offset.checked_add(space).ok_or(Rule::RecordEnd)?;
    if records_end(block).is_none_or(|end| next > end) {
        return Err(Rule::RecordEnd);
    }
    let record = slice_mut(block, offset, space).ok_or(Rule::RecordEnd)?;
    fill_record(record, header, data_parts).ok_or(Rule::RecordEnd)?;
    Ok(next)
}

fn fill_record(record: &mut [u8], header: &RecordHeader, data_parts: &[&[u8]]) -> Option<()> {
    put(record, 0, &header.lsn.raw().to_le_bytes())?;
    put(record, UNDO_OFFSET, &header.undo_next.raw().to_le_bytes())?;
    put(record, PREVIOUS_OFFSET, &header.previous.raw().to_le_bytes())?;
    put(record, LENGTH_OFFSET, &header.length.to_le_bytes())?;
    put(record, RESERVED_OFFSET, &header.reserved.to_le_bytes())?;
    put(record, FLAGS_OFFSET, &header.flags.to_le_bytes())?;
    put(record, HEADER_SIZE_OFFSET, &header.header_bytes.to_le_bytes())?;
    put(record, KIND_OFFSET, &header.kind.bits().to_le_bytes())?;
    let mut place = RECORD_HEADER_BYTES;
    for part in data_parts {
        put(record, place, part)?;
        place = place.checked_add(part.len())?;
    }
    record.get_mut(place..)?.fill(0);
    Some(())
}

/// Replaces the type bits of the record at `offset`, to say that it is the last one.
///
/// # Errors
/// There is no room for a record at `offset`; nothing was written.
pub fn set_kind(block: &mut [u8], offset: usize, kind: RecordKind) -> Result<(), Rule> {
    let record = slice_mut(block, offset, RECORD_HEADER_BYTES).ok_or(Rule::RecordEnd)?;
    put(record, KIND_OFFSET, &kind.bits().to_le_bytes()).ok_or(Rule::RecordEnd)
}

fn read_record(record: &[u8]) -> Option<(RecordHeader, u32)> {
    let kind = u32_at(record, KIND_OFFSET)?;
    let header = RecordHeader {
        lsn: Lsn::from_raw(u64_at(record, 0)?),
        undo_next: Lsn::from_raw(u64_at(record, UNDO_OFFSET)?),
        previous: Lsn::from_raw(u64_at(record, PREVIOUS_OFFSET)?),
        length: u32_at(record, LENGTH_OFFSET)?,
        reserved: u32_at(record, RESERVED_OFFSET)?,
        flags: u16_at(record, FLAGS_OFFSET)?,
        header_bytes: u16_at(record, HEADER_SIZE_OFFSET)?,
        kind: RecordKind::from_bits_truncate(kind),
    };
    Some((header, kind))
}

/// The records of an unsealed data block, in order: offset in the block, header, data.
///
/// After an error there is nothing more; the error names the offset in the block.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    block: &'a [u8],
    end: usize,
    next: Option<usize>,
    number: u32,
    stream_block: Option<Lsn>,
}

impl<'a> Records<'a> {
    /// The records of an unsealed data block with this header.
    pub fn new(block: &'a [u8], header: &BlockHeader) -> Self {
        let end = records_end(block).filter(|_| block.len() == header.total_bytes());
        Self { block, end: end.unwrap_or(0), next: Some(block::HEADER_BYTES), number: 0, stream_block: None }
    }

    /// The same records from the one at `offset`, whose number in the block is `number`.
    #[must_use]
    pub const fn starting_at(mut self, offset: usize, number: u32) -> Self {
        self.next = Some(offset);
        self.number = number;
        self
    }

    fn read(&mut self, offset: usize) -> Result<(usize, RecordHeader, &'a [u8]), (usize, Rule)> {
        let at = |field: usize, rule: Rule| (offset.saturating_add(field), rule);
        if offset < block::HEADER_BYTES || !offset.is_multiple_of(8) {
            return Err(at(0, Rule::RecordOffsets));
        }
        if self.number > Lsn::RECORD_MAX {
            return Err(at(0, Rule::RecordCount));
        }
        let room = self.block.get(offset..self.end);
        let room = room.ok_or(at(0, Rule::RecordLast))?;
        let (header, bits) = read_record(room).ok_or(at(0, Rule::RecordLast))?;
        if index(header.length) < RECORD_HEADER_BYTES {
            return Err(at(LENGTH_OFFSET, Rule::RecordLength));
        }
        let record = slice(room, 0, index(header.length));
        let record = record.ok_or(at(LENGTH_OFFSET, Rule::RecordEnd))?;
        if usize::from(header.header_bytes) < RECORD_HEADER_BYTES {
            return Err(at(HEADER_SIZE_OFFSET, Rule::RecordHeaderBytes));
        }
        let data = record.get(usize::from(header.header_bytes)..);
        let data = data.ok_or(at(HEADER_SIZE_OFFSET, Rule::RecordHeaderBytes))?;
        if header.kind.bits() != bits || !header.kind.intersects(RecordKind::DATA | RecordKind::RESTART) {
            return Err(at(KIND_OFFSET, Rule::RecordKind));
        }
        if header.lsn.record() != self.number || !header.lsn.is_valid() {
            return Err(at(0, Rule::RecordNumber));
        }
        if *self.stream_block.get_or_insert(header.lsn.block()) != header.lsn.block() {
            return Err(at(0, Rule::RecordBlock));
        }
        self.number = self.number.saturating_add(1);
        if !header.kind.contains(RecordKind::LAST) {
            self.next = align8(record.len()).and_then(|space| offset.checked_add(space));
        }
        Ok((offset, header, data))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<(usize, RecordHeader, &'a [u8]), (usize, Rule)>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.next.take()?;
        Some(self.read(offset))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    use super::super::block::{BlockKind, seal, unseal, write_header};
    use super::*;
    use crate::units::StreamId;

    const FIRST: usize = block::HEADER_BYTES;

    fn two_records() -> (Vec<u8>, BlockHeader) {
        let mut block = vec![0xEE; 1024];
        let position = Lsn::new(1, 0x400, 0).unwrap();
        let header = BlockHeader::new(1, StreamId(2), 2, position, Lsn::INVALID);
        write_header(&mut block, &header).unwrap();
        let kind = RecordKind::DATA | RecordKind::START;
        let first = RecordHeader::new(position, Lsn::NULL, Lsn::INVALID, kind, 5).unwrap();
        let next = write_record(&mut block, FIRST, &first, &[b"ab", b"cde"]).unwrap();
        assert_eq!(next, FIRST + 48);
        let kind = RecordKind::RESTART | RecordKind::LAST;
        let second = RecordHeader::new(position.with_record(1), Lsn::NULL, position, kind, 16).unwrap();
        write_record(&mut block, next, &second, &[&[9; 16]]).unwrap();
        (block, header)
    }

    fn first_error(block: &[u8], header: &BlockHeader) -> (usize, Rule) {
        Records::new(block, header).find_map(Result::err).expect("a rule is broken")
    }

    #[test]
    fn records_come_back_through_a_sealed_block() {
        let (mut block, _) = two_records();
        seal(&mut block, BlockKind::Data).unwrap();
        let header = unseal(&mut block, BlockKind::Data).unwrap();
        let records: Vec<_> = Records::new(&block, &header).map(Result::unwrap).collect();
        assert_eq!(records.len(), 2);
        assert_eq!((records[0].0, records[0].2), (FIRST, &b"abcde"[..]));
        assert_eq!(records[1].2, [9; 16]);
        assert_eq!(records[1].1.kind, RecordKind::RESTART | RecordKind::LAST);
        assert_eq!(block[FIRST + 45..FIRST + 48], [0; 3]);
    }

    #[test]
    fn each_broken_field_names_its_rule() {
        let second = FIRST + 48;
        let spoil: [(usize, &[u8], Rule); 9] = [
            (FIRST + 24, &[39, 0, 0, 0], Rule::RecordLength),
            (FIRST + 24, &[0, 4, 0, 0], Rule::RecordEnd),
            (FIRST + 24, &[0xFF; 4], Rule::RecordEnd),
            (FIRST + 34, &[39, 0], Rule::RecordHeaderBytes),
            (FIRST + 34, &[46, 0], Rule::RecordHeaderBytes),
            (FIRST + 36, &[0x45, 0, 0, 0], Rule::RecordKind),
            (FIRST, &[1], Rule::RecordNumber),
            (second + 1, &[6], Rule::RecordBlock),
            (second + 36, &[2], Rule::RecordLength),
        ];
        for (place, bytes, rule) in spoil {
            let (mut block, header) = two_records();
            block[second + 56..1024].fill(0);
            block[place..place + bytes.len()].copy_from_slice(bytes);
            assert_eq!(first_error(&block, &header).1, rule, "at {place:#x}");
        }
    }

    #[test]
    fn a_block_of_513_records_is_refused() {
        let mut block = vec![0; 64 * 512];
        let header = BlockHeader::new(1, StreamId(0), 64, Lsn::NULL, Lsn::INVALID);
        write_header(&mut block, &header).unwrap();
        let mut offset = FIRST;
        for number in 0..513u32 {
            let lsn = Lsn::NULL.with_record(number.min(511));
            let record = RecordHeader::new(lsn, Lsn::NULL, Lsn::NULL, RecordKind::DATA, 0).unwrap();
            offset = write_record(&mut block, offset, &record, &[]).unwrap();
        }
        assert_eq!(first_error(&block, &header).1, Rule::RecordCount);
    }

    #[test]
    fn a_record_that_does_not_fit_is_not_written() {
        let (mut block, _) = two_records();
        let before = block.clone();
        let record = RecordHeader::new(Lsn::NULL, Lsn::NULL, Lsn::NULL, RecordKind::DATA, 900).unwrap();
        let written = write_record(&mut block, FIRST, &record, &[&[1; 900]]);
        assert_eq!(written, Err(Rule::RecordEnd));
        assert_eq!(block, before);
        assert_eq!(record_space(5), Some(48));
        assert_eq!(record_space(usize::MAX), None);
    }
}
