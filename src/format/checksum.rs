//! The CRC-32 of metadata blocks: reflected polynomial 0x04C11DB7, initial value and final XOR all ones.
//!
//! Eight bytes per step; a crate for it would have to ship in the drivers.

/// Where a block keeps its checksum.
pub(super) const CHECKSUM_OFFSET: usize = 0x0C;

const POLYNOMIAL: u32 = 0xEDB8_8320;

static TABLES: [[u32; 256]; 8] = tables();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time, where a fault is a build error"
)]
const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ (POLYNOMIAL * (remainder & 1));
            bit += 1;
        }
        tables[0][byte] = remainder;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut entry = 0;
        while entry < 256 {
            let below = tables[table - 1][entry];
            tables[table][entry] = (below >> 8) ^ tables[0][(below & 0xFF) as usize];
            entry += 1;
        }
        table += 1;
    }
    tables
}

fn look_up(table: usize, byte: u8) -> u32 {
    TABLES.get(table).and_then(|entries| entries.get(usize::from(byte))).copied().unwrap_or(0)
}

fn update(mut crc: u32, bytes: &[u8]) -> u32 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    for &[a, b, c, d, e, f, g, h] in chunks {
        let [first, second, third, fourth] = (u32::from_le_bytes([a, b, c, d]) ^ crc).to_le_bytes();
        crc = look_up(7, first)
            ^ look_up(6, second)
            ^ look_up(5, third)
            ^ look_up(4, fourth)
            ^ look_up(3, e)
            ^ look_up(2, f)
            ^ look_up(1, g)
            ^ look_up(0, h);
    }
    for &byte in rest {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ look_up(0, low ^ byte);
    }
    crc
}

/// The CRC-32 of `bytes`.
pub fn crc32(bytes: &[u8]) -> u32 {
    !update(!0, bytes)
}

/// The checksum of an encoded block: its CRC-32 with the checksum field taken as 0.
pub fn of_block(block: &[u8]) -> u32 {
    let (before, from_field) = block.split_at(CHECKSUM_OFFSET.min(block.len()));
    let after = from_field.get(4..).unwrap_or_default();
    !update(update(update(!0, before), &[0; 4]), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_usual_check_string_is_the_published_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn checksum_field_counts_as_zero() {
        let mut block = [0x5A; 512];
        let other = of_block(&block);
        block[CHECKSUM_OFFSET..CHECKSUM_OFFSET + 4].copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(of_block(&block), other);
        block[CHECKSUM_OFFSET..CHECKSUM_OFFSET + 4].fill(0);
        assert_eq!(crc32(&block), other);
    }
}
