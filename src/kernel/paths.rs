//! The names of a log's files, as the object manager wants them.
//!
//! Names nothing of the kernel, so that tests run it anywhere.

use alloc::vec::Vec;

use crate::units::Status;
use crate::units::memory::{try_extend, try_with_capacity};

/// The longest name that a counted string holds.
const LENGTH_MAX: usize = 0x7FFF;
const SEPARATOR: u16 = 0x5C;
const COLON: u16 = 0x3A;
/// `%BLF%\`: beside the base log file.
const RELATIVE: [u16; 6] = wide(b"%BLF%\\");
/// `\??\`: where drive letters are.
const DOS_DEVICES: [u16; 4] = wide(b"\\??\\");
/// `\Device\`.
const DEVICES: [u16; 8] = wide(b"\\Device\\");

const fn wide<const LENGTH: usize>(text: &[u8; LENGTH]) -> [u16; LENGTH] {
    let mut wide = [0; LENGTH];
    let mut rest: &[u8] = text;
    let mut places: &mut [u16] = &mut wide;
    while let ([letter, letters @ ..], [place, others @ ..]) = (rest, places) {
        *place = u16::from_le_bytes([*letter, 0]);
        rest = letters;
        places = others;
    }
    wide
}

/// The full path that an absolute name stands for: `\??\…` and `\Device\…` as they are, `C:\…` below `\??\`.
///
/// # Errors
/// `OBJECT_NAME_INVALID`: it is none of these, or has an empty component, `.`, `..`, a NUL, `/` or a second colon.
/// `INSUFFICIENT_RESOURCES`.
pub(super) fn absolute(name: &[u16]) -> Result<Vec<u16>, Status> {
    if let Some(rest) = strip(name, &DOS_DEVICES) {
        let below = after_drive(rest).unwrap_or(rest);
        return checked(below).and_then(|()| joined(&[name]));
    }
    if let Some(rest) = strip(name, &DEVICES) {
        return checked(rest).and_then(|()| joined(&[name]));
    }
    let below = after_drive(name).ok_or(Status::OBJECT_NAME_INVALID)?;
    checked(below).and_then(|()| joined(&[&DOS_DEVICES, name]))
}

/// The full path of a container: `%BLF%\name` in the folder of the base log file, or as [`absolute`].
///
/// # Errors
/// As [`absolute`].
pub(super) fn container(base: &[u16], name: &[u16]) -> Result<Vec<u16>, Status> {
    let Some(relative) = strip(name, &RELATIVE) else {
        return absolute(name);
    };
    checked(relative)?;
    let last = base.iter().rposition(|unit| *unit == SEPARATOR).ok_or(Status::OBJECT_NAME_INVALID)?;
    let folder = base.get(..=last).ok_or(Status::OBJECT_NAME_INVALID)?;
    joined(&[folder, relative])
}

/// Where a container that is named by a full path is in a copied log: under the path's last
/// component beside the base log file. `None` for one that is there anyway.
///
/// # Errors
/// As [`absolute`].
pub(super) fn beside(base: &[u16], name: &[u16]) -> Result<Option<Vec<u16>>, Status> {
    if strip(name, &RELATIVE).is_some() {
        return Ok(None);
    }
    let last = name.rsplit(|unit| *unit == SEPARATOR).next().unwrap_or(name);
    container(base, &joined(&[&RELATIVE, last])?).map(Some)
}

/// What follows the prefix; names do not differ by case.
fn strip<'name>(name: &'name [u16], prefix: &[u16]) -> Option<&'name [u16]> {
    let (start, rest) = name.split_at_checked(prefix.len())?;
    let is_same = start.iter().zip(prefix).all(|(one, other)| lower(*one) == lower(*other));
    is_same.then_some(rest)
}

/// What follows `X:\`.
fn after_drive(name: &[u16]) -> Option<&[u16]> {
    match name {
        [drive, COLON, SEPARATOR, rest @ ..] if is_letter(*drive) => Some(rest),
        _ => None,
    }
}

fn is_letter(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|letter| letter.is_ascii_alphabetic())
}

fn lower(unit: u16) -> u16 {
    u8::try_from(unit).map_or(unit, |letter| u16::from(letter.to_ascii_lowercase()))
}

/// Components that lead nowhere else, and at least one. The file system refuses what else it does not like.
fn checked(path: &[u16]) -> Result<(), Status> {
    let is_good = |component: &[u16]| {
        let is_dots = component.len() <= 2 && component.iter().all(|unit| *unit == u16::from(b'.'));
        // Without letters it is empty, "." or ".."; a colon would name a stream of a file.
        !is_dots && !component.iter().any(|unit| [0, u16::from(b'/'), COLON].contains(unit))
    };
    let is_good = path.split(|unit| *unit == SEPARATOR).all(is_good);
    if is_good { Ok(()) } else { Err(Status::OBJECT_NAME_INVALID) }
}

fn joined(parts: &[&[u16]]) -> Result<Vec<u16>, Status> {
    let length = parts.iter().fold(0_usize, |length, part| length.saturating_add(part.len()));
    if length > LENGTH_MAX {
        return Err(Status::OBJECT_NAME_INVALID);
    }
    let mut path = try_with_capacity(length)?;
    for part in parts {
        try_extend(&mut path, part)?;
    }
    Ok(path)
}
