//! The block that a stream's records are being packed into.
//!
//! A block stays in memory until it is full or somebody wants it on disk. Its records have their LSNs already: they
//! name the end of the physical log at the moment the block was opened (`docs/decisions/0002`).

use alloc::vec::Vec;

use super::layout::Layout;
use crate::format::block::{HEADER_BYTES, signatures_offset};
use crate::format::record::{RecordHeader, RecordKind, record_space, set_kind, write_record};
use crate::format::violation::Rule;
use crate::units::memory::{OutOfMemory, try_resize, try_zeroed};
use crate::units::{Bytes, Lsn, SECTOR, SECTOR_BYTES, index, sectors_to_bytes};

/// How large blocks may become, in sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockLimit(u16);

impl BlockLimit {
    /// 64 KiB, enough for every record that a page-sized database writes.
    pub const DEFAULT: Self = Self(128);
    /// 4 MiB; keeps twice a block within the 16-bit sector count of a block.
    pub const MAX: Self = Self(8192);

    /// The limit for blocks of about `block_bytes`, and large enough for a record of `data_bytes`; `None` above the
    /// maximum.
    pub fn of(block_bytes: u64, data_bytes: usize) -> Option<Self> {
        let least = lone_record_sectors(data_bytes)?;
        let wanted = u16::try_from(block_bytes.div_euclid(SECTOR)).unwrap_or(u16::MAX);
        let sectors = wanted.min(Self::MAX.0).max(least);
        (sectors <= Self::MAX.0).then_some(Self(sectors))
    }

    /// Whether two blocks of this size fit into a container of a multiplexed log.
    pub fn fits_container(self, size: Bytes) -> bool {
        let layout = Layout { is_multiplexed: true, container_bytes: size.0 };
        layout.usable() >= self.disk_bytes().saturating_mul(2)
    }

    /// The largest block's size.
    pub fn bytes(self) -> usize {
        index(sectors_to_bytes(self.0))
    }

    /// As [`BlockLimit::bytes`], as positions are counted.
    pub(super) fn disk_bytes(self) -> u64 {
        u64::from(sectors_to_bytes(self.0))
    }

    /// Bytes of header and records that fit into the largest block.
    fn capacity(self) -> usize {
        index(signatures_offset(self.0))
    }
}

/// The sectors of the smallest block that holds `used` bytes of header and records.
pub(super) fn sectors_for(used: usize) -> Option<u16> {
    // Each sector gives up two bytes to the signatures array, which is rounded up to eight bytes.
    let least = used.div_ceil(SECTOR_BYTES.saturating_sub(2)).max(1);
    let mut sectors = u16::try_from(least).ok()?;
    while index(signatures_offset(sectors)) < used {
        sectors = sectors.checked_add(1)?;
    }
    Some(sectors)
}

/// The bytes on disk of the smallest block that holds one record with this much data: what a reservation for it takes.
/// `None` if no block is large enough.
pub fn lone_record_bytes(data_bytes: usize) -> Option<u64> {
    lone_record_sectors(data_bytes).map(sectors_to_bytes).map(u64::from)
}

fn lone_record_sectors(data_bytes: usize) -> Option<u16> {
    sectors_for(record_space(data_bytes)?.checked_add(HEADER_BYTES)?)
}

/// What is appended: the caller's part of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordParts<'a> {
    /// The data, in pieces that are written one after another.
    pub data: &'a [&'a [u8]],
    /// The next record to undo, as the client counts; `INVALID` for none.
    pub undo_next: Lsn,
    /// The client's previous record; `INVALID` for none.
    pub previous: Lsn,
}

impl RecordParts<'_> {
    /// The data's length.
    pub fn data_bytes(&self) -> usize {
        self.data.iter().fold(0, |sum, part| sum.saturating_add(part.len()))
    }
}

/// # Invariants
/// `used` is at least the header's size, a multiple of 8, and at most the limit's capacity; bytes behind it are zero.
#[derive(Debug)]
pub(super) struct OpenBlock {
    buffer: Vec<u8>,
    /// The LSN of the block's first record.
    lsn: Lsn,
    used: usize,
    records: u32,
    last_record: (usize, RecordKind),
    holds_restart_area: bool,
    limit: BlockLimit,
}

