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
use super::layout::position;
use super::open::OpenError;
use super::physical_log::Log;
use super::ring::Container;
use super::storage::{Storage, StorageFile};
use crate::format::sectors::FirstSector;
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
        let layout = self.ring.layout();
        let rest = layout.container_bytes.saturating_sub(u64::from(end.block_offset()));
        // A container is left only when it is durable but for the block that runs on.
        let next = Lsn::container_start(end.container().saturating_add(1));
        let in_next = if rest < BLOCK_BYTES_MAX { layout.container_bytes } else { 0 };
        let areas = [(end, rest), (next, in_next)];
        let mut chunk = try_zeroed(CHUNK)?;
        let mut any = false;
        for (from, length) in areas {
            any |= self.each_chunk(&mut chunk, from, length, |at, container, bytes| {
                self.check_behind(end, position(container.logical, at)?, bytes)
            })?;
        }
        if any {
            for (from, length) in areas {
                self.each_chunk(&mut chunk, from, length, |at, container, bytes| {
                    self.erase(end, at, container, bytes)
                })?;
            }
        }
        Ok(())
    }

    /// Reads the sectors from a position on, piece by piece; whether `look` said yes of one.
    fn each_chunk(
        &self,
        chunk: &mut [u8],
        from: Lsn,
        length: u64,
        mut look: impl FnMut(u64, &Container<S::File>, &mut [u8]) -> Result<bool, OpenError>,
    ) -> Result<bool, OpenError> {
        let Some(container) = self.ring.get(from.container()) else {
            return Ok(false);
        };
        let mut offset = u64::from(from.block_offset());
        let end = offset.saturating_add(length);
        let mut any = false;
        while offset < end {
            let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(CHUNK);
            let bytes = chunk.get_mut(..left.min(CHUNK)).ok_or(Status::LOG_STATE_INVALID)?;
            container.file()?.read_at(offset, bytes)?;
            any |= look(offset, container, bytes)?;
            offset = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        Ok(any)
    }

    /// Whether a whole block of the present life begins in these sectors.
    ///
    /// # Errors
    /// One is not understood, or was written when more was durable than has been found.
    fn check_behind(&self, end: Lsn, from: Lsn, bytes: &[u8]) -> Result<bool, OpenError> {
        let mut block = Vec::new();
        let mut any = false;
        for (sector, at) in bytes.chunks_exact(SECTOR_BYTES).zip(positions(from)) {
            if !may_begin(sector, at, end) {
                continue;
            }
            let found = match self.ring.find_block(&mut block, at)? {
                Found::Nothing(_) => continue,
                Found::Strange(violation) => return Err(violation.into()),
                Found::Block(found) => found,
            };
            self.check_next(&found).map_err(|(offset, rule)| self.ring.violation(at, offset, rule))?;
            if found.durable(self.ring.layout()).is_none_or(|durable| durable > end) {
                return Err(self.ring.violation(end, 0, Rule::BlockBehind).into());
            }
            any = true;
        }
        Ok(any)
    }

    /// Zeroes the first sectors of whole blocks of the present life.
    fn erase(&self, end: Lsn, offset: u64, container: &Container<S::File>, bytes: &[u8]) -> Result<bool, OpenError> {
        let mut block = Vec::new();
        let from = position(container.logical, offset)?;
        let offsets = (offset..).step_by(SECTOR_BYTES);
        for ((sector, at), offset) in bytes.chunks_exact(SECTOR_BYTES).zip(positions(from)).zip(offsets) {
            if may_begin(sector, at, end) && matches!(self.ring.find_block(&mut block, at)?, Found::Block(_)) {
                container.file()?.write_at(offset, &[0; SECTOR_BYTES])?;
            }
        }
        Ok(true)
    }
}

/// The positions of the sectors from one on.
fn positions(from: Lsn) -> impl Iterator<Item = Lsn> {
    (from.raw()..).step_by(SECTOR_BYTES).map(Lsn::from_raw)
}

/// Whether a sector at a position behind the end says that a block begins there.
fn may_begin(sector: &[u8], at: Lsn, end: Lsn) -> bool {
    at > end && FirstSector::parse(sector).is_some_and(|first| first.current == at)
}
