//! A walk over the data blocks of the active log, block after block, each checked with what it must be here.
//!
//! The walk asks nothing of [`Log`](clfsmgmt::log::Log): it finds its way from the metadata and the blocks alone, so
//! that the log's own way of reading is checked too.

use std::collections::BTreeMap;

use clfsmgmt::format::block::{BlockHeader, parse_header};
use clfsmgmt::format::check::check_data_block;
use clfsmgmt::format::owner_page::{OWNER_PAGE_BYTES, OWNER_PAGE_OFFSET, OwnerPage, REGION_BYTES};
use clfsmgmt::format::record::{RecordHeader, Records};
use clfsmgmt::format::violation::{Place, Rule};
use clfsmgmt::host::HostFile;
use clfsmgmt::log::storage::StorageFile;
use clfsmgmt::units::memory::OutOfMemory;
use clfsmgmt::units::{Lsn, SECTOR, SECTOR_BYTES, StreamId};

use super::owners;

/// A container that the walk goes through.
pub(super) struct Container {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) usn: u8,
    pub(super) file: HostFile,
}

/// Where the walk is, and what it has seen.
pub(super) struct Walk<'a> {
    /// By logical id.
    containers: &'a BTreeMap<u32, Container>,
    is_multiplexed: bool,
    position: Lsn,
    page: OwnerPage,
    /// Each stream's newest record so far.
    newest: BTreeMap<StreamId, Lsn>,
    pub(super) blocks: u64,
    pub(super) records: u64,
    pub(super) owner_pages: u64,
}

/// Whose block it is, and its first and last LSN.
type Taken = (StreamId, Lsn, Lsn);

/// A block that was read: its bytes, and the offset in the container of each of its sectors.
struct Block {
    bytes: Vec<u8>,
    sectors: Vec<u64>,
    behind: u64,
}

impl Block {
    /// Where a byte of the block is in the container.
    fn file_offset(&self, offset: usize) -> u64 {
        let sector = self.sectors.get(offset / SECTOR_BYTES).copied();
        sector.unwrap_or(self.behind) + (offset % SECTOR_BYTES) as u64
    }
}

