//! How much of the log is promised, and how much is left to promise.
//!
//! Three promises stand against the room that containers give: records that wait in memory for their block to be
//! written, reservations, and the room that is held back so that every stream can write a restart area on a full log.
//! An append is admitted only while the room covers all of them, so whatever was admitted can be written out later,
//! and freeing space never needs space.
//!
//! The room is a lower bound: up to one largest block of a container's end may be lost to padding, because no block
//! crosses into the next container.

use super::layout::Layout;
use super::open_block::lone_record_bytes;
use crate::units::SECTOR;

/// Restart areas of up to this many bytes can be written on a full log, one for each stream.
pub const RESTART_BYTES_HELD: usize = 1024;

/// Bytes on disk that are held back for one stream's restart area.
pub(super) fn restart_hold() -> u64 {
    lone_record_bytes(RESTART_BYTES_HELD).unwrap_or(2048)
}

/// What stands against the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Promises {
    /// Blocks that are open in memory, as they would be written now.
    pub(super) open_blocks: u64,
    /// Reserved records, each counted as if it needed a block of its own.
    pub(super) reserved: u64,
    /// Held back for restart areas.
    pub(super) restart_areas: u64,
}

impl Promises {
    pub(super) fn total(&self) -> u64 {
        self.open_blocks.saturating_add(self.reserved).saturating_add(self.restart_areas)
    }
}

/// The room that is certain, whatever the sizes of the blocks to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Data bytes left in the container that is being written.
    pub(super) current: u64,
    /// Containers behind it.
    pub(super) free_containers: u32,
    pub(super) layout: Layout,
    /// The largest block.
    pub(super) block_bytes: u64,
}

impl Room {
    fn certain_in(&self, data_bytes: u64) -> u64 {
        data_bytes.saturating_sub(self.block_bytes.saturating_sub(SECTOR))
    }

    /// What every free container is good for.
    pub(super) fn certain_in_container(&self) -> u64 {
        self.certain_in(self.layout.usable())
    }

    pub(super) fn certain(&self) -> u64 {
        let free = self.certain_in_container().saturating_mul(u64::from(self.free_containers));
        self.certain_in(self.current).saturating_add(free)
    }

    /// How many containers' worth of new records fit behind the promises. One that promises have eaten into counts as
    /// long as the largest block fits: whoever is told of it finds room for any record.
    pub(super) fn spare_containers(&self, promises: &Promises) -> u32 {
        let left = self.certain().saturating_sub(promises.total());
        let whole = left.checked_div(self.certain_in_container()).unwrap_or(0);
        let rest = left.checked_rem(self.certain_in_container()).unwrap_or(0);
        let containers = whole.saturating_add(u64::from(rest >= self.block_bytes));
        u32::try_from(containers).unwrap_or(u32::MAX).min(self.free_containers)
    }
}

/// Room that a client has reserved for records it will have to write, such as the end of a transaction.
///
/// One account belongs to one marshalling area; its reservations are the client's to use or to give back. It counts
/// records and the room of all of them together: a client that uses more for one record than it reserved has less left
/// for the others. What is left when no record is reserved any more is given back: nothing could use it.
///
/// # Invariants
/// Without records there are no bytes.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use = "a dropped account leaks its reservations until the log is closed"]
pub struct ReservationAccount {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

impl ReservationAccount {
    /// Records that are reserved.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Bytes on disk that are reserved.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes records and bytes out; answers the bytes that no longer are reserved, which with the last record are all.
    pub(super) fn take(&mut self, records: u64, bytes: u64) -> u64 {
        self.records = self.records.saturating_sub(records);
        let taken = if self.records == 0 { self.bytes } else { bytes.min(self.bytes) };
        self.bytes = self.bytes.saturating_sub(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(current: u64, free_containers: u32) -> Room {
        let layout = Layout { is_multiplexed: false, container_bytes: 512 * 1024 };
        Room { current, free_containers, layout, block_bytes: 64 * 1024 }
    }

    #[test]
    fn up_to_one_block_of_each_container_is_not_certain() {
        assert_eq!(room(512 * 1024, 0).certain(), 448 * 1024 + 512);
        assert_eq!(room(0, 2).certain(), 2 * (448 * 1024 + 512));
        assert_eq!(room(1024, 0).certain(), 0);
    }

    #[test]
    fn spare_containers_are_what_promises_leave() {
        let promises = |reserved| Promises { open_blocks: 0, reserved, restart_areas: 0 };
        assert_eq!(room(0, 2).spare_containers(&promises(0)), 2);
        assert_eq!(room(0, 2).spare_containers(&promises(512)), 2);
        assert_eq!(room(0, 2).spare_containers(&promises(400 * 1024)), 1);
        assert_eq!(room(512 * 1024, 2).spare_containers(&promises(400 * 1024)), 2);
    }
}
