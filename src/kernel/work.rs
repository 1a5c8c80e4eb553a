//! Worker threads over a queue of logs to be drained.
//!
//! Room for a log is reserved before it can be queued, so queueing neither fails nor allocates. The threads start with
//! the image ([`WorkQueue::start`]), or else, if nobody called its entry routines, with the first reservation; they are
//! waited for by [`WorkQueue::shutdown`].
//!
//! # Protocol
//! [`WorkQueue::set_drain`] once, before the manager is used; then any number of `start`, `reserve`, `push`, `release`;
//! at the end `shutdown`.

use super::level;
use super::lock::{KernelGate, KernelLock};
use super::once_thread::OnceThread;
use super::owned::WORK_ITEMS;
use super::queue::Queue;
use super::thread::{Body, SystemThread};
use super::trace::{self, Severity};
use crate::manager::LogKey;
use crate::manager::ports::{Gate, Guarded};
use crate::units::memory::OutOfMemory;

/// Two: while one waits for the disk the other can call clients of other logs.
const WORKERS: usize = 2;

/// The image's one queue.
pub static WORK: WorkQueue = WorkQueue::new();

/// Logs that wait for a worker, and the workers.
pub struct WorkQueue {
    state: KernelLock<State>,
    workers: [OnceThread; WORKERS],
    /// Opened when something was queued, and at the end.
    changed: KernelGate,
}

struct State {
    queue: Queue<LogKey>,
    drain: Option<fn(LogKey)>,
    is_stopped: bool,
}

/// What a worker does next.
enum Next {
    Drain(fn(LogKey), LogKey),
    Wait,
    End,
}

impl Default for WorkQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl WorkQueue {
    /// An empty queue without workers.
    pub const fn new() -> Self {
        let state = State { queue: Queue::new(), drain: None, is_stopped: false };
        let workers = [const { OnceThread::new() }; WORKERS];
        Self { state: KernelLock::new(state), workers, changed: KernelGate::new() }
    }

    /// Says what the workers do with a log: [`crate::manager::Manager::drain`] of the image's manager.
    pub fn set_drain(&self, drain: fn(LogKey)) {
        self.state.with(|state| state.drain = Some(drain));
    }

    /// Starts the workers that are not there yet; without them, reservations will do it. IRQL <= `APC_LEVEL`, but
    /// only at `PASSIVE_LEVEL` it can succeed.
    ///
    /// # Errors
    /// There is no worker: the queue was shut down, or none could be started here.
    pub fn start(&'static self) -> Result<(), OutOfMemory> {
        if self.state.with(|state| state.is_stopped || state.drain.is_none()) {
            return Err(OutOfMemory);
        }
        let may_start = level::may_work_with_files();
        // With no lock held: other drivers are notified of a new thread.
        for worker in self.workers.iter().filter(|worker| may_start && !worker.is_running()) {
            if let Err(status) = worker.start(self) {
                trace::status(Severity::Warning, c"a worker could not be started", status);
            }
        }
        // One is enough to go on.
        if self.workers.iter().any(OnceThread::is_running) { Ok(()) } else { Err(OutOfMemory) }
    }

    /// Reserves room for one more log, and starts the workers if they are not there. IRQL <= `APC_LEVEL`; the first
    /// one at `PASSIVE_LEVEL`, unless [`WorkQueue::start`] came before.
    ///
    /// # Errors
    /// There is no memory, no worker and the IRQL does not allow to start one, nothing to do with a log was set, or the
    /// queue was shut down.
    pub fn reserve(&'static self) -> Result<(), OutOfMemory> {
        self.start()?;
        self.state.with(|state| state.queue.reserve())
    }

    /// Gives back room for one log. IRQL <= `APC_LEVEL`.
    pub fn release(&self) {
        self.state.with(|state| state.queue.release());
    }

    /// Queues a log into room that was reserved for it. After the shutdown it goes nowhere. IRQL <= `APC_LEVEL`.
    pub fn push(&self, log: LogKey) {
        let is_queued = self.state.with(|state| {
            if !state.is_stopped {
                WORK_ITEMS.one_more();
                state.queue.push(log);
            }
            !state.is_stopped
        });
        if is_queued {
            self.changed.open();
        }
    }

    /// Lets what is queued be done, and waits until the workers have left the image. Nothing can be reserved or queued
    /// any more. Not by a worker. IRQL `PASSIVE_LEVEL`.
    pub fn shutdown(&self) {
        self.state.with(|state| state.is_stopped = true);
        let workers = self.workers.each_ref().map(OnceThread::stop);
        self.changed.open();
        workers.into_iter().flatten().for_each(SystemThread::join);
        // The room goes too. It is dropped without the lock held.
        drop(self.state.with(|state| core::mem::replace(&mut state.queue, Queue::new())));
    }

    fn next(&self) -> Next {
        self.state.with(|state| match (state.drain, state.queue.pop()) {
            (Some(drain), Some(log)) => Next::Drain(drain, log),
            _ if state.is_stopped => Next::End,
            _ => Next::Wait,
        })
    }
}

impl Body for WorkQueue {
    fn run(&'static self) {
        loop {
            let turn = self.changed.turn();
            match self.next() {
                Next::Drain(drain, log) => {
                    drain(log);
                    WORK_ITEMS.one_less();
                }
                Next::Wait => self.changed.wait(turn),
                Next::End => return,
            }
        }
    }
}
