//! Finding blocks: the one that holds an LSN, and the one behind.
//!
//! In a dedicated log blocks follow each other. In a multiplexed log owner pages say where a stream's blocks are: an
//! LSN names a position that its block lies at or behind, so a search goes forward from there, region by region.

use super::cursor::Cursor;
use super::layout::sector_position;
use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::storage::Storage;
use crate::format::owner_page::{LsnRange, OwnerPage};
use crate::units::{Lsn, Status};

impl<S: Storage> Log<S> {
    /// The position of the block whose first record is `wanted`, or of one that is not it when there is none.
    pub(super) fn locate(&self, cursor: &mut Cursor, wanted: Lsn) -> Result<Lsn, Status> {
        let stream = cursor.stream;
        if !self.is_multiplexed() {
            return Ok(wanted);
        }
        // An empty stream keeps no container: others may have recycled the one that its base names.
        let mut region = self.ring.layout().region_from(wanted.max(Lsn::container_start(self.ring.first())));
        while region < self.head.end() {
            let page = self.page(cursor, region)?;
            if holds(page.range(stream), |last| last >= wanted) {
                return self.locate_in(cursor, region, wanted);
            }
            region = self.ring.layout().next_region(region)?;
        }
        Err(Status::LOG_RECORD_NONEXISTENT)
    }

    /// Halves the blocks of a region until one is left: their LSNs rise with their positions. Where one of them is
    /// damaged that may lead astray; then each is asked.
    fn locate_in(&self, cursor: &mut Cursor, region: Lsn, wanted: Lsn) -> Result<Lsn, Status> {
        let found = self.halve(cursor, region, wanted);
        if let Ok((at, lsn)) = found
            && lsn == wanted
        {
            return Ok(at);
        }
        let stream = cursor.stream;
        for sector in self.page(cursor, region)?.block_starts(stream) {
            let at = sector_position(region, sector)?;
            if self.ring.first_lsn_at(at) == Ok(wanted) {
                return Ok(at);
            }
        }
        found.map(|(at, _)| at)
    }

    /// The position and the LSN of the first block whose LSN is not below.
    fn halve(&self, cursor: &mut Cursor, region: Lsn, wanted: Lsn) -> Result<(Lsn, Lsn), Status> {
        let stream = cursor.stream;
        let count = self.page(cursor, region)?.block_starts(stream).count();
        let (mut low, mut high) = (0, count);
        let mut found = Err(Status::LOG_RECORD_NONEXISTENT);
        while low < high {
            let middle = low.midpoint(high);
            let sector = self.page(cursor, region)?.block_starts(stream).nth(middle);
            let at = sector_position(region, sector.ok_or(Status::LOG_BLOCK_INVALID)?)?;
            let lsn = self.ring.first_lsn_at(at)?;
            if lsn < wanted {
                low = middle.saturating_add(1);
            } else {
                high = middle;
                found = Ok((at, lsn));
            }
        }
        found
    }

    /// The owner page of a region: the log's own while the region is being filled, else the cursor's copy.
    fn page<'c>(&'c self, cursor: &'c mut Cursor, region: Lsn) -> Result<&'c OwnerPage, Status> {
        // Of a container that cannot be opened nothing is known, the end of the log included.
        self.ring.get(region.container()).map_or(Ok(()), |container| container.file().map(drop))?;
        if let Some(page) = self.head.page(region) {
            return Ok(page);
        }
        if cursor.page.as_ref().is_none_or(|(start, _)| *start != region) {
            cursor.page = Some((region, self.ring.owner_page(region)?));
        }
        cursor.page.as_ref().map(|(_, page)| page).ok_or(Status::LOG_BLOCK_INVALID)
    }

    /// The LSN of the first record of the stream's first block behind the one of `lsn`.
    pub(super) fn next_block_lsn(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Lsn, Status> {
        // A block that was read before it was written may have grown since.
        let was_open = cursor.is_unwritten && cursor.block_lsn == lsn.block();
        let is_open = || self.open_block_at(cursor.stream, lsn.block());
        if was_open && is_open()?.is_none() {
            self.load_block_of(cursor, lsn)?;
        }
        let next = if self.is_multiplexed() {
            self.next_block_of_stream(cursor, lsn)?
        } else {
            let behind = self.ring.layout().behind_block(lsn.block(), cursor.header.total_bytes())?;
            Some(behind).filter(|behind| *behind < self.head.end())
        };
        match next {
            Some(at) if self.is_multiplexed() => self.ring.first_lsn_at(at),
            Some(at) => Ok(at),
            None => {
                let open = self.streams.get(cursor.stream)?.unwritten().map(OpenBlock::lsn);
                open.filter(|open| *open > lsn).ok_or(Status::END_OF_FILE)
            }
        }
    }

    fn next_block_of_stream(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<Option<Lsn>, Status> {
        let wanted = lsn.block();
        let is_known = cursor.block_lsn == wanted && cursor.header.current.is_valid();
        let from = if is_known { cursor.header.current } else { wanted };
        if from.container() < self.ring.first() {
            // The tail has overtaken the reader: what came next there is gone.
            return Err(Status::LOG_START_OF_LOG);
        }
        let stream = cursor.stream;
        let mut region = self.ring.layout().region_from(from);
        while region < self.head.end() {
            let page = self.page(cursor, region)?;
            if holds(page.range(stream), |last| last.block() > wanted) {
                // The first block of this region whose LSN is above; positions before `from` cannot be.
                for sector in page.block_starts(stream) {
                    let at = sector_position(region, sector)?;
                    if at >= from && self.ring.first_lsn_at(at)? > wanted {
                        return Ok(Some(at));
                    }
                }
            }
            region = self.ring.layout().next_region(region)?;
        }
        Ok(None)
    }
}

/// Whether a stream's range in a region is not empty, and its last LSN is as wanted.
fn holds(range: LsnRange, is_wanted: impl FnOnce(Lsn) -> bool) -> bool {
    !range.is_empty() && is_wanted(range.last)
}
