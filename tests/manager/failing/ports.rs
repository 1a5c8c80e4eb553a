//! A platform on one thread and a log in memory whose calls can fail: the one after so many, or all from there on.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use clfsmgmt::engine::LogView;
use clfsmgmt::host::{HostGate, HostLock};
use clfsmgmt::manager::ports::{ManagedLog, Platform};
use clfsmgmt::manager::{Completion, LogKey};
use clfsmgmt::units::memory::OutOfMemory;
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId, Time};

use crate::counting::pause;

/// Which calls of the ports fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failing {
    Once,
    FromThenOn,
}

thread_local! {
    /// Calls until one fails; 0 for never.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    static FAILING: Cell<Failing> = const { Cell::new(Failing::Once) };
    static COMPLETION: Cell<Option<Completion>> = const { Cell::new(None) };
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `act` with the `nth` call of a port failing; says whether there was one.
pub(super) fn with_failing_port<T>(nth: u32, failing: Failing, act: impl FnOnce() -> T) -> (T, bool) {
    LEFT.set(nth);
    FAILING.set(failing);
    HAS_FAILED.set(false);
    let result = act();
    LEFT.set(0);
    (result, HAS_FAILED.replace(false))
}

/// Whether a call has failed in what runs now.
pub(super) fn has_failed() -> bool {
    HAS_FAILED.get()
}

fn fails() -> bool {
    match LEFT.get() {
        0 => false,
        1 => {
            LEFT.set(u32::from(FAILING.get() == Failing::FromThenOn));
            HAS_FAILED.set(true);
            true
        }
        left => {
            LEFT.set(left - 1);
            false
        }
    }
}

#[derive(Default)]
struct Work {
    queue: VecDeque<LogKey>,
    reserved: usize,
}

#[derive(Clone, Default)]
pub(super) struct Fallible(Rc<RefCell<Work>>);

impl Fallible {
    pub(super) fn next(&self) -> Option<LogKey> {
        self.0.borrow_mut().queue.pop_front()
    }

    /// Places in the queue that were taken and not given back.
    pub(super) fn reserved(&self) -> usize {
        self.0.borrow().reserved
    }
}

impl Platform for Fallible {
    type Lock<T> = HostLock<T>;
    type Shared<T> = Rc<T>;
    type Gate = HostGate;
    type Thread = u8;

    fn lock<T>(value: T) -> HostLock<T> {
        HostLock::new(value)
    }

    fn share<T>(value: T) -> Result<Rc<T>, OutOfMemory> {
        if fails() {
            return Err(OutOfMemory);
        }
        // `Rc::new` cannot say that there is no memory: this asks for some before.
        let mut probe = Vec::<u8>::new();
        probe.try_reserve(1).map_err(|_| OutOfMemory)?;
        pause(true);
        let shared = Rc::new(value);
        pause(false);
        Ok(shared)
    }

    fn gate() -> HostGate {
        HostGate::new()
    }

    fn current_thread() -> u8 {
        0
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        COMPLETION.set(Some(completion));
        let result = action();
        COMPLETION.set(None);
        result
    }

    fn completion() -> Option<Completion> {
        COMPLETION.get()
    }

    fn now(&self) -> Time {
        Time(0)
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        0
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        if fails() {
            return Err(OutOfMemory);
        }
        let mut work = self.0.borrow_mut();
        let room = work.reserved + 1;
        let more = room.saturating_sub(work.queue.len());
        work.queue.try_reserve(more).map_err(|_| OutOfMemory)?;
        work.reserved = room;
        Ok(())
    }

    fn release_work(&self) {
        self.0.borrow_mut().reserved -= 1;
    }

    fn queue_drain(&self, log: LogKey) {
        let mut work = self.0.borrow_mut();
        assert!(work.queue.len() < work.reserved, "no room was reserved");
        work.queue.push_back(log);
    }

    fn enter_client(&self) {}

    fn leave_client(&self) {}
}

/// What the log holds; two streams.
pub(super) struct Space {
    version: u64,
    pub(super) total: u32,
    pub(super) last: u32,
    pub(super) tails: [u32; 2],
}

/// A log in memory; clones are the same.
#[derive(Clone)]
pub(super) struct Log(pub(super) Rc<RefCell<Space>>);

impl Log {
    /// Full.
    pub(super) fn new(total: u32) -> Self {
        Self(Rc::new(RefCell::new(Space { version: 1, total, last: total - 1, tails: [0, 0] })))
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Space)) {
        let mut space = self.0.borrow_mut();
        space.version += 1;
        change(&mut space);
    }

    pub(super) fn free(&self) -> u32 {
        let space = self.0.borrow();
        space.total - (space.last + 1 - space.tails[0].min(space.tails[1]))
    }

    /// Writes until nothing is free.
    pub(super) fn fill(&self) {
        let free = self.free();
        self.change(|space| space.last += free);
    }
}

impl ManagedLog for Log {
    fn observe(&self, view: &mut LogView) {
        let (space, free) = (self.0.borrow(), ContainerCount(self.free()));
        *view = LogView::unknown();
        view.version = space.version;
        view.containers = ContainerCount(space.total);
        (view.free_containers, view.spare_containers) = (free, free);
        view.container_size = Bytes(1 << 20);
        view.first_container = space.tails[0].min(space.tails[1]);
        view.last_container = space.last;
        for (stream, tail) in (0..).zip(space.tails) {
            view.set_tail(StreamId(stream), Some(Lsn::container_start(tail)));
        }
    }

    fn add_container(&self, path: &[u16], _: Option<Bytes>) -> Result<(), Status> {
        assert!(path.starts_with(&[u16::from(b'%')]) || path[0] == u16::from(b'p'), "a path");
        if fails() {
            return Err(Status::DISK_FULL);
        }
        self.change(|space| space.total += 1);
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        if fails() {
            return Err(Status::IO_DEVICE_ERROR);
        }
        if self.free() == 0 {
            return Err(Status::LOG_CANT_DELETE);
        }
        self.change(|space| space.total -= 1);
        Ok(())
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[u16::from(b'x')])
    }
}
