//! How much of the log is promised, and how much is left to promise.
//!
//! Three promises stand against the room that containers give: records that wait in memory for their block to be
//! written, reservations, and the room that is held back so that every stream can write a restart area on a full log.
//! An append is admitted only while the room covers all of them, so whatever was admitted can be written out later,
//! and freeing space never needs space.
//!
//! A part of its own, with the accounts inside it: what they hold and what is promised to them change together.
//!
//! | file | subject |
//! |---|---|
//! | `account` | what one marshalling area has reserved |

mod account;

pub use account::ReservationAccount;

use super::layout::Room;
use super::open_block::BlockLimit;
use crate::units::{SECTOR, Status, StreamId, StreamSet};

/// Restart areas of up to this many bytes can be written on a full log, one for each stream.
pub const RESTART_BYTES_HELD: usize = 1024;

/// Bytes on disk that are held back for one stream's restart area.
const RESTART_HOLD: u64 = 3 * SECTOR;

/// What stands against the room.
///
/// # Invariants
/// * The sum stays within the room: what `note_open` adds was admitted, the other additions are admitted here.
/// * `reserved` is the sum of what the accounts hold that have not been dropped.
/// * `block_limit` is at least `usual_limit`.
#[derive(Debug)]
pub(super) struct Space {
    /// That of every stream of which no larger record was asked for; the log was opened with it.
    usual_limit: BlockLimit,
    /// The largest of any stream.
    block_limit: BlockLimit,
    /// Blocks that are open in memory, as they would be written now.
    open_blocks: u64,
    /// Reserved records, each counted as if it needed a block of its own.
    reserved: u64,
    /// The streams that have room held back for a restart area.
    restart_areas: StreamSet,
}

/// What a record finds promised when it asks for room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// What stands against the room besides the record.
    others: u64,
    is_promised: bool,
}

impl Claim {
    /// Whether the record's room was promised to it. Such room can be used however few containers are left.
    pub(super) const fn is_promised(self) -> bool {
        self.is_promised
    }

    /// Admits `more` bytes on disk.
    ///
    /// # Errors
    /// `LOG_FULL`: the room does not cover them.
    pub(super) fn admit(self, room: &Room, more: u64) -> Result<(), Status> {
        if self.others.saturating_add(more) <= room.bytes() { Ok(()) } else { Err(Status::LOG_FULL) }
    }
}

/// How an account would change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adjustment {
    before: u64,
    after: u64,
}

impl Adjustment {
    pub(super) const fn takes_room(self) -> bool {
        self.after > self.before
    }
}

impl Space {
    pub(super) const fn new(block_limit: BlockLimit) -> Self {
        Self { usual_limit: block_limit, block_limit, open_blocks: 0, reserved: 0, restart_areas: StreamSet::EMPTY }
    }

    /// How large the blocks of a stream may become that has asked for no larger ones.
    pub(super) const fn usual_limit(&self) -> BlockLimit {
        self.usual_limit
    }

    /// How large blocks may become.
    pub(super) const fn block_limit(&self) -> BlockLimit {
        self.block_limit
    }

    /// The largest block.
    pub(super) fn block_bytes(&self) -> u64 {
        self.block_limit.disk_bytes()
    }

    /// What is promised in all.
    pub(super) fn promised(&self) -> u64 {
        let restart_areas = RESTART_HOLD.saturating_mul(self.restart_areas.count().into());
        self.open_blocks.saturating_add(self.reserved).saturating_add(restart_areas)
    }

    /// What the accounts hold.
    pub(super) const fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Whether records wait in memory for their block to be written.
    pub(super) const fn has_open_blocks(&self) -> bool {
        self.open_blocks > 0
    }

    /// What is left to promise.
    pub(super) fn available(&self, room: &Room) -> u64 {
        room.bytes().saturating_sub(self.promised())
    }

    /// How many containers' worth of new records fit, the largest among them.
    pub(super) fn spare_containers(&self, room: &Room) -> u32 {
        room.spare_containers(self.block_bytes(), self.promised())
    }

