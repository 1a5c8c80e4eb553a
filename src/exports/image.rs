//! The one instance of this image: its logs, made when they are first needed, and the timer that looks at them for
//! drivers that are not relinked.
//!
//! Routines may be called before anything was initialised: drivers that import this one are loaded after it, but
//! `DllInitialize` is a courtesy of the loader, not a promise. They may be called after the end too: see `instance`.

#[cfg(all(unix, not(feature = "driver")))]
use alloc::boxed::Box;
use core::ops::Deref;
#[cfg(feature = "driver")]
use core::sync::atomic::{AtomicBool, Ordering};
#[cfg(not(feature = "driver"))]
use core::sync::atomic::{AtomicPtr, Ordering};

#[cfg(feature = "open-clfs")]
pub(super) use super::clfs::own_logs::OwnLogs as TheLogs;
use super::instance::{Instance, InstanceGuard};
#[cfg(feature = "interposed")]
pub(super) use super::interposed::logs::InterposedLogs as TheLogs;
use super::managed_logs::ManagedLogs;
#[cfg(feature = "driver")]
use super::platform::Ticking;
use super::rundown::Inside;
#[cfg(feature = "driver")]
use super::watching;
use crate::manager::LogKey;
use crate::units::Status;

static INSTANCE: Instance<TheLogs> = Instance::new();

/// That of a process that was forked; NULL in one that was not.
#[cfg(not(feature = "driver"))]
static IN_CHILD: AtomicPtr<Instance<TheLogs>> = AtomicPtr::new(core::ptr::null_mut());

#[cfg(feature = "driver")]
const fn instance() -> &'static Instance<TheLogs> {
    &INSTANCE
}

/// The instance of this process.
#[cfg(not(feature = "driver"))]
fn instance() -> &'static Instance<TheLogs> {
    // SAFETY: NULL, or leaked by `begin_anew`.
    unsafe { IN_CHILD.load(Ordering::Acquire).as_ref() }.unwrap_or(&INSTANCE)
}

/// This process has just been forked. What its parent had stays as it is, and is not looked at again: locks may be held
/// by threads that are not here. The allocator works in a child.
#[cfg(all(unix, not(feature = "driver")))]
extern "C" fn begin_anew() {
    super::platform::note_fork();
    IN_CHILD.store(Box::into_raw(Box::new(Instance::new())), Ordering::Release);
}

/// The logs, which stay as long as this does.
pub(super) struct LogsGuard {
    // The first to go.
    logs: InstanceGuard<'static, TheLogs>,
    #[cfg(feature = "driver")]
    _leaving: Leaving,
}

impl LogsGuard {
    fn new(logs: InstanceGuard<'static, TheLogs>) -> Self {
        Self {
            logs,
            #[cfg(feature = "driver")]
            _leaving: Leaving,
        }
    }
}

impl Deref for LogsGuard {
    type Target = TheLogs;

    fn deref(&self) -> &TheLogs {
        &self.logs
    }
}

/// The logs. Every routine keeps the guard until it is done: the end waits for it.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: they could not be made; the next call tries again. Or the image is about to go.
// In every routine, once in the image; likewise below.
#[inline(never)]
pub(super) fn logs() -> Result<LogsGuard, Status> {
    #[cfg(feature = "open-clfs")]
    let make = || {
        #[cfg(all(unix, not(feature = "driver")))]
        super::forked::watch(begin_anew);
        TheLogs::new(drain)
    };
    #[cfg(feature = "interposed")]
    let make = || TheLogs::new(drain, opening, wake);
    instance().enter(make).map(LogsGuard::new)
}

/// Permits to open a log, as long as it is kept.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: the image is about to go.
pub(super) fn opening() -> Result<Inside<'static>, Status> {
    instance().opening()
}

/// The logs, if they are there and the image stays.
#[inline(never)]
pub(super) fn existing() -> Option<LogsGuard> {
    instance().enter_existing().map(LogsGuard::new)
}

/// What workers do with a log that was queued. Without an instance there is nothing to be done for it.
pub(super) fn drain(log: LogKey) {
    // No guard: whoever is inside may wait for this while the end has begun.
    // SAFETY: a worker, which `end` waits for (`stop_work`) before the logs go.
    if let Some(logs) = unsafe { instance().resident() } {
        logs.manager().drain(log);
    }
}

/// Makes the logs and starts their timer before anybody needs them. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn begin() {
    // What fails is tried again by the first routine.
    let _ = logs();
    watching::start(tick);
}

/// Somebody waits from now on: until nobody does, the timer looks. IRQL <= `APC_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn wake() {
    watching::wake(tick);
}

#[cfg(feature = "driver")]
fn tick() -> Ticking {
    existing().map_or(Ticking::Rest, |logs| watching::look(&*logs))
}

/// Whether a log is open or a client registered.
#[cfg(feature = "driver")]
pub(super) fn is_in_use() -> bool {
    existing().is_some_and(|logs| logs.manager().logs_attached() > 0)
}

/// Lets no log be opened any more; all else goes on. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn end_openings() {
    instance().end_openings();
}

/// Whether logs cannot be opened any more.
#[cfg(feature = "driver")]
pub(super) fn is_closed() -> bool {
    instance().is_closed()
}

/// The service was stopped, and those who have logs open did not close them in time: whoever leaves last ends all.
#[cfg(feature = "driver")]
static IS_LEFT_TO_THE_LAST: AtomicBool = AtomicBool::new(false);

/// A routine is done; dropped when it has left.
#[cfg(feature = "driver")]
struct Leaving;

#[cfg(feature = "driver")]
impl Drop for Leaving {
    fn drop(&mut self) {
        if IS_LEFT_TO_THE_LAST.load(Ordering::Acquire) {
            end_if_unused();
        }
    }
}

/// Leaves the end to whoever closes the last log or deregisters the last client, in a routine that it calls at
/// `PASSIVE_LEVEL` on a thread of its own; on one of the workers only `DllUnload` can. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn leave_end_to_the_last() {
    IS_LEFT_TO_THE_LAST.store(true, Ordering::Release);
    end_if_unused();
}

// Hardly ever: out of the routines' way.
#[cfg(feature = "driver")]
#[cold]
#[inline(never)]
fn end_if_unused() {
    let may_wait_for_threads = super::platform::may_end();
    if may_wait_for_threads && instance().end_if_unused(|logs| logs.manager().is_in_use(), stop) {
        super::platform::end();
    }
}

#[cfg(feature = "driver")]
fn stop() {
    watching::stop();
    super::platform::stop_work();
}

/// Takes the logs down: turns callers away, waits for those who are inside and for the workers, and gives their
/// memory back. Not from a routine or a callback. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn end() {
    instance().end(stop);
}
