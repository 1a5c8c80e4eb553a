//! What the engine knows of its log: one snapshot, made under the log's own lock.

use crate::units::{Bytes, ContainerCount, Lsn, StreamId};

/// A snapshot of a physical log's space and of its streams' tails.
///
/// # Invariants
/// Of two snapshots of one log the one with the higher `version` was made later; the engine ignores an older one.
#[derive(Clone, Debug)]
pub struct LogView {
    /// Grows with every change of anything below.
    pub version: u64,
    /// Containers of the log, active and free.
    pub containers: ContainerCount,
    /// Containers that are not part of the active log.
    pub free_containers: ContainerCount,
    /// How many containers' worth of new records still fit, after everything that is promised: reservations, records
    /// that wait in memory, the room held back for restart areas. At most `free_containers`.
    pub spare_containers: ContainerCount,
    /// The size of every container, 0 while there is none.
    pub container_size: Bytes,
    /// Logical id of the oldest container of the active log: no tail is below it.
    pub first_container: u32,
    /// Logical id of the container that is being written.
    pub last_container: u32,
    /// The archive tail of a non-ephemeral log: it pins like a stream's tail.
    pub archive_tail: Option<Lsn>,
    /// Bytes that reservations claim.
    pub reserved: Bytes,
    /// `INVALID` for none.
    tails: [Lsn; StreamId::SLOTS],
}

impl LogView {
    /// The view of a log about which nothing is known yet; every real view is newer.
    pub const fn unknown() -> Self {
        Self {
            version: 0,
            containers: ContainerCount(0),
            free_containers: ContainerCount(0),
            spare_containers: ContainerCount(0),
            container_size: Bytes(0),
            first_container: 0,
            last_container: 0,
            archive_tail: None,
            reserved: Bytes(0),
            tails: [Lsn::INVALID; StreamId::SLOTS],
        }
    }

    /// The base LSN of a stream that holds records; `None` for one that is empty or does not exist, and pins nothing.
    pub fn tail(&self, stream: StreamId) -> Option<Lsn> {
        self.tails.get(usize::from(stream.0)).copied().filter(|tail| tail.is_valid())
    }

    /// Notes a stream's tail; ids above the format's slots do not exist and are ignored.
    pub fn set_tail(&mut self, stream: StreamId, tail: Option<Lsn>) {
        if let Some(slot) = self.tails.get_mut(usize::from(stream.0)) {
            *slot = tail.unwrap_or(Lsn::INVALID);
        }
    }

    /// Every stream that holds records, with its tail.
    pub fn tails(&self) -> impl Iterator<Item = (StreamId, Lsn)> + '_ {
        let tails = self.tails.iter().copied();
        (0..=u8::MAX).map(StreamId).zip(tails).filter(|(_, tail)| tail.is_valid())
    }
}
