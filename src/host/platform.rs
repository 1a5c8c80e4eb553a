//! The manager's platform on std.

use std::cell::Cell;
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Instant;

use super::clock::HostClock;
use super::lock::{HostGate, HostLock};
use super::work::WorkQueue;
use crate::manager::ports::Platform;
use crate::manager::{Completion, GrowthPlace, LogKey};
use crate::units::Time;
use crate::units::memory::OutOfMemory;

std::thread_local! {
    /// The completion that this thread is inside.
    static COMPLETION: Cell<Option<Completion>> = const { Cell::new(None) };
}

/// Held inside a completion; the thread is out of it when this is dropped.
struct InsideCompletion;

impl InsideCompletion {
    fn begin(completion: Completion) -> Self {
        COMPLETION.set(Some(completion));
        Self
    }
}

impl Drop for InsideCompletion {
    fn drop(&mut self) {
        COMPLETION.set(None);
    }
}

/// Locks, threads and time of an ordinary process.
///
/// The drains that it queues are worked off by [`super::Workers`] that the program starts over [`HostPlatform::queue`]
/// once it has a manager: `Workers::start(queue, 2, move |log| manager.drain(log))`.
#[derive(Debug)]
pub struct HostPlatform {
    queue: Arc<WorkQueue<LogKey>>,
    clock: HostClock,
    started: Instant,
}

impl Default for HostPlatform {
    fn default() -> Self {
        Self::new(HostClock::System)
    }
}

impl HostPlatform {
    /// A platform whose reports use `clock`.
    pub fn new(clock: HostClock) -> Self {
        Self { queue: Arc::new(WorkQueue::new()), clock, started: Instant::now() }
    }

    /// The queue of logs to be drained.
    pub fn queue(&self) -> Arc<WorkQueue<LogKey>> {
        Arc::clone(&self.queue)
    }
}

/// Where a log-full call may create containers: any thread of a process may do file work.
pub const fn growth_place() -> GrowthPlace {
    GrowthPlace::Inline
}

impl Platform for HostPlatform {
    type Lock<T> = HostLock<T>;
    type Shared<T> = Arc<T>;
    type Gate = HostGate;
    type Thread = ThreadId;

    fn lock<T>(value: T) -> Self::Lock<T> {
        HostLock::new(value)
    }

    fn share<T>(value: T) -> Result<Self::Shared<T>, OutOfMemory> {
        Ok(Arc::new(value))
    }

    fn gate() -> Self::Gate {
        HostGate::default()
    }

    fn current_thread() -> Self::Thread {
        std::thread::current().id()
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        let _inside = InsideCompletion::begin(completion);
        action()
    }

    fn completion() -> Option<Completion> {
        COMPLETION.get()
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        self.queue.reserve()
    }

    fn release_work(&self) {
        self.queue.release();
    }

    fn queue_drain(&self, log: LogKey) {
        self.queue.push(log);
    }

    fn enter_client(&self) {
        self.queue.enter_client();
    }

    fn leave_client(&self) {
        self.queue.leave_client();
    }
}
