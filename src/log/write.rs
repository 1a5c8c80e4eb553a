//! Blocks from memory into containers.

use super::Log;
use super::layout::Layout;
use super::open_block::OpenBlock;
use super::storage::{Storage, StorageFile};
use crate::format::block::{BlockHeader, BlockKind, HEADER_BYTES, seal, write_header};
use crate::format::record::{RecordHeader, RecordKind, write_record};
use crate::units::{Lsn, SECTOR, Status, StreamId, index, sectors_to_bytes};

/// Whether somebody asked for the block to be on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

/// Where a block goes, and where the next one will.
#[derive(Clone, Copy, Debug)]
struct Placement {
    at: Lsn,
    sectors: u16,
    following: Lsn,
    usn: u8,
}

impl<S: Storage> Log<S> {
    /// Writes the stream's open block, if it holds records. Not durable yet.
    ///
    /// A failure stops the log: how much of the block the disk took is not known.
    pub(super) fn write_block(&mut self, id: StreamId, forced: Forced) -> Result<(), Status> {
        let Some(sectors) = self.stream(id)?.unwritten().map(OpenBlock::sectors) else {
            return Ok(());
        };
        let placement = self.place(sectors)?;
        self.seal_into_scratch(id, &placement, forced)?;
        let block_bytes = index(sectors_to_bytes(placement.sectors));
        self.write_pieces(&placement, block_bytes).map_err(|status| self.stop(status))?;
        let ends = self
            .stream(id)?
            .unwritten()
            .map(|block| (block.lsn(), block.last_lsn()))
            .ok_or(Status::LOG_STATE_INVALID)?;
        self.note_region(id, &placement, ends).map_err(|status| self.stop(status))?;
        let flushed = self.flushed;
        let stream = self.stream_mut(id)?;
        let is_first_undurable = stream.written_end <= flushed;
        stream.written_end = placement.following;
        if let Some(block) = stream.block.as_mut() {
            let promised = block.disk_bytes();
            let lsn = block.lsn();
            block.clear();
            if is_first_undurable {
                stream.undurable_from = lsn;
            }
            self.promises.open_blocks = self.promises.open_blocks.saturating_sub(promised);
        }
        self.end = placement.following;
        self.changed();
        if placement.following.container() != placement.at.container() {
            self.leave_container(placement.at.container())?;
        }
        Ok(())
    }

    /// The container's last block reaches to its end, so that blocks follow each other without gaps.
    fn place(&self, sectors: u16) -> Result<Placement, Status> {
        let container = self.ring.get(self.end.container()).ok_or(Status::LOG_FULL)?;
        let offset = u64::from(self.end.block_offset());
        let room = self.layout.room(offset);
        let wanted = u64::from(sectors_to_bytes(sectors));
        let is_last = room.saturating_sub(wanted) < self.block_bytes();
        let bytes = if is_last { room } else { wanted };
        let sectors = u16::try_from(bytes.div_euclid(SECTOR)).map_err(|_| Status::LOG_STATE_INVALID)?;
        let following = self.behind_block(self.end, index(sectors_to_bytes(sectors)))?;
        Ok(Placement { at: self.end, sectors, following, usn: container.usn })
    }

    fn seal_into_scratch(&mut self, id: StreamId, placement: &Placement, forced: Forced) -> Result<(), Status> {
        let stream = self.streams.get(usize::from(id.0)).and_then(Option::as_ref).ok_or(Status::INVALID_PARAMETER)?;
        let block = stream.block.as_ref().ok_or(Status::LOG_STATE_INVALID)?;
        let bytes = index(sectors_to_bytes(placement.sectors));
        let target = self.scratch.get_mut(..bytes).ok_or(Status::LOG_STATE_INVALID)?;
        let content = block.content();
        let (head, slack) = target.split_at_mut_checked(content.len()).ok_or(Status::LOG_STATE_INVALID)?;
        head.copy_from_slice(content);
        slack.fill(0);
        block.mark_last(target)?;
        let next = if forced == Forced::Yes { placement.following } else { Lsn::INVALID };
        let header = BlockHeader::new(placement.usn, id, placement.sectors, placement.at, next);
        write_header(target, &header)?;
        seal(target, BlockKind::Data)?;
        Ok(())
    }

    fn write_pieces(&mut self, placement: &Placement, block_bytes: usize) -> Result<(), Status> {
        let container = self.ring.get(placement.at.container()).ok_or(Status::LOG_STATE_INVALID)?;
        for piece in self.layout.pieces(u64::from(placement.at.block_offset()), block_bytes) {
            let bytes = self.scratch.get(piece.block_bytes).ok_or(Status::LOG_STATE_INVALID)?;
            container.file.write_at(piece.container_offset, bytes)?;
        }
        self.io.note_data(block_bytes);
        Ok(())
    }

