//! `CLFS_LOG_NAME_INFORMATION`.

use alloc::vec::Vec;

use crate::units::Status;
use crate::units::memory::{try_extend, try_with_capacity};

/// The smallest size: of the structure with a name of one unit.
const SIZE_MIN: usize = 4;

/// The bytes of `CLFS_LOG_NAME_INFORMATION`: the name's length in bytes, then the name, given in pieces.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`; `OBJECT_NAME_INVALID`: longer than its length can say.
pub fn name_information(pieces: &[&[u16]]) -> Result<Vec<u8>, Status> {
    let units = pieces.iter().fold(0_usize, |sum, piece| sum.saturating_add(piece.len()));
    let length = u16::try_from(units.saturating_mul(2)).map_err(|_| Status::OBJECT_NAME_INVALID)?;
    let mut bytes = try_with_capacity(usize::from(length).saturating_add(SIZE_MIN))?;
    try_extend(&mut bytes, &length.to_ne_bytes())?;
    for unit in pieces.iter().flat_map(|piece| piece.iter()) {
        try_extend(&mut bytes, &unit.to_ne_bytes())?;
    }
    if bytes.len() < SIZE_MIN {
        try_extend(&mut bytes, &[0, 0])?;
    }
    Ok(bytes)
}
