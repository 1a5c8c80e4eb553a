//! The head of the log: where it ends, and how much of it is durable.
//!
//! A part of its own, so that the two positions move by these steps only: a block was written (`advance`), what was
//! written is durable (`note_flushed`), open blocks have followed into a container (`settle_to`).

use super::layout::Layout;
use super::regions::{CurrentRegion, PlacedBlock};
use crate::format::owner_page::OwnerPage;
use crate::units::memory::OutOfMemory;
use crate::units::{Lsn, SECTOR, Status};

/// Where the next block goes, and what lies before it.
///
/// # Invariants
/// * `flushed` is at most `end`; it never moves back. Both are in one container once a container that was filled has
///   been left, which makes it durable; but `flushed` is where the block begins that ran on into the one of `end`,
///   until that block is durable.
/// * `settled` is at most the container of `end`; it never moves back.
/// * `region` is the one around `end`, and its page has every block of it before `end`.
#[derive(Debug)]
pub(super) struct Head {
    /// Its container need not exist yet when the log is full.
    end: Lsn,
    /// Everything before is durable.
    flushed: Lsn,
    /// Open blocks from before this container have been written.
    settled: u32,
    /// The owner page of the region that is being filled (multiplexed).
    region: CurrentRegion,
}

impl Head {
    /// The end of a log that is durable up to there, with nothing in its region.
    pub(super) fn at(end: Lsn) -> Result<Self, OutOfMemory> {
        Ok(Self { end, flushed: end, settled: end.container(), region: CurrentRegion::at(end)? })
    }

    /// Where the next block goes.
    pub(super) const fn end(&self) -> Lsn {
        self.end
    }

    /// Everything before is durable.
    pub(super) const fn flushed(&self) -> Lsn {
        self.flushed
    }

    /// How far a block at the end is ahead of what is durable, as blocks say it: in sectors, and one more.
    pub(super) fn undurable(&self, layout: Layout) -> u32 {
        let sectors = layout.distance(self.flushed, self.end).div_euclid(SECTOR);
        u32::try_from(sectors.saturating_add(1)).unwrap_or(0)
    }

    /// The first container that nothing has been written into: the one at the end of the log, if it is untouched.
    pub(super) const fn first_free(&self) -> u32 {
        let container = self.end.container();
        if self.end.block_offset() == 0 { container } else { container.saturating_add(1) }
    }

    /// The owner page of the region that starts at `start`, if it is the one that is being filled.
    pub(super) fn page(&self, start: Lsn) -> Option<&OwnerPage> {
        self.region.page(start)
    }

    /// Goes behind a block that has been written at the end, and hands out the owner page of every region that is full
    /// now.
    ///
    /// # Errors
    /// What `write_page` returned; the end is as it was.
    pub(super) fn advance(
        &mut self,
        layout: Layout,
        block: &PlacedBlock,
        write_page: impl FnMut(Lsn, &[u8]) -> Result<(), Status>,
    ) -> Result<(), Status> {
        if layout.is_multiplexed {
            self.region.note(layout, block, write_page)?;
        }
        self.end = block.following;
        Ok(())
    }

    /// Notes that everything before `upto`, which was the end at some time, is durable.
    pub(super) fn note_flushed(&mut self, upto: Lsn) {
        self.flushed = self.flushed.max(upto);
    }

    /// The container at the end, if open blocks may have LSNs from before it.
    pub(super) fn unsettled(&self) -> Option<u32> {
        Some(self.end.container()).filter(|container| self.settled < *container)
    }