    fn note_region(&mut self, id: StreamId, placement: &Placement, (first, last): (Lsn, Lsn)) -> Result<(), Status> {
        if !self.layout.is_multiplexed {
            return Ok(());
        }
        let file = self.ring.get(placement.at.container()).ok_or(Status::LOG_STATE_INVALID)?.file.clone();
        let noted = super::regions::NotedBlock {
            at: placement.at,
            sectors: placement.sectors,
            stream: id,
            first,
            last,
            usn: placement.usn,
        };
        self.region.note(self.layout, &noted, |offset, page| file.write_at(offset, page))
    }

    /// Ends a container in which not every block has room: the log was written with a smaller block limit before.
    ///
    /// Blocks follow each other without gaps, so a block without a client's record goes there, of a stream that has no
    /// records otherwise (`docs/decisions/0003`). That room was never promised.
    pub(super) fn leave_short_container(&mut self) -> Result<(), Status> {
        let Some(container) = self.ring.get(self.end.container()) else {
            return Ok(());
        };
        let (at, usn) = (self.end, container.usn);
        let room = self.layout.room(u64::from(at.block_offset()));
        if room >= self.block_bytes() {
            return Ok(());
        }
        let following = Lsn::container_start(at.container().saturating_add(1));
        let sectors = u16::try_from(room.div_euclid(SECTOR)).map_err(|_| Status::LOG_STATE_INVALID)?;
        let placement = Placement { at, sectors, following, usn };
        let stream = self.filler_stream();
        self.seal_filler(stream, &placement)?;
        let block_bytes = index(sectors_to_bytes(sectors));
        self.write_pieces(&placement, block_bytes).map_err(|status| self.stop(status))?;
        self.note_region(stream, &placement, (at, at)).map_err(|status| self.stop(status))?;
        self.end = following;
        self.leave_container(at.container())
    }

    fn seal_filler(&mut self, stream: StreamId, placement: &Placement) -> Result<(), Status> {
        let bytes = index(sectors_to_bytes(placement.sectors));
        let target = self.scratch.get_mut(..bytes).ok_or(Status::LOG_STATE_INVALID)?;
        target.fill(0);
        let kind = RecordKind::DATA | RecordKind::START | RecordKind::LAST;
        let record =
            RecordHeader::new(placement.at, Lsn::INVALID, Lsn::INVALID, kind, 0).ok_or(Status::LOG_STATE_INVALID)?;
        write_record(target, HEADER_BYTES, &record, &[])?;
        let (at, sectors) = (placement.at, placement.sectors);
        let header = BlockHeader::new(placement.usn, stream, sectors, at, Lsn::INVALID);
        write_header(target, &header)?;
        seal(target, BlockKind::Data)?;
        Ok(())
    }

    /// The stream of blocks that only fill a container: in a multiplexed log the physical log, which has no records of
    /// its own; in a dedicated log one that it cannot have.
    pub(super) const fn filler_stream(&self) -> StreamId {
        if self.layout.is_multiplexed { StreamId::PHYSICAL } else { StreamId::MAX }
    }

    /// A full container becomes durable before the next one is begun, and the metadata name its end, so that recovery
    /// never has to look at more than one container.
    fn leave_container(&mut self, logical: u32) -> Result<(), Status> {
        let file = self.ring.get(logical).ok_or(Status::LOG_STATE_INVALID)?.file.clone();
        file.flush().map_err(|status| self.stop(status))?;
        self.io.note_flush();
        self.flushed = self.end;
        self.persist()
    }

    /// Writes the open blocks whose LSNs name a container before the one that is being written, so that every stream
    /// can move its tail into the current container.
    pub(super) fn settle(&mut self) -> Result<(), Status> {
        while self.drained < self.end.container() && self.ring.contains(self.end.container()) {
            let target = self.end.container();
            for id in (0..=StreamId::MAX.0).map(StreamId) {
                let is_behind = self
                    .stream(id)
                    .ok()
                    .and_then(|stream| stream.unwritten())
                    .is_some_and(|block| block.lsn().container() < target);
                if is_behind {
                    self.write_block(id, Forced::No)?;
                }
            }
            self.drained = target;
        }
        Ok(())
    }
}

/// A position in a container, or the start of the next container where it is at the end of this one.
pub(super) fn position_or_next(layout: Layout, container: u32, offset: u64) -> Result<Lsn, Status> {
    if offset >= layout.container_bytes {
        return Ok(Lsn::container_start(container.saturating_add(1)));
    }
    position(container, offset)
}

/// A physical position as an LSN.
pub(super) fn position(container: u32, offset: u64) -> Result<Lsn, Status> {
    let offset = u32::try_from(offset).map_err(|_| Status::LOG_STATE_INVALID)?;
    Lsn::new(container, offset, 0).map_err(|_| Status::LOG_STATE_INVALID)
}
