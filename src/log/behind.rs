//! What lies behind the end of a log that was not closed.
//!
//! There may be whole blocks of the log's present life that never were acknowledged, where one before them was lost.
//! New blocks that grow up to them would bring them back, so they are erased before anything is written: a block is
//! gone with its first sector. They say what was durable when they were written. If that was behind the end that was
//! found, what is missing there was acknowledged, and nothing is written.
//!
//! Everything else stays as it is: blocks of former lives, whose own LSNs tell them apart, and torn ones, which their
//! digests do.

use alloc::vec::Vec;

use super::blocks::Found;
use super::layout::{page_of, position, region_of};
use super::open::OpenError;
use super::physical_log::Log;
use super::storage::{Storage, StorageFile};
use crate::format::sectors::{FirstSector, SectorPlace};
use crate::format::violation::Rule;
use crate::units::memory::try_zeroed;
use crate::units::{Lsn, SECTOR, SECTOR_BYTES, Status};

/// What lies behind the end is looked at in pieces of this size.
const CHUNK: usize = 1024 * 1024;
/// No block is longer, so none that runs on over a container's end begins further before it.
const BLOCK_BYTES_MAX: u64 = 65_535 * SECTOR;

impl<S: Storage> Log<S> {
    /// Makes sure that nothing acknowledged lies behind the end, then erases whole blocks there.
    pub(super) fn clear_behind(&self, end: Lsn) -> Result<(), OpenError> {
        let (mut block, mut any) = (Vec::new(), false);
        self.each_behind(end, |at| {
            let found = match self.ring.find_block(&mut block, at)? {
                Found::Nothing(_) => return Ok(()),
                Found::Strange(violation) => return Err(violation.into()),
                Found::Block(found) => found,
            };
            self.check_next(&found).map_err(|(offset, rule)| self.ring.violation(at, offset, rule))?;
            if found.durable(self.ring.layout()).is_none_or(|durable| durable > end) {
                return Err(self.ring.violation(end, 0, Rule::BlockBehind).into());
            }
            any = true;
            Ok(())
        })?;
        if any { self.each_behind(end, |at| self.erase(&mut block, at)) } else { Ok(()) }
    }

    /// Hands out where blocks of the present life begin that have all their sectors. Each sector is looked at once,
    /// whatever the sectors before it claim.
    fn each_behind(&self, end: Lsn, mut visit: impl FnMut(Lsn) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let layout = self.ring.layout();
        let rest = layout.container_bytes.saturating_sub(u64::from(end.block_offset()));
        // A container is left only when it is durable but for the block that runs on.
        let next = Lsn::container_start(end.container().saturating_add(1));
        let in_next = if rest < BLOCK_BYTES_MAX { layout.container_bytes } else { 0 };
        let mut chunk = try_zeroed(CHUNK)?;
        let mut begun = Begun::default();
        for (from, length) in [(end, rest), (next, in_next)] {
            let Some(container) = self.ring.get(from.container()) else { continue };
            let mut offset = u64::from(from.block_offset());
            let behind = offset.saturating_add(length);
            while offset < behind {
                let left = usize::try_from(behind.saturating_sub(offset)).unwrap_or(CHUNK);
                let bytes = chunk.get_mut(..left.min(CHUNK)).ok_or(Status::LOG_STATE_INVALID)?;
                container.file()?.read_at(offset, bytes)?;
                for sector in bytes.chunks_exact(SECTOR_BYTES) {
                    let at = position(container.logical, offset)?;
                    offset = offset.saturating_add(SECTOR);
                    let is_page = layout.is_multiplexed && at >= page_of(region_of(at));
                    let whole = if at > end && !is_page { begun.goes_on(at, sector) } else { None };
                    whole.map_or(Ok(()), &mut visit)?;
                }
            }
        }
        Ok(())
    }

    /// Zeroes the first sector of a whole block.
    fn erase(&self, block: &mut Vec<u8>, at: Lsn) -> Result<(), OpenError> {
        if matches!(self.ring.find_block(block, at)?, Found::Block(_)) {
            let container = self.ring.get(at.container()).ok_or(Status::LOG_STATE_INVALID)?;
            container.file()?.write_at(u64::from(at.block_offset()), &[0; SECTOR_BYTES])?;
        }
        Ok(())
    }
}

/// The block whose sectors are being looked at: where it began, its USN, and how many are to come.
#[derive(Default)]
struct Begun(Option<(Lsn, u8, u16)>);

impl Begun {
    /// Takes the next sector; where the block began that it is the last one of.
    fn goes_on(&mut self, at: Lsn, sector: &[u8]) -> Option<Lsn> {
        let before = self.0.take();
        let (place, usn) = SectorPlace::parse(sector)?;
        let (start, left) = if place == SectorPlace::First {
            let first = FirstSector::parse(sector).filter(|first| first.current == at)?;
            (at, first.total_sectors.saturating_sub(1))
        } else {
            let (start, _, left) = before.filter(|(_, begun, left)| *begun == usn && *left > 0)?;
            (start, left.saturating_sub(1))
        };
        if left == 0 {
            return Some(start);
        }
        self.0 = Some((start, usn, left)).filter(|_| place != SectorPlace::Last);
        None
    }
}
