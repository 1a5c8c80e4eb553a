//! Worker threads over a queue of logs to be drained.
//!
//! Room for a log is reserved before it can be queued, so queueing neither fails nor allocates. The threads start with
//! the image ([`WorkQueue::start`]), or else, if nobody called its entry routines, with the first reservation; they are
//! waited for by [`WorkQueue::shutdown`].
//!
//! A client's callback may wait for what another worker brings, such as space in another log (decision 0008). So
//! workers that are inside a client do not count as at work, and one more is there than may be at work: who takes a log
//! and leaves nobody behind starts another one first, up to `WORKERS_MAX`; who finds enough at rest ends, and one of
//! those waits for it.
//!
//! # Protocol
//! [`WorkQueue::set_drain`] once, before the manager is used; then any number of `start`, `reserve`, `push`, `release`;
//! at the end `shutdown`.

use core::sync::atomic::{AtomicBool, Ordering};

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

/// Workers at work outside clients. Two: while one waits for the disk the other can call clients of other logs.
const AT_WORK_MAX: u32 = 2;

/// The workers that there are from the start: one rests when all others are at work.
const FIRST_WORKERS: usize = 3;

/// So many may wait for each other at the same time; beyond, logs that are queued wait too.
const WORKERS_MAX: usize = 16;

/// The image's one queue.
pub static WORK: WorkQueue = WorkQueue::new();

/// Logs that wait for a worker, and the workers.
pub struct WorkQueue {
    state: KernelLock<State>,
    workers: [Worker; WORKERS_MAX],
    /// Opened when something was queued, and at the end.
    changed: KernelGate,
}

/// A worker's place.
struct Worker {
    thread: OnceThread,
    /// It has ended by itself, and is to be waited for.
    has_ended: AtomicBool,
}

impl Worker {
    const fn new() -> Self {
        Self { thread: OnceThread::new(), has_ended: AtomicBool::new(false) }
    }

    fn is_running(&self) -> bool {
        self.thread.is_running()
    }

    /// With no lock held: other drivers are notified of a new thread.
    fn start(&'static self) {
        if let Err(status) = self.thread.start(self) {
            trace::status(Severity::Warning, c"a worker could not be started", status);
        }
    }
}

struct State {
    queue: Queue<LogKey>,
    drain: Option<fn(LogKey)>,
    /// Logs that are worked on.
    running: u32,
    /// Of these, those whose workers are inside a client.
    inside_clients: u32,
    /// Workers that wait for a log.
    resting: u32,
    is_stopped: bool,
}

/// What a worker does next.
enum Next {
    Drain {
        drain: fn(LogKey),
        log: LogKey,
        leaves_nobody: bool,
    },
    Wait,
    /// Enough others rest.
    Retire,
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
        let queue = Queue::new();
        let state = State { queue, drain: None, running: 0, inside_clients: 0, resting: 0, is_stopped: false };
        let workers = [const { Worker::new() }; WORKERS_MAX];
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
        // Whichever places they have: some of the first may have ended when others came to rest.
        let running = self.workers.iter().filter(|worker| worker.is_running()).count();
        if level::may_work_with_files() {
            let missing = FIRST_WORKERS.saturating_sub(running);
            self.workers.iter().filter(|worker| !worker.is_running()).take(missing).for_each(Worker::start);
        }
        // One is enough to go on.
        if self.workers.iter().any(Worker::is_running) { Ok(()) } else { Err(OutOfMemory) }
    }

    /// For a worker that leaves nobody behind. Without another one it goes on: the next log tries again.
    fn start_another(&'static self) {
        if let Some(worker) = self.workers.iter().find(|worker| !worker.is_running()) {
            worker.start();
        }
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

    /// Queues a log into room that was reserved for it. After the shutdown it goes nowhere, unless a worker is still at
    /// work: what it leaves is done before all end. IRQL <= `APC_LEVEL`.
    pub fn push(&self, log: LogKey) {
        let is_queued = self.state.with(|state| {
            let is_taken = !state.is_stopped || state.running > 0;
            if is_taken {
                WORK_ITEMS.one_more();
                state.queue.push(log);
            }
            is_taken
        });
        if is_queued {
            self.changed.open();
        }
    }

    /// A worker calls a client. IRQL <= `APC_LEVEL`.
    pub fn enter_client(&self) {
        let may_go_on = self.state.with(|state| {
            state.inside_clients = state.inside_clients.saturating_add(1);
            !state.queue.is_empty()
        });
        if may_go_on {
            self.changed.open();
        }
    }

    /// The client has returned. IRQL <= `APC_LEVEL`.
    pub fn leave_client(&self) {
        self.state.with(|state| state.inside_clients = state.inside_clients.saturating_sub(1));
    }

    /// Lets what is queued be done, and waits until the workers have left the image. Nothing can be reserved or queued
    /// any more. Not by a worker. IRQL `PASSIVE_LEVEL`.
    pub fn shutdown(&self) {
        self.state.with(|state| state.is_stopped = true);
        self.changed.open();
        self.workers.iter().filter_map(|worker| worker.thread.stop()).for_each(SystemThread::join);
        // The room goes too. It is dropped without the lock held.
        drop(self.state.with(|state| core::mem::replace(&mut state.queue, Queue::new())));
    }

    fn next(&self) -> Next {
        self.state.with(State::next)
    }

    /// The drain of a log has ended, for now.
    fn done(&self) {
        WORK_ITEMS.one_less();
        let is_stopped = self.state.with(|state| {
            state.running = state.running.saturating_sub(1);
            state.is_stopped
        });
        // Those who rest may end now. Otherwise this worker takes what is queued itself.
        if is_stopped {
            self.changed.open();
        }
    }
}

impl State {
    fn next(&mut self) -> Next {
        // Who is still at work may wait for what it queues.
        let is_over = self.is_stopped && self.queue.is_empty() && self.running == 0;
        let may_work = self.running.saturating_sub(self.inside_clients) < AT_WORK_MAX;
        match self.drain.filter(|_| may_work).and_then(|drain| Some((drain, self.queue.pop()?))) {
            Some((drain, log)) => {
                self.running = self.running.saturating_add(1);
                Next::Drain { drain, log, leaves_nobody: self.resting == 0 }
            }
            None if is_over => Next::End,
            None if self.resting > AT_WORK_MAX => Next::Retire,
            None => {
                self.resting = self.resting.saturating_add(1);
                Next::Wait
            }
        }
    }
}

impl WorkQueue {
    /// A worker's life; returns whether it ended by itself.
    fn work(&'static self) -> bool {
        loop {
            let turn = self.changed.turn();
            match self.next() {
                Next::Drain { drain, log, leaves_nobody } => {
                    if leaves_nobody {
                        self.start_another();
                    }
                    drain(log);
                    self.done();
                }
                Next::Wait => {
                    self.changed.wait(turn);
                    self.state.with(|state| state.resting = state.resting.saturating_sub(1));
                    self.join_ended();
                }
                Next::Retire => return true,
                Next::End => return false,
            }
        }
    }

    fn join_ended(&self) {
        for worker in self.workers.iter().filter(|worker| worker.has_ended.swap(false, Ordering::AcqRel)) {
            worker.thread.join_ended();
        }
    }
}

impl Body for Worker {
    fn run(&'static self) {
        if WORK.work() {
            self.has_ended.store(true, Ordering::Release);
            // For one of those who rest.
            WORK.changed.open();
        }
    }
}
