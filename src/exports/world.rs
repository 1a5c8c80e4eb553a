//! The one realm of this module, made when it is first needed.
//!
//! Routines may be called before anything was initialised: drivers that import this one are loaded after it, but
//! `DllInitialize` is a courtesy of the loader, not a promise.

use alloc::vec::Vec;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

#[cfg(feature = "base")]
pub(super) use super::base::BaseRealm as TheRealm;
#[cfg(not(feature = "base"))]
pub(super) use super::interposed::InterposedRealm as TheRealm;
use super::platform::TheLock;
use super::realm::Realm;
use crate::manager::LogKey;
use crate::manager::ports::Guarded;
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// NULL, or the only element of a vector of capacity 1 that was leaked.
static REALM: AtomicPtr<TheRealm> = AtomicPtr::new(ptr::null_mut());
/// An `AtomicPtr` does not ask for it: the realm is used by many threads, and may be made by any.
const _: fn() = || {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<TheRealm>();
};
static CREATION: TheLock<()> = TheLock::new(());

/// The realm.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: it could not be made; the next call tries again.
pub(super) fn realm() -> Result<&'static TheRealm, Status> {
    // SAFETY: NULL, or leaked and valid until `end`, after which nobody calls.
    if let Some(realm) = unsafe { REALM.load(Ordering::Acquire).as_ref() } {
        return Ok(realm);
    }
    CREATION.with(|()| create())
}

/// Makes the realm, unless another thread has. The creation lock is held.
fn create() -> Result<&'static TheRealm, Status> {
    // SAFETY: as in `realm`.
    if let Some(realm) = unsafe { REALM.load(Ordering::Acquire).as_ref() } {
        return Ok(realm);
    }
    let mut place: Vec<TheRealm> = try_with_capacity(1)?;
    if place.capacity() != 1 {
        // `end` relies on it. Not seen: room is asked for exactly.
        return Err(Status::INSUFFICIENT_RESOURCES);
    }
    try_push(&mut place, TheRealm::new()?)?;
    let realm = place.leak().first_mut().ok_or(Status::INSUFFICIENT_RESOURCES)?;
    REALM.store(ptr::from_mut(realm), Ordering::Release);
    Ok(realm)
}

/// The realm, if there is one.
#[cfg(not(feature = "base"))]
pub(super) fn existing() -> Option<&'static TheRealm> {
    // SAFETY: as in `realm`.
    unsafe { REALM.load(Ordering::Acquire).as_ref() }
}

/// What workers do with a log that was queued. Without a realm there is nothing to be done for it.
pub(super) fn drain(log: LogKey) {
    // SAFETY: as in `realm`: `end` waits for the workers before it takes the realm down.
    if let Some(realm) = unsafe { REALM.load(Ordering::Acquire).as_ref() } {
        realm.manager().drain(log);
    }
}

/// Takes the realm down: waits for the workers and gives its memory back. What is still open is closed as by a crash,
/// which it survives. IRQL `PASSIVE_LEVEL`.
///
/// # Safety
/// No routine of this module runs, and none is called later.
#[cfg(feature = "driver")]
#[expect(clippy::same_length_and_capacity, reason = "the vector has one element and room for one: see `create`")]
pub(super) unsafe fn end() {
    #[cfg(not(feature = "base"))]
    super::interposed::stop_watching();
    super::platform::stop_work();
    let realm = REALM.swap(ptr::null_mut(), Ordering::AcqRel);
    if !realm.is_null() {
        // SAFETY: a vector of capacity 1 with this element was leaked in `create`, and the pointer was taken out once.
        drop(unsafe { Vec::from_raw_parts(realm, 1, 1) });
    }
}