    /// Notes that no open block has an LSN from before `container`.
    pub(super) fn settle_to(&mut self, container: u32) {
        self.settled = self.settled.max(container);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::format::owner_page::Sector;
    use crate::units::{StreamId, sectors_to_bytes};

    const DEDICATED: Layout = Layout { is_multiplexed: false, container_bytes: 1 << 19 };
    const MULTIPLEXED: Layout = Layout { is_multiplexed: true, container_bytes: 1 << 20 };

    fn block(head: &Head, layout: Layout, sectors: u16) -> PlacedBlock {
        let at = head.end();
        let following = layout.behind_block(at, usize::try_from(sectors_to_bytes(sectors)).unwrap()).unwrap();
        PlacedBlock {
            at,
            following,
            sectors,
            usn: 1,
            stream: StreamId(3),
            first: at,
            last: at,
            undurable: 1,
            is_changed: false,
        }
    }

    fn no_page(_: Lsn, _: &[u8]) -> Result<(), Status> {
        panic!("a dedicated log has no owner pages");
    }

    #[test]
    fn the_end_goes_from_block_to_block_and_into_the_next_container() {
        let mut head = Head::at(Lsn::container_start(4)).unwrap();
        assert_eq!((head.first_free(), head.unsettled()), (4, None));
        head.advance(DEDICATED, &block(&head, DEDICATED, 24), no_page).unwrap();
        assert_eq!((head.end(), head.first_free()), (Lsn::new(4, 24 * 512, 0).unwrap(), 5));
        head.advance(DEDICATED, &block(&head, DEDICATED, 1000), no_page).unwrap();
        assert_eq!((head.end(), head.first_free()), (Lsn::container_start(5), 5));
        assert_eq!(head.unsettled(), Some(5));
        head.settle_to(5);
        assert_eq!(head.unsettled(), None);
    }

    #[test]
    fn what_is_durable_follows_the_end_and_never_goes_back() {
        let start = Lsn::container_start(1);
        let mut head = Head::at(start).unwrap();
        head.advance(DEDICATED, &block(&head, DEDICATED, 2), no_page).unwrap();
        let first = head.end();
        assert_eq!(head.flushed(), start);
        head.advance(DEDICATED, &block(&head, DEDICATED, 2), no_page).unwrap();
        head.note_flushed(head.end());
        // A slower flush that had begun before.
        head.note_flushed(first);
        assert_eq!(head.flushed(), head.end());
    }

    #[test]
    fn what_is_not_durable_is_counted_over_the_end_of_a_container() {
        let mut head = Head::at(Lsn::container_start(1)).unwrap();
        head.advance(DEDICATED, &block(&head, DEDICATED, 1020), no_page).unwrap();
        let start = head.end();
        head.note_flushed(start);
        assert_eq!(head.undurable(DEDICATED), 1);
        head.advance(DEDICATED, &block(&head, DEDICATED, 10), no_page).unwrap();
        assert_eq!((head.end(), head.undurable(DEDICATED)), (Lsn::new(2, 6 * 512, 0).unwrap(), 11));
        let next = block(&head, DEDICATED, 1);
        let next = PlacedBlock { undurable: head.undurable(DEDICATED), ..next };
        assert_eq!(next.durable(DEDICATED), Some(start));
    }

    #[test]
    fn a_region_is_kept_until_its_page_is_written() {
        let mut head = Head::at(Lsn::NULL).unwrap();
        let half = block(&head, MULTIPLEXED, 508);
        head.advance(MULTIPLEXED, &half, no_page).unwrap();
        assert_eq!(head.page(Lsn::NULL).unwrap().sector(507).map(|sector| sector != Sector::Free), Some(true));
        let rest = block(&head, MULTIPLEXED, 510);
        let refused = head.advance(MULTIPLEXED, &rest, |_, _| Err(Status::DISK_FULL));
        assert_eq!((refused, head.end()), (Err(Status::DISK_FULL), half.following));
        let mut head = Head::at(Lsn::NULL).unwrap();
        head.advance(MULTIPLEXED, &half, no_page).unwrap();
        let mut pages = Vec::new();
        head.advance(MULTIPLEXED, &rest, |page, _| {
            pages.push(page);
            Ok(())
        })
        .unwrap();
        assert_eq!(pages, [Lsn::new(0, 0x7F000, 0).unwrap()]);
        let next = Lsn::new(0, 0x80000, 0).unwrap();
        assert_eq!(head.end(), Lsn::new(0, 0x80000 + 2 * 512, 0).unwrap());
        assert!(head.page(Lsn::NULL).is_none() && head.page(next).is_some());
    }
}
