//! The containers' sectors, and the whole blocks among them.
//!
//! Every sector that bears a first sector's signature begins a block; the block is followed as long as each further
//! sector has the signature that belongs there. So no number of a file makes anything large: a block is as long as
//! its sectors.

use std::collections::HashSet;
use std::path::PathBuf;
use std::rc::Rc;

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::format::block::{BlockHeader, BlockKind, unseal};
use clfsmgmt::format::owner_page::{OWNER_PAGE_OFFSET, REGION_BYTES};
use clfsmgmt::format::record::{RecordHeader, Records};
use clfsmgmt::format::sectors::{FirstSector, SectorPlace};
use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{SECTOR, SECTOR_BYTES};

use super::super::files::LookedAt;
use super::super::source::Source;
use super::model::Torn;

/// Containers are looked through in pieces of this size.
const CHUNK: usize = 256 * 1024;

/// A container as it is now.
pub(super) struct Container {
    pub(super) name: Rc<str>,
    pub(super) logical: u32,
    size: u64,
    /// The whole sectors of its file, and the file; no more than the metadata say.
    readable: u64,
    file: Option<LookedAt>,
}

/// A whole block that was found.
pub(super) struct Whole<'a> {
    pub(super) container: &'a Container,
    pub(super) offset: u64,
    pub(super) continues_in: Option<&'a Container>,
    /// Where each sector is.
    sectors: Vec<(&'a Container, u64)>,
    pub(super) header: BlockHeader,
    pub(super) records: Vec<(usize, RecordHeader, Vec<u8>)>,
    pub(super) fault: Option<String>,
}

impl Whole<'_> {
    /// Where a byte of the block is.
    pub(super) fn place_of(&self, offset: usize) -> (&Container, u64) {
        let found = self.sectors.get(offset / SECTOR_BYTES);
        let (container, at) = found.copied().unwrap_or((self.container, self.offset));
        (container, at + (offset % SECTOR_BYTES) as u64)
    }
}

/// What a scan finds.
pub(super) enum Found<'a> {
    Block(Whole<'a>),
    Torn(Torn),
}

/// A scan over all containers.
pub(super) struct Scan {
    containers: Vec<Container>,
    is_multiplexed: bool,
}

impl Scan {
    /// Opens what is there of the containers. A file that several names lead to is one container's, so that names
    /// cannot make it be read a thousand times.
    pub(super) fn new(source: &Source, base: &BaseRecord) -> Self {
        let mut taken = HashSet::new();
        let containers = base.containers().map(|context| {
            let raw = base.container_name(context.physical).unwrap_or_default();
            let is_first = taken.insert(source.container_file(raw).0);
            let file = source.storage().open_container(raw, Access::Read).ok().filter(|_| is_first);
            let bytes = file.as_ref().and_then(|file| file.size().ok()).map_or(0, |size| size.0.min(context.size));
            Container {
                name: String::from_utf16_lossy(raw).into(),
                logical: context.logical,
                size: context.size,
                readable: bytes - bytes % SECTOR,
                file,
            }
        });
        let mut containers: Vec<Container> = containers.collect();
        containers.sort_by_key(|container| container.logical);
        Self { containers, is_multiplexed: base.is_multiplexed() }
    }

    /// Takes these files for the containers of a log whose metadata are lost. A container's logical id is the highest
    /// that its blocks name; where one has a stream, the log is a multiplexed one.
    pub(super) fn of_files(files: &[PathBuf]) -> Self {
        let mut scan = Self { containers: Vec::new(), is_multiplexed: false };
        for path in files {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let file = FileStorage::to_look_at(path).open_base(Access::Read).ok();
            let bytes = file.as_ref().and_then(|file| file.size().ok()).map_or(0, |size| size.0);
            let readable = bytes - bytes % SECTOR;
            let file = file.map(LookedAt::File);
            let mut container = Container { name: name.into(), logical: 0, size: readable, readable, file };
            let mut highest = 0;
            container.each_first(|_, first, sector| {
                highest = highest.max(first.current.container());
                scan.is_multiplexed |= sector.get(3).is_some_and(|stream| *stream != 0);
            });
            container.logical = highest;
            scan.containers.push(container);
        }
        scan.containers.sort_by_key(|container| container.logical);
        scan
    }

    /// The containers of which not every byte is there.
    pub(super) fn incomplete(&self) -> Vec<String> {
        let part = self.containers.iter().filter(|container| container.readable < container.size);
        part.map(|container| container.name.to_string()).collect()
    }

    /// Hands out every block, container after container.
    pub(super) fn run<'a>(&'a self, mut see: impl FnMut(Found<'a>)) {
        for container in &self.containers {
            container.each_first(|offset, first, sector| see(self.follow(container, offset, first, sector)));
        }
    }

    /// Follows a block from its first sector.
    fn follow<'a>(&'a self, container: &'a Container, offset: u64, first: FirstSector, sector: &[u8]) -> Found<'a> {
        let mut block = Followed { first, sectors: vec![(container, offset)], bytes: sector.to_vec() };
        self.extend(&mut block);
        let mut continues_in = None;
        if !block.is_whole() && block.last().is_some_and(|(_, at)| self.behind(container, at).is_none()) {
            let kept = block.sectors.len();
            for next in self.followers(container, first) {
                if block.take((next, 0)) {
                    self.extend(&mut block);
                }
                if block.is_whole() {
                    continues_in = Some(next);
                    break;
                }
                block.cut(kept);
            }
        }
        if block.is_whole() {
            return Found::Block(whole(container, offset, continues_in, block));
        }
        Found::Torn(Torn {
            lsn: first.current,
            container: container.name.to_string(),
            offset,
            sectors: first.total_sectors,
            sectors_left: u16::try_from(block.sectors.len()).unwrap_or(u16::MAX),
        })
    }

