//! The digests of a block in a container: ours, and the one thing by which a torn block is known for certain.
//!
//! Signatures tell a block's sectors from those of another lap. Where a container is written again within one lap, old
//! sectors bear the USN of new ones, and a block of which some sectors never reached the disk looks whole. So a block
//! has a digest of all its bytes, and one of its first sector: a disk writes a sector or does not, so that the second
//! is right in a torn block, and wrong where somebody has changed what we wrote. Windows has 0 in both fields; a block
//! with 0 says nothing.
//!
//! They are no protection against forgers, and no CRC: they have to cost little beside the copy into the block. Each
//! step is a bijection of its lane, so that one changed word is always seen before the lanes are folded.

use super::bytes::{put, slice, u32_at};
use crate::units::SECTOR_BYTES;

/// Where a block's header has the digest of its bytes, and that of its first sector.
pub(crate) const BLOCK_DIGEST_OFFSET: usize = 0x08;
pub(super) const SECTOR_DIGEST_OFFSET: usize = 0x6C;

const LANES: usize = 4;
const WORD: usize = 8;
const STEP: usize = LANES * WORD;
/// Odd, with bits all over: the golden ratio's first 64.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
const TURN: u32 = 29;
const SECTOR_DIGEST_STEP: usize = SECTOR_DIGEST_OFFSET.div_euclid(STEP);

/// What the digests of a sealed block say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It has none.
    Nothing,
    /// It is as it was written.
    Right,
    /// Its first sector is as it was written, and another one is not.
    Torn,
    /// Its first sector was changed.
    Changed,
}

/// What a sealed block says of itself.
pub(super) fn said(sealed: &[u8]) -> Said {
    if !has_any(sealed) {
        Said::Nothing
    } else if is_changed(sealed) {
        Said::Changed
    } else if u32_at(sealed, BLOCK_DIGEST_OFFSET) == Some(of(sealed, false)) {
        Said::Right
    } else {
        Said::Torn
    }
}

/// Whether a sealed block says [`Said::Changed`]: its first sector tells.
pub(super) fn is_changed(sealed: &[u8]) -> bool {
    has_any(sealed) && u32_at(sealed, SECTOR_DIGEST_OFFSET) != of_first_sector(sealed)
}

fn has_any(sealed: &[u8]) -> bool {
    let is_there = |offset| u32_at(sealed, offset).unwrap_or(0) != 0;
    is_there(BLOCK_DIGEST_OFFSET) || is_there(SECTOR_DIGEST_OFFSET)
}

/// Writes both digests into a sealed block.
pub(super) fn write(sealed: &mut [u8]) -> Option<()> {
    let sector = of_first_sector(sealed)?;
    put(sealed, SECTOR_DIGEST_OFFSET, &sector.to_le_bytes())?;
    let block = of(sealed, false);
    put(sealed, BLOCK_DIGEST_OFFSET, &block.to_le_bytes())
}

fn of_first_sector(sealed: &[u8]) -> Option<u32> {
    slice(sealed, 0, SECTOR_BYTES).map(|sector| of(sector, true))
}

/// The digest of bytes, the field of the block's taken as 0, and that of the first sector's where it is asked for;
/// never 0.
fn of(bytes: &[u8], is_sector: bool) -> u32 {
    let mut lanes = [1_u64, 2, 3, 4];
    for (number, step) in bytes.as_chunks::<STEP>().0.iter().enumerate() {
        let cleared = match number {
            0 => Some(BLOCK_DIGEST_OFFSET),
            SECTOR_DIGEST_STEP if is_sector => SECTOR_DIGEST_OFFSET.checked_rem(STEP),
            _ => None,
        };
        match cleared {
            None => mix_step(&mut lanes, step),
            Some(place) => {
                let mut step = *step;
                let _ = put(&mut step, place, &[0; 4]);
                mix_step(&mut lanes, &step);
            }
        }
    }
    let mut folded = 0;
    for lane in lanes {
        folded = mix(folded, lane);
    }
    folded ^= folded.wrapping_shr(32);
    u32::try_from(folded.wrapping_mul(FACTOR).wrapping_shr(32)).unwrap_or(0).max(1)
}

fn mix_step(lanes: &mut [u64; LANES], step: &[u8; STEP]) {
    for (lane, word) in lanes.iter_mut().zip(step.as_chunks::<WORD>().0) {
        *lane = mix(*lane, u64::from_le_bytes(*word));
    }
}

const fn mix(lane: u64, word: u64) -> u64 {
    (lane.rotate_left(TURN) ^ word).wrapping_mul(FACTOR)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    fn block() -> Vec<u8> {
        let mut block: Vec<u8> = (0..1024_u32).map(|place| u8::try_from(place % 251).unwrap()).collect();
        block[BLOCK_DIGEST_OFFSET..][..4].fill(0);
        block[SECTOR_DIGEST_OFFSET..][..4].fill(0);
        block
    }

    #[test]
    fn every_bit_counts_and_tells_a_torn_block_from_a_changed_one() {
        let mut block = block();
        assert_eq!(said(&block), Said::Nothing);
        write(&mut block).unwrap();
        assert_eq!(said(&block), Said::Right);
        for bit in 0..block.len() * 8 {
            block[bit / 8] ^= 1 << (bit % 8);
            let is_block_digest = (BLOCK_DIGEST_OFFSET..BLOCK_DIGEST_OFFSET + 4).contains(&(bit / 8));
            let expected = if bit < 512 * 8 && !is_block_digest { Said::Changed } else { Said::Torn };
            assert_eq!(said(&block), expected, "bit {bit}");
            block[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn sectors_of_another_write_are_seen() {
        let (mut old, mut new) = (block(), block());
        old[700..720].fill(1);
        new[100] ^= 1;
        write(&mut old).unwrap();
        write(&mut new).unwrap();
        let torn = [&new[..512], &old[512..]].concat();
        assert_eq!(said(&torn), Said::Torn);
        // The other way round it is the old block, torn.
        assert_eq!(said(&[&old[..512], &new[512..]].concat()), Said::Torn);
    }
}
