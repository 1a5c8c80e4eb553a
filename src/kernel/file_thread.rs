//! File work for callers whose IRQL or APC state does not allow it: a thread does it while they wait.
//!
//! What is handed over lies on the caller's stack, so handing over needs no memory. One thread is enough: this is the
//! rare way, and what it does takes no lock of ours.

use core::ffi::c_void;
use core::ptr::null_mut;

use super::event::Event;
use super::level;
use super::lock::{KernelGate, KernelLock};
use super::once_thread::OnceThread;
use super::owned::WORK_ITEMS;
use super::thread::Body;
use crate::manager::ports::{Gate, Guarded};
use crate::units::Status;

/// The image's one.
pub(super) static FILE_THREAD: FileThread = FileThread::new();

/// A thread, and the work that waits for it.
pub(super) struct FileThread {
    state: KernelLock<State>,
    thread: OnceThread,
    /// Opened when there is work, and at the end.
    news: KernelGate,
}

struct State {
    /// Linked through `next`.
    first: *mut Request,
    is_stopped: bool,
}

// SAFETY: each request stays until its event is set, and is reached through the list by one thread: the one that has
// the lock, or the one that took it out.
unsafe impl Send for State {}

/// Work on the stack of a caller, who waits for it.
struct Request {
    next: *mut Self,
    /// Does the work that `context` points to.
    work: unsafe fn(*mut c_void),
    context: *mut c_void,
    done: Event,
}

/// Work before and after.
struct Work<F, R> {
    action: Option<F>,
    result: Option<R>,
}

impl FileThread {
    const fn new() -> Self {
        let state = State { first: null_mut(), is_stopped: false };
        Self { state: KernelLock::new(state), thread: OnceThread::new(), news: KernelGate::new() }
    }

    /// Starts the thread, unless it runs. IRQL <= `APC_LEVEL`; where it does not run yet, `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `UNSUCCESSFUL`: it was stopped, or the IRQL does not allow it. Or what the system said.
    pub(super) fn start(&'static self) -> Result<(), Status> {
        self.thread.start(self)
    }

    /// Does what is left, and waits until the thread has left the image. IRQL `PASSIVE_LEVEL`.
    pub(super) fn shutdown(&self) {
        self.state.with(|state| state.is_stopped = true);
        let thread = self.thread.stop();
        self.news.open();
        if let Some(thread) = thread {
            thread.join();
        }
    }

    /// Runs `action` at `PASSIVE_LEVEL` with APCs enabled: here, or else on the thread. It must not take a lock that
    /// this caller holds. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: it cannot run here, and there is no thread.
    pub(super) fn run<R: Send>(&self, action: impl FnOnce() -> R + Send) -> Result<R, Status> {
        if level::may_work_with_files() { Ok(action()) } else { self.hand_over(action) }
    }

    fn hand_over<F: FnOnce() -> R + Send, R: Send>(&self, action: F) -> Result<R, Status> {
        let mut work = Work { action: Some(action), result: None };
        let work = &raw mut work;
        let mut request = Request { next: null_mut(), work: perform::<F, R>, context: work.cast(), done: Event::new() };
        // SAFETY: nobody knows of it yet, and `request` is not moved: it is used by its address only.
        unsafe { request.done.make_ready() };
        let request = &raw mut request;
        let is_taken = self.state.with(|state| {
            let is_taken = !state.is_stopped && self.thread.is_running();
            if is_taken {
                WORK_ITEMS.one_more();
                // SAFETY: this thread's own, and not yet in the list.
                unsafe { (*request).next = state.first };
                state.first = request;
            }
            is_taken
        });
        if !is_taken {
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        self.news.open();
        // SAFETY: it exists until this function returns; what the other thread writes is in the event's own cell.
        let done = unsafe { &(*request).done };
        // SAFETY: made ready above.
        unsafe { done.wait() };
        WORK_ITEMS.one_less();
        // SAFETY: the thread is done with it: the event says so.
        let result = unsafe { (*work).result.take() };
        result.ok_or(Status::INSUFFICIENT_RESOURCES)
    }

    /// Does all work that is there; `false` if there was none.
    fn work_off(&self) -> bool {
        let mut request = self.state.with(|state| core::mem::take(&mut state.first));
        let is_any = !request.is_null();
        while !request.is_null() {
            // SAFETY: out of the list, so this thread's own until its event is set; the event is not touched through
            // it.
            let Request { next, work, context, .. } = unsafe { &*request };
            let (next, work, context) = (*next, *work, *context);
            // SAFETY: the context belongs to the work, and its owner waits.
            unsafe { work(context) };
            // SAFETY: as above; only the place is computed.
            let done = unsafe { &raw const (*request).done };
            // SAFETY: made ready before it was linked, and its owner waits for it.
            unsafe { Event::set(done) };
            request = next;
        }
        is_any
    }
}

/// Does one piece of work.
///
/// # Safety
/// `context` is a `Work<F, R>` that nobody else uses now.
unsafe fn perform<F: FnOnce() -> R, R>(context: *mut c_void) {
    // SAFETY: by the caller's contract.
    let work = unsafe { &mut *context.cast::<Work<F, R>>() };
    work.result = work.action.take().map(|action| action());
}

impl Body for FileThread {
    fn run(&'static self) {
        loop {
            let turn = self.news.turn();
            let is_stopped = self.state.with(|state| state.is_stopped);
            // Stopped was read before: what came until then is done.
            if !self.work_off() {
                if is_stopped {
                    return;
                }
                self.news.wait(turn);
            }
        }
    }
}
