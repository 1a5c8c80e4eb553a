//! From metadata and memory to a log with nothing in its tables yet: what creating and opening have in common.

use alloc::vec::Vec;

use super::base_file::BaseFile;
use super::condition::Condition;
use super::head::Head;
use super::io_statistics::IoStatistics;
use super::open_block::BlockLimit;
use super::physical_log::Log;
use super::ring::Ring;
use super::seal::Sealer;
use super::space::Space;
use super::storage::{Access, Storage};
use super::stream::StreamTable;
use crate::format::control::BlockIndex;
use crate::format::metadata::Metadata;
use crate::units::memory::try_with_capacity;
use crate::units::{Lsn, Status, index};

/// The memory of an open log, taken before any file is made.
pub(super) struct Tables {
    access: Access,
    block_limit: BlockLimit,
    streams: StreamTable,
    head: Head,
    sealer: Sealer,
    metadata_buffer: Vec<u8>,
}

impl Tables {
    pub(super) fn new(metadata: &Metadata, access: Access, block_limit: BlockLimit) -> Result<Self, Status> {
        let (streams, head) = (StreamTable::new()?, Head::at(Lsn::NULL)?);
        // A log that is only read writes neither blocks nor metadata.
        let (sealer, general) = match access {
            Access::Write => (Sealer::new(block_limit)?, index(metadata.control.block(BlockIndex::General).bytes)),
            Access::Read => (Sealer::without_memory(), 0),
        };
        let metadata_buffer = try_with_capacity(general)?;
        Ok(Self { access, block_limit, streams, head, sealer, metadata_buffer })
    }
}

impl<S: Storage> Log<S> {
    /// A log with nothing in its tables yet.
    pub(super) fn assemble(storage: S, base_file: S::File, metadata: Metadata, tables: Tables) -> Self {
        Self {
            ring: Ring::new(metadata.base.is_multiplexed()),
            storage,
            base: BaseFile::new(base_file, metadata, tables.metadata_buffer),
            streams: tables.streams,
            head: tables.head,
            space: Space::new(tables.block_limit),
            sealer: tables.sealer,
            condition: Condition::new(tables.access),
            io: IoStatistics::default(),
        }
    }
}
