//! Larger blocks in a log that is open.
//!
//! How large blocks may become is decided when a log is opened, because it decides how much of a container's end may
//! be lost. A record that does not fit raises the limit, once, for all streams, as far as containers of this size can
//! place such blocks and what is promised keeps its room. It falls back when the log is opened again.

use super::open_block::BlockLimit;
use super::physical_log::Log;
use super::storage::Storage;
use super::write::Forced;
use crate::units::Status;

impl<S: Storage> Log<S> {
    /// Makes sure that blocks may become large enough for a record of `data_bytes`.
    ///
    /// # Errors
    /// * `LOG_BLOCKS_EXHAUSTED`: two such blocks would not fit into a container, or it is above [`BlockLimit::MAX`].
    /// * `LOG_FULL`: with such blocks, what is promised could not be written for certain.
    /// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has none. `INSUFFICIENT_RESOURCES`; `ACCESS_DENIED`: opened to be read;
    ///   or `LOG_STATE_INVALID`: the log is stopped.
    pub fn allow_record(&mut self, data_bytes: usize) -> Result<(), Status> {
        let limit = BlockLimit::of(0, data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
        if limit <= self.space.block_limit() {
            return Ok(());
        }
        self.condition.writable()?;
        self.check_enlarged(limit).inspect_err(|status| self.want(limit, *status))?;
        self.reserve_memory(limit)?;
        self.write_before_filling(limit)?;
        self.space.raise_limit(limit);
        for block in self.streams.blocks_mut() {
            block.enlarge(limit);
        }
        self.leave_short_container()?;
        self.condition.changed();
        self.settle()
    }

    fn check_enlarged(&self, limit: BlockLimit) -> Result<(), Status> {
        if self.ring.count() == 0 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        if self.ring.layout().usable() < limit.disk_bytes().saturating_mul(2) {
            return Err(Status::LOG_BLOCKS_EXHAUSTED);
        }
        self.space.check_limit(&self.room(), limit)
    }

    /// A full log that could hold the record once there is room says from now on that there is none while there is not
    /// enough for it: otherwise room would be made for smaller blocks only, and the record find none for ever.
    fn want(&mut self, limit: BlockLimit, refused: Status) {
        if refused == Status::LOG_FULL && self.space.want_limit(limit) {
            self.condition.changed();
        }
    }

    /// Takes all the memory first, so that nothing has changed when there is not enough.
    fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), Status> {
        for block in self.streams.blocks_mut() {
            block.reserve_memory(limit)?;
        }
        Ok(self.sealer.reserve_memory(limit)?)
    }

    /// If the container's rest will be filled up: writes what waits in memory, whose LSNs name a position before that.
    fn write_before_filling(&mut self, limit: BlockLimit) -> Result<(), Status> {
        let room = self.ring.layout().room(u64::from(self.head.end().block_offset()));
        if room >= limit.disk_bytes() {
            return Ok(());
        }
        for id in self.streams.ids().iter() {
            self.write_block(id, Forced::No)?;
        }
        Ok(())
    }
}
