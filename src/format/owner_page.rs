//! Owner pages: which stream owns which sector of a region, and which LSNs each stream has there.
//!
//! A region is 512 KiB of a container of a multiplexed log; its last 4 KiB are the owner page, a log block of its own
//! kind. No real page is known: the layout is as documented, these choices are ours.
//! * The sector map follows the header, the ranges follow the map (0x70 and 0x870).
//! * A sector's number in its block has one byte: 0 for the first sector only, at most 0xFE.
//! * A sector without a block has the stream 0xFE and the number 0xFE; no stream has that id.
//! * A stream without records in the region has the range `INVALID` to `INVALID`.
//! * The next LSN of the header is `INVALID`.

use alloc::vec::Vec;

use super::block::{self, BlockHeader, BlockKind, FIRST_PART};
use super::bytes::{put, u8_at, u64_at};
use super::violation::Rule;
use crate::units::memory::{OutOfMemory, try_filled};
use crate::units::{Lsn, StreamId, index};

/// The size of a region.
pub const REGION_BYTES: u64 = 512 * 1024;
/// The size of an owner page.
pub const OWNER_PAGE_BYTES: usize = 4096;
/// Where the page is in its region.
pub const OWNER_PAGE_OFFSET: u64 = 0x7F000;
/// How many sectors a region has.
pub const REGION_SECTORS: usize = 1024;
/// The first sector of the owner page in its region.
pub const OWNER_PAGE_SECTOR: usize = 1016;

const PAGE_SECTORS: u16 = 8;
const MAP_OFFSET: u32 = FIRST_PART;
const RANGES_OFFSET: u32 = 0x870;
const MAP_BYTES: usize = 2 * REGION_SECTORS;
/// One range for each stream from 0 to 96: the page's size bounds it, no number of a file does.
const RANGES: usize = 97;
const RANGES_BYTES: usize = 16 * RANGES;
const NUMBER_MAX: u8 = 0xFE;
const NO_BLOCK: [u8; 2] = [0xFE, 0xFE];
const OWN: [u8; 2] = [0xFF, 0xFF];

const _: () = assert!(index(RANGES_OFFSET) + RANGES_BYTES <= OWNER_PAGE_BYTES - 16);
const _: () = assert!(index(MAP_OFFSET) + MAP_BYTES == index(RANGES_OFFSET));

/// What a sector of a region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sector {
    /// No block.
    Free,
    /// The owner page.
    OwnerPage,
    /// Part of a block.
    Block {
        /// The stream of the block's records.
        stream: StreamId,
        /// The sector's number in its block; 0xFE for that and all above.
        number: u8,
    },
}

impl Sector {
    const fn entry(self) -> [u8; 2] {
        match self {
            Self::Free => NO_BLOCK,
            Self::OwnerPage => OWN,
            Self::Block { stream, number } => [stream.0, number],
        }
    }

    fn from_entry(entry: [u8; 2]) -> Option<Self> {
        match entry {
            NO_BLOCK => Some(Self::Free),
            OWN => Some(Self::OwnerPage),
            [stream, number] => {
                (StreamId(stream) <= StreamId::MAX).then_some(Self::Block { stream: StreamId(stream), number })
            }
        }
    }
}

/// The LSNs of a stream in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LsnRange {
    /// The first record's; `INVALID` if there is none.
    pub first: Lsn,
    /// The last record's; `INVALID` if there is none.
    pub last: Lsn,
}

impl LsnRange {
    /// No records.
    pub const EMPTY: Self = Self { first: Lsn::INVALID, last: Lsn::INVALID };

    /// Whether there are no records.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    fn is_right(self) -> bool {
        self.is_empty() || (self.first <= self.last && self.last.is_valid())
    }
}

/// An owner page.
///
/// # Invariants
/// The map has 1,024 entries, its last 8 are the page's own; there are 97 ranges.
#[derive(Debug, PartialEq, Eq)]
pub struct OwnerPage {
    /// The page's own physical LSN.
    pub lsn: Lsn,
    sectors: Vec<Sector>,
    ranges: Vec<LsnRange>,
}