    /// Takes sectors of the same container as long as they belong to the block.
    fn extend(&self, block: &mut Followed<'_>) {
        while let Some((container, offset)) = block.last().filter(|_| !block.is_whole()) {
            let next = self.behind(container, offset);
            if !next.is_some_and(|next| block.take((container, next))) {
                return;
            }
        }
    }

    /// The sector behind the one at `offset` in the same container, over owner pages.
    fn behind(&self, container: &Container, offset: u64) -> Option<u64> {
        let mut next = offset + SECTOR;
        if self.is_multiplexed && next % REGION_BYTES == OWNER_PAGE_OFFSET {
            next = next - OWNER_PAGE_OFFSET + REGION_BYTES;
        }
        (next < container.size).then_some(next)
    }

    /// The containers at whose start a block may go on: the one that follows now, round the ring, and the one that
    /// follows the block's own.
    fn followers<'a>(&'a self, container: &Container, first: FirstSector) -> impl Iterator<Item = &'a Container> {
        let now = self.containers.iter().position(|one| one.logical == container.logical);
        let next = now.and_then(|now| self.containers.get(now + 1).or(self.containers.first()));
        let own = first.current.container().checked_add(1);
        let own = self.containers.iter().find(|one| Some(one.logical) == own);
        let is_same = next.zip(own).is_some_and(|(one, other)| std::ptr::eq(one, other));
        next.into_iter().chain(own.filter(move |_| !is_same))
    }
}

/// A block, as far as it was followed.
struct Followed<'a> {
    first: FirstSector,
    sectors: Vec<(&'a Container, u64)>,
    bytes: Vec<u8>,
}

impl<'a> Followed<'a> {
    fn is_whole(&self) -> bool {
        self.sectors.len() >= self.first.total_sectors.into()
    }

    fn last(&self) -> Option<(&'a Container, u64)> {
        self.sectors.last().copied()
    }

    /// Takes one sector if it belongs to the block.
    fn take(&mut self, (container, offset): (&'a Container, u64)) -> bool {
        let mut sector = [0; SECTOR_BYTES];
        let is_last = self.sectors.len() + 1 == usize::from(self.first.total_sectors);
        let wanted = if is_last { SectorPlace::Last } else { SectorPlace::Within };
        let is_next = container.read(offset, &mut sector).is_some()
            && SectorPlace::parse(&sector) == Some((wanted, self.first.usn));
        if is_next {
            self.sectors.push((container, offset));
            self.bytes.extend_from_slice(&sector);
        }
        is_next
    }

    fn cut(&mut self, sectors: usize) {
        self.sectors.truncate(sectors);
        self.bytes.truncate(sectors * SECTOR_BYTES);
    }
}

impl Container {
    /// Hands out each sector with which a block begins.
    fn each_first(&self, mut see: impl FnMut(u64, FirstSector, &[u8])) {
        let mut chunk = vec![0; CHUNK];
        let mut start = 0;
        while start < self.readable {
            let length = usize::try_from(self.readable - start).unwrap_or(CHUNK).min(CHUNK);
            let bytes = chunk.get_mut(..length).unwrap_or_default();
            // A piece that cannot be read hides what is in it, and no more.
            let bytes = if self.read(start, bytes).is_some() { bytes } else { &mut [] };
            for (offset, sector) in (start..).step_by(SECTOR_BYTES).zip(bytes.chunks_exact(SECTOR_BYTES)) {
                if let Some(first) = FirstSector::parse(sector) {
                    see(offset, first, sector);
                }
            }
            start += length as u64;
        }
    }

    fn read(&self, offset: u64, bytes: &mut [u8]) -> Option<()> {
        let is_there = offset.checked_add(bytes.len() as u64)? <= self.readable;
        self.file.as_ref().filter(|_| is_there)?.read_at(offset, bytes).ok()
    }
}

/// A block of which every sector was found, with its records as far as they are understood.
fn whole<'a>(
    container: &'a Container,
    offset: u64,
    continues_in: Option<&'a Container>,
    Followed { sectors, mut bytes, .. }: Followed<'a>,
) -> Whole<'a> {
    let mut fault = None;
    let mut records = Vec::new();
    let header = match unseal(&mut bytes, BlockKind::Data) {
        Ok(header) => {
            for record in Records::new(&bytes, &header) {
                match record {
                    Ok((at, record, data)) => {
                        let understood = record.check_understood().err();
                        fault = fault.or(understood.map(|(field, rule)| format!("at {:#x}: {rule}", at + field)));
                        records.push((at, record, data.to_vec()));
                    }
                    Err((at, rule)) => fault = Some(format!("at {at:#x}: {rule}")),
                }
            }
            header
        }
        Err((at, rule)) => {
            fault = Some(format!("at {at:#x}: {rule}"));
            header_of(&bytes)
        }
    };
    Whole { container, offset, continues_in, sectors, header, records, fault }
}

/// What can be said of a block whose header breaks a rule.
fn header_of(bytes: &[u8]) -> BlockHeader {
    use clfsmgmt::units::{Lsn, StreamId};
    let number = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk().copied()).map(u64::from_le_bytes);
    let [usn, stream] = bytes.get(2..).and_then(|rest| rest.first_chunk().copied()).unwrap_or_default();
    let sectors = u16::try_from(bytes.len() / SECTOR_BYTES).unwrap_or(u16::MAX);
    let lsn = |at| Lsn::from_raw(number(at).unwrap_or_default());
    BlockHeader::new(usn, StreamId(stream), sectors, lsn(0x18), lsn(0x20))
}
