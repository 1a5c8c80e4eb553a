//! A `clfs.sys` in memory: it knows nothing of management, and can do what no log of ours does.
//!
//! A record takes a quarter of a container.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use clfsmgmt::foreign::{Clfs, Extent, LogInformation, ObjectId};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status};

pub(crate) const SIZE: Bytes = Bytes(512 * 1024);
const QUARTER: u32 = 128 * 1024;

/// What kind of log it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dedicated,
    Multiplexed,
}

/// What the log holds.
pub(crate) struct Space {
    identity: u8,
    kind: Kind,
    /// By logical id, from `first`.
    pub(crate) names: VecDeque<String>,
    first: u32,
    /// The next record.
    container: u32,
    quarter: u32,
    pub(crate) streams: BTreeMap<u8, Extent>,
    pub(crate) archive_tail: Option<Lsn>,
    pub(crate) reserved_quarters: u32,
    /// What adding a container fails with.
    pub(crate) add_failure: Option<Status>,
    /// How often the log was asked about itself.
    pub(crate) queries: u32,
    /// What asking it fails with.
    pub(crate) query_failure: Option<Status>,
    /// To where a stream's base moves as soon as the log was asked about itself.
    pub(crate) moves_when_asked: Option<(u8, Lsn)>,
    /// What happens, once, before the log answers.
    pub(crate) before_answer: Option<Before>,
}

/// What others do meanwhile.
pub(crate) type Before = Box<dyn FnOnce() + Send>;

/// A log; clones are the same.
#[derive(Clone)]
pub(crate) struct FakeLog(Arc<Mutex<Space>>);

/// A log file object; clones are the same.
#[derive(Clone)]
pub(crate) struct FakeObject {
    pub(crate) log: FakeLog,
    pub(crate) stream: u8,
    pub(crate) id: ObjectId,
    is_closed: Arc<AtomicBool>,
}

/// An address that nothing had before.
pub(crate) fn new_address() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0x1000);
    NEXT.fetch_add(0x10, Ordering::Relaxed)
}

impl FakeLog {
    /// A log of `total` containers; `identity` tells it from others.
    pub(crate) fn new(identity: u8, kind: Kind, total: u32) -> Self {
        Self(Arc::new(Mutex::new(Space {
            identity,
            kind,
            names: (0..total).map(|number| format!("container{number}")).collect(),
            first: 0,
            container: 0,
            quarter: 0,
            streams: BTreeMap::new(),
            archive_tail: None,
            reserved_quarters: 0,
            add_failure: None,
            queries: 0,
            query_failure: None,
            moves_when_asked: None,
            before_answer: None,
        })))
    }

    pub(crate) fn space(&self) -> MutexGuard<'_, Space> {
        self.0.lock().unwrap()
    }

    /// Opens a stream; of a dedicated log the one that it is.
    pub(crate) fn open(&self, stream: u8) -> FakeObject {
        let end = self.space().end();
        self.space().streams.entry(stream).or_insert(Extent { base: end, last: end });
        FakeObject { log: self.clone(), stream, id: ObjectId(new_address()), is_closed: Arc::default() }
    }
}

impl FakeObject {
    /// # Errors
    /// It was closed.
    fn space(&self) -> Result<MutexGuard<'_, Space>, Status> {
        if self.is_closed.load(Ordering::Relaxed) { Err(Status::INVALID_PARAMETER) } else { Ok(self.log.space()) }
    }

    /// # Errors
    /// It was closed before.
    pub(crate) fn close(&self) -> Result<(), Status> {
        if self.is_closed.swap(true, Ordering::Relaxed) { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
    }

    /// What the system does with the memory of an object that has gone: it is another one.
    pub(crate) fn open_again(&self) {
        assert!(self.is_closed.swap(false, Ordering::Relaxed));
    }

    fn ask<T>(&self, answer: impl FnOnce(&Space) -> T) -> Result<T, Status> {
        let before = self.space()?.before_answer.take();
        if let Some(before) = before {
            before();
        }
        let mut space = self.space()?;
        space.queries += 1;
        if let Some(status) = space.query_failure {
            return Err(status);
        }
        let answer = answer(&space);
        if let Some((stream, base)) = space.moves_when_asked.take() {
            space.advance(stream, base).unwrap();
        }
        Ok(answer)
    }
}

impl Space {
    fn end(&self) -> Lsn {
        if self.quarter == 4 {
            return Lsn::container_start(self.container + 1);
        }
        Lsn::new(self.container, self.quarter * QUARTER, 0).unwrap()
    }

    pub(crate) fn total(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap()
    }

    fn free(&self) -> u32 {
        self.total().saturating_sub(self.container - self.first + 1)
    }