    /// Whether so many free containers can go and what is promised keeps its room.
    pub(super) fn can_lose_containers(&self, room: &Room, count: u32) -> bool {
        let left = room.bytes().saturating_sub(room.layout.usable().saturating_mul(count.into()));
        count == 0 || room.free_containers >= count && left >= self.promised()
    }

    /// The claim of a record that was promised nothing.
    pub(super) fn claim_free(&self) -> Claim {
        Claim { others: self.promised(), is_promised: false }
    }

    /// The claim of a record that is one of those that `bytes` were promised for.
    pub(super) fn claim_promised(&self, bytes: u64) -> Claim {
        Claim { others: self.promised().saturating_sub(bytes), is_promised: true }
    }

    /// The claim of a record that is taken together with an adjustment.
    pub(super) fn claim_beside(&self, adjustment: Adjustment) -> Claim {
        let others = self.promised().saturating_sub(adjustment.before).saturating_add(adjustment.after);
        Claim { others, is_promised: false }
    }

    /// An open block has grown by what was admitted.
    pub(super) const fn note_open(&mut self, bytes: u64) {
        self.open_blocks = self.open_blocks.saturating_add(bytes);
    }

    /// An open block is on disk, or gone with its stream.
    pub(super) const fn note_written(&mut self, bytes: u64) {
        self.open_blocks = self.open_blocks.saturating_sub(bytes);
    }

    /// Promises the account `bytes` on disk for `records` more records, if that much is free.
    pub(super) fn reserve(
        &mut self,
        room: &Room,
        account: &mut ReservationAccount,
        records: u64,
        bytes: u64,
    ) -> Result<(), Status> {
        self.claim_free().admit(room, bytes)?;
        account.put(records, bytes);
        self.reserved = self.reserved.saturating_add(bytes);
        Ok(())
    }

    /// Takes a record that is in its block now, and `cost` bytes for it, out of the account. Returns whether room has
    /// become free: with its last record the account gives back what is left.
    pub(super) fn spend(&mut self, account: &mut ReservationAccount, cost: u64) -> bool {
        let spent = account.take(1, cost);
        self.reserved = self.reserved.saturating_sub(spent);
        spent > cost
    }

    /// Takes records and bytes back from the account; with the last record, everything.
    pub(super) fn take_back(&mut self, account: &mut ReservationAccount, records: u64, bytes: u64) {
        let freed = account.take(records, bytes);
        self.reserved = self.reserved.saturating_sub(freed);
    }

    /// What adjusting the account would come to; see [`ReservationAccount::adjust`] for an element.
    pub(super) fn plan(&self, account: &ReservationAccount, adjustments: &[i64]) -> Result<Adjustment, Status> {
        let mut planned = account.copy();
        for wanted in adjustments {
            planned.adjust(*wanted, self.block_bytes())?;
        }
        Ok(Adjustment { before: account.bytes(), after: planned.bytes() })
    }

    /// Adjusts the account as planned; elements become what was reserved or freed on disk. Returns whether room has
    /// become free.
    pub(super) fn adjust(&mut self, account: &mut ReservationAccount, adjustments: &mut [i64]) -> Result<bool, Status> {
        let before = account.bytes();
        let block_bytes = self.block_bytes();
        let outcome = adjustments.iter_mut().try_for_each(|wanted| {
            *wanted = account.adjust(*wanted, block_bytes)?;
            Ok(())
        });
        self.reserved = self.reserved.saturating_sub(before).saturating_add(account.bytes());
        outcome.map(|()| account.bytes() < before)
    }

    /// Holds room back for restart areas of those of `streams` that have none, as far as there is room.
    pub(super) fn hold_restart_areas(&mut self, room: &Room, streams: StreamSet) {
        for stream in streams.without(self.restart_areas).iter() {
            if self.claim_free().admit(room, RESTART_HOLD).is_err() {
                return;
            }
            self.restart_areas.insert(stream);
        }
    }

    /// The room that is held back for the stream's restart area, if there is any.
    pub(super) fn restart_area_of(&self, stream: StreamId) -> Option<u64> {
        self.restart_areas.contains(stream).then_some(RESTART_HOLD)
    }

    /// The room that was held back for the stream's restart area has been used, or the stream is gone.
    pub(super) const fn release_restart_area(&mut self, stream: StreamId) {
        self.restart_areas.set(stream, false);
    }

