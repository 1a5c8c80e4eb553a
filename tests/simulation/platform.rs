//! A platform on one thread: every run of a seed is the same, and what would hang elsewhere panics here.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use clfsmgmt::manager::ports::{Gate, Guarded, Platform};
use clfsmgmt::manager::{Completion, LogKey};
use clfsmgmt::units::Time;
use clfsmgmt::units::memory::OutOfMemory;

thread_local! {
    static HELD: Cell<u32> = const { Cell::new(0) };
    static THREAD: Cell<u32> = const { Cell::new(0) };
    /// The completions that are under way, and their threads.
    static COMPLETIONS: RefCell<Vec<(u32, Completion)>> = const { RefCell::new(Vec::new()) };
    static SHARE_FAILS: Cell<bool> = const { Cell::new(false) };
}

/// How many locks are held.
pub(crate) fn locks_held() -> u32 {
    HELD.get()
}

/// Does `action` as another thread, which has come between.
pub(crate) fn on_another_thread<R>(action: impl FnOnce() -> R) -> R {
    let before = THREAD.replace(THREAD.get() + 1);
    let result = action();
    THREAD.set(before);
    result
}

pub(crate) fn is_another_thread() -> bool {
    THREAD.get() > 0
}

/// Does `action` while there is no memory for what is shared.
pub(crate) fn without_memory<R>(action: impl FnOnce() -> R) -> R {
    SHARE_FAILS.set(true);
    let result = action();
    SHARE_FAILS.set(false);
    result
}

/// After a seed that failed.
pub(crate) fn reset() {
    HELD.set(0);
    THREAD.set(0);
    COMPLETIONS.take();
    SHARE_FAILS.set(false);
}

pub(crate) struct Lock<T>(RefCell<T>);

impl<T> Guarded<T> for Lock<T> {
    fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.try_borrow_mut().expect("a lock is taken by the thread that holds it");
        HELD.set(HELD.get() + 1);
        let result = action(&mut value);
        HELD.set(HELD.get() - 1);
        result
    }
}

/// Nobody could ever open it: there is one thread.
pub(crate) struct Nowhere;

impl Gate for Nowhere {
    fn turn(&self) -> u64 {
        0
    }

    fn wait(&self, _: u64) {
        panic!("the only thread waits");
    }

    fn open(&self) {}
}

#[derive(Debug, Default)]
struct Work {
    queue: VecDeque<LogKey>,
    reserved: usize,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Simulated {
    work: Rc<RefCell<Work>>,
    time: Rc<Cell<u64>>,
}

impl Simulated {
    /// The next log that waits for a worker.
    pub(crate) fn take_work(&self) -> Option<LogKey> {
        self.work.borrow_mut().queue.pop_front()
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.work.borrow().queue.is_empty()
    }

    fn tick(&self) -> u64 {
        self.time.set(self.time.get() + 1);
        self.time.get()
    }
}

impl Platform for Simulated {
    type Lock<T> = Lock<T>;
    type Shared<T> = Rc<T>;
    type Gate = Nowhere;
    type Thread = u32;

    fn lock<T>(value: T) -> Lock<T> {
        Lock(RefCell::new(value))
    }

    fn share<T>(value: T) -> Result<Rc<T>, OutOfMemory> {
        if SHARE_FAILS.get() {
            return Err(OutOfMemory);
        }
        Ok(Rc::new(value))
    }

    fn gate() -> Nowhere {
        Nowhere
    }

    fn current_thread() -> u32 {
        THREAD.get()
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        COMPLETIONS.with_borrow_mut(|inside| inside.push((THREAD.get(), completion)));
        let result = action();
        COMPLETIONS.with_borrow_mut(Vec::pop);
        result
    }

    fn completion() -> Option<Completion> {
        let is_here = |inside: &&(u32, Completion)| inside.0 == THREAD.get();
        COMPLETIONS.with_borrow(|inside| inside.iter().find(is_here).map(|inside| inside.1))
    }

    fn now(&self) -> Time {
        Time(self.tick())
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        self.tick()
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        self.work.borrow_mut().reserved += 1;
        Ok(())
    }

    fn release_work(&self) {
        self.work.borrow_mut().reserved -= 1;
    }

    fn queue_drain(&self, log: LogKey) {
        assert_eq!(locks_held(), 0, "a worker is told under a lock");
        let mut work = self.work.borrow_mut();
        work.queue.push_back(log);
        assert!(work.queue.len() <= work.reserved, "no room was reserved");
    }

    fn enter_client(&self) {}

    fn leave_client(&self) {}
}