impl<'a> Walk<'a> {
    /// A walk from the start of a container.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn new(
        containers: &'a BTreeMap<u32, Container>,
        is_multiplexed: bool,
        first: u32,
    ) -> Result<Self, OutOfMemory> {
        Ok(Self {
            containers,
            is_multiplexed,
            position: Lsn::container_start(first),
            page: OwnerPage::new(Lsn::INVALID)?,
            newest: BTreeMap::new(),
            blocks: 0,
            records: 0,
            owner_pages: 0,
        })
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
            let container = self.containers.get(&at.container());
            let container = container.ok_or_else(|| format!("no container holds {at}"))?;
            let offset = u64::from(at.block_offset());
            let block = self.read(container, offset, at)?;
            let taken = self.take_in(container, &block, at, &mut see)?;
            if self.is_multiplexed {
                self.note(container, &block, at, taken)?;
            }
            self.position = if block.behind >= container.size {
                Lsn::container_start(at.container().saturating_add(1))
            } else {
                position(at.container(), block.behind)
            };
        }
        if self.position == end {
            return Ok(());
        }
        Err(format!("the end {end} is the end of a block; a block goes on to {}", self.position))
    }

    /// Reads a sealed block, around the owner page if there is one in it.
    fn read(&self, container: &Container, offset: u64, at: Lsn) -> Result<Block, String> {
        let mut first = vec![0; SECTOR_BYTES];
        Self::read_at(container, offset, &mut first)?;
        let Ok(header) = parse_header(&first) else {
            // The same again, for the place in the block.
            let place = Place::Container(at.container());
            let broken = check_data_block(&mut first, place, offset, at).err();
            let broken = broken.map_or((offset, Rule::BlockLength), |one| (one.offset, one.rule));
            return Err(fault(container, broken.0, broken.1));
        };
        let mut block = Block { bytes: vec![0; header.total_bytes()], sectors: Vec::new(), behind: offset };
        for _ in 0..header.total_sectors {
            if block.behind >= container.size {
                return Err(fault(container, offset + 4, "a block ends in its container"));
            }
            block.sectors.push(block.behind);
            block.behind = self.behind(block.behind);
        }
        for run in block.sectors.chunk_by(|one, next| one + SECTOR == *next) {
            let Some(&start) = run.first() else { continue };
            let from = block.sectors.partition_point(|sector| *sector < start) * SECTOR_BYTES;
            let bytes = block.bytes.get_mut(from..from + run.len() * SECTOR_BYTES);
            Self::read_at(container, start, bytes.unwrap_or_default())?;
        }
        Ok(block)
    }

    fn read_at(container: &Container, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        let read = container.file.read_at(offset, bytes);
        read.map_err(|status| fault(container, offset, status.meaning()))
    }

    /// The data sector behind the one at `offset`.
    fn behind(&self, offset: u64) -> u64 {
        let next = offset + SECTOR;
        if self.is_multiplexed && next % REGION_BYTES == OWNER_PAGE_OFFSET {
            next - OWNER_PAGE_OFFSET + REGION_BYTES
        } else {
            next
        }
    }

    /// Checks a block and its records; says whose it is, and its first and last LSN.
    fn take_in(
        &mut self,
        container: &Container,
        block: &Block,
        at: Lsn,
        see: &mut impl FnMut(StreamId, Lsn, &RecordHeader),
    ) -> Result<Taken, String> {
        let mut bytes = block.bytes.clone();
        let place = Place::Container(at.container());
        let wrong = |offset: usize, text: &str| fault(container, block.file_offset(offset), text);
        let header = check_data_block(&mut bytes, place, 0, at).map_err(|violation| {
            let offset = usize::try_from(violation.offset).unwrap_or(usize::MAX);
            wrong(offset, violation.rule.text())
        })?;
        if header.usn != container.usn {
            return Err(wrong(2, Rule::BlockUsn.text()));
        }
        if (header.stream == StreamId::PHYSICAL) == self.is_multiplexed {
            return Err(wrong(3, Rule::BlockStream.text()));
        }
        let (first, last) = self.check_order(&bytes, &header, at, see).map_err(|(offset, text)| wrong(offset, text))?;
        self.blocks += 1;
        Ok((header.stream, first, last))
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
            let lsn = record.lsn;
            if self.newest.get(&stream).is_some_and(|newest| *newest >= lsn) {
                return Err((offset, "a stream's LSNs rise"));
            }
            if lsn.block() > at || (!self.is_multiplexed && lsn.block() != at) {
                return Err((
                    offset,
                    "a record's LSN names its block's position, or one before it in a multiplexed log",
                ));
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
    fn note(
        &mut self,
        container: &Container,
        block: &Block,
        at: Lsn,
        (stream, first, last): Taken,
    ) -> Result<(), String> {
        let memory = |_| "there is not enough memory".to_owned();
        let rule = |rule: Rule| fault(container, u64::from(at.block_offset()), rule.text());
        for (number, sector) in block.sectors.iter().enumerate() {
            let in_region = sector % REGION_BYTES;
            let page_at = sector - in_region + OWNER_PAGE_OFFSET;
            if in_region == 0 {
                let lsn = position(at.container(), page_at);
                self.page = OwnerPage::new(lsn).map_err(memory)?;
            }
            if number == 0 {
                self.page.note_range(stream, first, last).map_err(rule)?;
            }
            let place = usize::try_from(in_region / SECTOR).unwrap_or(usize::MAX);
            self.page.note_block(place, 1, stream, number).map_err(rule)?;
            if in_region + SECTOR == OWNER_PAGE_OFFSET {
                let mut page = [0; OWNER_PAGE_BYTES];
                Self::read_at(container, page_at, &mut page)?;
                let compared = owners::compare(&mut page, &self.page, container.usn);
                compared.map_err(|(offset, text)| fault(container, page_at + offset as u64, text))?;
                self.owner_pages += 1;
            }
        }
        Ok(())
    }
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
