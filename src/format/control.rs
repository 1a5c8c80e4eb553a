//! The control record: where the other blocks of the base log file are.
//!
//! Six descriptors, one per block. An extension or truncation in progress is refused as a whole: resuming one from
//! numbers in a file is the way of four published exploits, and no open log needs it.

use super::base_record::BASE_HEADER_BYTES;
use super::block;
use super::bytes::{put, u8_at, u16_at, u32_at, u64_at};
use super::violation::Rule;
use crate::units::{Lsn, SECTOR, SECTOR_BYTES, index, sectors_to_bytes};

/// How many blocks a base log file has.
pub const BLOCKS: usize = 6;
/// The size of a control block.
pub const CONTROL_BYTES: u32 = 0x400;

const MAGIC: u64 = 0xC1F5_C1F5_0000_5F1C;
const VERSION: u8 = 1;
const DESCRIPTORS_OFFSET: usize = 80;
const DESCRIPTOR_BYTES: usize = 24;
const COUNT_OFFSET: usize = 72;

/// A block of the base log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockIndex {
    /// The control record.
    Control,
    /// Its other copy.
    ControlShadow,
    /// The base record.
    General,
    /// Its other copy.
    GeneralShadow,
    /// The truncate record.
    Scratch,
    /// Its other copy.
    ScratchShadow,
}

impl BlockIndex {
    /// All blocks, in the order of their descriptors.
    pub const ALL: [Self; BLOCKS] =
        [Self::Control, Self::ControlShadow, Self::General, Self::GeneralShadow, Self::Scratch, Self::ScratchShadow];

    /// The number in the file.
    pub const fn number(self) -> u16 {
        match self {
            Self::Control => 0,
            Self::ControlShadow => 1,
            Self::General => 2,
            Self::GeneralShadow => 3,
            Self::Scratch => 4,
            Self::ScratchShadow => 5,
        }
    }

    /// Whether this is the second copy.
    pub const fn is_shadow(self) -> bool {
        matches!(self, Self::ControlShadow | Self::GeneralShadow | Self::ScratchShadow)
    }

    fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Where a block is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Its size in bytes: whole sectors.
    pub bytes: u32,
    /// Its offset in the base log file.
    pub offset: u32,
}

impl Descriptor {
    /// The size in sectors.
    pub fn sectors(self) -> Option<u16> {
        u16::try_from(index(self.bytes).checked_div(SECTOR_BYTES)?).ok()
    }

    const fn end(self) -> Option<u32> {
        self.offset.checked_add(self.bytes)
    }
}

/// Where the blocks of a new log are.
pub const FRESH_BLOCKS: [Descriptor; BLOCKS] = [
    Descriptor { bytes: CONTROL_BYTES, offset: 0 },
    Descriptor { bytes: CONTROL_BYTES, offset: 0x400 },
    Descriptor { bytes: 0x7A00, offset: 0x800 },
    Descriptor { bytes: 0x7A00, offset: 0x8200 },
    Descriptor { bytes: 0x200, offset: 0xFC00 },
    Descriptor { bytes: 0x200, offset: 0xFE00 },
];

/// A control record with no work in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRecord {
    /// Which version of the record this is.
    pub dump_count: u64,
    /// Left from the last extension; without meaning now.
    pub extend_block: BlockIndex,
    /// Left from the last extension; without meaning now.
    pub flush_block: BlockIndex,
    /// New, original and added sectors, left from the last extension.
    pub extend_sectors: [u32; 3],
    /// Number of clients and current client, left from the last truncation.
    pub truncate_clients: [u8; 2],
    /// The owner page and the last one, left from the last truncation.
    pub truncate_owner_pages: [Lsn; 2],
    /// Left from the last truncation.
    pub truncate_sector: u32,
    /// 0 in every known log.
    pub reserved: u32,
    /// Where the blocks are.
    pub blocks: [Descriptor; BLOCKS],
}

impl ControlRecord {
    /// The control record of a new log: a constant of the format.
    pub const fn new() -> Self {
        Self {
            dump_count: 1,
            extend_block: BlockIndex::Control,
            flush_block: BlockIndex::Control,
            extend_sectors: [0; 3],
            truncate_clients: [0; 2],
            truncate_owner_pages: [Lsn::NULL; 2],
            truncate_sector: 0,
            reserved: 0,
            blocks: FRESH_BLOCKS,
        }
    }

    /// Where a block is.
    pub fn block(&self, block: BlockIndex) -> Descriptor {
        let number = usize::from(block.number());
        self.blocks.get(number).copied().unwrap_or_default()
    }

