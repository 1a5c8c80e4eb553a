//! Record payloads: pseudo-random bytes that follow from a record's number, with a checksum.
//!
//! A recovered record is verified, not counted: its payload names the record, the checksum must hold, and the whole
//! payload is made again and compared.

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Number and checksum; a shorter record of a trace is padded to it.
pub(super) const PAYLOAD_BYTES_MIN: usize = 16;

/// Fills `buffer` with the payload of record `number`, at least [`PAYLOAD_BYTES_MIN`] bytes.
pub(super) fn fill(buffer: &mut Vec<u8>, number: u64, bytes: usize) {
    buffer.resize(bytes.max(PAYLOAD_BYTES_MIN), 0);
    let (head, body) = buffer.split_at_mut(PAYLOAD_BYTES_MIN);
    Xoshiro256PlusPlus::seed_from_u64(number).fill_bytes(body);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(&length.to_le_bytes());
    hasher.update(body);
    head[..8].copy_from_slice(&number.to_le_bytes());
    head[8..12].copy_from_slice(&length.to_le_bytes());
    head[12..].copy_from_slice(&hasher.finalize().to_le_bytes());
}

/// The record's number if `payload` is, byte for byte, what [`fill`] made for it.
pub(super) fn verify(payload: &[u8], scratch: &mut Vec<u8>) -> Option<u64> {
    let number = u64::from_le_bytes(*payload.first_chunk::<8>()?);
    fill(scratch, number, payload.len());
    (payload == scratch.as_slice()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_known_again_and_any_changed_byte_is_found() {
        let (mut payload, mut scratch) = (Vec::new(), Vec::new());
        for bytes in [0, 16, 17, 300] {
            fill(&mut payload, 77, bytes);
            assert_eq!(verify(&payload, &mut scratch), Some(77));
            for place in 0..payload.len() {
                payload[place] ^= 1;
                assert_eq!(verify(&payload, &mut scratch), None);
                payload[place] ^= 1;
            }
        }
        assert_eq!(verify(&payload[..10], &mut scratch), None);
    }
}
