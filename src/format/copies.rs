//! The two copies of a metadata block, and which of them counts.

use super::block::{self, BlockKind};
use super::bytes::slice;
use super::control::Descriptor;
use super::violation::{Rule, Violation};
use crate::units::index;
use crate::units::memory::try_copied;

/// How one copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// Valid, and the one that counts.
    Current,
    /// Valid, with a lower dump count.
    Older,
    /// Breaks a rule.
    Invalid(Violation),
    /// Never written.
    Blank,
}

/// How both copies are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// The first copy.
    pub primary: CopyState,
    /// The second copy.
    pub shadow: CopyState,
    /// The dump count of the first copy, if it is valid.
    pub primary_dump: Option<u64>,
    /// The dump count of the second copy, if it is valid.
    pub shadow_dump: Option<u64>,
}

/// No copy that is read has this dump count or a higher one, and none that is written ever gets there.
const DUMP_COUNT_END: u64 = 1 << 63;

type Broken = (usize, Rule);

/// The USN of the block with this dump count: half of it, rounded up, in one byte.
pub(super) const fn usn_of(dump_count: u64) -> u8 {
    let [low, ..] = dump_count.div_ceil(2).to_le_bytes();
    low
}

/// Reads both copies with one parser and takes the one with the higher dump count.
///
/// # Errors
/// Both copies are no good, or there is no memory: then the other copy must not win by default.
pub(super) fn read<T>(
    image: &[u8],
    [primary, shadow]: [Descriptor; 2],
    mut parse: impl FnMut(&[u8]) -> Result<(u64, T), Broken>,
) -> Result<(T, Copies), Violation> {
    let first = read_one(image, primary, false, &mut parse);
    let second = read_one(image, shadow, true, &mut parse);
    for copy in [&first, &second] {
        match copy {
            Err(violation) if violation.rule == Rule::Memory => return Err(*violation),
            _ => {}
        }
    }
    let mut copies = Copies {
        primary: state(&first),
        shadow: state(&second),
        primary_dump: dump(&first),
        shadow_dump: dump(&second),
    };
    match (first, second) {
        (Ok(Some((one, model))), Ok(Some((other, other_model)))) => {
            if one > other {
                copies.primary = CopyState::Current;
                Ok((model, copies))
            } else {
                copies.shadow = CopyState::Current;
                Ok((other_model, copies))
            }
        }
        (Ok(Some((_, model))), _) => {
            copies.primary = CopyState::Current;
            Ok((model, copies))
        }
        (_, Ok(Some((_, model)))) => {
            copies.shadow = CopyState::Current;
            Ok((model, copies))
        }
        (Err(violation), _) | (_, Err(violation)) => Err(violation),
        (Ok(None), Ok(None)) => Err(Rule::BlockVersion.in_base(u64::from(primary.offset))),
    }
}

/// The state of a copy that is not the current one.
fn state<T>(copy: &Result<Option<T>, Violation>) -> CopyState {
    match copy {
        Ok(Some(_)) => CopyState::Older,
        Ok(None) => CopyState::Blank,
        Err(violation) => CopyState::Invalid(*violation),
    }
}

fn dump<T>(copy: &Result<Option<(u64, T)>, Violation>) -> Option<u64> {
    copy.as_ref().ok().and_then(|found| found.as_ref().map(|(dump_count, _)| *dump_count))
}

/// Reads one copy; `None` for a shadow that was never written.
///
/// # Errors
/// The rule that is broken, with its offset in the file.
fn read_one<T>(
    image: &[u8],
    descriptor: Descriptor,
    is_shadow: bool,
    parse: impl FnOnce(&[u8]) -> Result<(u64, T), Broken>,
) -> Result<Option<(u64, T)>, Violation> {
    let start = u64::from(descriptor.offset);
    let in_file = |(offset, rule): Broken| rule.in_base(start.saturating_add(u64::try_from(offset).unwrap_or(0)));
    let sealed = slice(image, index(descriptor.offset), index(descriptor.bytes));
    let sealed = sealed.ok_or(in_file((0, Rule::FileLength)))?;
    if is_shadow && sealed.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let mut bytes = try_copied(sealed).map_err(|error| in_file((0, error.into())))?;
    let header = block::unseal(&mut bytes, BlockKind::Metadata).map_err(in_file)?;
    let end = index(block::signatures_offset(header.total_sectors));
    let record = bytes.get(block::HEADER_BYTES..end);
    let record = record.ok_or(in_file((0, Rule::RecordRoom)))?;
    let in_record = |(offset, rule): Broken| in_file((offset.saturating_add(block::HEADER_BYTES), rule));
    let (dump_count, model) = parse(record).map_err(in_record)?;
    if dump_count.is_multiple_of(2) != is_shadow {
        return Err(in_record((0, Rule::CopyParity)));
    }
    if dump_count >= DUMP_COUNT_END {
        return Err(in_record((0, Rule::DumpCount)));
    }
    if header.usn != usn_of(dump_count) {
        return Err(in_file((block::USN_OFFSET, Rule::CopyUsn)));
    }
    Ok(Some((dump_count, model)))
}
