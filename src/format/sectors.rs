//! Sectors of data blocks by their signatures alone, for those who look for blocks: what is not understood can so be
//! told from what was torn, and a block's beginning from what lies inside one.

use super::block::{BlockHeader, BlockKind, parse_placed, read_header};
use super::bytes::array_at;
use super::digest::{self, Said};
use super::signatures::{FIRST_SECTOR, LAST_SECTOR, signature, trailer};
use super::violation::Rule;
use crate::units::Lsn;

/// What a sector says that may be the first one of a data block, whatever else the block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstSector {
    /// The USN of the block.
    pub usn: u8,
    /// The block's size in sectors; never 0.
    pub total_sectors: u16,
    /// The block's own place.
    pub current: Lsn,
}

impl FirstSector {
    /// The sector, if it bears the signature of a data block's first.
    pub fn parse(sector: &[u8]) -> Option<Self> {
        // Most sectors that are asked are others.
        SectorPlace::parse(sector).filter(|(place, _)| *place == SectorPlace::First)?;
        let header = read_header(sector).filter(|header| header.total_sectors > 0)?;
        let is_first =
            array_at(sector, trailer(0)) == Some(signature(0, header.total_sectors, header.usn, BlockKind::Data));
        let BlockHeader { usn, total_sectors, current, .. } = header;
        is_first.then_some(Self { usn, total_sectors, current })
    }
}

/// The rule that a sector breaks which is not the first one of a data block, and where.
pub(crate) fn first_fault(sector: &[u8]) -> (usize, Rule) {
    parse_placed(sector).err().unwrap_or((trailer(0), Rule::Signature))
}

/// Whether a sealed data block is whole: every sector has its signature, and the block does not say that it is torn.
/// Asks nothing else, so that a block that is not understood can be told from one that was torn.
pub fn is_whole(block: &[u8]) -> bool {
    let Some(header) = read_header(block).filter(|header| block.len() == header.total_bytes()) else {
        return false;
    };
    let is_signed = |sector| {
        array_at(block, trailer(sector)) == Some(signature(sector, header.total_sectors, header.usn, BlockKind::Data))
    };
    (0..header.total_sectors).all(is_signed) && digest::said(block) != Said::Torn
}

/// Where a sector stands in its data block, as its signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectorPlace {
    /// Its block begins with it.
    First,
    /// Its block began before, and goes on.
    Within,
    /// Its block began before, and ends with it.
    Last,
}

impl SectorPlace {
    /// `None` for what is no sector of a data block; with its USN.
    pub fn parse(sector: &[u8]) -> Option<(Self, u8)> {
        let [kind, usn] = array_at(sector, trailer(0))?;
        let place = match kind & (FIRST_SECTOR | LAST_SECTOR) {
            0 => Self::Within,
            LAST_SECTOR => Self::Last,
            _ => Self::First,
        };
        (kind & !(FIRST_SECTOR | LAST_SECTOR) == BlockKind::Data.signature()).then_some((place, usn))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::super::block::{seal, write_header};
    use super::*;
    use crate::units::StreamId;

    #[test]
    fn sectors_say_where_they_stand_and_first_ones_what_their_block_is() {
        let at = Lsn::new(3, 0x400, 0).unwrap();
        let mut block = vec![0; 3 * 512];
        write_header(&mut block, &BlockHeader::new(9, StreamId(1), 3, at, Lsn::INVALID)).unwrap();
        seal(&mut block, BlockKind::Data).unwrap();
        let places = [0, 512, 1024].map(|from| SectorPlace::parse(&block[from..from + 512]).unwrap());
        assert_eq!(places, [(SectorPlace::First, 9), (SectorPlace::Within, 9), (SectorPlace::Last, 9)]);
        assert_eq!(FirstSector::parse(&block), Some(FirstSector { usn: 9, total_sectors: 3, current: at }));
        assert_eq!(FirstSector::parse(&block[512..]), None);
        assert_eq!(SectorPlace::parse(&[0; 512]), None);
        assert!(is_whole(&block) && !is_whole(&block[..1024]));
        // Another version is whole all the same; a sector of another write is not.
        block[1] = 1;
        assert!(is_whole(&block) && first_fault(&block) == (0, Rule::BlockVersion));
        block[1024 + 511] = 8;
        assert!(!is_whole(&block));
    }
}
