//! In whose name files are created and deleted.
//!
//! A log grows and shrinks on worker threads, whose own security is the system's. What its opener may not do, nobody
//! does for it: the opener's security is kept with the log, and taken on by our threads while they create, open or
//! delete a file. It also decides what `\??\C:` means. Callers' own threads are what they are already.

use core::cell::UnsafeCell;

use wdk_sys::ntddk::{
    PsDereferenceImpersonationToken, PsDereferencePrimaryToken, PsRevertToSelf, SeCreateClientSecurity,
    SeImpersonateClientEx, SeTokenType,
};
use wdk_sys::{
    _SECURITY_IMPERSONATION_LEVEL, _TOKEN_TYPE, SECURITY_CLIENT_CONTEXT, SECURITY_QUALITY_OF_SERVICE,
    SECURITY_STATIC_TRACKING,
};

use super::file_thread::FILE_THREAD;
use super::level;
use super::routines::{PsGetCurrentThread, length_of, status_of};
use super::thread;
use super::trace::{self, Severity};
use crate::units::Status;

/// The security of whoever opened a log, as it was then.
pub(super) struct ClientSecurity(UnsafeCell<SECURITY_CLIENT_CONTEXT>);

// SAFETY: it holds a reference on a token, which any thread may use and give back.
unsafe impl Send for ClientSecurity {}
// SAFETY: after `capture` the kernel only reads it, on any number of threads, until it is dropped.
unsafe impl Sync for ClientSecurity {}

impl ClientSecurity {
    /// The running thread's, impersonated or its process's. IRQL `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `UNSUCCESSFUL`: the IRQL does not allow it. `STATUS_BAD_IMPERSONATION_LEVEL` and the like: the thread
    /// impersonates somebody in whose name nothing may be done.
    pub(super) fn capture() -> Result<Self, Status> {
        if !level::may_work_with_files() {
            return Err(Status::UNSUCCESSFUL);
        }
        let mut quality = SECURITY_QUALITY_OF_SERVICE {
            Length: length_of::<SECURITY_QUALITY_OF_SERVICE>(),
            ImpersonationLevel: _SECURITY_IMPERSONATION_LEVEL::SecurityImpersonation,
            // A copy: what happens to the thread's token later does not matter.
            ContextTrackingMode: u8::try_from(SECURITY_STATIC_TRACKING).unwrap_or_default(),
            EffectiveOnly: 0,
        };
        let mut context = SECURITY_CLIENT_CONTEXT::default();
        // SAFETY: no precondition; the thread runs this, so it needs no reference.
        let this = unsafe { PsGetCurrentThread() };
        // SAFETY: IRQL PASSIVE_LEVEL, checked above; the pointers are to locals.
        let status = unsafe { SeCreateClientSecurity(this, &raw mut quality, 0, &raw mut context) };
        status_of(status)?;
        Ok(Self(UnsafeCell::new(context)))
    }

    /// Runs `action` with this security: impersonating it on a thread of ours, as it is on a caller's. IRQL
    /// `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// The action's, or what the system said about impersonating.
    pub(super) fn with<R>(&self, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        if !thread::is_ours() {
            return action();
        }
        // SAFETY: no precondition.
        let this = unsafe { PsGetCurrentThread() };
        // SAFETY: a context that SeCreateClientSecurity filled, and which is only read; IRQL PASSIVE_LEVEL.
        let status = unsafe { SeImpersonateClientEx(self.0.get(), this) };
        status_of(status)?;
        let result = action();
        // SAFETY: a thread of ours, which impersonated nobody else before. IRQL PASSIVE_LEVEL.
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
}
