//! Where a realm is: made when it is first needed, visited by routines, and taken down when the last one has left.
//!
//! Apart from `world`, so that tests can end a realm that is not the image's.
//!
//! # Invariants
//! * A visited realm stays as long as the visit. After the end there is none, and none is made again.
//! * An end needs nobody's good will: calls that come during it or later are turned away, not awaited.

use alloc::vec::Vec;
use core::ops::Deref;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::platform::TheLock;
use super::rundown::{Inside, Rundown};
use crate::manager::ports::Guarded;
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// A place for one realm.
pub(super) struct Premises<R> {
    visits: Rundown,
    /// Openings of logs end before visits do: then what is open only becomes less.
    openings: Rundown,
    /// NULL, or the only element of a vector of capacity 1 that was leaked.
    realm: AtomicPtr<R>,
    creation: TheLock<()>,
}

/// The realm, which stays as long as this does.
pub(super) struct Visit<'a, R> {
    realm: &'a R,
    _inside: Inside<'a>,
}

impl<R> Deref for Visit<'_, R> {
    type Target = R;

    fn deref(&self) -> &R {
        self.realm
    }
}

// What an `AtomicPtr` does not ask for: the realm is used by many threads, and may be made by any.
impl<R: Send + Sync> Premises<R> {
    /// A place without a realm.
    pub(super) const fn new() -> Self {
        Self {
            visits: Rundown::new(),
            openings: Rundown::new(),
            realm: AtomicPtr::new(ptr::null_mut()),
            creation: TheLock::new(()),
        }
    }

