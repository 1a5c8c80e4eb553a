//! Symbols: the named nodes of the base record's symbol zone, and the hash that finds them.
//!
//! A symbol is `header (0x30) | context | UTF-16 name | NUL | padding to 8`. Its links to other symbols are offsets of
//! the image and no part of the model: they are checked when read and computed when written.

use alloc::vec::Vec;

use super::bytes::{align8, put, slice, u8_at, u16_at, u32_at, u64_at};
use super::context::{ClientContext, ContainerContext, Context};
use super::violation::Rule;
use crate::units::index;
use crate::units::memory::{OutOfMemory, try_copied, try_push};

/// The size of a symbol's header.
pub const SYMBOL_HEADER_BYTES: usize = index(HEADER_SIZE);
/// How many buckets a hash table has.
pub const BUCKETS: u32 = 11;

const NODE: u32 = 0xC1FD_F006;
const HEADER_SIZE: u32 = 0x30;
const HASH_OFFSET: usize = 8;
const LENGTH_OFFSET: usize = 12;
/// The link to the node whose hash is not smaller.
pub(super) const BELOW_OFFSET: usize = 16;
/// The link to the node whose hash is smaller.
pub(super) const ABOVE_OFFSET: usize = 24;
const NAME_OFFSET: usize = 32;
const CONTEXT_OFFSET: usize = 36;
const DELETED_OFFSET: usize = 40;

/// A stream or a container with its name.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(any(feature = "host", test), derive(Clone))]
pub struct Symbol {
    /// The name, UTF-16 without its NUL.
    pub name: Vec<u16>,
    /// What it names.
    pub context: Context,
    hash: u32,
}

/// The links of a symbol in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) below: u64,
    pub(super) above: u64,
}

/// Which hash table a symbol belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Clients,
    Containers,
}

impl Symbol {
    /// A symbol with the hash of its name.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(name: &[u16], context: Context) -> Result<Self, OutOfMemory> {
        Ok(Self { name: try_copied(name)?, context, hash: hash(name) })
    }

    /// The hash on disk.
    pub const fn hash(&self) -> u32 {
        self.hash
    }

    pub(super) const fn table(&self) -> Table {
        match self.context {
            Context::Client(_) => Table::Clients,
            Context::Container(_) => Table::Containers,
        }
    }

    /// The room it takes in the symbol zone; `None` if there is no such number.
    pub fn encoded_bytes(&self) -> Option<usize> {
        let name = self.name.len().checked_add(1)?.checked_mul(2)?;
        let fixed = SYMBOL_HEADER_BYTES.checked_add(self.context.encoded_bytes())?;
        align8(fixed.checked_add(name)?)
    }

    /// Writes the symbol at `start` of the record, without links; returns its end, or `None` if there is no room.
    pub(super) fn write(&self, record: &mut [u8], start: usize) -> Option<usize> {
        let end = start.checked_add(self.encoded_bytes()?)?;
        let bytes = record.get_mut(start..end)?;
        bytes.fill(0);
        let context_end = SYMBOL_HEADER_BYTES.checked_add(self.context.encoded_bytes())?;
        let offset_of = |part: usize| u32::try_from(start.checked_add(part)?).ok();
        put(bytes, 0, &NODE.to_le_bytes())?;
        put(bytes, 4, &HEADER_SIZE.to_le_bytes())?;
        put(bytes, HASH_OFFSET, &self.hash.to_le_bytes())?;
        put(bytes, LENGTH_OFFSET, &u32::try_from(context_end).ok()?.to_le_bytes())?;
        put(bytes, NAME_OFFSET, &offset_of(context_end)?.to_le_bytes())?;
        put(bytes, CONTEXT_OFFSET, &offset_of(SYMBOL_HEADER_BYTES)?.to_le_bytes())?;
        self.context.write(bytes.get_mut(SYMBOL_HEADER_BYTES..)?)?;
        for (unit, place) in self.name.iter().zip((context_end..).step_by(2)) {
            put(bytes, place, &unit.to_le_bytes())?;
        }
        Some(end)
    }

    /// Reads the symbol that begins at `start` of the record and has `room` bytes to its neighbour or the zone's end.
    ///
    /// # Errors
    /// The offset in the record and the rule that is broken.
    pub(super) fn parse(
        record: &[u8],
        start: usize,
        room: usize,
        table: Table,
    ) -> Result<(Self, Links), (usize, Rule)> {
        let at = |part: usize, rule: Rule| (start.saturating_add(part), rule);
        let bytes = slice(record, start, room).ok_or(at(0, Rule::SymbolPlace))?;
        let fixed = check_header(bytes, start, table).map_err(|(part, rule)| at(part, rule))?;
        let context =
            slice(bytes, SYMBOL_HEADER_BYTES, fixed.context).ok_or(at(SYMBOL_HEADER_BYTES, Rule::SymbolOverlap))?;
        let context = match table {
            Table::Clients => ClientContext::parse(context).map(Context::Client),
            Table::Containers => ContainerContext::parse(context).map(Context::Container),
        };
        let context = context.map_err(|(part, rule)| at(SYMBOL_HEADER_BYTES.saturating_add(part), rule))?;
        let name_start = SYMBOL_HEADER_BYTES.saturating_add(fixed.context);
        let name_bytes = bytes.get(name_start..).unwrap_or_default();
        let name = read_name(name_bytes).map_err(|rule| at(name_start, rule))?;
        // How other drivers upcase letters beyond ASCII is not settled: such a hash is kept as found.
        if fixed.hash != hash(&name) && name.iter().all(|unit| *unit < 0x80) {
            return Err(at(HASH_OFFSET, Rule::SymbolHash));
        }
        let symbol = Self { name, context, hash: fixed.hash };
        if symbol.encoded_bytes().is_none_or(|length| length > room) {
            return Err(at(name_start, Rule::SymbolName));
        }
        Ok((symbol, fixed.links))
    }
}

