//! What the manager needs of the world: the log it manages, the clients it calls, a lock, worker threads, a clock.
//!
//! Each port is plugged in by `host` (std) or by the kernel; `library` plugs a log of our own into [`ManagedLog`].

use core::ops::Deref;

use super::completion::Completion;
use super::cookie::LogKey;
use crate::engine::LogView;
use crate::units::memory::OutOfMemory;
use crate::units::{Bytes, Lsn, Status, Time};

/// The physical log that is managed. Every method takes what locks it needs itself and may be called on any thread,
/// with no lock of the manager held.
pub trait ManagedLog {
    /// Writes the newest snapshot into `view`. Cheap: no I/O, no allocation. It may wait for the log's own lock, so
    /// a thread that holds that lock must not call the manager.
    fn observe(&self, view: &mut LogView);

    /// Creates a zero-filled container file under `path` (UTF-16, `%BLF%\…` or absolute) and joins it to the log.
    /// `size` is asked for the first container of a log only; later ones have the size of the first.
    ///
    /// # Errors
    /// `OBJECT_NAME_COLLISION` if the file exists, `LOG_CONTAINER_LIMIT_EXCEEDED`, `DISK_FULL`, or what the storage
    /// reported. The log is unchanged, unless a failed write or flush stopped it.
    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status>;

    /// Removes one container that is outside the active log, and its file.
    ///
    /// # Errors
    /// `LOG_CANT_DELETE` when every container is active, or what the storage reported.
    fn remove_container(&self) -> Result<(), Status>;

    /// The name that the log's base file has without its extension, for container names: `pgbench` of `pgbench.blf`.
    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R;
}

/// A registered client's callbacks. They are called with no lock held and may call anything.
pub trait ClientCallbacks {
    /// Asks for the base LSN to move to `target` or beyond; returns `PENDING`, or an error for "cannot".
    fn advance_tail(&self, target: Lsn) -> Status;
    /// A log-full request that returned `PENDING` has ended.
    fn log_growth_complete(&self, status: Status, is_pinned: bool);
    /// Space has come after a request ended with an error on a pinned log.
    fn log_unpinned(&self);
}

/// A lock that is held while a closure runs, and not longer.
pub trait Guarded<T> {
    /// Runs `action` with exclusive access.
    fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> R;
}

/// A place where threads wait for a condition that another thread changes.
pub trait Gate {
    /// A number that every [`Gate::open`] changes; read it *before* looking at the condition.
    fn turn(&self) -> u64;
    /// Waits until the number is no longer `turn`.
    fn wait(&self, turn: u64);
    /// Changes the number and wakes every waiter.
    fn open(&self);
}

/// The platform: everything the manager needs besides the log and its clients.
pub trait Platform: Sized {
    /// A lock around `T`.
    type Lock<T>: Guarded<T>;
    /// A shared, counted reference to `T`.
    type Shared<T>: Clone + Deref<Target = T>;
    /// A waiting place.
    type Gate: Gate;
    /// Names the running thread.
    type Thread: Copy + PartialEq;

    /// A new lock.
    fn lock<T>(value: T) -> Self::Lock<T>;
    /// Moves `value` into shared memory.
    ///
    /// # Errors
    /// There is no memory.
    fn share<T>(value: T) -> Result<Self::Shared<T>, OutOfMemory>;
    /// A new gate.
    fn gate() -> Self::Gate;
    /// The running thread.
    fn current_thread() -> Self::Thread;
    /// Runs `action` with `completion` noted of the running thread, of which none is noted, until it has returned or is
    /// unwound. The note lies with the thread or on its stack: there is room for it, on any number of threads.
    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R;
    /// What is noted of the running thread.
    fn completion() -> Option<Completion>;
    /// Now, on the clock that reports use.
    fn now(&self) -> Time;
    /// Nanoseconds of a clock that only goes forward, for measuring.
    fn monotonic_nanoseconds(&self) -> u64;

    /// Makes sure that one more log can be in the queue of [`Platform::queue_drain`].
    ///
    /// # Errors
    /// There is no memory.
    fn reserve_work(&self) -> Result<(), OutOfMemory>;
    /// Gives back what [`Platform::reserve_work`] reserved.
    fn release_work(&self);
    /// Has a worker thread call [`crate::manager::Manager::drain`] with `log`, soon. Called at most once per
    /// reservation until that worker has begun; room is reserved, so it neither fails nor allocates.
    fn queue_drain(&self, log: LogKey);
    /// This worker is about to call a client, which may wait for what another worker brings: one is to be there.
    fn enter_client(&self);
    /// The client has returned.
    fn leave_client(&self);
}
