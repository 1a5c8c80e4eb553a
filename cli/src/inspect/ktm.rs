//! Records of the kernel's transaction manager (KTM), as registries and file systems have them in their logs.
//!
//! Known of them is what real logs show: a mark, a kind, the transaction; the number of enlistments, each with its
//! resource manager; the place of the transaction's description in UTF-16; security descriptors with SIDs. What lies
//! between is memory of that machine's kernel, so other texts and SIDs are looked for wherever they lie.

use std::collections::HashSet;

use serde::Serialize;

use super::guid::Guid;
use super::strings::{Text, texts_of};

/// The mark with which a record begins.
const MARK: [u8; 4] = [4, 1, 0, 0];
const TRANSACTION: usize = 8;
/// How many enlistments; then where the first one lies.
const ENLISTMENT_COUNT: usize = 0x20;
/// Bytes of the description, then its offset.
const DESCRIPTION: usize = 0x38;
/// The first enlistment, the bytes of one, and where it names its resource manager.
const ENLISTMENTS: usize = 0x48;
const ENLISTMENT_BYTES: usize = 0x70;
const RESOURCE_MANAGER: usize = 0x10;
/// The kinds that have enlistments.
const ENLISTED: [u32; 2] = [2, 3];
/// More would not fit into what Windows writes; a number of a file sizes nothing.
const ENLISTMENTS_MAX: usize = 64;

/// What lies behind this in a record is not looked at: real ones have a few KiB.
const LOOKED_AT_MAX: usize = 64 * 1024;

/// A record of the transaction manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Ktm {
    pub(super) kind: u32,
    pub(super) transaction: Option<Guid>,
    pub(super) enlistments: Vec<Enlistment>,
    /// What its program called the transaction.
    pub(super) description: Option<String>,
    /// Whatever reads as UTF-16, the description too.
    pub(super) names: Vec<Text>,
    /// Security identifiers.
    pub(super) sids: Vec<Text>,
}

/// Who takes part in a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Enlistment {
    pub(super) enlistment: Option<Guid>,
    pub(super) resource_manager: Option<Guid>,
}

impl Ktm {
    /// The record in a client's data, if it has the mark and a kind.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let data = data.get(..LOOKED_AT_MAX).unwrap_or(data);
        data.strip_prefix(&MARK)?;
        let kind = number(data, 4).filter(|kind| (1..0x100).contains(kind))?;
        data.get(..TRANSACTION + 16)?;
        // In the kinds that have some there is one at least, even where their number is not understood.
        let is_told = number(data, ENLISTMENT_COUNT + 4).and_then(|at| usize::try_from(at).ok()) == Some(ENLISTMENTS);
        let told = number(data, ENLISTMENT_COUNT).filter(|_| is_told).and_then(|count| usize::try_from(count).ok());
        let count = if ENLISTED.contains(&kind) { told.unwrap_or(1).clamp(1, ENLISTMENTS_MAX) } else { 0 };
        let places = (0..count).map(|index| ENLISTMENTS + index * ENLISTMENT_BYTES);
        let whole = places.filter(|at| data.len() >= at + RESOURCE_MANAGER + 16);
        let enlistments = whole.map(|at| Enlistment {
            enlistment: Guid::at(data, at),
            resource_manager: Guid::at(data, at + RESOURCE_MANAGER),
        });
        Some(Self {
            kind,
            transaction: Guid::at(data, TRANSACTION),
            enlistments: enlistments.collect(),
            description: description(data).filter(|_| ENLISTED.contains(&kind)),
            names: texts_of(data).filter(|text| text.is_wide).collect(),
            sids: sids(data),
        })
    }
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn description(data: &[u8]) -> Option<String> {
    let [length, offset] =
        [DESCRIPTION, DESCRIPTION + 4].map(|at| number(data, at).and_then(|n| usize::try_from(n).ok()));
    let bytes = data.get(offset?..)?.get(..length?).filter(|bytes| !bytes.is_empty())?;
    let units: Vec<u16> =
        bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk()).map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Each different SID once, where it first lies: revision 1, up to 15 parts, an authority that is in use.
fn sids(data: &[u8]) -> Vec<Text> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|rest| rest.len() >= 12) {
        match sid(rest) {
            Some((text, length)) => {
                if known.insert(text.clone()) {
                    found.push(Text { offset: at, text, is_wide: false });
                }
                at += length;
            }
            // Whatever has one in it is aligned so.
            None => at += 4,
        }
    }
    found
}

