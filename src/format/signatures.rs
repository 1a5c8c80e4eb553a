//! Sector signatures: the last two bytes of every sector of a block, and the array that keeps what they displace.

use super::bytes::{array_at, put};
use crate::units::{SECTOR_BYTES, index, sectors_to_bytes};

pub(super) const FIRST_SECTOR: u8 = 0x40;
pub(super) const LAST_SECTOR: u8 = 0x20;

/// What a block holds: the type byte of its sector signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Records of one stream.
    Data,
    /// An owner page of a multiplexed log.
    OwnerPage,
    /// A record of the base log file.
    Metadata,
}

impl BlockKind {
    pub(super) const fn signature(self) -> u8 {
        match self {
            Self::Data => 0x04,
            Self::OwnerPage => 0x08,
            Self::Metadata => 0x10,
        }
    }
}

/// Where the array of displaced bytes begins in a block of `total_sectors`; 0 for none.
pub fn signatures_offset(total_sectors: u16) -> u32 {
    let array = u32::from(total_sectors).saturating_mul(2).saturating_add(7) & !7;
    sectors_to_bytes(total_sectors).saturating_sub(array)
}

/// Where a sector's last two bytes are.
pub(super) fn trailer(sector: u16) -> usize {
    index(sectors_to_bytes(sector)).saturating_add(SECTOR_BYTES.saturating_sub(2))
}

/// Where a sector's displaced bytes are kept.
fn slot(sector: u16, total_sectors: u16) -> usize {
    index(signatures_offset(total_sectors)).saturating_add(usize::from(sector).saturating_mul(2))
}

pub(super) fn signature(sector: u16, total_sectors: u16, usn: u8, kind: BlockKind) -> [u8; 2] {
    let mut first = kind.signature();
    if sector == 0 {
        first |= FIRST_SECTOR;
    }
    if sector.checked_add(1) == Some(total_sectors) {
        first |= LAST_SECTOR;
    }
    [first, usn]
}

/// Moves the trailers into the array and signs the sectors, in rising order.
///
/// When twice the sector count is a multiple of 8, the array's last slot *is* the last sector's trailer. That is
/// harmless: those two bytes belong to the array, so no record can have data there, and what is displaced is nothing.
///
/// Blocks of more than 256 sectors have an array longer than a sector, so that trailers lie inside the array, always
/// over the slot of an *earlier* sector. Sector by sector in rising order that slot is displaced in turn, and
/// `restore` goes back in falling order. (Up to 256 sectors this gives the same bytes as copying all trailers out,
/// writing the array and then signing, the order that re-creates every block seen; above, the choice is ours.)
pub(super) fn displace(block: &mut [u8], total_sectors: u16, usn: u8, kind: BlockKind) -> Option<()> {
    for sector in 0..total_sectors {
        let place = trailer(sector);
        let displaced: [u8; 2] = array_at(block, place)?;
        put(block, slot(sector, total_sectors), &displaced)?;
        put(block, place, &signature(sector, total_sectors, usn, kind))?;
    }
    Some(())
}

/// Puts the displaced bytes back, in falling order.
pub(super) fn restore(block: &mut [u8], total_sectors: u16) -> Option<()> {
    for sector in (0..total_sectors).rev() {
        let displaced: [u8; 2] = array_at(block, slot(sector, total_sectors))?;
        put(block, trailer(sector), &displaced)?;
    }
    Some(())
}
