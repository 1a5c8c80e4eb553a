//! A `clfs.sys` in memory, behind the C interface: it knows nothing of management, and can do what no log of ours does.
//!
//! A record takes a quarter of a container. Objects and contexts are leaked, so that a stale one can be asked about.

use core::ffi::c_void;
use std::collections::{BTreeMap, VecDeque};
use std::string::String;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::vec::Vec;

use crate::abi::{ClfsInformation, ClfsLsn};
use crate::exports::client::LogFileObject;
use crate::units::{Lsn, Status};

pub(super) const SIZE: u64 = 512 * 1024;
const QUARTER: u32 = 128 * 1024;
pub(super) const ARCHIVED: u32 = 0x20;
pub(super) const DEDICATED: u32 = 0x100;

#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub(super) base: Lsn,
    pub(super) last: Lsn,
}

/// What the log holds.
pub(super) struct Space {
    pub(super) identity: [u8; 16],
    pub(super) attributes: u32,
    /// By logical id, from `first`.
    pub(super) names: VecDeque<String>,
    first: u32,
    /// The next record.
    container: u32,
    quarter: u32,
    pub(super) streams: BTreeMap<u8, Stream>,
    pub(super) archive_tail: Lsn,
    pub(super) reserved_quarters: u32,
    /// What adding a container fails with.
    pub(super) add_failure: Option<Status>,
    /// How often the log was asked about itself.
    pub(super) queries: u32,
    /// What asking it fails with.
    pub(super) query_failure: Option<Status>,
    /// To where a stream's base moves as soon as the log was asked about itself.
    pub(super) moves_when_asked: Option<(u8, Lsn)>,
}

/// A log; copies are the same.
#[derive(Clone, Copy)]
pub(super) struct FakeLog(&'static Mutex<Space>);

pub(super) struct FakeHandle {
    pub(super) log: FakeLog,
    pub(super) stream: u8,
    is_closed: AtomicBool,
}

impl FakeLog {
    /// A log of `total` containers; `identity` tells it from others.
    pub(super) fn new(identity: u8, attributes: u32, total: u32) -> Self {
        let space = Space {
            identity: [identity; 16],
            attributes,
            names: (0..total).map(|number| std::format!("container{number}")).collect(),
            first: 0,
            container: 0,
            quarter: 0,
            streams: BTreeMap::new(),
            archive_tail: Lsn::INVALID,
            reserved_quarters: 0,
            add_failure: None,
            queries: 0,
            query_failure: None,
            moves_when_asked: None,
        };
        Self(std::boxed::Box::leak(std::boxed::Box::new(Mutex::new(space))))
    }

    pub(super) fn space(self) -> MutexGuard<'static, Space> {
        self.0.lock().unwrap()
    }

    /// Opens a stream; of a dedicated log the one that it is.
    pub(super) fn open(self, stream: u8) -> LogFileObject {
        let end = self.space().end();
        self.space().streams.entry(stream).or_insert(Stream { base: end, last: end });
        let handle = FakeHandle { log: self, stream, is_closed: AtomicBool::new(false) };
        core::ptr::from_mut(std::boxed::Box::leak(std::boxed::Box::new(handle))).cast::<c_void>()
    }
}

impl FakeHandle {
    /// # Errors
    /// It was closed.
    pub(super) fn log(&self) -> Result<MutexGuard<'static, Space>, Status> {
        if self.is_closed.load(Ordering::Relaxed) { Err(Status::INVALID_PARAMETER) } else { Ok(self.log.space()) }
    }

    /// What the system does with the memory of an object that has gone: it is another one.
    pub(super) fn open_again(&self) {
        assert!(self.is_closed.swap(false, Ordering::Relaxed));
    }

    pub(super) fn close(&self) -> Result<(), Status> {
        if self.is_closed.swap(true, Ordering::Relaxed) { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
    }
}

impl Space {
    fn end(&self) -> Lsn {
        if self.quarter == 4 {
            return Lsn::container_start(self.container + 1);
        }
        Lsn::new(self.container, self.quarter * QUARTER, 0).unwrap()
    }

