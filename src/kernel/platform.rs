//! The manager's platform on the kernel.

use super::clock;
use super::completion;
use super::lock::{KernelGate, KernelLock};
use super::shared::Shared;
use super::thread::{self, ThreadId};
use super::work::WORK;
use crate::manager::ports::Platform;
use crate::manager::{Completion, LogKey};
use crate::units::Time;
use crate::units::memory::OutOfMemory;

/// Locks, threads and time of the kernel.
///
/// The drains that it queues are worked off by the image's workers, which [`super::work::WorkQueue::set_drain`] of
/// [`WORK`] says what to do once there is a manager.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelPlatform;

impl Platform for KernelPlatform {
    type Lock<T> = KernelLock<T>;
    type Shared<T> = Shared<T>;
    type Gate = KernelGate;
    type Thread = ThreadId;

    fn lock<T>(value: T) -> Self::Lock<T> {
        KernelLock::new(value)
    }

    fn share<T>(value: T) -> Result<Self::Shared<T>, OutOfMemory> {
        Shared::new(value)
    }

    fn gate() -> Self::Gate {
        KernelGate::new()
    }

    fn current_thread() -> Self::Thread {
        thread::current_thread()
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        completion::inside(completion, action)
    }

    fn completion() -> Option<Completion> {
        completion::noted()
    }

    fn now(&self) -> Time {
        clock::now()
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        clock::monotonic_nanoseconds()
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        WORK.reserve()
    }

    fn release_work(&self) {
        WORK.release();
    }

    fn queue_drain(&self, log: LogKey) {
        WORK.push(log);
    }

    fn enter_client(&self) {
        WORK.enter_client();
    }

    fn leave_client(&self) {
        WORK.leave_client();
    }
}