struct Fixed {
    context: usize,
    hash: u32,
    links: Links,
}

/// Checks a symbol's header; errors name the offset in the symbol.
fn check_header(bytes: &[u8], start: usize, table: Table) -> Result<Fixed, (usize, Rule)> {
    let context = match table {
        Table::Clients => super::context::CLIENT_BYTES,
        Table::Containers => super::context::CONTAINER_BYTES,
    };
    let end = SYMBOL_HEADER_BYTES.saturating_add(context);
    let is = |offset: usize, expected: usize| {
        u32_at(bytes, offset).is_some_and(|stored| usize::try_from(stored) == Ok(expected))
    };
    if slice(bytes, 0, SYMBOL_HEADER_BYTES).is_none() {
        return Err((0, Rule::SymbolOverlap));
    }
    if u32_at(bytes, 0) != Some(NODE) || !is(4, SYMBOL_HEADER_BYTES) {
        return Err((0, Rule::SymbolType));
    }
    if !is(LENGTH_OFFSET, end) {
        return Err((LENGTH_OFFSET, Rule::SymbolSize));
    }
    if !is(NAME_OFFSET, start.saturating_add(end)) {
        return Err((NAME_OFFSET, Rule::SymbolOffsets));
    }
    if !is(CONTEXT_OFFSET, start.saturating_add(SYMBOL_HEADER_BYTES)) {
        return Err((CONTEXT_OFFSET, Rule::SymbolOffsets));
    }
    if u8_at(bytes, DELETED_OFFSET) != Some(0) {
        return Err((DELETED_OFFSET, Rule::SymbolDeleted));
    }
    Ok(Fixed {
        context,
        hash: u32_at(bytes, HASH_OFFSET).unwrap_or(0),
        links: Links {
            below: u64_at(bytes, BELOW_OFFSET).unwrap_or(0),
            above: u64_at(bytes, ABOVE_OFFSET).unwrap_or(0),
        },
    })
}

fn read_name(bytes: &[u8]) -> Result<Vec<u16>, Rule> {
    let mut name = Vec::new();
    for place in (0..).step_by(2) {
        match u16_at(bytes, place).ok_or(Rule::SymbolName)? {
            0 => break,
            unit => try_push(&mut name, unit)?,
        }
    }
    if name.is_empty() {
        return Err(Rule::SymbolName);
    }
    Ok(name)
}

/// A UTF-16 unit in upper case, where that is one unit too.
fn upcase(unit: u16) -> u16 {
    if unit < 0x80 {
        return u8::try_from(unit).map_or(unit, |byte| u16::from(byte.to_ascii_uppercase()));
    }
    let Some(letter) = char::from_u32(u32::from(unit)) else {
        return unit;
    };
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => u16::try_from(u32::from(single)).unwrap_or(unit),
        _ => unit,
    }
}

/// The PJW hash of a name in upper case.
pub fn hash(name: &[u16]) -> u32 {
    let mut hash: u32 = 0;
    for &unit in name {
        hash = (hash << 4).wrapping_add(u32::from(upcase(unit)));
        let top = hash & 0xF000_0000;
        hash = hash ^ (top >> 24) ^ top;
    }
    hash
}

/// The bucket of a hash.
pub const fn bucket(hash: u32) -> u32 {
    match hash.checked_rem(BUCKETS) {
        Some(bucket) => bucket,
        None => 0,
    }
}

/// Whether two names are the same but for upper and lower case.
pub fn is_same_name(one: &[u16], other: &[u16]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a == b || upcase(*a) == upcase(*b))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn hash_ignores_case_and_is_the_usual_pjw() {
        assert_eq!(hash(&units("txflog")), hash(&units("TxfLog")));
        assert_eq!(hash(&units("A")), 0x41);
        assert_eq!(hash(&units("AB")), 0x452);
        // Seven letters reach the top nibble: 'A' * 16^6 + … folded back by hand.
        assert_eq!(hash(&units("AAAAAAAA")), {
            let mut h: u32 = 0;
            for _ in 0..8 {
                h = (h << 4) + 0x41;
                let g = h & 0xF000_0000;
                if g != 0 {
                    h ^= g >> 24;
                    h ^= g;
                }
            }
            h
        });
        assert_eq!(bucket(0x452), 0x452 % 11);
        assert_eq!(hash(&units("ä")), hash(&units("Ä")));
    }

    #[test]
    fn a_symbol_comes_back_and_takes_the_room_it_says() {
        let context = Context::Container(ContainerContext::new(1 << 20, 1, 1, 1));
        let symbol = Symbol::new(&units("%BLF%\\c1"), context).unwrap();
        let room = symbol.encoded_bytes().unwrap();
        let mut record = vec![0xEE; 8 + room];
        assert_eq!(symbol.write(&mut record, 8), Some(8 + room));
        let (read, links) = Symbol::parse(&record, 8, room, Table::Containers).unwrap();
        assert_eq!(read, symbol);
        assert_eq!((links.below, links.above), (0, 0));
        for short in 0..room {
            assert!(Symbol::parse(&record, 8, short, Table::Containers).is_err());
        }
    }
}
