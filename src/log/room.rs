//! The room that the containers give, as far as it is certain.
//!
//! It is a lower bound: up to one largest block of a container's end may be lost to padding, because no block crosses
//! into the next container. How large that is depends on the largest block that is asked about.

use super::layout::Layout;
use crate::units::SECTOR;

/// The room behind the end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Data bytes left in the container that is being written.
    pub(super) current: u64,
    /// Containers behind it.
    pub(super) free_containers: u32,
    pub(super) layout: Layout,
}

impl Room {
    /// What is certain with blocks of up to `block_bytes`, whatever their sizes.
    pub(super) fn certain(&self, block_bytes: u64) -> u64 {
        let free = self.certain_in_container(block_bytes).saturating_mul(u64::from(self.free_containers));
        certain_in(self.current, block_bytes).saturating_add(free)
    }

    /// What every free container is good for.
    pub(super) fn certain_in_container(&self, block_bytes: u64) -> u64 {
        certain_in(self.layout.usable(), block_bytes)
    }

    /// How many containers' worth of new records fit behind what is promised. One that promises have eaten into counts
    /// as long as the largest block fits: there is room in it for any record.
    pub(super) fn spare_containers(&self, block_bytes: u64, promised: u64) -> u32 {
        let left = self.certain(block_bytes).saturating_sub(promised);
        let whole = left.checked_div(self.certain_in_container(block_bytes)).unwrap_or(0);
        let rest = left.checked_rem(self.certain_in_container(block_bytes)).unwrap_or(0);
        let containers = whole.saturating_add(u64::from(rest >= block_bytes));
        u32::try_from(containers).unwrap_or(u32::MAX).min(self.free_containers)
    }
}

fn certain_in(data_bytes: u64, block_bytes: u64) -> u64 {
    data_bytes.saturating_sub(block_bytes.saturating_sub(SECTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u64 = 64 * 1024;

    fn room(current: u64, free_containers: u32) -> Room {
        let layout = Layout { is_multiplexed: false, container_bytes: 512 * 1024 };
        Room { current, free_containers, layout }
    }

    #[test]
    fn up_to_one_block_of_each_container_is_not_certain() {
        assert_eq!(room(512 * 1024, 0).certain(BLOCK), 448 * 1024 + 512);
        assert_eq!(room(0, 2).certain(BLOCK), 2 * (448 * 1024 + 512));
        assert_eq!(room(1024, 0).certain(BLOCK), 0);
    }

    #[test]
    fn spare_containers_are_what_promises_leave() {
        assert_eq!(room(0, 2).spare_containers(BLOCK, 0), 2);
        assert_eq!(room(0, 2).spare_containers(BLOCK, 512), 2);
        assert_eq!(room(0, 2).spare_containers(BLOCK, 400 * 1024), 1);
        assert_eq!(room(512 * 1024, 2).spare_containers(BLOCK, 400 * 1024), 2);
    }
}