    /// # Errors
    /// The log is full.
    pub(crate) fn append(&mut self, stream: u8) -> Result<Lsn, Status> {
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
    pub(crate) fn advance(&mut self, stream: u8, base: Lsn) -> Result<(), Status> {
        let stream = self.streams.get_mut(&stream).unwrap();
        if base < stream.base || base > stream.last {
            return Err(Status::LOG_TAIL_INVALID);
        }
        stream.base = base;
        self.recycle();
        Ok(())
    }

    pub(crate) fn recycle(&mut self) {
        let tails = self.streams.values().filter(|stream| stream.base < stream.last).map(|stream| stream.base);
        let first = tails.chain(self.archive_tail).map(Lsn::container).min();
        let first = first.unwrap_or(self.container).min(self.container);
        let passed = first.saturating_sub(self.first);
        self.names.rotate_left(usize::try_from(passed).unwrap());
        self.first = self.first.max(first);
    }

    fn information(&self) -> LogInformation {
        let quarters = (self.free() * 4 + (4 - self.quarter)).saturating_sub(self.reserved_quarters);
        LogInformation {
            identity: [self.identity; 16],
            is_dedicated: self.kind == Kind::Dedicated,
            containers: ContainerCount(self.total()),
            free_containers: ContainerCount(self.free()),
            container_size: SIZE,
            available: Bytes(u64::from(quarters) * u64::from(QUARTER)),
            reserved: Bytes(u64::from(self.reserved_quarters) * u64::from(QUARTER)),
            archive_tail: self.archive_tail,
            extent: Extent { base: Lsn::container_start(self.first), last: self.end() },
        }
    }

    /// # Errors
    /// `add_failure`, or there is one of this name.
    pub(crate) fn add(&mut self, name: String) -> Result<(), Status> {
        if let Some(status) = self.add_failure {
            return Err(status);
        }
        if self.names.contains(&name) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        self.names.push_back(name);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), Status> {
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
}

thread_local! {
    /// Whether this thread acts in the name of a log's owner.
    static ACTS_AS_OWNER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread acts in the name of a log's owner.
pub(crate) fn acts_as_owner() -> bool {
    ACTS_AS_OWNER.get()
}

/// # Errors
/// The thread acts for nobody: containers are added and removed by a log's owner only.
fn as_owner() -> Result<(), Status> {
    if acts_as_owner() { Ok(()) } else { Err(Status::ACCESS_DENIED) }
}

/// The routines of this `clfs.sys`.
#[derive(Clone)]
pub(crate) struct FakeClfs;

pub(crate) struct Owner;

impl Clfs for FakeClfs {
    type Object = FakeObject;
    type Handle = Arc<FakeObject>;
    type Security = Owner;

    fn id(object: &FakeObject) -> ObjectId {
        object.id
    }

    fn reference(&self, object: &FakeObject) -> Result<Arc<FakeObject>, Status> {
        Ok(Arc::new(object.clone()))
    }

    fn log_information(&self, object: &FakeObject) -> Result<LogInformation, Status> {
        object.ask(Space::information)
    }

    fn stream_extent(&self, object: &FakeObject) -> Result<Extent, Status> {
        object.ask(|space| space.streams[&object.stream])
    }

    fn stream_number(&self, object: &FakeObject) -> Result<u8, Status> {
        object.ask(|_| object.stream)
    }

    fn with_base_path<R>(&self, object: &FakeObject, use_path: impl FnOnce(&[u16]) -> R) -> Result<R, Status> {
        let path: Vec<u16> = r"\Device\Disk\logs\sales.blf".encode_utf16().collect();
        object.ask(|_| use_path(&path))
    }

    fn add_container(&self, object: &FakeObject, path: &[u16], size: Bytes) -> Result<(), Status> {
        as_owner()?;
        assert_eq!(size, SIZE);
        object.space()?.add(String::from_utf16(path).unwrap())
    }

    fn last_free_container(&self, object: &FakeObject) -> Result<Option<Vec<u16>>, Status> {
        let space = object.space()?;
        let last = space.names.back().filter(|_| space.free() > 0);
        Ok(last.map(|name| name.encode_utf16().collect()))
    }

    fn remove_container(&self, object: &FakeObject, path: &[u16]) -> Result<(), Status> {
        as_owner()?;
        object.space()?.remove(&String::from_utf16(path).unwrap())
    }

    fn capture_security() -> Result<Owner, Status> {
        Ok(Owner)
    }

    fn act_as<R>(_: &Owner, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        ACTS_AS_OWNER.set(true);
        let result = action();
        ACTS_AS_OWNER.set(false);
        result
    }
}
