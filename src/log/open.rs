//! Opening a log that exists.

use alloc::vec::Vec;

use super::assemble::Tables;
use super::containers::may_be_container;
use super::head::Head;
use super::layout::Layout;
use super::open_block::BlockLimit;
use super::physical_log::Log;
use super::ring::{Container, Ring};
use super::storage::{Access, Storage, StorageFile};
use super::stream::Stream;
use crate::format::attributes::FileAttributes;
use crate::format::check::check_writable;
use crate::format::context::{ClientContext, ContainerState};
use crate::format::metadata::{FILE_BYTES_MAX, Metadata};
use crate::format::violation::Violation;
use crate::units::memory::{OutOfMemory, try_push, try_with_capacity, try_zeroed};
use crate::units::{Lsn, Status, StreamId};

/// Why a log could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The format is violated, at this place.
    Violation(Violation),
    /// Anything else.
    Status(Status),
}

impl From<Status> for OpenError {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<OutOfMemory> for OpenError {
    fn from(error: OutOfMemory) -> Self {
        Self::Status(error.into())
    }
}

impl From<Violation> for OpenError {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl From<OpenError> for Status {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Violation(violation) => violation.into(),
            OpenError::Status(status) => status,
        }
    }
}

impl<S: Storage> Log<S> {
    /// Opens a log and finds its end. Opened for writing, what a crash left behind the end is erased; opened to be
    /// read, nothing is written at all, and a container that cannot be opened fails only the reads that need it.
    ///
    /// # Errors
    /// A violation of the format, with its place; of a log that is to be written also what is not understood in it, and
    /// what is missing before its end. `LOG_METADATA_INCONSISTENT`: the container files are not as the metadata say;
    /// `LOG_CONTAINER_OPEN_FAILED`, `SHARING_VIOLATION`, `OBJECT_NAME_NOT_FOUND`, `INSUFFICIENT_RESOURCES`, or what the
    /// storage reported. The files are as they were.
    pub fn open(storage: S, access: Access, block_limit: BlockLimit) -> Result<Self, OpenError> {
        let base_file = storage.open_base(access)?;
        let metadata = read_metadata(&base_file)?;
        storage.identify(metadata.base.client_name(StreamId::PHYSICAL).unwrap_or_default());
        if access == Access::Write {
            check_writable(&metadata)?;
        }
        let tables = Tables::new(&metadata, access, block_limit)?;
        let mut log = Self::assemble(storage, base_file, metadata, tables);
        log.open_containers()?;
        log.open_streams_of_metadata()?;
        if access == Access::Write {
            log.check_block_limit()?;
            log.base.record_mut().clear_stale_pointers();
            log.ring.count_laps();
        }
        log.recover()?;
        Ok(log)
    }

    fn open_containers(&mut self) -> Result<(), Status> {
        let record = self.base.record();
        let mut containers = try_with_capacity(record.containers().count())?;
        let mut layout = self.ring.layout();
        for context in record.containers() {
            let name = record.container_name(context.physical).unwrap_or_default();
            // "Not found" is said of the log only.
            let file = self.storage.open_container(name, self.condition.access()).map_err(|status| match status {
                Status::OBJECT_NAME_NOT_FOUND | Status::OBJECT_PATH_NOT_FOUND => Status::LOG_CONTAINER_OPEN_FAILED,
                status => status,
            });
            if self.condition.access() == Access::Write {
                let file = file.as_ref().map_err(|status| *status)?;
                if !may_be_container(file, context.size)? {
                    return Err(Status::LOG_METADATA_INCONSISTENT);
                }
            }
            layout = Layout { container_bytes: context.size, ..layout };
            let container = Container {
                physical: context.physical,
                logical: context.logical,
                usn: context.usn,
                is_pending_delete: context.state == ContainerState::ActivePendingDelete,
                file,
            };
            try_push(&mut containers, container)?;
        }
        self.ring = Ring::from_containers(layout, self.base.record().usn, containers)
            .ok_or(Status::LOG_METADATA_INCONSISTENT)?;
        Ok(self.reserve_leaving(1)?)
    }

    fn open_streams_of_metadata(&mut self) -> Result<(), Status> {
        let physical = self.base.record().client(StreamId::PHYSICAL).ok_or(Status::LOG_METADATA_INCONSISTENT)?;
        let end = physical.last;
        let mut opened: Vec<Stream> = try_with_capacity(StreamId::SLOTS)?;
        for context in self.base.record().clients() {
            try_push(&mut opened, stream_of(context, self.is_multiplexed(), end))?;
        }
        let layout = self.ring.layout();
        self.head = Head::at(if self.ring.count() > 0 { layout.position_of(end) } else { end })?;
        let first = self.ring.first();
        let is_known = |stream: &Stream| stream.tail().is_none_or(|tail| tail.container() >= first);
        let may_end_here = self.end_container() <= self.ring.next() && self.end_container() >= first;
        if !may_end_here || !opened.iter().all(is_known) {
            return Err(Status::LOG_METADATA_INCONSISTENT);
        }
        for stream in opened {
            self.streams.insert(stream);
        }
        Ok(())
    }

    /// Two of the largest blocks fit into a container, or no block of that size could be placed.
    fn check_block_limit(&self) -> Result<(), Status> {
        let fits = self.ring.count() == 0 || self.ring.layout().usable() >= self.space.block_bytes().saturating_mul(2);
        if fits { Ok(()) } else { Err(Status::INVALID_PARAMETER) }
    }
}

/// Reads and checks the base log file.
pub(super) fn read_metadata(base_file: &impl StorageFile) -> Result<Metadata, OpenError> {
    let size = base_file.size()?.0;
    if size > FILE_BYTES_MAX {
        return Err(Status::LOG_METADATA_INVALID.into());
    }
    let mut image = try_zeroed(usize::try_from(size).map_err(|_| Status::LOG_METADATA_INVALID)?)?;
    base_file.read_at(0, &mut image)?;
    Ok(Metadata::parse(&image)?.metadata)
}

fn stream_of(context: &ClientContext, is_multiplexed: bool, durable_end: Lsn) -> Stream {
    let is_physical = is_multiplexed && context.id == StreamId::PHYSICAL;
    let mut stream = Stream::empty(context.id, context.last);
    stream.base = context.base;
    stream.base_position = context.physical_base;
    stream.restart = context.restart;
    // A last LSN at the durable end may be that of a block which was begun before and was not durable.
    stream.rises_from = if context.last < durable_end { context.last.block() } else { Lsn::NULL };
    stream.has_records = !is_physical && context.base < context.last;
    stream.archive_tail = context.attributes.contains(FileAttributes::ARCHIVE).then_some(context.archive_tail);
    stream
}
