//! A walk over the data blocks of the active log, block after block, each checked with what it must be here.
//!
//! A block that reaches the end of its container goes on at the start of the one with the next logical id, sector by
//! sector; so a container need not begin with a block. A block has the log's USN of the moment it was written: from its
//! container's up to the log's own, and not a lower one than the block before. Earlier versions of this project gave it
//! its container's; only they left containers whose USNs fall, where such logs were gone on with.
//!
//! The walk asks nothing of [`Log`](clfsmgmt::log::Log): it finds its way from the metadata and the blocks alone, so
//! that the log's own way of reading is checked too.

use std::collections::BTreeMap;

use clfsmgmt::format::block::{BlockHeader, parse_header};
use clfsmgmt::format::check::check_data_block;
use clfsmgmt::format::owner_page::{OWNER_PAGE_BYTES, OWNER_PAGE_OFFSET, OwnerPage, REGION_BYTES};
use clfsmgmt::format::record::{RecordHeader, Records};
use clfsmgmt::format::sectors::{FirstSector, is_whole};
use clfsmgmt::format::violation::{Place, Rule};
use clfsmgmt::log::storage::StorageFile;
use clfsmgmt::units::memory::OutOfMemory;
use clfsmgmt::units::{Lsn, SECTOR, SECTOR_BYTES, StreamId};

use super::files::LookedAt;
use super::owners;

/// What is behind the end is read in pieces of this size.
const CHUNK: usize = 64 * 1024;

/// A container that the walk goes through.
pub(super) struct Container {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) usn: u8,
    /// Or what is wrong with it.
    pub(super) file: Result<LookedAt, String>,
}

/// Where the walk is, and what it has seen.
pub(super) struct Walk<'a> {
    /// By logical id.
    containers: &'a BTreeMap<u32, Container>,
    is_multiplexed: bool,
    /// The log's own USN.
    lap: u8,
    position: Lsn,
    /// The USN of the block before, and whether there may be a lower one behind it.
    usn: Option<u8>,
    may_fall: bool,
    page: OwnerPage,
    /// The first sector of the page's region that is known: what lies before where the walk began is not.
    known_from: usize,
    /// Each stream's newest record so far.
    newest: BTreeMap<StreamId, Lsn>,
    pub(super) blocks: u64,
    pub(super) records: u64,
    pub(super) owner_pages: u64,
}

/// Whose block it is, and its first and last LSN.
type Taken = (StreamId, Lsn, Lsn);

/// A block that was read: its bytes, and where each of its sectors is: container, offset there.
struct Block {
    bytes: Vec<u8>,
    sectors: Vec<(u32, u64)>,
    behind: (u32, u64),
}

impl Block {
    /// Where a byte of the block is.
    fn place_of(&self, offset: usize) -> (u32, u64) {
        let sector = self.sectors.get(offset / SECTOR_BYTES).copied();
        let (container, at) = sector.unwrap_or(self.behind);
        (container, at + (offset % SECTOR_BYTES) as u64)
    }
}

impl<'a> Walk<'a> {
    /// A walk from the first block of a container, at most from `limit`.
    ///
    /// # Errors
    /// There is no memory; the container cannot be read.
    pub(super) fn new(
        containers: &'a BTreeMap<u32, Container>,
        is_multiplexed: bool,
        lap: u8,
        (first, limit): (u32, Lsn),
    ) -> Result<Self, String> {
        let page = OwnerPage::new(Lsn::INVALID).map_err(|OutOfMemory| "there is not enough memory".to_owned())?;
        let mut walk = Self {
            containers,
            is_multiplexed,
            lap,
            position: Lsn::container_start(first),
            usn: None,
            may_fall: containers.values().zip(containers.values().skip(1)).any(|(one, next)| falls(one.usn, next.usn)),
            page,
            known_from: 0,
            newest: BTreeMap::new(),
            blocks: 0,
            records: 0,
            owner_pages: 0,
        };
        walk.skip_rest_of_block(limit)?;
        let in_container = u64::from(walk.position.block_offset());
        let in_region = in_container % REGION_BYTES;
        let page_at = position(walk.position.container(), in_container - in_region + OWNER_PAGE_OFFSET);
        walk.page.reset(page_at);
        walk.known_from = usize::try_from(in_region / SECTOR).unwrap_or(usize::MAX);
        Ok(walk)
    }

