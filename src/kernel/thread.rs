//! System threads that are waited for.
//!
//! An export driver has no device object that would keep its image in memory while a work item runs. A thread of its
//! own it can wait for: the thread's object is signalled only after the thread has left the image.

use core::ffi::c_void;
use core::ptr::{self, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

use wdk_sys::ntddk::{KeDelayExecutionThread, PsCreateSystemThread, ZwClose, ZwWaitForSingleObject};
use wdk_sys::{HANDLE, LARGE_INTEGER, OBJ_KERNEL_HANDLE, OBJECT_ATTRIBUTES, SYNCHRONIZE};

use super::level;
use super::owned::{HANDLES, THREADS};
use super::routines::{KERNEL_MODE, PsGetCurrentThread, length_of, status_of};
use crate::units::Status;

/// Names a thread: its object's address, and another thread's only once this one has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadId(usize);

impl ThreadId {
    /// As a number.
    pub(super) fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or_default()
    }
}

/// The running thread. IRQL: any.
pub fn current_thread() -> ThreadId {
    // SAFETY: no precondition; any IRQL.
    ThreadId(unsafe { PsGetCurrentThread() }.addr())
}

/// The threads that [`SystemThread::start`] started: free, taken by a thread that has not begun, or a thread's address.
static OURS: [AtomicUsize; PLACES] = [const { AtomicUsize::new(FREE) }; PLACES];
/// For the workers (`work`), the thread for files and the ticker.
const PLACES: usize = 20;
const FREE: usize = 0;
const TAKEN: usize = 1;

/// Whether the running thread is one of ours, whose own security is the system's.
pub fn is_own_thread() -> bool {
    let this = current_thread().0;
    OURS.iter().any(|place| place.load(Ordering::Acquire) == this)
}

/// Puts `after` into one place that holds `before`; `false` if there is none.
fn change_place(before: usize, after: usize) -> bool {
    OURS.iter().any(|place| place.compare_exchange(before, after, Ordering::AcqRel, Ordering::Relaxed).is_ok())
}

/// What a thread does.
pub(super) trait Body: Sync + 'static {
    /// Runs until the thread is to end, at IRQL `PASSIVE_LEVEL`.
    fn run(&'static self);
}

/// A thread that runs, or has ended and was not yet waited for.
pub(super) struct SystemThread(HANDLE);

// SAFETY: a kernel handle: valid in every thread of every process, and closed once, by `join`.
unsafe impl Send for SystemThread {}

/// A thread's routine, and what it is called with.
#[derive(Clone, Copy)]
pub(super) struct Beginning {
    routine: unsafe extern "C" fn(*mut c_void),
    context: *mut c_void,
}

impl Beginning {
    pub(super) fn of<B: Body>(body: &'static B) -> Self {
        Self { routine: begin::<B>, context: ptr::from_ref(body).cast_mut().cast() }
    }
}

impl SystemThread {
    /// Starts a thread in the system process. Out of line: it has no body's type. IRQL `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: there are too many; `UNSUCCESSFUL`: the IRQL does not allow it; or what the system
    /// said.
    #[inline(never)]
    pub(super) fn start(Beginning { routine, context }: Beginning) -> Result<Self, Status> {
        if !level::may_work_with_files() {
            return Err(Status::UNSUCCESSFUL);
        }
        // Before the thread exists: it would be without a place, and so without its clients' security, otherwise.
        if !change_place(FREE, TAKEN) {
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        let mut handle = null_mut();
        let mut attributes = OBJECT_ATTRIBUTES {
            Length: length_of::<OBJECT_ATTRIBUTES>(),
            Attributes: OBJ_KERNEL_HANDLE,
            ..OBJECT_ATTRIBUTES::default()
        };
        // SAFETY: IRQL PASSIVE_LEVEL, checked above; the pointers are to locals; the context is static, and Sync, and
        // the routine takes it as what it is: `Beginning::of`.
        let status = unsafe {
            PsCreateSystemThread(
                &raw mut handle,
                SYNCHRONIZE,
                &raw mut attributes,
                null_mut(),
                null_mut(),
                Some(routine),
                context,
            )
        };
        match status_of(status) {
            Ok(()) => {
                HANDLES.one_more();
                THREADS.one_more();
                Ok(Self(handle))
            }
            Err(status) => {
                change_place(TAKEN, FREE);
                Err(status)
            }
        }
    }

    /// Waits until the thread has ended and left the image. Not by the thread itself. IRQL `PASSIVE_LEVEL`.
    pub(super) fn join(self) {
        // SAFETY: our own handle, which may be waited on (SYNCHRONIZE); not alertable, no timeout.
        let _ = unsafe { ZwWaitForSingleObject(self.0, 0, null_mut()) };
        THREADS.one_less();
        // SAFETY: our own handle, used for the last time.
        let _ = unsafe { ZwClose(self.0) };
        HANDLES.one_less();
    }
}

/// Where a thread begins. Returning from it ends the thread.
///
/// # Safety
/// `context` is a `&'static B`.
unsafe extern "C" fn begin<B: Body>(context: *mut c_void) {
    let this = current_thread().0;
    change_place(TAKEN, this);
    // SAFETY: a `&'static B` that `start` handed on.
    let body = unsafe { &*context.cast::<B>() };
    body.run();
    change_place(this, FREE);
}

/// Lets other threads run for the shortest time that the clock knows. IRQL <= `APC_LEVEL`.
pub(super) fn pause() {
    sleep(1);
}

/// Sleeps for this many units of 100 nanoseconds. IRQL <= `APC_LEVEL`.
pub(super) fn sleep(units: i64) {
    // Negative: from now.
    let mut interval = LARGE_INTEGER { QuadPart: units.saturating_neg() };
    // SAFETY: IRQL <= APC_LEVEL, as asked for; the interval is a local.
    let _ = unsafe { KeDelayExecutionThread(KERNEL_MODE, 0, &raw mut interval) };
}
