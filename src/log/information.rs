//! What can be asked about an open log.

use super::io_statistics::IoStatistics;
use super::physical_log::Log;
use super::storage::Storage;
use super::stream::Stream;
use crate::format::attributes::FileAttributes;
use crate::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

/// A container's state as the interface documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerState {
    /// Holds no active records.
    Inactive,
    /// Part of the active log.
    Active,
    /// Active, and leaves the log when the tail has passed it.
    ActivePendingDelete,
}

/// One container.
#[derive(Clone, Copy, Debug)]
pub struct ContainerInformation<'a> {
    /// As the metadata name it, UTF-16.
    pub name: &'a [u16],
    /// All containers of a log have one size.
    pub size: Bytes,
    /// Constant for the container's life.
    pub physical: u32,
    /// Changes at each recycling.
    pub logical: u32,
    /// The USN of the container's present life.
    pub usn: u8,
    /// Free, active, or to be deleted.
    pub state: ContainerState,
}

/// The log as a whole, and one stream of it, as `CLFS_INFORMATION` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogInformation {
    /// The sum of all containers.
    pub total_available: Bytes,
    /// What new records and reservations may still take.
    pub current_available: Bytes,
    /// What reservations claim.
    pub total_reservation: Bytes,
    /// The size of the base log file.
    pub base_file_size: Bytes,
    /// The size of every container.
    pub container_size: Bytes,
    /// All containers.
    pub total_containers: ContainerCount,
    /// Those outside the active log.
    pub free_containers: ContainerCount,
    /// How many containers' worth of new records fit behind everything that is promised, the largest that was asked for
    /// among them.
    pub spare_containers: ContainerCount,
    /// Streams.
    pub total_clients: u32,
    /// The oldest container of the active log.
    pub first_container: u32,
    /// The container that is being written.
    pub last_container: u32,
    /// The log's identity.
    pub identity: [u8; 16],
}

/// One stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInformation {
    /// Its id.
    pub id: StreamId,
    /// The oldest LSN that is still wanted.
    pub base: Lsn,
    /// The next available LSN: above every record's.
    pub last: Lsn,
    /// Records below are durable.
    pub flushed: Lsn,
    /// The newest restart area, `INVALID` for none.
    pub restart: Lsn,
    /// The archive tail of a log that is archived.
    pub archive_tail: Option<Lsn>,
    /// Whether a record at or above the base exists.
    pub has_records: bool,
}

impl<S: Storage> Log<S> {
    /// The log as a whole.
    ///
    /// # Errors
    /// What the storage reported when it was asked for the base log file's size.
    pub fn information(&self) -> Result<LogInformation, Status> {
        Ok(LogInformation { base_file_size: self.base.size()?, ..self.space() })
    }

    /// As [`Log::information`] without the base log file's size: no I/O.
    pub fn space(&self) -> LogInformation {
        let room = self.room();
        let container_bytes = self.ring.layout().container_bytes;
        let total = container_bytes.saturating_mul(u64::from(self.ring.count()));
        LogInformation {
            total_available: Bytes(total),
            current_available: Bytes(self.space.available(&room)),
            total_reservation: Bytes(self.space.reserved()),
            base_file_size: Bytes(0),
            container_size: Bytes(container_bytes),
            total_containers: ContainerCount(self.ring.count()),
            free_containers: ContainerCount(room.free_containers),
            spare_containers: ContainerCount(self.space.spare_containers(&room)),
            total_clients: u32::try_from(self.streams.iter().count()).unwrap_or(u32::MAX),
            first_container: self.ring.first(),
            last_container: self.head.first_free().saturating_sub(1).max(self.ring.first()),
            identity: self.base.record().log_id,
        }
    }

    /// One stream.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn stream_information(&self, id: StreamId) -> Result<StreamInformation, Status> {
        let stream = self.streams.get(id)?;
        // The physical log has no tail of its own: what the oldest of its streams wants is still wanted.
        let is_shared = self.is_multiplexed() && id == StreamId::PHYSICAL;
        let oldest = || self.tails().map(|(_, tail)| Lsn::container_start(tail.container())).min();
        Ok(StreamInformation {
            id,
            base: if is_shared { oldest().unwrap_or(self.head.end()) } else { stream.base },
            last: self.last_lsn(id)?,
            flushed: self.durable_lsn(id)?,
            restart: stream.restart,
            archive_tail: stream.archive_tail,
            has_records: stream.has_records,
        })
    }

    /// File attributes of a stream.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no such stream.
    pub fn attributes(&self, id: StreamId) -> Result<FileAttributes, Status> {
        Ok(self.base.record().client(id).ok_or(Status::INVALID_PARAMETER)?.attributes)
    }

    /// How many bytes of the log may wait to be written, as its metadata say. This log does not go by it.
    pub fn flush_threshold(&self) -> u32 {
        self.base.record().client(StreamId::PHYSICAL).map_or(0, |physical| physical.flush_threshold)
    }

    /// What was written since the log was opened.
    pub const fn io_statistics(&self) -> IoStatistics {
        self.io
    }

    /// The streams that hold records, each with its tail: what keeps containers from being recycled.
    pub fn tails(&self) -> impl Iterator<Item = (StreamId, Lsn)> + '_ {
        self.streams.iter().filter_map(|stream| Some((stream.id, stream.tail()?)))
    }

    /// The archive tail, if the log is archived and anything waits for it.
    pub fn archive_tail(&self) -> Option<Lsn> {
        self.streams.iter().find_map(|stream: &Stream| stream.archive_tail)
    }

    /// All containers, in the order in which they are written.
    pub fn containers(&self) -> impl Iterator<Item = ContainerInformation<'_>> + '_ {
        let first_free = self.first_removable();
        self.ring.iter().map(move |container| ContainerInformation {
            name: self.base.record().container_name(container.physical).unwrap_or_default(),
            size: Bytes(self.ring.layout().container_bytes),
            physical: container.physical,
            logical: container.logical,
            usn: container.usn,
            state: match (container.is_pending_delete, container.logical < first_free) {
                (true, _) => ContainerState::ActivePendingDelete,
                (false, true) => ContainerState::Active,
                (false, false) => ContainerState::Inactive,
            },
        })
    }
}