    /// The end of the last described block.
    pub fn end(&self) -> u32 {
        self.blocks.iter().filter_map(|block| block.end()).max().unwrap_or(0)
    }

    /// Reads the record of a base log file of `file_bytes` bytes.
    ///
    /// # Errors
    /// The offset in the record and the rule that is broken.
    pub fn parse(record: &[u8], file_bytes: u64) -> Result<Self, (usize, Rule)> {
        check_fixed(record)?;
        let mut parsed = Self::read(record)?;
        for ((slot, place), number) in
            parsed.blocks.iter_mut().zip((DESCRIPTORS_OFFSET..).step_by(DESCRIPTOR_BYTES)).zip(0..)
        {
            *slot = read_descriptor(record, place, number)?;
        }
        check_blocks(&parsed.blocks, file_bytes).map_err(|(number, rule)| (descriptor_place(number), rule))?;
        Ok(parsed)
    }

    fn read(record: &[u8]) -> Result<Self, (usize, Rule)> {
        let number = |offset| u32_at(record, offset).ok_or((offset, Rule::RecordRoom));
        let long = |offset| u64_at(record, offset).ok_or((offset, Rule::RecordRoom));
        let short = |offset| u8_at(record, offset).ok_or((offset, Rule::RecordRoom));
        let block = |offset| u16_at(record, offset).and_then(BlockIndex::from_number).ok_or((offset, Rule::BlockIndex));
        Ok(Self {
            dump_count: long(0)?,
            extend_block: block(24)?,
            flush_block: block(26)?,
            extend_sectors: [number(28)?, number(32)?, number(36)?],
            truncate_clients: [short(44)?, short(45)?],
            truncate_owner_pages: [Lsn::from_raw(long(48)?), Lsn::from_raw(long(56)?)],
            truncate_sector: number(64)?,
            reserved: number(76)?,
            blocks: FRESH_BLOCKS,
        })
    }

    /// Writes the record over `record`, which is zero; the descriptors' pointers stay zero.
    ///
    /// # Errors
    /// There is no room, or the descriptors break a rule that [`ControlRecord::parse`] asks.
    pub fn write(&self, record: &mut [u8]) -> Result<(), Rule> {
        check_blocks(&self.blocks, u64::MAX).map_err(|(_, rule)| rule)?;
        self.fill(record).ok_or(Rule::RecordRoom)
    }

    fn fill(&self, record: &mut [u8]) -> Option<()> {
        put(record, 0, &self.dump_count.to_le_bytes())?;
        put(record, 8, &MAGIC.to_le_bytes())?;
        put(record, 16, &[VERSION])?;
        put(record, 24, &self.extend_block.number().to_le_bytes())?;
        put(record, 26, &self.flush_block.number().to_le_bytes())?;
        for (sectors, place) in self.extend_sectors.iter().zip((28..).step_by(4)) {
            put(record, place, &sectors.to_le_bytes())?;
        }
        put(record, 44, &self.truncate_clients)?;
        for (lsn, place) in self.truncate_owner_pages.iter().zip((48..).step_by(8)) {
            put(record, place, &lsn.raw().to_le_bytes())?;
        }
        put(record, 64, &self.truncate_sector.to_le_bytes())?;
        put(record, COUNT_OFFSET, &6u16.to_le_bytes())?;
        put(record, 76, &self.reserved.to_le_bytes())?;
        for (number, block) in (0u32..).zip(&self.blocks) {
            let place = descriptor_place(index(number));
            put(record, place.checked_add(8)?, &block.bytes.to_le_bytes())?;
            put(record, place.checked_add(12)?, &block.offset.to_le_bytes())?;
            put(record, place.checked_add(16)?, &number.to_le_bytes())?;
        }
        Some(())
    }
}

impl Default for ControlRecord {
    fn default() -> Self {
        Self::new()
    }
}

fn descriptor_place(number: usize) -> usize {
    number.saturating_mul(DESCRIPTOR_BYTES).saturating_add(DESCRIPTORS_OFFSET)
}

fn check_fixed(record: &[u8]) -> Result<(), (usize, Rule)> {
    if u64_at(record, 8) != Some(MAGIC) {
        return Err((8, Rule::ControlMagic));
    }
    if u8_at(record, 16) != Some(VERSION) {
        return Err((16, Rule::ControlVersion));
    }
    match u32_at(record, 20) {
        Some(0) => {}
        Some(1 | 2) => return Err((20, Rule::ExtendUnfinished)),
        _ => return Err((20, Rule::ExtendState)),
    }
    match u32_at(record, 40) {
        Some(0) => {}
        Some(1..=5) => return Err((40, Rule::TruncateUnfinished)),
        _ => return Err((40, Rule::TruncateState)),
    }
    if u16_at(record, COUNT_OFFSET) != Some(6) {
        return Err((COUNT_OFFSET, Rule::BlockCount));
    }
    Ok(())
}