impl OwnerPage {
    /// The page of a region without blocks.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(lsn: Lsn) -> Result<Self, OutOfMemory> {
        let mut sectors = try_filled(&Sector::Free, REGION_SECTORS)?;
        for sector in sectors.iter_mut().skip(OWNER_PAGE_SECTOR) {
            *sector = Sector::OwnerPage;
        }
        let ranges = try_filled(&LsnRange::EMPTY, RANGES)?;
        Ok(Self { lsn, sectors, ranges })
    }

    /// Empties the page for the region whose page is at `lsn`, without taking memory.
    pub fn reset(&mut self, lsn: Lsn) {
        self.lsn = lsn;
        for sector in self.sectors.iter_mut().take(OWNER_PAGE_SECTOR) {
            *sector = Sector::Free;
        }
        for range in &mut self.ranges {
            *range = LsnRange::EMPTY;
        }
    }

    /// Notes `sectors` sectors of a block from `first_sector_in_region`; the first of them is the block's sector
    /// `starting_sector_number`, above 0 where a block goes on from the region before.
    ///
    /// # Errors
    /// The sectors reach into the owner page, or the stream is above 96; nothing was noted.
    pub fn note_block(
        &mut self,
        first_sector_in_region: usize,
        sectors: usize,
        stream: StreamId,
        starting_sector_number: usize,
    ) -> Result<(), Rule> {
        let end = first_sector_in_region.checked_add(sectors);
        let end = end.filter(|end| *end <= OWNER_PAGE_SECTOR);
        let end = end.ok_or(Rule::OwnerMap)?;
        if stream > StreamId::MAX {
            return Err(Rule::OwnerMap);
        }
        let places = self.sectors.get_mut(first_sector_in_region..end);
        for (place, number) in places.unwrap_or_default().iter_mut().zip(0usize..) {
            let number = number.saturating_add(starting_sector_number);
            let number = u8::try_from(number).unwrap_or(NUMBER_MAX).min(NUMBER_MAX);
            *place = Sector::Block { stream, number };
        }
        Ok(())
    }

    /// Widens a stream's range so that it holds `first` to `last`.
    ///
    /// # Errors
    /// `first` is after `last`, one of them is invalid, or the stream is above 96; nothing was noted.
    pub fn note_range(&mut self, stream: StreamId, first: Lsn, last: Lsn) -> Result<(), Rule> {
        let range = self.ranges.get_mut(usize::from(stream.0));
        let range = range.ok_or(Rule::OwnerRange)?;
        if first > last || !last.is_valid() {
            return Err(Rule::OwnerRange);
        }
        *range = if range.is_empty() {
            LsnRange { first, last }
        } else {
            LsnRange { first: range.first.min(first), last: range.last.max(last) }
        };
        Ok(())
    }

    /// What a sector of the region holds.
    pub fn sector(&self, number: usize) -> Option<Sector> {
        self.sectors.get(number).copied()
    }

    /// All 1,024 sectors of the region.
    pub fn sectors(&self) -> &[Sector] {
        &self.sectors
    }

    /// The sectors at which blocks of a stream start, rising.
    pub fn block_starts(&self, stream: StreamId) -> impl Iterator<Item = usize> + '_ {
        let start = Sector::Block { stream, number: 0 };
        (0..REGION_SECTORS).zip(&self.sectors).filter(move |(_, sector)| **sector == start).map(|(number, _)| number)
    }

    /// The last sector of the region at which a block of any stream starts.
    pub fn last_start(&self) -> Option<usize> {
        self.sectors.iter().rposition(|sector| matches!(sector, Sector::Block { number: 0, .. }))
    }

    /// A stream's range; empty for a stream above 96.
    pub fn range(&self, stream: StreamId) -> LsnRange {
        let range = self.ranges.get(usize::from(stream.0)).copied();
        range.unwrap_or(LsnRange::EMPTY)
    }

    /// Writes the page as a sealed block.
    ///
    /// # Errors
    /// `buffer` is not 4,096 bytes long, or the page's LSN is not where a region has its page.
    pub fn write(&self, buffer: &mut [u8], usn: u8) -> Result<(), Rule> {
        if buffer.len() != OWNER_PAGE_BYTES {
            return Err(Rule::BlockLength);
        }
        check_position(self.lsn)?;
        buffer.fill(0);
        let physical = StreamId::PHYSICAL;
        let mut header = BlockHeader::new(usn, physical, PAGE_SECTORS, self.lsn, Lsn::INVALID).with_digests();
        let [first, second, third, ..] = &mut header.record_offsets;
        (*first, *second, *third) = (0, MAP_OFFSET, RANGES_OFFSET);
        block::write_header(buffer, &header)?;
        self.fill(buffer).ok_or(Rule::OwnerLayout)?;
        block::seal(buffer, BlockKind::OwnerPage)
    }

    fn fill(&self, buffer: &mut [u8]) -> Option<()> {
        for (sector, place) in self.sectors.iter().zip((index(MAP_OFFSET)..).step_by(2)) {
            put(buffer, place, &sector.entry())?;
        }
        for (range, place) in self.ranges.iter().zip((index(RANGES_OFFSET)..).step_by(16)) {
            put(buffer, place, &range.first.raw().to_le_bytes())?;
            put(buffer, place.checked_add(8)?, &range.last.raw().to_le_bytes())?;
        }
        Some(())
    }

    /// Reads a sealed page, unsealing it in place.
    ///
    /// # Errors
    /// The offset in the page and the rule that is broken.
    pub fn parse(block: &mut [u8]) -> Result<Self, (usize, Rule)> {
        let header = block::unseal(block, BlockKind::OwnerPage)?;
        if header.total_sectors != PAGE_SECTORS {
            return Err((block::TOTAL_OFFSET, Rule::BlockLength));
        }
        check_position(header.current).map_err(|rule| (block::CURRENT_OFFSET, rule))?;
        let (map_place, ranges_place) = placed(&header).ok_or((0x2C, Rule::OwnerLayout))?;
        let mut page = Self::new(header.current).map_err(|error| (0, error.into()))?;
        for ((sector, place), number) in page.sectors.iter_mut().zip((map_place..).step_by(2)).zip(0usize..) {
            let entry = [u8_at(block, place), u8_at(block, place.saturating_add(1))];
            let [Some(stream), Some(in_block)] = entry else {
                return Err((place, Rule::OwnerLayout));
            };
            let is_own = number >= OWNER_PAGE_SECTOR;
            *sector = Sector::from_entry([stream, in_block])
                .filter(|sector| (*sector == Sector::OwnerPage) == is_own)
                .ok_or((place, Rule::OwnerMap))?;
        }
        for (range, place) in page.ranges.iter_mut().zip((ranges_place..).step_by(16)) {
            let lsn = |place| u64_at(block, place).map_or(Lsn::INVALID, Lsn::from_raw);
            *range = LsnRange { first: lsn(place), last: lsn(place.saturating_add(8)) };
            if !range.is_right() {
                return Err((place, Rule::OwnerRange));
            }
        }
        Ok(page)
    }
}

