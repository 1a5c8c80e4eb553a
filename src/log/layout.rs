//! Where data goes inside a container, and how much of it fits for certain.
//!
//! A container is a run of sectors that data blocks fill without gaps. In a multiplexed log the last 4 KiB of every
//! 512 KiB region belong to its owner page, and a block that meets one goes on behind it. A block that meets the end of
//! its container goes on in the one with the next logical id, so that a container need not begin with a block
//! (`docs/decisions/0013`).

use core::ops::Range;

use crate::format::context::{CONTAINER_UNIT, MULTIPLEXED_CONTAINER_UNIT};
use crate::format::owner_page::{OWNER_PAGE_OFFSET, REGION_BYTES};
use crate::units::{Lsn, SECTOR, Status};

/// The geometry of the containers of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) is_multiplexed: bool,
    /// Bytes of a container, 0 while the log has none.
    pub(super) container_bytes: u64,
}

/// A piece of a block: these bytes of the block lie at this offset of the container with this logical id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) container: u32,
    pub(super) container_offset: u64,
    pub(super) block_bytes: Range<usize>,
}

/// Bytes of a region that its owner page takes.
const OWNER_PAGE: u64 = REGION_BYTES.saturating_sub(OWNER_PAGE_OFFSET);

const fn widen(number: usize) -> u64 {
    const { assert!(usize::BITS <= u64::BITS) };
    #[expect(clippy::as_conversions, reason = "widening, by the assertion above; From<usize> for u64 does not exist")]
    {
        number as u64
    }
}

impl Layout {
    /// The smallest size step of a container.
    pub(super) const fn container_unit(is_multiplexed: bool) -> u64 {
        if is_multiplexed { MULTIPLEXED_CONTAINER_UNIT } else { CONTAINER_UNIT }
    }

    /// Bytes for data in a whole container.
    pub(super) fn usable(self) -> u64 {
        self.room(0)
    }

    /// Bytes for data from `offset` to the container's end.
    pub(super) fn room(self, offset: u64) -> u64 {
        let total = self.container_bytes.saturating_sub(offset);
        if !self.is_multiplexed {
            return total;
        }
        let regions_here = self.container_bytes.div_euclid(REGION_BYTES);
        let regions_before = offset.div_euclid(REGION_BYTES);
        let pages = regions_here.saturating_sub(regions_before).saturating_mul(OWNER_PAGE);
        total.saturating_sub(pages)
    }

    /// The offset that is `bytes` of data behind `offset`: never inside an owner page, at most the container's end.
    pub(super) fn behind(self, offset: u64, bytes: u64) -> u64 {
        let mut position = offset;
        let mut left = bytes;
        if self.is_multiplexed {
            loop {
                let room = self.run(position);
                if left < room {
                    break;
                }
                left = left.saturating_sub(room);
                position = position.div_euclid(REGION_BYTES).saturating_add(1).saturating_mul(REGION_BYTES);
                if position >= self.container_bytes {
                    return self.container_bytes;
                }
            }
        }
        position.saturating_add(left).min(self.container_bytes)
    }

    /// Bytes from `offset` to the next owner page, or to the container's end.
    fn run(self, offset: u64) -> u64 {
        if self.is_multiplexed {
            OWNER_PAGE_OFFSET.saturating_sub(offset.rem_euclid(REGION_BYTES))
        } else {
            self.container_bytes.saturating_sub(offset)
        }
    }

    /// The pieces in which a block of `bytes` lies that begins at a position: none while the log has no container.
    pub(super) fn pieces(self, at: Lsn, bytes: usize) -> impl Iterator<Item = Piece> {
        let (mut container, mut position) = (at.container(), u64::from(at.block_offset()));
        let mut done = 0_usize;
        core::iter::from_fn(move || {
            if position >= self.container_bytes {
                container = container.checked_add(1)?;
                position = 0;
            }
            let run = usize::try_from(self.run(position)).unwrap_or(usize::MAX);
            let length = run.min(bytes.saturating_sub(done));
            if length == 0 {
                return None;
            }
            let end = done.saturating_add(length);
            let piece = Piece { container, container_offset: position, block_bytes: done..end };
            done = end;
            position = self.behind(position, widen(length));
            Some(piece)
        })
    }

    /// The position behind a block: in a later container where it ends its own or runs on over its end.
    pub(super) fn behind_block(self, at: Lsn, block_bytes: usize) -> Result<Lsn, Status> {
        let (mut container, mut offset) = (at.container(), u64::from(at.block_offset()));
        let mut left = widen(block_bytes);
        while left > self.room(offset) {
            // No container holds anything: there is no position behind.
            let room = Some(self.room(offset)).filter(|room| *room > 0 || offset > 0);
            left = left.saturating_sub(room.ok_or(Status::LOG_STATE_INVALID)?);
            container = container.checked_add(1).ok_or(Status::LOG_STATE_INVALID)?;
            offset = 0;
        }
        self.position_or_next(container, self.behind(offset, left))
    }

