//! Larger blocks in a log that is open.
//!
//! How large blocks may become is decided when a log is opened. A record that does not fit raises the limit, once, for
//! all streams, as far as containers of this size can place such blocks. It falls back when the log is opened again.
//! From then on a log has spare room only while there is enough for such a block: otherwise room would be made for
//! smaller ones, and the record find none for ever.

use super::open_block::BlockLimit;
use super::physical_log::Log;
use super::storage::Storage;
use crate::units::Status;

impl<S: Storage> Log<S> {
    /// Makes sure that blocks may become large enough for a record of `data_bytes`.
    ///
    /// # Errors
    /// * `LOG_BLOCKS_EXHAUSTED`: two such blocks would not fit into a container, or it is above [`BlockLimit::MAX`].
    /// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has none. `INSUFFICIENT_RESOURCES`; `ACCESS_DENIED`: opened to be read;
    ///   or `LOG_STATE_INVALID`: the log is stopped.
    pub fn allow_record(&mut self, data_bytes: usize) -> Result<(), Status> {
        let limit = BlockLimit::of(0, data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
        if limit <= self.space.block_limit() {
            return Ok(());
        }
        self.condition.writable()?;
        self.check_enlarged(limit)?;
        self.reserve_memory(limit)?;
        self.space.raise_limit(limit);
        for block in self.streams.blocks_mut() {
            block.enlarge(limit);
        }
        self.condition.changed();
        Ok(())
    }

    fn check_enlarged(&self, limit: BlockLimit) -> Result<(), Status> {
        if self.ring.count() == 0 {
            return Err(Status::LOG_NOT_ENOUGH_CONTAINERS);
        }
        if self.ring.layout().usable() < limit.disk_bytes().saturating_mul(2) {
            return Err(Status::LOG_BLOCKS_EXHAUSTED);
        }
        Ok(())
    }

    /// Takes all the memory first, so that nothing has changed when there is not enough.
    fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), Status> {
        for block in self.streams.blocks_mut() {
            block.reserve_memory(limit)?;
        }
        Ok(self.sealer.reserve_memory(limit)?)
    }
}
