//! Owner pages against the blocks that they describe.
//!
//! While the blocks are walked, the page of their region is made again from them; when a region is full, the page on
//! disk must say the same.

use clfsmgmt::format::block::parse_header;
use clfsmgmt::format::owner_page::{OWNER_PAGE_BYTES, OwnerPage, REGION_SECTORS};
use clfsmgmt::format::violation::Rule;
use clfsmgmt::units::{Lsn, StreamId};

/// What an owner page says wrongly: where in the page, and what should hold there.
pub(super) type PageFault = (usize, String);

/// Compares the page on disk with the one that the blocks ask for, but for the sectors before `from`.
///
/// # Errors
/// The first difference.
pub(super) fn compare(
    sealed: &mut [u8; OWNER_PAGE_BYTES],
    expected: &OwnerPage,
    from: usize,
    may_have: impl FnOnce(u8) -> bool,
) -> Result<(), PageFault> {
    let header = parse_header(sealed).ok();
    let page = OwnerPage::parse(sealed).map_err(|(offset, rule)| (offset, rule.to_string()))?;
    if page.lsn != expected.lsn {
        return Err((0x18, Rule::BlockPosition.to_string()));
    }
    let header = header.ok_or((0, Rule::OwnerLayout.to_string()))?;
    if !may_have(header.usn) {
        return Err((2, Rule::BlockUsn.to_string()));
    }
    let [_, map, ranges, ..] = header.record_offsets.map(|offset| offset as usize);
    for number in from..REGION_SECTORS {
        if page.sector(number) != expected.sector(number) {
            let text = format!("sector {number} of the region is mapped as the blocks lie");
            return Err((map.saturating_add(2 * number), text));
        }
    }
    for id in (0..=StreamId::MAX.0).map(StreamId) {
        let (found, wanted) = (page.range(id), expected.range(id));
        if found != wanted {
            let text = format!(
                "the range of stream {id} is {}, as its blocks are, not {}",
                range(wanted.first, wanted.last),
                range(found.first, found.last)
            );
            return Err((ranges.saturating_add(16 * usize::from(id.0)), text));
        }
    }
    Ok(())
}

fn range(first: Lsn, last: Lsn) -> String {
    format!("{first} to {last}")
}
