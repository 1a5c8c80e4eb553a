//! Worker threads over a queue.
//!
//! Room for an item is reserved before it can be queued, so queueing neither fails nor allocates.
//!
//! A client's callback may wait for what another item brings, such as space in another log (decision 0008). So workers
//! that are inside a client do not count as at work, and one more rests than may be at work, up to `WORKERS_MAX`: who
//! takes an item and leaves nobody behind starts another one first, and who finds enough at rest ends.

use std::boxed::Box;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder, JoinHandle, ThreadId};
use std::vec::Vec;

use crate::units::memory::OutOfMemory;

/// So many may wait for each other at the same time; beyond, what is queued waits too.
const WORKERS_MAX: usize = 64;

#[derive(Debug)]
struct Queue<T> {
    items: VecDeque<T>,
    reserved: usize,
    /// Items that are worked on.
    running: usize,
    /// Of these, those whose workers are inside a client.
    inside_clients: usize,
    /// Workers that wait for an item.
    resting: usize,
    is_stopped: bool,
    /// Of those that run, the one that has stopped all others and waits for them.
    stopping: usize,
}

/// A queue of items for workers; first in, first out.
#[derive(Debug)]
pub struct WorkQueue<T> {
    queue: Mutex<Queue<T>>,
    queued: Condvar,
    idle: Condvar,
}

impl<T> Default for WorkQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> WorkQueue<T> {
    /// An empty queue without room.
    pub const fn new() -> Self {
        let items = VecDeque::new();
        let queue =
            Queue { items, reserved: 0, running: 0, inside_clients: 0, resting: 0, is_stopped: false, stopping: 0 };
        Self { queue: Mutex::new(queue), queued: Condvar::new(), idle: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves room for one more item.
    ///
    /// # Errors
    /// There is no memory.
    pub fn reserve(&self) -> Result<(), OutOfMemory> {
        let mut queue = self.lock();
        let room = queue.reserved.saturating_add(1);
        let more = room.saturating_sub(queue.items.len());
        queue.items.try_reserve(more).map_err(|_| OutOfMemory)?;
        queue.reserved = room;
        Ok(())
    }

    /// Gives back room for one item.
    pub fn release(&self) {
        let mut queue = self.lock();
        queue.reserved = queue.reserved.saturating_sub(1);
    }

    /// Queues an item into room that was reserved for it. After the workers were stopped it goes nowhere, unless one is
    /// still at work: what it leaves is done before all end.
    pub fn push(&self, item: T) {
        let mut queue = self.lock();
        debug_assert!(queue.items.len() < queue.reserved, "room was not reserved");
        if !queue.is_stopped || queue.running > 0 {
            queue.items.push_back(item);
            self.queued.notify_one();
        }
    }

    /// Waits until nothing is queued and no worker is at work. Must not be called by a worker.
    pub fn wait_idle(&self) {
        drop(
            self.idle
                .wait_while(self.lock(), |queue| !queue.is_stopped && (queue.running > 0 || !queue.items.is_empty()))
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Works the queue off on this thread until nothing is queued: for programs and tests without workers, whose order
    /// of events is to be the same each time.
    pub fn work_off(&self, mut work: impl FnMut(T)) {
        while let Some(item) = self.try_next() {
            let _running = Running(self);
            work(item);
        }
    }

    fn try_next(&self) -> Option<T> {
        let mut queue = self.lock();
        let item = queue.items.pop_front()?;
        queue.running = queue.running.saturating_add(1);
        Some(item)
    }

    /// The next item, as soon as fewer than `at_work_max` are worked on outside clients; `None` for a worker that is to
    /// end: as many rest as should, or all were stopped and none is at work, which may wait for what it queues.
    fn next(&self, at_work_max: usize) -> Option<T> {
        let has_nothing = |queue: &mut Queue<T>| {
            let at_work = queue.running.saturating_sub(queue.inside_clients);
            let is_over = queue.is_stopped && queue.running <= queue.stopping;
            if queue.items.is_empty() { !is_over } else { at_work >= at_work_max }
        };
        let mut queue = self.lock();
        if has_nothing(&mut queue) {
            if queue.resting > at_work_max {
                return None;
            }
            queue.resting = queue.resting.saturating_add(1);
            queue = self.queued.wait_while(queue, has_nothing).unwrap_or_else(PoisonError::into_inner);
            queue.resting = queue.resting.saturating_sub(1);
        }
        let item = queue.items.pop_front()?;
        queue.running = queue.running.saturating_add(1);
        Some(item)
    }

    /// Whether the next item would find no worker at rest.
    fn needs_spare(&self) -> bool {
        self.lock().resting == 0
    }

    /// A worker calls a client.
    pub fn enter_client(&self) {
        let mut queue = self.lock();
        queue.inside_clients = queue.inside_clients.saturating_add(1);
        self.admit(&queue);
    }

    /// The client has returned.
    pub fn leave_client(&self) {
        let mut queue = self.lock();
        queue.inside_clients = queue.inside_clients.saturating_sub(1);
    }

    /// Another item may be worked on now.
    fn admit(&self, queue: &Queue<T>) {
        if !queue.items.is_empty() {
            self.queued.notify_one();
        }
    }

    fn done(&self) {
        let mut queue = self.lock();
        queue.running = queue.running.saturating_sub(1);
        if queue.is_stopped {
            // Those who rest may have to end now.
            self.queued.notify_all();
        }
        self.admit(&queue);
        if queue.running == 0 && queue.items.is_empty() {
            self.idle.notify_all();
        }
    }

    fn stop(&self, is_by_worker: bool) {
        let mut queue = self.lock();
        queue.is_stopped = true;
        queue.stopping = usize::from(is_by_worker);
        drop(queue);
        self.queued.notify_all();
        self.idle.notify_all();
    }
}

/// Counts an item as done however its work ended.
struct Running<'a, T>(&'a WorkQueue<T>);

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        self.0.done();
    }
}

/// Threads that work a queue off. Dropping them lets what is queued be done, and waits for it.
pub struct Workers<T: Send + 'static> {
    pool: Arc<Pool<T>>,
}

