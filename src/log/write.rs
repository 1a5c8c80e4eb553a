//! Blocks from memory into containers.

use super::open_block::OpenBlock;
use super::physical_log::Log;
use super::regions::PlacedBlock;
use super::storage::{Storage, StorageFile};
use crate::units::{Lsn, Status, StreamId, index, sectors_to_bytes};

impl<S: Storage> Log<S> {
    /// Writes the stream's open block, if it holds records. Not durable yet.
    ///
    /// A failure stops the log: how much of the block the disk took is not known.
    pub(super) fn write_block(&mut self, id: StreamId) -> Result<(), Status> {
        let Some(open) = self.streams.get(id)?.unwritten() else {
            return Ok(());
        };
        let block = self.place(id, open)?;
        // So Windows writes.
        let next = if open.holds_restart_area() { block.following } else { Lsn::INVALID };
        self.sealer.seal(open, &block, next)?;
        self.write_sealed(&block)?;
        let written = self.streams.get_mut(id)?.note_written(block.following, self.head.flushed());
        self.space.note_written(written);
        self.condition.changed();
        if block.following.container() == block.at.container() { Ok(()) } else { self.leave_container(&block) }
    }

    fn place(&self, id: StreamId, open: &OpenBlock) -> Result<PlacedBlock, Status> {
        let at = self.head.end();
        let layout = self.ring.layout();
        let (sectors, usn) = (open.sectors(), self.ring.lap());
        let following = layout.behind_block(at, index(sectors_to_bytes(sectors)))?;
        let last_container = if following.block_offset() == 0 { at.container() } else { following.container() };
        if !self.ring.contains(at.container()) || !self.ring.contains(last_container) {
            return Err(Status::LOG_FULL);
        }
        let (first, last, undurable) = (open.lsn(), open.last_lsn(), self.head.undurable(layout));
        Ok(PlacedBlock { at, following, sectors, usn, stream: id, first, last, undurable, is_changed: false })
    }

    /// Writes the block that was sealed, and the owner pages of the regions that it fills; the end is behind it then.
    fn write_sealed(&mut self, block: &PlacedBlock) -> Result<(), Status> {
        if self.base.record().is_closed() {
            // Not any more.
            self.persist()?;
        }
        let sealed = self.sealer.sealed()?;
        let written = self.ring.write_block(block.at, sealed).and_then(|()| {
            self.io.note_data(block.bytes());
            self.head.advance(self.ring.layout(), block, |page, bytes| self.ring.write_page(page, bytes))
        });
        written.map_err(|status| self.condition.stop(status))
    }

    /// The stream of blocks that only fill a container, which earlier versions wrote: in a multiplexed log the physical
    /// log, which has no records of its own; in a dedicated log one that it cannot have.
    pub(super) const fn filler_stream(&self) -> StreamId {
        if self.is_multiplexed() { StreamId::PHYSICAL } else { StreamId::MAX }
    }

    /// A full container becomes durable before anything more is written behind it, and the metadata name its end, so
    /// that recovery never has to look at more than one container and the block that ran on into it.
    fn leave_container(&mut self, last: &PlacedBlock) -> Result<(), Status> {
        let flushed = self.ring.get(last.at.container()).ok_or(Status::LOG_STATE_INVALID)?.file()?.flush();
        flushed.map_err(|status| self.condition.stop(status))?;
        self.io.note_flush();
        // What ran on lies in another file.
        let is_whole = last.following.block_offset() == 0;
        self.head.note_flushed(if is_whole { last.following } else { last.at });
        self.persist()
    }

    /// Writes the open blocks whose LSNs name a container before the one that is being written, so that every stream
    /// can move its tail into the current container.
    pub(super) fn settle(&mut self) -> Result<(), Status> {
        while let Some(target) = self.head.unsettled().filter(|container| self.ring.contains(*container)) {
            for id in self.streams.ids().iter() {
                let open = self.streams.get(id)?.unwritten();
                if open.is_some_and(|block| block.lsn().container() < target) {
                    self.write_block(id)?;
                }
            }
            self.head.settle_to(target);
        }
        Ok(())
    }
}