/// Reads a descriptor; the pointer before it is a field of the running system and ignored.
fn read_descriptor(record: &[u8], place: usize, number: u32) -> Result<Descriptor, (usize, Rule)> {
    let field = |part: usize| {
        let offset = place.saturating_add(part);
        u32_at(record, offset).ok_or((offset, Rule::RecordRoom))
    };
    if field(16)? != number {
        return Err((place.saturating_add(16), Rule::DescriptorType));
    }
    Ok(Descriptor { bytes: field(8)?, offset: field(12)? })
}

/// Checks all descriptors; an error names the number of the first bad one.
fn check_blocks(blocks: &[Descriptor; BLOCKS], file_bytes: u64) -> Result<(), (usize, Rule)> {
    for (number, (block, kind)) in blocks.iter().zip(BlockIndex::ALL).enumerate() {
        check_size(*block, kind).map_err(|rule| (number, rule))?;
        let end = block.end().ok_or((number, Rule::DescriptorRange))?;
        if u64::from(end) > file_bytes {
            return Err((number, Rule::DescriptorRange));
        }
        for earlier in blocks.iter().take(number) {
            if earlier.offset < end && earlier.end().is_none_or(|other| block.offset < other) {
                return Err((number, Rule::DescriptorOverlap));
            }
        }
    }
    let [control, control_shadow, general, general_shadow, scratch, scratch_shadow] = blocks;
    let [first, second, ..] = FRESH_BLOCKS;
    if *control != first || *control_shadow != second {
        return Err((0, Rule::DescriptorPlace));
    }
    if general.bytes != general_shadow.bytes {
        return Err((3, Rule::CopySize));
    }
    if scratch.bytes != scratch_shadow.bytes {
        return Err((5, Rule::CopySize));
    }
    Ok(())
}

fn check_size(block: Descriptor, kind: BlockIndex) -> Result<(), Rule> {
    let sectors = block.sectors().filter(|sectors| *sectors > 0);
    let sectors = sectors.ok_or(Rule::DescriptorSize)?;
    if sectors_to_bytes(sectors) != block.bytes || !u64::from(block.offset).is_multiple_of(SECTOR) {
        return Err(Rule::DescriptorSize);
    }
    // A general block holds at least the header of its base record.
    let room = block::record_room(sectors);
    if matches!(kind, BlockIndex::General | BlockIndex::GeneralShadow) && room < BASE_HEADER_BYTES {
        return Err(Rule::DescriptorSize);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> [u8; 0x300] {
        let mut record = [0; 0x300];
        ControlRecord::new().write(&mut record).unwrap();
        record
    }

    #[test]
    fn each_broken_field_names_its_rule() {
        assert_eq!(ControlRecord::parse(&fresh(), 0x1_0000), Ok(ControlRecord::new()));
        let spoil = [
            (8, 0, Rule::ControlMagic),
            (16, 2, Rule::ControlVersion),
            (20, 1, Rule::ExtendUnfinished),
            (20, 3, Rule::ExtendState),
            (24, 6, Rule::BlockIndex),
            (26, 6, Rule::BlockIndex),
            (40, 5, Rule::TruncateUnfinished),
            (40, 6, Rule::TruncateState),
            (72, 5, Rule::BlockCount),
            (80 + 16, 1, Rule::DescriptorType),
            (80 + 8, 1, Rule::DescriptorSize),
            (80 + 48 + 9, 2, Rule::DescriptorSize),
            (80 + 12 + 2, 1, Rule::DescriptorRange),
            (80 + 24 + 13, 2, Rule::DescriptorOverlap),
            (80 + 9, 2, Rule::DescriptorPlace),
            (80 + 72 + 9, 0x78, Rule::CopySize),
        ];
        for (place, value, rule) in spoil {
            let mut record = fresh();
            record[place] = value;
            let found = ControlRecord::parse(&record, 0x1_0000).map_err(|(_, rule)| rule);
            assert_eq!(found, Err(rule), "at {place}");
        }
        let short = ControlRecord::parse(&fresh(), 0xFFFF);
        assert_eq!(short, Err((80 + 120, Rule::DescriptorRange)));
    }
}