/// The SID at the start, and its length.
fn sid(bytes: &[u8]) -> Option<(String, usize)> {
    let [1, count @ 1..=15, 0, 0, 0, 0, 0, authority] = *bytes.first_chunk()? else { return None };
    // The authorities that Windows has: world, local, creator, …, NT, …, mandatory labels, authentication.
    if !matches!(authority, 1..=5 | 9 | 11 | 12 | 15 | 16 | 18) {
        return None;
    }
    let length = 8 + 4 * usize::from(count);
    let parts = bytes.get(8..length)?.chunks_exact(4).filter_map(|part| part.first_chunk());
    let parts: Vec<String> = parts.map(|part| u32::from_le_bytes(*part).to_string()).collect();
    Some((format!("S-1-{authority}-{}", parts.join("-")), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTION_ID: [u8; 16] =
        [0xe1, 0xb9, 0x29, 0xa6, 0xea, 0xd7, 0xeb, 0x11, 0xa4, 0x6b, 60, 34, 251, 19, 107, 241];

    /// A record laid out as real ones are, with made-up names.
    fn record(kind: u8, enlistments: u8) -> Vec<u8> {
        let mut data = vec![0; 0x200];
        data[..4].copy_from_slice(&MARK);
        data[4] = kind;
        data[8..24].copy_from_slice(&TRANSACTION_ID);
        data[ENLISTMENT_COUNT] = enlistments;
        data[ENLISTMENT_COUNT + 4] = 0x48;
        data[DESCRIPTION] = 18;
        data[DESCRIPTION + 4..DESCRIPTION + 6].copy_from_slice(&[0x40, 1]);
        for index in 0..enlistments {
            let at = ENLISTMENTS + usize::from(index) * ENLISTMENT_BYTES;
            data[at..at + 16].fill(0x10 + index);
            data[at + 16..at + 32].fill(0x20 + index);
        }
        let name: Vec<u8> = "Made-up Ä".encode_utf16().flat_map(u16::to_le_bytes).collect();
        data[0x140..0x140 + name.len()].copy_from_slice(&name);
        for at in [0x180, 0x1B0] {
            data[at..at + 12].copy_from_slice(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
        }
        data[0x1C0..0x1D0].copy_from_slice(&[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]);
        data
    }

    #[test]
    fn a_record_tells_its_transaction_who_takes_part_its_names_and_sids() {
        let read = Ktm::parse(&record(2, 2)).unwrap();
        assert_eq!(read.kind, 2);
        let transaction = read.transaction.unwrap();
        assert_eq!(transaction.id, "a629b9e1-d7ea-11eb-a46b-3c22fb136bf1");
        assert_eq!(transaction.time.as_deref().map(|time| &time[..10]), Some("2021-06-28"));
        assert_eq!(read.description.as_deref(), Some("Made-up Ä"));
        let managers: Vec<_> = read.enlistments.iter().map(|one| one.resource_manager.clone().unwrap().id).collect();
        assert_eq!(managers, ["20202020-2020-2020-2020-202020202020", "21212121-2121-2121-2121-212121212121"]);
        assert!(read.names.iter().any(|name| name.text == "Made-up Ä" && name.offset == 0x140), "{:?}", read.names);
        let sids: Vec<_> = read.sids.iter().map(|sid| (&*sid.text, sid.offset)).collect();
        assert_eq!(sids, [("S-1-5-18", 0x180), ("S-1-5-32-544", 0x1C0)]);
        assert_eq!(Ktm::parse(&record(4, 0)).unwrap().enlistments, []);
    }

    #[test]
    fn what_is_no_such_record_is_none_and_a_cut_one_has_what_is_there() {
        for data in [&b""[..], &MARK, &[4, 1, 0, 0, 2, 0, 0, 0, 9], &[0; 64], &record(0, 0), &[0xFF; 64]] {
            assert_eq!(Ktm::parse(data), None);
        }
        let mut lying = record(3, 1);
        lying[ENLISTMENT_COUNT..0x24].fill(0xFF);
        lying[DESCRIPTION..DESCRIPTION + 8].fill(0xFF);
        assert!(Ktm::parse(&lying).unwrap().enlistments.len() <= ENLISTMENTS_MAX);
        lying[ENLISTMENT_COUNT + 4] = 9;
        assert_eq!(Ktm::parse(&lying).unwrap().enlistments.len(), 1, "a number whose meaning is not sure");
        for length in 24..lying.len() {
            assert!(Ktm::parse(&lying[..length]).is_some());
        }
    }
}