    /// Goes behind the sectors of a block that began in the container before.
    fn skip_rest_of_block(&mut self, limit: Lsn) -> Result<(), String> {
        let mut sector = [0; SECTOR_BYTES];
        while self.position < limit {
            let at = self.position;
            let container = self.container(at.container())?;
            Self::read_at(container, u64::from(at.block_offset()), &mut sector)?;
            // The last two bytes but one say what a sector is: 04 in a block, 24 at its end, 44 or 64 where one begins.
            let kind = sector[SECTOR_BYTES - 2];
            if kind != 0x04 && kind != 0x24 {
                break;
            }
            let (next, offset) = self.behind(at.container(), u64::from(at.block_offset()));
            self.position = position(next, offset);
            if kind == 0x24 {
                break;
            }
        }
        Ok(())
    }

    fn container(&self, logical: u32) -> Result<&'a Container, String> {
        self.containers.get(&logical).ok_or_else(|| format!("no container holds {}", Lsn::container_start(logical)))
    }

    /// Goes on to `end` and hands out each record with its block's position.
    ///
    /// # Errors
    /// The first violation, with its place.
    pub(super) fn advance(
        &mut self,
        end: Lsn,
        mut see: impl FnMut(StreamId, Lsn, &RecordHeader),
    ) -> Result<(), String> {
        while self.position < end {
            let at = self.position;
            let block = self.read(at)?;
            let taken = self.take_in(&block, at, &mut see)?;
            if self.is_multiplexed {
                self.note(&block, taken)?;
            }
            self.position = position(block.behind.0, block.behind.1);
        }
        if self.position == end {
            return Ok(());
        }
        Err(format!("the end {end} is the end of a block; a block goes on to {}", self.position))
    }

    /// Looks for blocks of the log behind its end: a whole one there that a reader does not understand, and one that
    /// was written when what is missing before it was durable.
    ///
    /// # Errors
    /// There is one; the place of what is missing is the end's. The container cannot be read.
    pub(super) fn look_behind(&mut self, end: Lsn) -> Result<(), String> {
        self.look_in(end.container(), end)?;
        // A block that ran on may be missing, with others behind it.
        let next = end.container().saturating_add(1);
        let is_there = self.containers.get(&next).is_some_and(|container| container.file.is_ok());
        if is_there { self.look_in(next, end) } else { Ok(()) }
    }

    fn look_in(&mut self, logical: u32, end: Lsn) -> Result<(), String> {
        let Some(container) = self.containers.get(&logical) else {
            return Ok(());
        };
        let mut chunk = vec![0; CHUNK];
        let mut offset = if logical == end.container() { u64::from(end.block_offset()) } else { 0 };
        while offset < container.size {
            let length = usize::try_from(container.size - offset).unwrap_or(CHUNK).min(CHUNK);
            let bytes = chunk.get_mut(..length).unwrap_or_default();
            Self::read_at(container, offset, bytes)?;
            for sector in bytes.chunks_exact(SECTOR_BYTES) {
                let at = position(logical, offset);
                let found = FirstSector::parse(sector).filter(|first| first.current == at);
                if found.is_some_and(|first| self.may_have(container, first.usn)) {
                    self.judge_behind(container, end, at, sector)?;
                }
                offset += SECTOR;
            }
        }
        Ok(())
    }

    /// Judges a block behind the end, whose first sector was found.
    fn judge_behind(&mut self, container: &Container, end: Lsn, at: Lsn, sector: &[u8]) -> Result<(), String> {
        let Some(total) = FirstSector::parse(sector).map(|first| first.total_sectors) else {
            return Ok(());
        };
        let block = self.read_sectors(at, total)?;
        if !is_whole(&block.bytes) {
            return Ok(());
        }
        self.take_in(&block, at, &mut |_, _, _| ())?;
        let told = sector.get(0x14..).and_then(|rest| rest.first_chunk::<4>());
        let told = told.map_or(0, |told| u64::from(u32::from_le_bytes(*told)));
        let here = u64::from(at.block_offset());
        let ahead = told.saturating_sub(1).saturating_mul(SECTOR);
        let end_offset = u64::from(end.block_offset());
        let between = u64::from(at.container() - end.container()) * container.size + here - end_offset;
        if at > end && (told == 0 || ahead < between) {
            let text = format!("{}; there is one at {at}", Rule::BlockBehind);
            return Err(fault(self.container(end.container())?, end_offset, text));
        }
        Ok(())
    }

    /// Whether a block with this USN may lie in a container.
    fn may_have(&self, container: &Container, usn: u8) -> bool {
        if self.lap == 1 {
            return usn == container.usn;
        }
        // Modulo 256, as USNs go round.
        usn.wrapping_sub(container.usn) <= self.lap.wrapping_sub(container.usn)
    }

    /// Reads a sealed block, over the ends of containers and around the owner pages that are in it.
    fn read(&self, at: Lsn) -> Result<Block, String> {
        let container = self.container(at.container())?;
        let offset = u64::from(at.block_offset());
        let mut first = vec![0; SECTOR_BYTES];
        Self::read_at(container, offset, &mut first)?;
        let Ok(header) = parse_header(&first) else {
            // The same again, for the place in the block.
            let place = Place::Container(at.container());
            let broken = check_data_block(&mut first, place, offset, at).err();
            let broken = broken.map_or((offset, Rule::BlockLength), |one| (one.offset, one.rule));
            return Err(fault(container, broken.0, broken.1));
        };
        self.read_sectors(at, header.total_sectors)
    }

    /// Reads the sectors of a block.
    fn read_sectors(&self, at: Lsn, total: u16) -> Result<Block, String> {
        let behind = (at.container(), u64::from(at.block_offset()));
        let length = usize::from(total) * SECTOR_BYTES;
        let mut block = Block { bytes: vec![0; length], sectors: Vec::new(), behind };
        for _ in 0..total {
            let (logical, here) = block.behind;
            if !self.containers.contains_key(&logical) {
                let container = self.container(at.container())?;
                let offset = u64::from(at.block_offset()) + 4;
                return Err(fault(container, offset, "a block ends in the log's containers"));
            }
            block.sectors.push((logical, here));
            block.behind = self.behind(logical, here);
        }
        let mut from = 0;
        for run in block.sectors.chunk_by(|one, next| one.0 == next.0 && one.1 + SECTOR == next.1) {
            let Some((logical, start)) = run.first() else { continue };
            let behind = from + run.len() * SECTOR_BYTES;
            let bytes = block.bytes.get_mut(from..behind);
            Self::read_at(self.container(*logical)?, *start, bytes.unwrap_or_default())?;
            from = behind;
        }
        Ok(block)
    }

    fn read_at(container: &Container, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        let read = container.file.as_ref().map_err(Clone::clone)?.read_at(offset, bytes);
        read.map_err(|status| fault(container, offset, status.meaning()))
    }

    /// The data sector behind the one at `offset`.
    fn behind(&self, container: u32, offset: u64) -> (u32, u64) {
        let mut next = offset + SECTOR;
        if self.is_multiplexed && next % REGION_BYTES == OWNER_PAGE_OFFSET {
            next = next - OWNER_PAGE_OFFSET + REGION_BYTES;
        }
        let size = self.containers.get(&container).map_or(u64::MAX, |container| container.size);
        if next < size { (container, next) } else { (container.saturating_add(1), 0) }
    }

    /// A violation in a block.
    fn wrong(&self, block: &Block, offset: usize, text: &str) -> String {
        let (container, at) = block.place_of(offset);
        self.container(container).map_or_else(|missing| missing, |container| fault(container, at, text))
    }

    /// Checks a block and its records; says whose it is, and its first and last LSN.
    fn take_in(
        &mut self,
        block: &Block,
        at: Lsn,
        see: &mut impl FnMut(StreamId, Lsn, &RecordHeader),
    ) -> Result<Taken, String> {
        let mut bytes = block.bytes.clone();
        let place = Place::Container(at.container());
        let header = check_data_block(&mut bytes, place, 0, at).map_err(|violation| {
            let offset = usize::try_from(violation.offset).unwrap_or(usize::MAX);
            self.wrong(block, offset, violation.rule.text())
        })?;
        let has_fallen = !self.may_fall && self.usn.is_some_and(|before| falls(before, header.usn));
        let container = self.container(at.container())?;
        if has_fallen || !self.may_have(container, header.usn) {
            return Err(self.wrong(block, 2, Rule::BlockUsn.text()));
        }
        self.usn = Some(header.usn);
        if (header.stream == StreamId::PHYSICAL) == self.is_multiplexed && !self.only_fills(block, header.stream) {
            return Err(self.wrong(block, 3, Rule::BlockStream.text()));
        }
        let order = self.check_order(&bytes, &header, at, see);
        let (first, last) = order.map_err(|(offset, text)| self.wrong(block, offset, text))?;
        self.blocks += 1;
        Ok((header.stream, first, last))
    }

    /// Whether a block may be one without a client's record, up to its container's end.
    fn only_fills(&self, block: &Block, stream: StreamId) -> bool {
        let filler = if self.is_multiplexed { StreamId::PHYSICAL } else { StreamId::MAX };
        stream == filler && block.behind.1 == 0
    }

    fn check_order(
        &mut self,
        bytes: &[u8],
        header: &BlockHeader,
        at: Lsn,
        see: &mut impl FnMut(StreamId, Lsn, &RecordHeader),
    ) -> Result<(Lsn, Lsn), (usize, &'static str)> {
        let stream = header.stream;
        let mut ends = None;
        for record in Records::new(bytes, header) {
            let (offset, record, _) = record.map_err(|(offset, rule)| (offset, rule.text()))?;
            record.check_understood().map_err(|(field, rule)| (offset + field, rule.text()))?;
            let lsn = record.lsn;
            if self.newest.get(&stream).is_some_and(|newest| *newest >= lsn) {
                return Err((offset, Rule::LsnRise.text()));
            }
            if lsn.block() > at || (!self.is_multiplexed && lsn.block() != at) {
                return Err((offset, Rule::RecordPlace.text()));
            }
            let (first, _) = ends.unwrap_or((lsn, lsn));
            ends = Some((first, lsn));
            self.newest.insert(stream, lsn);
            self.records += 1;
            see(stream, at, &record);
        }
        ends.ok_or((0, "a block has a record"))
    }

    /// Notes a block in its regions' pages, and compares the pages of those that it fills.
    fn note(&mut self, block: &Block, (stream, first, last): Taken) -> Result<(), String> {
        for (number, (logical, sector)) in block.sectors.iter().enumerate() {
            let container = self.container(*logical)?;
            let rule = |rule: Rule| fault(container, *sector, rule.text());
            let in_region = sector % REGION_BYTES;
            let page_at = sector - in_region + OWNER_PAGE_OFFSET;
            if in_region == 0 {
                self.page.reset(position(*logical, page_at));
                self.known_from = 0;
            }
            if number == 0 {
                self.page.note_range(stream, first, last).map_err(rule)?;
            }
            let place = usize::try_from(in_region / SECTOR).unwrap_or(usize::MAX);
            self.page.note_block(place, 1, stream, number).map_err(rule)?;
            if in_region + SECTOR == OWNER_PAGE_OFFSET {
                let mut page = [0; OWNER_PAGE_BYTES];
                Self::read_at(container, page_at, &mut page)?;
                let compared =
                    owners::compare(&mut page, &self.page, self.known_from, |usn| self.may_have(container, usn));
                compared.map_err(|(offset, text)| fault(container, page_at + offset as u64, text))?;
                self.owner_pages += 1;
            }
        }
        Ok(())
    }
}

/// Whether a USN is that of an earlier lap than the one before. They go round.
const fn falls(before: u8, usn: u8) -> bool {
    usn.wrapping_sub(before) >= 0x80
}

/// A position in a container as an LSN.
fn position(container: u32, offset: u64) -> Lsn {
    let offset = u32::try_from(offset).ok();
    offset.and_then(|offset| Lsn::new(container, offset, 0).ok()).unwrap_or(Lsn::INVALID)
}

/// A violation in a container.
fn fault(container: &Container, offset: u64, text: impl std::fmt::Display) -> String {
    format!("container {} at {offset:#x}: {text}", container.name)
}
