//! `CLFS_INFORMATION` and the other results of `ClfsQueryLogFileInformation`.

use core::mem::offset_of;

use super::ClfsLsn;
use crate::format::attributes::FileAttributes;
use crate::log::{IoStatistics, LogInformation, StreamInformation};
use crate::units::{Bytes, Lsn, Status, StreamId};

/// The sector size that the format is written in.
const SECTOR_SIZE: u32 = 512;

/// `CLFS_LOG_INFORMATION_CLASS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InformationClass {
    /// `ClfsLogBasicInformation`: the log, with what is of the stream.
    Basic,
    /// `ClfsLogBasicInformationPhysical`: the log alone.
    BasicPhysical,
    /// `ClfsLogPhysicalNameInformation`: the path of the base log file.
    PhysicalName,
    /// `ClfsLogStreamIdentifierInformation`: the number of the stream.
    StreamIdentifier,
    /// `ClfsLogSystemMarkingInformation`: of use to the system only.
    SystemMarking,
    /// `ClfsLogPhysicalLsnInformation`: from an LSN of a stream to one of the physical log.
    PhysicalLsn,
}

impl InformationClass {
    /// The class with this number.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: there is none.
    pub const fn parse(number: i32) -> Result<Self, Status> {
        Ok(match number {
            0 => Self::Basic,
            1 => Self::BasicPhysical,
            2 => Self::PhysicalName,
            3 => Self::StreamIdentifier,
            4 => Self::SystemMarking,
            5 => Self::PhysicalLsn,
            _ => return Err(Status::INVALID_PARAMETER),
        })
    }
}

/// `CLFS_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsInformation {
    /// The sum of all containers.
    pub total_available: i64,
    /// For records and reservations.
    pub current_available: i64,
    /// What reservations claim; of the whole log, for streams too.
    pub total_reservation: i64,
    /// The size of the base log file.
    pub base_file_size: u64,
    /// The size of every container.
    pub container_size: u64,
    /// All containers.
    pub total_containers: u32,
    /// Those outside the active log.
    pub free_containers: u32,
    /// Streams.
    pub total_clients: u32,
    /// File attributes of the stream.
    pub attributes: u32,
    /// As the metadata say.
    pub flush_threshold: u32,
    /// The sector size.
    pub sector_size: u32,
    /// The archive tail; `INVALID` if nothing waits to be archived.
    pub min_archive_tail: ClfsLsn,
    /// The oldest LSN that is still wanted.
    pub base: ClfsLsn,
    /// Below it everything is durable.
    pub last_flushed: ClfsLsn,
    /// The next available LSN.
    pub last: ClfsLsn,
    /// The newest restart area; `INVALID` for none.
    pub restart: ClfsLsn,
    /// The log's identity.
    pub identity: [u8; 16],
}

const _: () = {
    assert!(size_of::<ClfsInformation>() == 120 && align_of::<ClfsInformation>() == 8);
    assert!(offset_of!(ClfsInformation, total_available) == 0);
    assert!(offset_of!(ClfsInformation, current_available) == 8);
    assert!(offset_of!(ClfsInformation, total_reservation) == 16);
    assert!(offset_of!(ClfsInformation, base_file_size) == 24);
    assert!(offset_of!(ClfsInformation, container_size) == 32);
    assert!(offset_of!(ClfsInformation, total_containers) == 40);
    assert!(offset_of!(ClfsInformation, free_containers) == 44);
    assert!(offset_of!(ClfsInformation, total_clients) == 48);
    assert!(offset_of!(ClfsInformation, attributes) == 52);
    assert!(offset_of!(ClfsInformation, flush_threshold) == 56);
    assert!(offset_of!(ClfsInformation, sector_size) == 60);
    assert!(offset_of!(ClfsInformation, min_archive_tail) == 64);
    assert!(offset_of!(ClfsInformation, base) == 72);
    assert!(offset_of!(ClfsInformation, last_flushed) == 80);
    assert!(offset_of!(ClfsInformation, last) == 88);
    assert!(offset_of!(ClfsInformation, restart) == 96);
    assert!(offset_of!(ClfsInformation, identity) == 104);
};

