//! System threads, each with a number that says what it works on, and waited for before the driver ends.
//!
//! A body is a type, not a pointer: `Thread::start::<Append>(7)` begins a thread that runs `Append::run(7)`.

use core::ffi::c_void;
use core::ptr::{null_mut, without_provenance_mut};

use wdk_sys::ntddk::{PsCreateSystemThread, ZwClose, ZwWaitForSingleObject};
use wdk_sys::{HANDLE, NTSTATUS, OBJ_KERNEL_HANDLE, OBJECT_ATTRIBUTES, SYNCHRONIZE};

use crate::status::{size_of_structure, succeeded};

/// What a thread does.
pub(crate) trait Body {
    /// Runs at IRQL `PASSIVE_LEVEL`; the thread ends when it returns.
    fn run(context: usize);
}

/// A thread that runs, or has ended. To be waited for: dropping it waits.
#[derive(Debug)]
pub(crate) struct Thread(HANDLE);

// SAFETY: a kernel handle: valid in every thread of every process, and closed once, when it is dropped.
unsafe impl Send for Thread {}

impl Thread {
    /// Starts a thread in the system process. IRQL `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// What the system answered.
    pub(crate) fn start<B: Body>(context: usize) -> Result<Self, NTSTATUS> {
        let mut handle = null_mut();
        let mut attributes = OBJECT_ATTRIBUTES {
            Length: size_of_structure::<OBJECT_ATTRIBUTES>(),
            Attributes: OBJ_KERNEL_HANDLE,
            ..OBJECT_ATTRIBUTES::default()
        };
        // SAFETY: IRQL PASSIVE_LEVEL, as asked for; the pointers are to locals; `begin` takes the context as the number
        // that it is, and the code stays as long as the thread: whoever drops the handle waits.
        let status = unsafe {
            PsCreateSystemThread(
                &raw mut handle,
                SYNCHRONIZE,
                &raw mut attributes,
                null_mut(),
                null_mut(),
                Some(begin::<B>),
                without_provenance_mut(context),
            )
        };
        succeeded(status).map(|()| Self(handle))
    }
}

/// Waits until the thread has ended. Not by the thread itself. IRQL `PASSIVE_LEVEL`.
impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: our own handle, which may be waited on (SYNCHRONIZE); not alertable, no timeout.
        let _ = unsafe { ZwWaitForSingleObject(self.0, 0, null_mut()) };
        // SAFETY: our own handle, used for the last time.
        let _ = unsafe { ZwClose(self.0) };
    }
}

/// Where a thread begins. Returning from it ends the thread.
extern "C" fn begin<B: Body>(context: *mut c_void) {
    B::run(context.addr());
}