    /// The region around a position. A base may be an LSN behind its container's end, where nothing is: then the first
    /// region of the next container.
    pub(super) fn region_from(self, position: Lsn) -> Lsn {
        region_of(self.position_of(position))
    }

    /// A position, or the start of the next container where an LSN names one behind its container's end.
    pub(super) fn position_of(self, position: Lsn) -> Lsn {
        let is_inside = u64::from(position.block_offset()) < self.container_bytes;
        if is_inside { position } else { Lsn::container_start(position.container().saturating_add(1)) }
    }

    /// Bytes of files from one position to a later one, owner pages among them.
    pub(super) fn distance(self, from: Lsn, to: Lsn) -> u64 {
        self.in_all(to).saturating_sub(self.in_all(from))
    }

    /// The position that is so many bytes of files before another.
    pub(super) fn before(self, at: Lsn, bytes: u64) -> Option<Lsn> {
        let place = self.in_all(at).checked_sub(bytes)?;
        let container = u32::try_from(place.checked_div(self.container_bytes)?).ok()?;
        position(container, place.checked_rem(self.container_bytes)?).ok()
    }

    fn in_all(self, at: Lsn) -> u64 {
        self.container_bytes.saturating_mul(at.container().into()).saturating_add(at.block_offset().into())
    }

    /// The region before the one that starts at `start`; `None` for the first of all.
    pub(super) fn region_before(self, start: Lsn) -> Option<Lsn> {
        self.before(start, REGION_BYTES)
    }

    /// The region behind the one that starts at `start`.
    pub(super) fn next_region(self, start: Lsn) -> Result<Lsn, Status> {
        self.position_or_next(start.container(), u64::from(start.block_offset()).saturating_add(REGION_BYTES))
    }

    /// A position in a container, or the start of the next container where it is at the end of this one.
    fn position_or_next(self, container: u32, offset: u64) -> Result<Lsn, Status> {
        if offset >= self.container_bytes {
            return Ok(Lsn::container_start(container.saturating_add(1)));
        }
        position(container, offset)
    }
}

/// A physical position as an LSN.
pub(super) fn position(container: u32, offset: u64) -> Result<Lsn, Status> {
    let offset = u32::try_from(offset).map_err(|_| Status::LOG_STATE_INVALID)?;
    Lsn::new(container, offset, 0).map_err(|_| Status::LOG_STATE_INVALID)
}

/// The start of the region around a position.
pub(super) fn region_of(position: Lsn) -> Lsn {
    let offset = u64::from(position.block_offset());
    at(position.container(), offset.saturating_sub(offset.rem_euclid(REGION_BYTES)))
}

/// Where a sector of the region that starts at `start` lies.
pub(super) fn sector_position(start: Lsn, sector: usize) -> Result<Lsn, Status> {
    let behind = widen(sector).saturating_mul(SECTOR);
    position(start.container(), u64::from(start.block_offset()).saturating_add(behind))
}

/// Where the owner page of the region that starts at `start` lies.
pub(super) fn page_of(start: Lsn) -> Lsn {
    at(start.container(), u64::from(start.block_offset()).saturating_add(OWNER_PAGE_OFFSET))
}

fn at(container: u32, offset: u64) -> Lsn {
    position(container, offset).unwrap_or(Lsn::INVALID)
}

/// The room behind the end of the log: blocks run on from container to container, so that all of it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Data bytes left in the container that is being written.
    pub(super) current: u64,
    /// Containers behind it.
    pub(super) free_containers: u32,
    pub(super) layout: Layout,
}

impl Room {
    /// Data bytes in all.
    pub(super) fn bytes(&self) -> u64 {
        self.layout.usable().saturating_mul(self.free_containers.into()).saturating_add(self.current)
    }