impl ClfsInformation {
    /// What is known of a log and one of its streams; `archive_tail` is the log's.
    pub fn new(
        log: &LogInformation,
        stream: &StreamInformation,
        archive_tail: Option<Lsn>,
        attributes: FileAttributes,
        flush_threshold: u32,
    ) -> Self {
        Self {
            total_available: signed(log.total_available),
            current_available: signed(log.current_available),
            total_reservation: signed(log.total_reservation),
            base_file_size: log.base_file_size.0,
            container_size: log.container_size.0,
            total_containers: log.total_containers.0,
            free_containers: log.free_containers.0,
            total_clients: log.total_clients,
            attributes: attributes.bits(),
            flush_threshold,
            sector_size: SECTOR_SIZE,
            min_archive_tail: archive_tail.unwrap_or(Lsn::INVALID).into(),
            base: stream.base.into(),
            last_flushed: stream.flushed.into(),
            last: stream.last.into(),
            restart: stream.restart.into(),
            identity: log.identity,
        }
    }
}

fn signed(bytes: Bytes) -> i64 {
    i64::try_from(bytes.0).unwrap_or(i64::MAX)
}

/// `CLFS_STREAM_ID_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsStreamIdInformation {
    /// The stream's number in its log.
    pub stream_identifier: u8,
}

const _: () = assert!(size_of::<ClfsStreamIdInformation>() == 1);

impl From<StreamId> for ClfsStreamIdInformation {
    fn from(stream: StreamId) -> Self {
        Self { stream_identifier: stream.0 }
    }
}

/// `CLFS_PHYSICAL_LSN_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsPhysicalLsnInformation {
    /// Whose LSN it is.
    pub stream_identifier: u8,
    /// The LSN in the stream.
    pub virtual_lsn: ClfsLsn,
    /// The LSN in the physical log.
    pub physical_lsn: ClfsLsn,
}

const _: () = {
    assert!(size_of::<ClfsPhysicalLsnInformation>() == 24);
    assert!(offset_of!(ClfsPhysicalLsnInformation, virtual_lsn) == 8);
    assert!(offset_of!(ClfsPhysicalLsnInformation, physical_lsn) == 16);
};

/// `CLFS_IO_STATISTICS_HEADER`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsIoStatisticsHeader {
    /// 1.
    pub major_version: u8,
    /// 0.
    pub minor_version: u8,
    /// `CLFS_IOSTATS_CLASS`.
    pub class: u32,
    /// The size of the whole structure.
    pub length: u16,
    /// Where the numbers begin.
    pub data_offset: u32,
}

/// `CLFS_IO_STATISTICS`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClfsIoStatistics {
    /// What follows.
    pub header: ClfsIoStatisticsHeader,
    /// Data flushes.
    pub flushes: u64,
    /// Bytes of data flushed.
    pub flush_bytes: u64,
    /// Metadata flushes.
    pub metadata_flushes: u64,
    /// Bytes of metadata flushed.
    pub metadata_bytes: u64,
}

const _: () = {
    assert!(size_of::<ClfsIoStatisticsHeader>() == 16);
    assert!(offset_of!(ClfsIoStatisticsHeader, class) == 4);
    assert!(offset_of!(ClfsIoStatisticsHeader, length) == 8);
    assert!(offset_of!(ClfsIoStatisticsHeader, data_offset) == 12);
    assert!(size_of::<ClfsIoStatistics>() == 48);
    assert!(offset_of!(ClfsIoStatistics, flushes) == 16);
    assert!(offset_of!(ClfsIoStatistics, flush_bytes) == 24);
    assert!(offset_of!(ClfsIoStatistics, metadata_flushes) == 32);
    assert!(offset_of!(ClfsIoStatistics, metadata_bytes) == 40);
};

impl ClfsIoStatistics {
    /// The bytes, little-endian as on every machine that this runs on, padding as zeros: a part of them may be asked
    /// for.
    pub fn bytes(statistics: &IoStatistics) -> [u8; 48] {
        let mut bytes = [0; 48];
        let numbers =
            [statistics.flushes, statistics.data_bytes, statistics.metadata_flushes, statistics.metadata_bytes];
        let (header, data) = bytes.split_at_mut(16);
        // Version 1.0, the default class, 48 bytes in all, the numbers at 16.
        header.copy_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0, 16, 0, 0, 0]);
        for (place, number) in data.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
        bytes
    }
}
