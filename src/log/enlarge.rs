//! Larger blocks in an open log.
//!
//! How large blocks may become is decided when a log is opened. A record that does not fit raises the limit, once, for
//! the whole log, as far as containers of this size can place such blocks. Memory for such a block has only the stream
//! that asked: the others' stay as they are. The limit falls back when the log is opened again.
//!
//! From then on a log has spare room only while there is enough for such a block: otherwise room would be made for
//! smaller ones, and the record find none for ever.

use super::open_block::{BlockLimit, OpenBlock};
use super::physical_log::Log;
use super::storage::Storage;
use crate::units::{Status, StreamId};

impl<S: Storage> Log<S> {
    /// Makes sure that the stream's blocks may become large enough for a record of `data_bytes`.
    ///
    /// # Errors
    /// * `LOG_BLOCKS_EXHAUSTED`: two such blocks would not fit into a container, or it is above [`BlockLimit::MAX`].
    /// * `LOG_NOT_ENOUGH_CONTAINERS`: the log has none. `INSUFFICIENT_RESOURCES`; `INVALID_PARAMETER`: no such stream;
    ///   `ACCESS_DENIED`: opened to be read; or `LOG_STATE_INVALID`: the log is stopped.
    pub fn allow_record(&mut self, id: StreamId, data_bytes: usize) -> Result<(), Status> {
        let limit = BlockLimit::of(0, data_bytes).ok_or(Status::LOG_BLOCKS_EXHAUSTED)?;
        let usual = self.space.usual_limit();
        let present = self.streams.get(id)?.block.as_ref().map_or(usual, OpenBlock::limit);
        if limit <= present {
            return Ok(());
        }
        self.condition.writable()?;
        self.check_enlarged(limit)?;
        // All the memory first, so that nothing has changed when there is not enough.
        self.streams.get_mut(id)?.open_block(usual)?.reserve_memory(limit)?;
        if limit > self.space.block_limit() {
            self.sealer.reserve_memory(limit)?;
            self.space.raise_limit(limit);
            self.condition.changed();
        }
        self.streams.get_mut(id)?.open_block(usual)?.enlarge(limit);
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
}