    pub(super) fn total(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap()
    }

    pub(super) fn free(&self) -> u32 {
        self.total().saturating_sub(self.container - self.first + 1)
    }

    /// # Errors
    /// The log is full.
    pub(super) fn append(&mut self, stream: u8) -> Result<Lsn, Status> {
        if self.free() * 4 + (4 - self.quarter) <= self.reserved_quarters {
            return Err(Status::LOG_FULL);
        }
        if self.quarter == 4 {
            self.container += 1;
            self.quarter = 0;
        }
        let lsn = self.end();
        self.quarter += 1;
        let end = self.end();
        let stream = self.streams.get_mut(&stream).unwrap();
        if stream.base == stream.last {
            stream.base = lsn;
        }
        stream.last = end;
        Ok(lsn)
    }

    /// # Errors
    /// Below the base or behind the end.
    pub(super) fn advance(&mut self, stream: u8, base: Lsn) -> Result<(), Status> {
        let stream = self.streams.get_mut(&stream).unwrap();
        if base < stream.base || base > stream.last {
            return Err(Status::LOG_TAIL_INVALID);
        }
        stream.base = base;
        self.recycle();
        Ok(())
    }

    pub(super) fn recycle(&mut self) {
        let tails = self.streams.values().filter(|stream| stream.base < stream.last).map(|stream| stream.base);
        let archived = Some(self.archive_tail).filter(|tail| tail.is_valid());
        let first = tails.chain(archived).map(Lsn::container).min().unwrap_or(self.container).min(self.container);
        let passed = first.saturating_sub(self.first);
        self.names.rotate_left(usize::try_from(passed).unwrap());
        self.first = self.first.max(first);
    }

    /// `CLFS_INFORMATION` of the physical log, or of a stream.
    pub(super) fn information(&self, stream: Option<u8>) -> ClfsInformation {
        let quarters = (self.free() * 4 + (4 - self.quarter)).saturating_sub(self.reserved_quarters);
        let of_stream = stream.map(|stream| self.streams[&stream]);
        let physical = Stream { base: Lsn::container_start(self.first), last: self.end() };
        let Stream { base, last } = of_stream.unwrap_or(physical);
        ClfsInformation {
            total_available: i64::from(self.total()) * i64::try_from(SIZE).unwrap(),
            current_available: i64::from(quarters) * i64::from(QUARTER),
            total_reservation: i64::from(self.reserved_quarters) * i64::from(QUARTER),
            base_file_size: 0,
            container_size: SIZE,
            total_containers: self.total(),
            free_containers: self.free(),
            total_clients: u32::try_from(self.streams.len()).unwrap(),
            attributes: self.attributes,
            flush_threshold: 0,
            sector_size: 512,
            min_archive_tail: self.archive_tail.into(),
            base: base.into(),
            last_flushed: last.into(),
            last: last.into(),
            restart: ClfsLsn::INVALID,
            identity: self.identity,
        }
    }

    pub(super) fn add(&mut self, name: String) -> Result<(), Status> {
        if let Some(status) = self.add_failure {
            return Err(status);
        }
        if self.names.contains(&name) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.names.push_back(name);
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), Status> {
        let active = usize::try_from(self.container - self.first + 1).unwrap();
        match self.names.iter().position(|known| known == name) {
            Some(index) if index >= active => {
                self.names.remove(index);
                Ok(())
            }
            Some(_) => Err(Status::LOG_CANT_DELETE),
            None => Err(Status::OBJECT_NAME_NOT_FOUND),
        }
    }

    /// Name, logical id and `CLFS_CONTAINER_STATE` of every container.
    pub(super) fn containers(&self) -> Vec<(String, u32, u32)> {
        let state = |logical| if logical <= self.container { 4 } else { 2 };
        self.names.iter().zip(self.first..).map(|(name, logical)| (name.clone(), logical, state(logical))).collect()
    }
}