impl OpenBlock {
    /// An empty block; all the memory it will ever use.
    pub(super) fn new(limit: BlockLimit) -> Result<Self, OutOfMemory> {
        let buffer = try_zeroed(limit.bytes())?;
        Ok(Self {
            buffer,
            lsn: Lsn::INVALID,
            used: HEADER_BYTES,
            records: 0,
            last_record: (0, RecordKind::empty()),
            holds_restart_area: false,
            limit,
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Takes the memory that blocks of this limit need; nothing else changes.
    pub(super) fn reserve_memory(&mut self, limit: BlockLimit) -> Result<(), OutOfMemory> {
        if limit.bytes() > self.buffer.len() { try_resize(&mut self.buffer, limit.bytes()) } else { Ok(()) }
    }

    /// Lets the block become larger; its memory is there ([`OpenBlock::reserve_memory`]).
    pub(super) const fn enlarge(&mut self, limit: BlockLimit) {
        self.limit = limit;
    }

    /// Whether a restart area is among the records.
    pub(super) const fn holds_restart_area(&self) -> bool {
        self.holds_restart_area
    }

    /// How large the block may become.
    pub(super) const fn limit(&self) -> BlockLimit {
        self.limit
    }

    /// The LSN of the first record; meaningless while the block is empty.
    pub(super) const fn lsn(&self) -> Lsn {
        self.lsn
    }

    pub(super) const fn records(&self) -> u32 {
        self.records
    }

    /// The LSN of the last record.
    pub(super) fn last_lsn(&self) -> Lsn {
        self.lsn.with_record(self.records.saturating_sub(1))
    }

    /// An LSN above every record's here and not above those to come: behind the 512th record, the next sector's first.
    ///
    /// 512 records need more than one sector, so no other block is there.
    pub(super) fn next_lsn(&self) -> Lsn {
        Lsn::from_raw(self.lsn.block().raw().saturating_add(u64::from(self.records)))
    }

    /// Whether a record of this size fits into the largest block at all.
    pub(super) fn could_hold(&self, data_bytes: usize) -> bool {
        record_space(data_bytes)
            .and_then(|space| space.checked_add(HEADER_BYTES))
            .is_some_and(|used| used <= self.limit.capacity())
    }

    /// Whether a record of this size fits behind those that are here.
    pub(super) fn has_room(&self, data_bytes: usize) -> bool {
        self.records <= Lsn::RECORD_MAX
            && record_space(data_bytes)
                .and_then(|space| space.checked_add(self.used))
                .is_some_and(|used| used <= self.limit.capacity())
    }

    /// The bytes that the block will take on disk, 0 while it is empty.
    pub(super) fn disk_bytes(&self) -> u64 {
        if self.is_empty() { 0 } else { sectors_for(self.used).map_or(0, |sectors| sectors_to_bytes(sectors).into()) }
    }

    /// The bytes that it will take on disk with one more record of this size.
    pub(super) fn disk_bytes_with(&self, data_bytes: usize) -> u64 {
        record_space(data_bytes)
            .and_then(|space| space.checked_add(self.used))
            .and_then(sectors_for)
            .map_or(u64::MAX, |sectors| sectors_to_bytes(sectors).into())
    }

    /// Header and records so far; the header's bytes are zero until the block is sealed.
    pub(super) fn content(&self) -> &[u8] {
        self.buffer.get(..self.used).unwrap_or_default()
    }

    /// The sectors that `content` needs.
    pub(super) fn sectors(&self) -> u16 {
        sectors_for(self.used).unwrap_or(u16::MAX)
    }

    /// Puts a record behind those that are here; into an empty block it brings the block's LSN.
    pub(super) fn push(&mut self, opened_at: Lsn, kind: RecordKind, parts: &RecordParts<'_>) -> Result<Lsn, Rule> {
        if self.is_empty() {
            self.lsn = opened_at;
        }
        let lsn = self.lsn.with_record(self.records);
        let place = if self.is_empty() { RecordKind::START } else { RecordKind::empty() };
        let kind = kind | place;
        let header = RecordHeader::new(lsn, parts.undo_next, parts.previous, kind, parts.data_bytes())
            .ok_or(Rule::RecordLength)?;
        let next = write_record(&mut self.buffer, self.used, &header, parts.data)?;
        self.last_record = (self.used, kind);
        self.holds_restart_area |= kind.contains(RecordKind::RESTART);
        self.used = next;
        self.records = self.records.saturating_add(1);
        Ok(lsn)
    }

    /// Forgets the records, which are on disk now.
    pub(super) fn clear(&mut self) {
        if let Some(used) = self.buffer.get_mut(..self.used) {
            used.fill(0);
        }
        self.used = HEADER_BYTES;
        self.records = 0;
        self.last_record = (0, RecordKind::empty());
        self.holds_restart_area = false;
        self.lsn = Lsn::INVALID;
    }

    /// Marks the last record in a copy of `content`.
    pub(super) fn mark_last(&self, copy: &mut [u8]) -> Result<(), Rule> {
        let (offset, kind) = self.last_record;
        set_kind(copy, offset, kind | RecordKind::LAST)
    }
}
