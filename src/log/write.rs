//! Blocks from memory into containers.

use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::regions::PlacedBlock;
use super::storage::{Storage, StorageFile};
use crate::units::{Lsn, SECTOR, Status, StreamId, index, sectors_to_bytes};

/// Whether somebody asked for the block to be on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

impl<S: Storage> Log<S> {
    /// Writes the stream's open block, if it holds records. Not durable yet.
    ///
    /// A failure stops the log: how much of the block the disk took is not known.
    pub(super) fn write_block(&mut self, id: StreamId, forced: Forced) -> Result<(), Status> {
        let Some(open) = self.streams.get(id)?.unwritten() else {
            return Ok(());
        };
        let block = self.place(id, open)?;
        let next = if forced == Forced::Yes { block.following } else { Lsn::INVALID };
        self.sealer.seal(open, &block, next)?;
        self.write_sealed(&block)?;
        let written = self.streams.get_mut(id)?.note_written(block.following, self.head.flushed());
        self.space.note_written(written);
        self.condition.changed();
        if block.following.container() != block.at.container() {
            self.leave_container(block.at.container())?;
        }
        Ok(())
    }

    /// The container's last block reaches to its end, so that blocks follow each other without gaps.
    fn place(&self, id: StreamId, open: &OpenBlock) -> Result<PlacedBlock, Status> {
        let at = self.head.end();
        let usn = self.ring.get(at.container()).ok_or(Status::LOG_FULL)?.usn;
        let layout = self.ring.layout();
        let room = layout.room(u64::from(at.block_offset()));
        let wanted = u64::from(sectors_to_bytes(open.sectors()));
        let is_last = room.saturating_sub(wanted) < self.space.block_bytes();
        let bytes = if is_last { room } else { wanted };
        let sectors = u16::try_from(bytes.div_euclid(SECTOR)).map_err(|_| Status::LOG_STATE_INVALID)?;
        let following = layout.behind_block(at, index(sectors_to_bytes(sectors)))?;
        let (first, last, undurable) = (open.lsn(), open.last_lsn(), self.head.undurable());
        Ok(PlacedBlock { at, following, sectors, usn, stream: id, first, last, undurable })
    }

    /// Writes the block that was sealed, and the owner pages of the regions that it fills; the end is behind it then.
    fn write_sealed(&mut self, block: &PlacedBlock) -> Result<(), Status> {
        let sealed = self.sealer.sealed()?;
        let written = self.ring.write_block(block.at, sealed).and_then(|()| {
            self.io.note_data(block.bytes());
            self.head.advance(self.ring.layout(), block, |page, bytes| self.ring.write_page(page, bytes))
        });
        written.map_err(|status| self.condition.stop(status))
    }

    /// Ends a container in which not every block has room: the log was written with a smaller block limit before.
    ///
    /// Blocks follow each other without gaps, so a block without a client's record goes there, of a stream that has no
    /// records otherwise (`docs/decisions/0003`). That room was never promised.
    pub(super) fn leave_short_container(&mut self) -> Result<(), Status> {
        let at = self.head.end();
        let Some(container) = self.ring.get(at.container()) else {
            return Ok(());
        };
        let room = self.ring.layout().room(u64::from(at.block_offset()));
        if room >= self.space.block_bytes() {
            return Ok(());
        }
        let following = Lsn::container_start(at.container().saturating_add(1));
        let sectors = u16::try_from(room.div_euclid(SECTOR)).map_err(|_| Status::LOG_STATE_INVALID)?;
        let stream = self.filler_stream();
        let (usn, undurable) = (container.usn, self.head.undurable());
        let block = PlacedBlock { at, following, sectors, usn, stream, first: at, last: at, undurable };
        self.sealer.seal_filler(&block)?;
        self.write_sealed(&block)?;
        self.leave_container(at.container())
    }

    /// The stream of blocks that only fill a container: in a multiplexed log the physical log, which has no records of
    /// its own; in a dedicated log one that it cannot have.
    pub(super) const fn filler_stream(&self) -> StreamId {
        if self.is_multiplexed() { StreamId::PHYSICAL } else { StreamId::MAX }
    }

    /// A full container becomes durable before the next one is begun, and the metadata name its end, so that recovery
    /// never has to look at more than one container.
    fn leave_container(&mut self, logical: u32) -> Result<(), Status> {
        let flushed = self.ring.get(logical).ok_or(Status::LOG_STATE_INVALID)?.file()?.flush();
        flushed.map_err(|status| self.condition.stop(status))?;
        self.io.note_flush();
        self.head.note_flushed(self.head.end());
        self.persist()
    }

    /// Writes the open blocks whose LSNs name a container before the one that is being written, so that every stream
    /// can move its tail into the current container.
    pub(super) fn settle(&mut self) -> Result<(), Status> {
        while let Some(target) = self.head.unsettled().filter(|container| self.ring.contains(*container)) {
            for id in self.streams.ids().iter() {
                let open = self.streams.get(id)?.unwritten();
                if open.is_some_and(|block| block.lsn().container() < target) {
                    self.write_block(id, Forced::No)?;
                }
            }
            self.head.settle_to(target);
        }
        Ok(())
    }
}
