//! A storage whose calls fail on purpose: the Nth one of a kind, once or from then on.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::sync::{Arc, Mutex};

use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{Bytes, Status};

/// What is asked of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Create,
    Open,
    Read,
    Write,
    Flush,
    Delete,
    Size,
}

impl Call {
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Open, Self::Read, Self::Write, Self::Flush, Self::Delete, Self::Size];
}

/// Which calls fail.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub call: Call,
    /// Counted from 1.
    pub nth: u32,
    pub from_then_on: bool,
    /// Whether the failing call still does what it was asked: a disk that reports too much.
    pub is_done: bool,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<Plan>,
    /// Told `true` before and `false` after each call.
    watcher: Option<fn(bool)>,
    seen: u32,
    injected: u32,
}

/// The failures of one storage and of all its files.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

impl Faults {
    pub fn start(&self, plan: Plan) {
        *self.0.lock().unwrap() = State { plan: Some(plan), ..State::default() };
    }

    /// No more failures; says how many there were.
    pub fn stop(&self) -> u32 {
        std::mem::take(&mut *self.0.lock().unwrap()).injected
    }

    /// Whether any call is to fail.
    pub fn is_planned(&self) -> bool {
        self.0.lock().unwrap().plan.is_some()
    }

    pub fn injected(&self) -> u32 {
        self.0.lock().unwrap().injected
    }

    pub fn watch(&self, watcher: fn(bool)) {
        self.0.lock().unwrap().watcher = Some(watcher);
    }

    fn around<T>(&self, call: Call, run: impl FnOnce() -> Result<T, Status>) -> Result<T, Status> {
        let watcher = self.0.lock().unwrap().watcher.unwrap_or(drop);
        watcher(true);
        let outcome = self.run(call, run);
        watcher(false);
        outcome
    }

    fn run<T>(&self, call: Call, run: impl FnOnce() -> Result<T, Status>) -> Result<T, Status> {
        let plan = {
            let mut state = self.0.lock().unwrap();
            let plan = state.plan.filter(|plan| plan.call == call);
            state.seen += u32::from(plan.is_some());
            let seen = state.seen;
            let plan = plan.filter(|plan| seen == plan.nth || (plan.from_then_on && seen > plan.nth));
            state.injected += u32::from(plan.is_some());
            plan
        };
        match plan {
            None => run(),
            Some(plan) => {
                if plan.is_done {
                    drop(run());
                }
                Err(Status::IO_DEVICE_ERROR)
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Faulty<S> {
    pub inner: S,
    pub faults: Faults,
}

/// Cloning it takes no memory.
#[derive(Debug)]
pub struct FaultyFile<F> {
    inner: Arc<F>,
    faults: Faults,
}

impl<F> Clone for FaultyFile<F> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), faults: self.faults.clone() }
    }
}

impl<S: Storage> Faulty<S> {
    pub fn new(inner: S) -> Self {
        Self { inner, faults: Faults::default() }
    }

    fn file(&self, call: Call, run: impl FnOnce() -> Result<S::File, Status>) -> Result<FaultyFile<S::File>, Status> {
        let inner = self.faults.around(call, || run().map(Arc::new))?;
        Ok(FaultyFile { inner, faults: self.faults.clone() })
    }
}

impl<S: Storage> Storage for Faulty<S> {
    type File = FaultyFile<S::File>;

    // A failed creation leaves no file behind, as the contract says: it never happens "done".
    fn create_base(&self) -> Result<Self::File, Status> {
        self.file(Call::Create, || self.inner.create_base())
    }

    fn open_base(&self, access: Access) -> Result<Self::File, Status> {
        self.file(Call::Open, || self.inner.open_base(access))
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<Self::File, Status> {
        self.file(Call::Create, || self.inner.create_container(path, size))
    }

    fn open_container(&self, path: &[u16], access: Access) -> Result<Self::File, Status> {
        self.file(Call::Open, || self.inner.open_container(path, access))
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        self.faults.around(Call::Delete, || self.inner.delete_container(path))
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.faults.around(Call::Delete, || self.inner.delete_base())
    }
}

impl<F: StorageFile> StorageFile for FaultyFile<F> {
    fn size(&self) -> Result<Bytes, Status> {
        self.faults.around(Call::Size, || self.inner.size())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        self.faults.around(Call::Read, || self.inner.read_at(offset, buffer))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        self.faults.around(Call::Write, || self.inner.write_at(offset, bytes))
    }

    fn flush(&self) -> Result<(), Status> {
        self.faults.around(Call::Flush, || self.inner.flush())
    }
}