struct Pool<T> {
    queue: Arc<WorkQueue<T>>,
    work: Box<dyn Fn(T) + Send + Sync>,
    /// How many may be at work outside clients.
    at_work_max: usize,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    handles: Vec<JoinHandle<()>>,
    /// Those that are about to end, and to be joined.
    ended: Vec<ThreadId>,
}

impl Threads {
    fn join_ended(&mut self) {
        for id in self.ended.drain(..) {
            if let Some(index) = self.handles.iter().position(|thread| thread.thread().id() == id) {
                // What it panicked with has been reported.
                let _ = self.handles.swap_remove(index).join();
            }
        }
    }
}

impl<T: Send + 'static> Workers<T> {
    /// Starts threads that call `work` with every item, `count` at the same time besides those inside clients.
    ///
    /// # Errors
    /// A thread could not be started; those that were are stopped.
    pub fn start(queue: Arc<WorkQueue<T>>, count: usize, work: impl Fn(T) + Send + Sync + 'static) -> io::Result<Self> {
        let (work, threads) = (Box::new(work), Mutex::default());
        let workers = Self { pool: Arc::new(Pool { queue, work, at_work_max: count, threads }) };
        for _ in 0..=count {
            workers.pool.start_one()?;
        }
        Ok(workers)
    }
}

impl<T: Send + 'static> Pool<T> {
    fn threads(&self) -> MutexGuard<'_, Threads> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_one(self: &Arc<Self>) -> io::Result<()> {
        let mut threads = self.threads();
        threads.join_ended();
        if threads.handles.len() < WORKERS_MAX {
            let pool = Arc::clone(self);
            threads.handles.push(Builder::new().name("clfsmgmt-worker".into()).spawn(move || pool.run())?);
        }
        Ok(())
    }

    fn run(self: &Arc<Self>) {
        while let Some(item) = self.queue.next(self.at_work_max) {
            let _running = Running(&self.queue);
            if self.queue.needs_spare() {
                // Without one it goes on: the next item tries again.
                let _ = self.start_one();
            }
            // What a callback panics with has been reported on standard error; the others' logs go on.
            let _ = catch_unwind(AssertUnwindSafe(|| (self.work)(item)));
        }
        self.threads().ended.push(thread::current().id());
    }
}

impl<T: Send + 'static> Drop for Workers<T> {
    fn drop(&mut self) {
        let this = thread::current().id();
        let is_by_worker = self.pool.threads().handles.iter().any(|thread| thread.thread().id() == this);
        self.pool.queue.stop(is_by_worker);
        // As long as some are at work, others may be started for what they wait for.
        loop {
            let Some(thread) = self.pool.threads().handles.pop() else {
                return;
            };
            // The last owner may be a worker itself: it ends when it returns.
            if thread.thread().id() != this {
                let _ = thread.join();
            }
        }
    }
}