    /// Lets blocks become larger.
    pub(super) const fn raise_limit(&mut self, limit: BlockLimit) {
        self.block_limit = limit;
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layout;
    use super::*;
    use crate::log::open_block::lone_record_bytes;

    /// Room for `sectors` sectors.
    fn room(sectors: u64) -> Room {
        let layout = Layout { is_multiplexed: false, container_bytes: 512 * 1024 };
        Room { current: sectors * SECTOR, free_containers: 0, layout }
    }

    fn space() -> Space {
        Space::new(BlockLimit::DEFAULT)
    }

    #[test]
    fn nothing_is_admitted_beyond_the_room_and_promises_count_against_it() {
        let (mut space, mut account) = (space(), ReservationAccount::default());
        space.reserve(&room(8), &mut account, 2, 4 * SECTOR).unwrap();
        space.note_open(SECTOR);
        assert_eq!(space.available(&room(8)), 3 * SECTOR);
        space.claim_free().admit(&room(8), 3 * SECTOR).unwrap();
        assert_eq!(space.claim_free().admit(&room(8), 4 * SECTOR), Err(Status::LOG_FULL));
        assert_eq!(space.reserve(&room(8), &mut account, 1, 4 * SECTOR), Err(Status::LOG_FULL));
        // Who uses what was promised is not in its own way.
        space.claim_promised(2 * SECTOR).admit(&room(8), 5 * SECTOR).unwrap();
        assert_eq!((account.records(), account.bytes()), (2, 4 * SECTOR));
    }

    #[test]
    fn what_accounts_hold_is_what_is_reserved() {
        let (mut space, mut one, mut two) = (space(), ReservationAccount::default(), ReservationAccount::default());
        space.reserve(&room(100), &mut one, 3, 9 * SECTOR).unwrap();
        let mut adjustments = [2000, 100, -100];
        let plan = space.plan(&two, &adjustments).unwrap();
        assert!(plan.takes_room());
        assert!(!space.adjust(&mut two, &mut adjustments).unwrap());
        assert_eq!(adjustments, [5 * 512, 512, -512]);
        assert_eq!(space.reserved(), one.bytes() + two.bytes());
        assert!(!space.spend(&mut one, SECTOR));
        assert_eq!(space.reserved(), one.bytes() + two.bytes());
        space.take_back(&mut two, 1, SECTOR);
        assert_eq!((two.bytes(), space.reserved()), (0, one.bytes()));
        space.spend(&mut one, SECTOR);
        assert!(space.spend(&mut one, SECTOR), "the rest goes back with the last record");
        assert_eq!((space.reserved(), space.promised()), (0, 0));
    }

    #[test]
    fn a_refused_adjustment_names_its_reason_and_changes_nothing() {
        let (space, account) = (space(), ReservationAccount::default());
        assert_eq!(space.plan(&account, &[0]).unwrap_err(), Status::INVALID_PARAMETER);
        assert_eq!(space.plan(&account, &[-1]).unwrap_err(), Status::LOG_RECORDS_RESERVED_INVALID);
        assert_eq!(space.plan(&account, &[70_000]).unwrap_err(), Status::LOG_BLOCKS_EXHAUSTED);
    }

    #[test]
    fn restart_areas_are_held_once_for_each_stream_as_far_as_there_is_room() {
        let mut space = space();
        let mut streams = StreamSet::EMPTY;
        (1..=3).for_each(|id| streams.insert(StreamId(id)));
        assert_eq!(lone_record_bytes(RESTART_BYTES_HELD), Some(RESTART_HOLD));
        let held = RESTART_HOLD / SECTOR;
        space.hold_restart_areas(&room(2 * held), streams);
        space.hold_restart_areas(&room(2 * held), streams);
        assert_eq!(space.promised(), 2 * RESTART_HOLD);
        assert_eq!([1, 2, 3].map(|id| space.restart_area_of(StreamId(id)).is_some()), [true, true, false]);
        space.release_restart_area(StreamId(1));
        space.hold_restart_areas(&room(100), streams);
        assert_eq!(space.promised(), 3 * RESTART_HOLD);
    }
}
