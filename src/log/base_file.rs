//! The base log file of an open log: its contents as they are in memory, and the writes that make them durable.
//!
//! One copy of the general block is written and flushed; the other stays as it was, so that a torn write loses nothing.

use alloc::vec::Vec;

use super::io_statistics::IoStatistics;
use super::storage::{Storage, StorageFile};
use crate::format::base_record::BaseRecord;
use crate::format::control::BlockIndex;
use crate::format::extension::Extension;
use crate::format::metadata::Metadata;
use crate::format::symbol::Symbol;
use crate::units::memory::{OutOfMemory, try_push, try_resize};
use crate::units::{Bytes, Status};

/// Why metadata were not written.
#[derive(Debug)]
pub(super) enum WriteFailure {
    /// The disk holds what it held before. It may hold in the older copy what was to be written, too: the log is as it
    /// was when what it was before is written again.
    Refused(Status),
    /// Which of the two the disk holds is not known.
    Unknown,
}

/// # Invariants
/// * A container's file is deleted only after a write that no longer names it: until then its name waits in `leaving`.
/// * Nothing goes over the copy before until `is_certain`: a flush that failed may have dropped what was read.
#[derive(Debug)]
pub(super) struct BaseFile<F> {
    file: F,
    metadata: Metadata,
    /// Whether the disk has what was read.
    is_certain: bool,
    /// Reused for every write.
    buffer: Vec<u8>,
    /// Containers that have left the metadata; with room for all that are pending, so that moving a tail needs no
    /// memory.
    leaving: Vec<Symbol>,
}

impl<F: StorageFile> BaseFile<F> {
    /// The file with these contents; `buffer` has room for the general block if it is to be written.
    pub(super) const fn new(file: F, metadata: Metadata, buffer: Vec<u8>) -> Self {
        Self { file, metadata, is_certain: false, buffer, leaving: Vec::new() }
    }

    /// Everything.
    pub(super) const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The streams and containers.
    pub(super) const fn record(&self) -> &BaseRecord {
        &self.metadata.base
    }

    /// The streams and containers, to be changed; durable with the next write.
    pub(super) const fn record_mut(&mut self) -> &mut BaseRecord {
        &mut self.metadata.base
    }

    /// Whether the record is not too large to be written.
    pub(super) fn is_writable(&self) -> bool {
        self.metadata.is_writable()
    }

    pub(super) fn size(&self) -> Result<Bytes, Status> {
        self.file.size()
    }

    /// Writes the image of a new log.
    pub(super) fn write_image(&mut self, image: &[u8]) -> Result<(), Status> {
        self.file.write_at(0, image)?;
        self.file.flush()?;
        self.is_certain = true;
        Ok(())
    }

    /// Writes what was read once more, as it is, and makes it durable.
    fn make_certain(&mut self, io: &mut IoStatistics) -> Result<(), WriteFailure> {
        if self.is_certain {
            return Ok(());
        }
        let bytes = self.write_again().map_err(WriteFailure::Refused)?;
        self.file.flush().map_err(|_| WriteFailure::Unknown)?;
        io.note_metadata(bytes);
        self.is_certain = true;
        Ok(())
    }

    fn write_again(&mut self) -> Result<usize, Status> {
        let size = self.file.size()?.0;
        let piece = u64::from(self.metadata.control.block(BlockIndex::General).bytes).max(1);
        let mut offset = 0;
        while offset < size {
            let bytes = size.saturating_sub(offset).min(piece);
            try_resize(&mut self.buffer, usize::try_from(bytes).map_err(|_| Status::LOG_METADATA_INVALID)?)?;
            self.file.read_at(offset, &mut self.buffer)?;
            self.file.write_at(offset, &self.buffer)?;
            offset = offset.saturating_add(bytes);
        }
        usize::try_from(size).map_err(|_| Status::LOG_METADATA_INVALID)
    }

    /// Writes the record and makes it durable.
    ///
    /// # Errors
    /// After a refusal there may be one more write; after anything else there must be none.
    pub(super) fn write(&mut self, io: &mut IoStatistics) -> Result<(), WriteFailure> {
        self.make_certain(io)?;
        if self.metadata.needs_extension() {
            return self.extend(io);
        }
        let before = self.metadata.base.dump_count;
        let offset = self.metadata.next_general(&mut self.buffer).map_err(WriteFailure::Refused)?;
        self.file.write_at(offset, &self.buffer).map_err(|status| {
            // The next write goes to the same copy: the other one is the only good one.
            self.metadata.base.dump_count = before;
            WriteFailure::Refused(status)
        })?;
        self.file.flush().map_err(|_| WriteFailure::Unknown)?;
        io.note_metadata(self.buffer.len());
        Ok(())
    }

    /// Writes larger general blocks; until the control copy that names them is durable, the old ones count.
    fn extend(&mut self, io: &mut IoStatistics) -> Result<(), WriteFailure> {
        let extension = self.metadata.plan_extension().map_err(WriteFailure::Refused)?;
        // Writes to come take no memory.
        let largest = extension.writes.iter().map(|write| write.bytes.len()).max().unwrap_or(0);
        self.buffer.clear();
        self.buffer.try_reserve(largest).map_err(|_| WriteFailure::Refused(Status::INSUFFICIENT_RESOURCES))?;
        for (nth, write) in extension.writes.iter().enumerate() {
            self.file.write_at(write.offset, &write.bytes).map_err(|status| {
                if nth < Extension::NAMING { WriteFailure::Refused(status) } else { WriteFailure::Unknown }
            })?;
            self.file.flush().map_err(|_| WriteFailure::Unknown)?;
            io.note_metadata(write.bytes.len());
        }
        self.metadata.finish_extension(extension);
        Ok(())
    }

    /// Makes room for `count` containers to leave.
    pub(super) fn reserve_leaving(&mut self, count: usize) -> Result<(), OutOfMemory> {
        self.leaving.try_reserve(count).map_err(|_| OutOfMemory)
    }

    /// Takes a container out of the record; its file is deleted when that is durable. Needs no memory: room was made
    /// when the container was marked.
    pub(super) fn leave(&mut self, physical: u32) -> Result<(), OutOfMemory> {
        let symbol = self.metadata.base.remove_container(physical);
        symbol.map_or(Ok(()), |symbol| try_push(&mut self.leaving, symbol))
    }

    /// Deletes the files of containers that are no longer part of the log. The log is as it should be whether that
    /// succeeds or not; a file that stays is no part of it.
    pub(super) fn delete_left(&mut self, storage: &impl Storage) {
        for symbol in self.leaving.drain(..) {
            let _ = storage.delete_container(&symbol.name);
        }
    }
}