    /// How many containers' worth of new records fit behind what is promised. One that promises have eaten into counts
    /// as long as a block of `block_bytes`, the largest, fits: there is room in it for any record.
    pub(super) fn spare_containers(&self, block_bytes: u64, promised: u64) -> u32 {
        let left = self.bytes().saturating_sub(promised);
        let whole = left.checked_div(self.layout.usable()).unwrap_or(0);
        let rest = left.checked_rem(self.layout.usable()).unwrap_or(0);
        let containers = whole.saturating_add(u64::from(rest >= block_bytes));
        u32::try_from(containers).unwrap_or(u32::MAX).min(self.free_containers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MULTIPLEXED: Layout = Layout { is_multiplexed: true, container_bytes: 1 << 20 };

    #[test]
    fn owner_pages_take_their_room() {
        assert_eq!(MULTIPLEXED.usable(), (1 << 20) - 2 * 4096);
        assert_eq!(MULTIPLEXED.room(0x80000), 0x7F000);
        assert_eq!(MULTIPLEXED.room(0x7EE00), 0x200 + 0x7F000);
        assert_eq!(MULTIPLEXED.room(1 << 20), 0);
        let dedicated = Layout { is_multiplexed: false, container_bytes: 1 << 19 };
        assert_eq!(dedicated.room(512), (1 << 19) - 512);
    }

    #[test]
    fn positions_step_over_owner_pages() {
        assert_eq!(MULTIPLEXED.behind(0x7EE00, 0x200), 0x80000);
        assert_eq!(MULTIPLEXED.behind(0x7EE00, 0x400), 0x80200);
        assert_eq!(MULTIPLEXED.behind(0x80000, 0x7F000), 1 << 20);
        assert_eq!(MULTIPLEXED.behind(0, 0), 0);
    }

    #[test]
    fn a_block_that_meets_an_owner_page_lies_in_two_pieces() {
        let pieces: std::vec::Vec<_> = MULTIPLEXED.pieces(at(3, 0x7EE00), 1024).collect();
        assert_eq!(
            pieces,
            [
                Piece { container: 3, container_offset: 0x7EE00, block_bytes: 0..512 },
                Piece { container: 3, container_offset: 0x80000, block_bytes: 512..1024 }
            ]
        );
    }

    #[test]
    fn a_block_that_meets_its_containers_end_goes_on_in_the_next_one() {
        let dedicated = Layout { is_multiplexed: false, container_bytes: 1 << 19 };
        let pieces: std::vec::Vec<_> = dedicated.pieces(at(0, 0x7FE00), 2048).collect();
        assert_eq!(
            pieces,
            [
                Piece { container: 0, container_offset: 0x7FE00, block_bytes: 0..512 },
                Piece { container: 1, container_offset: 0, block_bytes: 512..2048 }
            ]
        );
        assert_eq!(dedicated.behind_block(at(0, 0x7FE00), 2048), Ok(at(1, 0x600)));
        assert_eq!(dedicated.behind_block(at(0, 0x7FE00), 512), Ok(at(1, 0)));
        assert_eq!(MULTIPLEXED.behind_block(at(0, 0xFEE00), 1024), Ok(at(1, 0x200)));
        let empty = Layout { is_multiplexed: false, container_bytes: 0 };
        assert_eq!(empty.behind_block(at(0, 0), 512), Err(Status::LOG_STATE_INVALID));
        assert_eq!(empty.pieces(at(0, 0), 512).count(), 0);
    }

    const BLOCK: u64 = 64 * 1024;

    fn room(current: u64, free_containers: u32) -> Room {
        let layout = Layout { is_multiplexed: false, container_bytes: 512 * 1024 };
        Room { current, free_containers, layout }
    }

    #[test]
    fn all_of_the_room_can_be_used() {
        assert_eq!(room(512, 2).bytes(), 512 + 2 * 512 * 1024);
        let multiplexed = Room { current: 0, free_containers: 2, layout: MULTIPLEXED };
        assert_eq!(multiplexed.bytes(), 2 * ((1 << 20) - 2 * 4096));
    }

    #[test]
    fn spare_containers_are_what_promises_leave() {
        assert_eq!(room(0, 2).spare_containers(BLOCK, 0), 2);
        assert_eq!(room(0, 2).spare_containers(BLOCK, 512), 2);
        assert_eq!(room(0, 2).spare_containers(BLOCK, 449 * 1024), 1);
        assert_eq!(room(512 * 1024, 2).spare_containers(BLOCK, 449 * 1024), 2);
        assert_eq!(room(512, 0).spare_containers(BLOCK, 0), 0);
    }

    #[test]
    fn positions_are_counted_over_the_ends_of_containers() {
        let dedicated = Layout { is_multiplexed: false, container_bytes: 1 << 19 };
        assert_eq!(dedicated.distance(at(3, 0x7FE00), at(4, 0x400)), 0x600);
        assert_eq!(dedicated.before(at(4, 0x400), 0x600), Some(at(3, 0x7FE00)));
        assert_eq!(dedicated.before(at(0, 0x400), 0x600), None);
        assert_eq!(MULTIPLEXED.region_before(at(4, 0)), Some(at(3, 0x80000)));
        assert_eq!(MULTIPLEXED.region_before(at(0, 0)), None);
    }
}