    /// The realm, made if there is none.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: the end has begun. Or `make`'s; the next call tries again.
    pub(super) fn visit(&self, make: impl FnOnce() -> Result<R, Status>) -> Result<Visit<'_, R>, Status> {
        let inside = self.visits.enter().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        // SAFETY: this thread is inside, as long as the visit.
        let realm = match unsafe { self.resident() } {
            Some(realm) => realm,
            None => self.creation.with(|()| self.create(make))?,
        };
        Ok(Visit { realm, _inside: inside })
    }

    /// The realm, if there is one and the end has not begun.
    pub(super) fn visit_existing(&self) -> Option<Visit<'_, R>> {
        let inside = self.visits.enter()?;
        // SAFETY: this thread is inside, as long as the visit.
        let realm = unsafe { self.resident() }?;
        Some(Visit { realm, _inside: inside })
    }

    /// The realm, if there is one, for somebody who is waited for otherwise.
    ///
    /// # Safety
    /// As long as it is used this thread is inside, or `end`'s `stop` waits for it.
    pub(super) unsafe fn resident(&self) -> Option<&R> {
        // SAFETY: NULL, or leaked and valid until `end` takes it down, after those who may be here by contract.
        unsafe { self.realm.load(Ordering::Acquire).as_ref() }
    }

    /// Makes the realm, unless another thread has. The creation lock is held, and this thread is inside.
    fn create(&self, make: impl FnOnce() -> Result<R, Status>) -> Result<&R, Status> {
        // SAFETY: this thread is inside.
        if let Some(realm) = unsafe { self.resident() } {
            return Ok(realm);
        }
        let mut place: Vec<R> = try_with_capacity(1)?;
        if place.capacity() != 1 {
            // `end` relies on it. Not seen: room is asked for exactly.
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        try_push(&mut place, make()?)?;
        let realm = place.leak().first_mut().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        self.realm.store(ptr::from_mut(realm), Ordering::Release);
        // SAFETY: as above.
        unsafe { self.resident() }.ok_or(Status::INSUFFICIENT_RESOURCES)
    }

    /// Permits to open a log, as long as it is kept.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: none is opened any more.
    pub(super) fn opening(&self) -> Result<Inside<'_>, Status> {
        self.openings.enter().ok_or(Status::INSUFFICIENT_RESOURCES)
    }

    /// Lets no log be opened any more, and waits for openings that are under way. IRQL `PASSIVE_LEVEL`.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn end_openings(&self) {
        self.openings.end();
    }

    /// Whether logs cannot be opened any more.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn is_closed(&self) -> bool {
        self.openings.has_ended()
    }

    /// Ends it: turns visitors away, waits for those inside, has `stop` wait for those who may be here otherwise, and
    /// takes the realm down. Workers work until then: what is inside may wait for them. What is still open is closed as
    /// by a crash, which it survives. A second end does nothing. Not from inside. IRQL `PASSIVE_LEVEL`.
    #[cfg(any(feature = "driver", test))]
    #[expect(clippy::same_length_and_capacity, reason = "the vector has one element and room for one: see `create`")]
    pub(super) fn end(&self, stop: impl FnOnce()) {
        self.openings.end();
        self.visits.end();
        stop();
        let realm = self.realm.swap(ptr::null_mut(), Ordering::AcqRel);
        if !realm.is_null() {
            // SAFETY: a vector of capacity 1 with this element was leaked in `create`; the pointer was taken out once,
            // and nobody has a reference any more: visitors have left, the others were waited for by `stop`.
            drop(unsafe { Vec::from_raw_parts(realm, 1, 1) });
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicU32;
    use std::sync::Arc;
    use std::thread;

    use super::*;

    /// Counts how often one was taken down.
    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicU32>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::AcqRel);
        }
    }

    #[test]
    fn a_realm_is_made_when_it_is_first_visited_and_one_that_failed_is_tried_again() {
        let premises: Premises<u32> = Premises::new();
        assert!(premises.visit_existing().is_none());
        assert_eq!(premises.visit(|| Err(Status::DISK_FULL)).err(), Some(Status::DISK_FULL));
        assert_eq!(*premises.visit(|| Ok(7)).unwrap(), 7);
        assert_eq!(*premises.visit(|| Ok(8)).unwrap(), 7, "there is one already");
        assert_eq!(*premises.visit_existing().unwrap(), 7);
        premises.end(|| {});
    }

    #[test]
    fn after_the_end_nothing_is_visited_opened_or_made() {
        let premises: Premises<u32> = Premises::new();
        premises.end(|| {});
        let visit = premises.visit(|| panic!("made after the end"));
        assert_eq!(visit.err(), Some(Status::INSUFFICIENT_RESOURCES));
        assert!(premises.visit_existing().is_none() && premises.opening().is_err() && premises.is_closed());
    }

    #[test]
    fn when_openings_have_ended_what_is_there_can_still_be_visited() {
        let premises: Premises<u32> = Premises::new();
        drop(premises.opening().unwrap());
        premises.end_openings();
        assert!(premises.opening().is_err() && premises.is_closed());
        assert_eq!(*premises.visit(|| Ok(7)).unwrap(), 7);
        premises.end(|| {});
    }

    #[test]
    fn the_end_takes_the_realm_down_once_and_only_when_the_last_visitor_has_left_and_workers_have_stopped() {
        let downs = Arc::new(AtomicU32::new(0));
        let premises = Premises::new();
        let visit = premises.visit(|| Ok(Counted(downs.clone()))).unwrap();
        thread::scope(|scope| {
            let end = scope.spawn(|| {
                premises.end(|| {
                    // SAFETY: used in `stop`, before the realm goes.
                    assert!(unsafe { premises.resident() }.is_some(), "workers work until they are stopped");
                    assert_eq!(downs.load(Ordering::Acquire), 0);
                });
            });
            while premises.visit_existing().is_some() {
                thread::yield_now();
            }
            // A worker that was called by this visitor, say: it must not be turned away.
            // SAFETY: this thread visits.
            assert!(unsafe { premises.resident() }.is_some());
            assert_eq!(visit.0.load(Ordering::Acquire), 0, "taken down under a visitor");
            drop(visit);
            end.join().unwrap();
        });
        assert_eq!(downs.load(Ordering::Acquire), 1);
        premises.end(|| {});
        assert_eq!(downs.load(Ordering::Acquire), 1);
    }
}
