//! Larger blocks in a log that is open.
//!
//! How large blocks may become is decided when a log is opened, because it decides how much of a container's end may
//! be lost. A record that does not fit raises the limit, once, for all streams, as far as containers of this size can
//! place such blocks and what is promised keeps its room. It falls back when the log is opened again.

use super::Log;
use super::open_block::BlockLimit;
use super::space::Room;
use super::storage::Storage;
use super::write::Forced;
use crate::units::memory::try_resize;
use crate::units::{Status, StreamId};

impl<S: Storage> Log<S> {
    /// Makes sure that blocks may become large enough for a record of `data_bytes`.
    ///
    /// # Errors
    /// * `LOG_BLOCKS_EXHAUSTED`: two such blocks would not fit into a container, or it is above [`BlockLimit::MAX`].
    /// * `LOG_FULL`: with such blocks, what is promised could not be written for certain.
    /// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has none. `INSUFFICIENT_RESOURCES`; `ACCESS_DENIED`: opened to be read; or
    ///   the status that stopped the log.
    pub fn allow_record(&mut self, data_bytes: usize) -> Result<(), Status> {
        let limit = BlockLimit::of(0, data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
        if limit.bytes() <= self.block_limit.bytes() {
            return Ok(());
        }
        self.writable()?;
        self.check_enlarged(limit).inspect_err(|status| self.want(limit, *status))?;
        self.reserve_memory(limit)?;
        self.write_before_filling(limit)?;
        self.block_limit = limit;
        self.wanted_limit = self.wanted_limit.max(limit);
        for block in self.streams.iter_mut().flatten().filter_map(|stream| stream.block.as_mut()) {
            block.enlarge(limit);
        }
        self.leave_short_container()?;
        self.changed();
        self.settle()
    }

    fn check_enlarged(&self, limit: BlockLimit) -> Result<(), Status> {
        if self.ring.count() == 0 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        let block_bytes = limit.disk_bytes();
        if self.layout.usable() < block_bytes.saturating_mul(2) {
            return Err(Status::LOG_BLOCKS_EXHAUSTED);
        }
        let room = Room { block_bytes, ..self.room() };
        if self.promises.total() > room.certain() { Err(Status::LOG_FULL) } else { Ok(()) }
    }

    /// A full log that could hold the record once there is room says from now on that there is none while there is not
    /// enough for it: or whoever makes room would find enough for smaller blocks, and the record none for ever.
    fn want(&mut self, limit: BlockLimit, refused: Status) {
        if refused == Status::LOG_FULL && limit > self.wanted_limit {
            self.wanted_limit = limit;
            self.changed();
        }
    }

    /// Takes all the memory first, so that nothing has changed when there is not enough.
    fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), Status> {
        for block in self.streams.iter_mut().flatten().filter_map(|stream| stream.block.as_mut()) {
            block.reserve_memory(limit)?;
        }
        Ok(try_resize(&mut self.scratch, limit.bytes().saturating_mul(2))?)
    }

    /// If the container's rest will be filled up: writes what waits in memory, whose LSNs name a position before that.
    fn write_before_filling(&mut self, limit: BlockLimit) -> Result<(), Status> {
        let room = self.layout.room(u64::from(self.end.block_offset()));
        if room >= limit.disk_bytes() {
            return Ok(());
        }
        for id in (0..=StreamId::MAX.0).map(StreamId) {
            if self.stream(id).is_ok() {
                self.write_block(id, Forced::No)?;
            }
        }
        Ok(())
    }
}
