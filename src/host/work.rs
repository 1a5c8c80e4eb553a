//! Worker threads over a queue.
//!
//! Room for an item is reserved before it can be queued, so queueing neither fails nor allocates.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::vec::Vec;

use crate::units::memory::OutOfMemory;

#[derive(Debug)]
struct Queue<T> {
    items: VecDeque<T>,
    reserved: usize,
    running: usize,
    is_stopped: bool,
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
        Self {
            queue: Mutex::new(Queue { items: VecDeque::new(), reserved: 0, running: 0, is_stopped: false }),
            queued: Condvar::new(),
            idle: Condvar::new(),
        }
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

    /// Queues an item into room that was reserved for it. After the workers were stopped it goes nowhere.
    pub fn push(&self, item: T) {
        let mut queue = self.lock();
        debug_assert!(queue.items.len() < queue.reserved, "room was not reserved");
        if !queue.is_stopped {
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

    fn next(&self) -> Option<T> {
        let is_empty = |queue: &mut Queue<T>| queue.items.is_empty() && !queue.is_stopped;
        let waited = self.queued.wait_while(self.lock(), is_empty);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        let item = queue.items.pop_front()?;
        queue.running = queue.running.saturating_add(1);
        Some(item)
    }

    fn done(&self) {
        let mut queue = self.lock();
        queue.running = queue.running.saturating_sub(1);
        if queue.running == 0 && queue.items.is_empty() {
            self.idle.notify_all();
        }
    }

    fn stop(&self) {
        self.lock().is_stopped = true;
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
#[derive(Debug)]
pub struct Workers<T> {
    queue: Arc<WorkQueue<T>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Workers<T> {
    /// Starts `count` threads that call `work` with every item.
    ///
    /// # Errors
    /// A thread could not be started; those that were are stopped.
    pub fn start(queue: Arc<WorkQueue<T>>, count: usize, work: impl Fn(T) + Send + Sync + 'static) -> io::Result<Self> {
        let work = Arc::new(work);
        let mut workers = Self { queue, threads: Vec::new() };
        for number in 0..count {
            let (queue, work) = (Arc::clone(&workers.queue), Arc::clone(&work));
            let thread = Builder::new().name(std::format!("clfsmgmt-worker-{number}")).spawn(move || {
                while let Some(item) = queue.next() {
                    let _running = Running(&queue);
                    work(item);
                }
            })?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }
}

impl<T> Drop for Workers<T> {
    fn drop(&mut self) {
        self.queue.stop();
        let this = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last owner may be a worker itself: it ends when it returns.
            if thread.thread().id() != this {
                // A worker that panicked has reported it on standard error.
                let _ = thread.join();
            }
        }
    }
}
