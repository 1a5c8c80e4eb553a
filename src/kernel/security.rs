//! In whose name files are created and deleted.
//!
//! A log grows and shrinks on worker threads, whose own security is the system's. What its owner may not do, nobody
//! does for it: the owner's security is kept with the log, and taken on by our threads while they create, open or
//! delete a file. It also decides what `\??\C:` means. Callers' own threads are what they are already.
//!
//! The owner of a log of our own is who opened it; of somebody else's log, who brought it under management.

use core::cell::UnsafeCell;

use wdk_sys::ntddk::{
    PsDereferenceImpersonationToken, PsDereferencePrimaryToken, PsRevertToSelf, SeCreateClientSecurity,
    SeImpersonateClientEx, SeTokenType,
};
use wdk_sys::{
    _SECURITY_IMPERSONATION_LEVEL, _TOKEN_TYPE, PETHREAD, SECURITY_CLIENT_CONTEXT, SECURITY_QUALITY_OF_SERVICE,
    SECURITY_STATIC_TRACKING,
};

use super::file_thread::FILE_THREAD;
use super::level;
use super::owned::REFERENCES;
use super::routines::{PsGetCurrentThread, PsIsThreadImpersonating, length_of, status_of};
use super::thread;
use super::trace::{self, Severity};
use crate::units::Status;

/// A thread's object.
struct Thread(PETHREAD);

// SAFETY: a name, which any thread may pass to the kernel as long as the thread exists.
unsafe impl Send for Thread {}

/// The security context of the thread that opened a log or brought it under management, as it was then.
pub struct ClientSecurity(UnsafeCell<SECURITY_CLIENT_CONTEXT>);

// SAFETY: it holds a reference on a token, which any thread may use and give back.
unsafe impl Send for ClientSecurity {}
// SAFETY: after `capture` the kernel only reads it, on any number of threads, until it is dropped.
unsafe impl Sync for ClientSecurity {}

impl ClientSecurity {
    /// The running thread's, impersonated or its process's. Where this thread may not ask, the file thread does. IRQL
    /// <= `APC_LEVEL`; the first one at `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: this thread may not ask, and there is no file thread.
    /// `STATUS_BAD_IMPERSONATION_LEVEL` and the like: the thread impersonates somebody in whose name nothing may be
    /// done. Or what the system said about starting the file thread.
    pub fn capture() -> Result<Self, Status> {
        if level::may_work_with_files() {
            // For those who may not, and for the drop.
            FILE_THREAD.start()?;
        }
        // SAFETY: no precondition. The thread waits until this is over, so it needs no reference.
        let of = Thread(unsafe { PsGetCurrentThread() });
        FILE_THREAD.run(|| {
            let of = { of };
            // SAFETY: IRQL PASSIVE_LEVEL, by `run`; the thread exists: it is this one, or waits for it.
            unsafe { Self::of_thread(&of) }
        })?
    }

    /// # Safety
    /// IRQL `PASSIVE_LEVEL`. The thread exists.
    unsafe fn of_thread(thread: &Thread) -> Result<Self, Status> {
        let mut quality = SECURITY_QUALITY_OF_SERVICE {
            Length: length_of::<SECURITY_QUALITY_OF_SERVICE>(),
            ImpersonationLevel: _SECURITY_IMPERSONATION_LEVEL::SecurityImpersonation,
            // A copy: what happens to the thread's token later does not matter.
            ContextTrackingMode: u8::try_from(SECURITY_STATIC_TRACKING).unwrap_or_default(),
            EffectiveOnly: 0,
        };
        let mut context = SECURITY_CLIENT_CONTEXT::default();
        // SAFETY: IRQL PASSIVE_LEVEL and a thread that exists, by the caller's contract; the pointers are to locals.
        let status = unsafe { SeCreateClientSecurity(thread.0, &raw mut quality, 0, &raw mut context) };
        status_of(status)?;
        REFERENCES.one_more();
        Ok(Self(UnsafeCell::new(context)))
    }

    /// Runs `action` with this security: impersonating it on a thread of ours, as it is on a caller's. IRQL
    /// `PASSIVE_LEVEL` on a thread of ours.
    ///
    /// # Errors
    /// The action's, or what the system said about impersonating.
    pub fn with<R>(&self, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        if !thread::is_own_thread() {
            return action();
        }
        // SAFETY: no precondition.
        let this = unsafe { PsGetCurrentThread() };
        // SAFETY: the running thread.
        let acts_for_somebody = unsafe { PsIsThreadImpersonating(this) } != 0;
        if acts_for_somebody {
            // A client's callback, which keeps the name that it acts in.
            return action();
        }
        // SAFETY: a context that SeCreateClientSecurity filled, and which is only read; IRQL PASSIVE_LEVEL.
        let status = unsafe { SeImpersonateClientEx(self.0.get(), this) };
        status_of(status)?;
        let result = action();
        // SAFETY: a thread of ours, which impersonated nobody before, as was looked. IRQL PASSIVE_LEVEL.
        unsafe { PsRevertToSelf() };
        result
    }
}

impl Drop for ClientSecurity {
    fn drop(&mut self) {
        /// A token may be given back on any thread.
        struct Token(wdk_sys::PACCESS_TOKEN);
        // SAFETY: see there.
        unsafe impl Send for Token {}

        let token = Token(self.0.get_mut().ClientToken);
        let outcome = FILE_THREAD.run(|| {
            let Token(token) = { token };
            // SAFETY: SeCreateClientSecurity referenced it, and this is given back once. IRQL PASSIVE_LEVEL.
            unsafe { give_back(token) };
        });
        if let Err(status) = outcome {
            trace::status(Severity::Error, c"a token stays referenced", status);
        }
    }
}

/// `SeDeleteClientSecurity`, which the headers define inline.
///
/// # Safety
/// The token is referenced, by `SeCreateClientSecurity`, and not used any more. IRQL `PASSIVE_LEVEL`.
unsafe fn give_back(token: wdk_sys::PACCESS_TOKEN) {
    // SAFETY: a referenced token.
    let kind = unsafe { SeTokenType(token) };
    if kind == _TOKEN_TYPE::TokenPrimary {
        // SAFETY: a referenced primary token, used for the last time.
        unsafe { PsDereferencePrimaryToken(token) };
    } else {
        // SAFETY: a referenced impersonation token, used for the last time.
        unsafe { PsDereferenceImpersonationToken(token) };
    }
    REFERENCES.one_less();
}