fn check_position(lsn: Lsn) -> Result<(), Rule> {
    let in_region = u64::from(lsn.block_offset()).rem_euclid(REGION_BYTES);
    if !lsn.is_valid() || lsn.record() != 0 || in_region != OWNER_PAGE_OFFSET {
        return Err(Rule::OwnerPosition);
    }
    Ok(())
}

/// Where map and ranges are, if they lie before the signature array and apart.
fn placed(header: &BlockHeader) -> Option<(usize, usize)> {
    let [_, map, ranges, ..] = header.record_offsets;
    let (map, ranges) = (index(map), index(ranges));
    let room = index(block::signatures_offset(header.total_sectors));
    let map_end = map.checked_add(MAP_BYTES)?;
    let ranges_end = ranges.checked_add(RANGES_BYTES)?;
    let is_apart = map_end <= ranges || ranges_end <= map;
    (is_apart && map_end <= room && ranges_end <= room).then_some((map, ranges))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> OwnerPage {
        let mut page = OwnerPage::new(Lsn::new(4, 0xFF000, 0).unwrap()).unwrap();
        page.note_block(0, 3, StreamId(7), 2).unwrap();
        page.note_block(3, 400, StreamId(96), 0).unwrap();
        page.note_range(StreamId(7), Lsn::from_raw(8), Lsn::from_raw(9)).unwrap();
        page.note_range(StreamId(7), Lsn::from_raw(11), Lsn::from_raw(12)).unwrap();
        page
    }

    #[test]
    fn a_page_comes_back_and_numbers_stop_at_their_largest() {
        let page = page();
        let mut bytes = [0xEE; OWNER_PAGE_BYTES];
        page.write(&mut bytes, 3).unwrap();
        assert_eq!(bytes[510], 0x48, "the first sector is signed as an owner page's");
        let read = OwnerPage::parse(&mut bytes).unwrap();
        assert_eq!(read, page);
        let block = |stream, number| {
            let stream = StreamId(stream);
            Some(Sector::Block { stream, number })
        };
        assert_eq!(read.sector(0), block(7, 2));
        assert_eq!(read.sector(3), block(96, 0));
        assert_eq!(read.sector(402), block(96, 0xFE));
        assert_eq!(read.sector(403), Some(Sector::Free));
        assert_eq!(read.sector(1016), Some(Sector::OwnerPage));
        assert_eq!(read.range(StreamId(7)).last, Lsn::from_raw(12));
        assert!(read.range(StreamId(0)).is_empty() && read.range(StreamId(200)).is_empty());
    }

    #[test]
    fn a_reset_page_is_a_new_page() {
        let mut page = page();
        let lsn = Lsn::new(5, 0x7F000, 0).unwrap();
        page.reset(lsn);
        assert_eq!(page, OwnerPage::new(lsn).unwrap());
    }

    #[test]
    fn blocks_and_ranges_out_of_bounds_are_not_noted() {
        let (mut page, before) = (page(), page());
        assert!(page.note_block(1010, 7, StreamId(1), 0).is_err());
        assert!(page.note_block(usize::MAX, 2, StreamId(1), 0).is_err());
        assert!(page.note_block(0, 1, StreamId(97), 0).is_err());
        assert!(page.note_range(StreamId(97), Lsn::NULL, Lsn::NULL).is_err());
        let backwards = page.note_range(StreamId(1), Lsn::from_raw(2), Lsn::from_raw(1));
        assert!(backwards.is_err());
        assert_eq!(page, before);
    }

    #[test]
    fn each_broken_field_names_its_rule() {
        let spoil: [(usize, &[u8], Rule); 7] = [
            (0x18 + 1, &[0xE0], Rule::OwnerPosition),
            (0x2C, &[0x78], Rule::OwnerLayout),
            (0x30, &[0xF8, 0x0F], Rule::RecordOffsets),
            (0x30, &[0xE8, 0x0F], Rule::OwnerLayout),
            (0x70, &[97], Rule::OwnerMap),
            (0x70, &[0xFF, 0xFF], Rule::OwnerMap),
            (0x870 + 7 * 16, &[200], Rule::OwnerRange),
        ];
        for (place, value, rule) in spoil {
            let mut bytes = [0; OWNER_PAGE_BYTES];
            page().write(&mut bytes, 1).unwrap();
            block::unseal(&mut bytes, BlockKind::OwnerPage).unwrap();
            bytes[place..place + value.len()].copy_from_slice(value);
            let sealed = block::seal(&mut bytes, BlockKind::OwnerPage);
            let refused = sealed.and_then(|()| OwnerPage::parse(&mut bytes).map(drop).map_err(|(_, rule)| rule));
            assert_eq!(refused, Err(rule), "at {place:#x}");
        }
    }
}
