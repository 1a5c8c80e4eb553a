//! An instance: made when it is first needed, entered by routines, and taken down when the last one has left.
//!
//! Apart from `image`, so that tests can end an instance that is not the image's.
//!
//! # Invariants
//! * What was entered stays as long as the guard. After the end there is none, and none is made again.
//! * An end needs nobody's good will: calls that come during it or later are turned away, not awaited.

use alloc::vec::Vec;
use core::ops::Deref;
use core::ptr;
#[cfg(any(feature = "driver", test))]
use core::sync::atomic::AtomicU32;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::platform::TheLock;
use super::rundown::{Inside, Rundown};
use crate::manager::ports::Guarded;
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// At most one value, which may end while others use it.
pub(super) struct Instance<T> {
    users: Rundown,
    /// Openings of logs end before uses do: then what is open only becomes less.
    openings: Rundown,
    /// NULL, or the only element of a vector of capacity 1 that was leaked.
    value: AtomicPtr<T>,
    creation: TheLock<()>,
    /// How many have wanted to know whether it is unused since somebody looks; the one that looks sees to all.
    #[cfg(any(feature = "driver", test))]
    looks: AtomicU32,
}

/// The value, which stays as long as this does.
pub(super) struct InstanceGuard<'a, T> {
    value: &'a T,
    _inside: Inside<'a>,
}

impl<T> Deref for InstanceGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

// What an `AtomicPtr` does not ask for: the value is used by many threads, and may be made by any.
impl<T: Send + Sync> Instance<T> {
    /// An instance that is not made yet.
    pub(super) const fn new() -> Self {
        Self {
            users: Rundown::new(),
            openings: Rundown::new(),
            value: AtomicPtr::new(ptr::null_mut()),
            creation: TheLock::new(()),
            #[cfg(any(feature = "driver", test))]
            looks: AtomicU32::new(0),
        }
    }

    /// The value, made if there is none.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`: the end has begun. Or `make`'s; the next call tries again.
    pub(super) fn enter(&self, make: impl FnOnce() -> Result<T, Status>) -> Result<InstanceGuard<'_, T>, Status> {
        let inside = self.users.enter().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        // SAFETY: this thread is inside, as long as the guard.
        let value = match unsafe { self.resident() } {
            Some(value) => value,
            None => self.creation.with(|()| self.create(make))?,
        };
        Ok(InstanceGuard { value, _inside: inside })
    }

    /// The value, if there is one and the end has not begun.
    pub(super) fn enter_existing(&self) -> Option<InstanceGuard<'_, T>> {
        let inside = self.users.enter()?;
        // SAFETY: this thread is inside, as long as the guard.
        let value = unsafe { self.resident() }?;
        Some(InstanceGuard { value, _inside: inside })
    }

    /// The value, if there is one, for somebody who is waited for otherwise.
    ///
    /// # Safety
    /// As long as it is used this thread is inside, or `end`'s `stop` waits for it.
    pub(super) unsafe fn resident(&self) -> Option<&T> {
        // SAFETY: NULL, or leaked and valid until `end` takes it down, after those who may be here by contract.
        unsafe { self.value.load(Ordering::Acquire).as_ref() }
    }

    /// Makes the value, unless another thread has. The creation lock is held, and this thread is inside.
    #[cold]
    #[inline(never)]
    fn create(&self, make: impl FnOnce() -> Result<T, Status>) -> Result<&T, Status> {
        // SAFETY: this thread is inside.
        if let Some(value) = unsafe { self.resident() } {
            return Ok(value);
        }
        let mut place: Vec<T> = try_with_capacity(1)?;
        if place.capacity() != 1 {
            // `end` relies on it. Not seen: room is asked for exactly.
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        try_push(&mut place, make()?)?;
        let value = place.leak().first_mut().ok_or(Status::INSUFFICIENT_RESOURCES)?;
        self.value.store(ptr::from_mut(value), Ordering::Release);
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

    /// Ends it: turns callers away, waits for those inside, has `stop` wait for those who may be here otherwise, and
    /// takes the value down. Workers work until then: what is inside may wait for them. What is still open is closed as
    /// by a crash, which it survives. A second end does nothing. Not from inside. IRQL `PASSIVE_LEVEL`.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn end(&self, stop: impl FnOnce()) {
        self.openings.end();
        self.users.end();
        stop();
        self.take_down();
    }

    /// As [`Instance::end`], if nobody is inside and the value is not used any more; returns whether. For those who
    /// leave after openings have ended: the last of them finds it so. IRQL `PASSIVE_LEVEL`.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn end_if_unused(&self, is_used: impl Fn(&T) -> bool, stop: impl FnOnce()) -> bool {
        // One looks at a time: it is inside, which would keep the others from the end.
        let mut looks = self.looks.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if looks > 1 {
            return false;
        }
        loop {
            let is_unused = !self.enter_existing().is_some_and(|value| is_used(&value));
            if is_unused && self.users.try_end() {
                stop();
                self.take_down();
                return true;
            }
            // Whoever has left meanwhile may have been the last: then it is looked at again.
            match self.looks.compare_exchange(looks, 0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return false,
                Err(more) => looks = more,
            }
        }
    }

    #[cfg(any(feature = "driver", test))]
    #[expect(clippy::same_length_and_capacity, reason = "the vector has one element and room for one: see `create`")]
    fn take_down(&self) {
        let value = self.value.swap(ptr::null_mut(), Ordering::AcqRel);
        if !value.is_null() {
            // SAFETY: a vector of capacity 1 with this element was leaked in `create`; the pointer was taken out once,
            // and nobody has a reference any more: guards are gone, the others were waited for by `stop`.
            drop(unsafe { Vec::from_raw_parts(value, 1, 1) });
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn an_instance_is_made_when_it_is_first_entered_and_one_that_failed_is_tried_again() {
        let instance: Instance<u32> = Instance::new();
        assert!(instance.enter_existing().is_none());
        assert_eq!(instance.enter(|| Err(Status::DISK_FULL)).err(), Some(Status::DISK_FULL));
        assert_eq!(*instance.enter(|| Ok(7)).unwrap(), 7);
        assert_eq!(*instance.enter(|| Ok(8)).unwrap(), 7, "there is one already");
        assert_eq!(*instance.enter_existing().unwrap(), 7);
        instance.end(|| {});
    }

    #[test]
    fn after_the_end_nothing_is_entered_opened_or_made() {
        let instance: Instance<u32> = Instance::new();
        instance.end(|| {});
        let guard = instance.enter(|| panic!("made after the end"));
        assert_eq!(guard.err(), Some(Status::INSUFFICIENT_RESOURCES));
        assert!(instance.enter_existing().is_none() && instance.opening().is_err() && instance.is_closed());
    }

    #[test]
    fn when_openings_have_ended_what_is_there_can_still_be_entered() {
        let instance: Instance<u32> = Instance::new();
        drop(instance.opening().unwrap());
        instance.end_openings();
        assert!(instance.opening().is_err() && instance.is_closed());
        assert_eq!(*instance.enter(|| Ok(7)).unwrap(), 7);
        instance.end(|| {});
    }

    #[test]
    fn the_end_takes_the_instance_down_once_and_only_when_the_last_guard_is_gone_and_workers_have_stopped() {
        let downs = Arc::new(AtomicU32::new(0));
        let instance = Instance::new();
        let guard = instance.enter(|| Ok(Counted(downs.clone()))).unwrap();
        thread::scope(|scope| {
            let end = scope.spawn(|| {
                instance.end(|| {
                    // SAFETY: used in `stop`, before the value goes.
                    assert!(unsafe { instance.resident() }.is_some(), "workers work until they are stopped");
                    assert_eq!(downs.load(Ordering::Acquire), 0);
                });
            });
            while instance.enter_existing().is_some() {
                thread::yield_now();
            }
            // A worker that was called by the holder of this guard, say: it must not be turned away.
            // SAFETY: this thread is inside.
            assert!(unsafe { instance.resident() }.is_some());
            assert_eq!(guard.0.load(Ordering::Acquire), 0, "taken down under a guard");
            drop(guard);
            end.join().unwrap();
        });
        assert_eq!(downs.load(Ordering::Acquire), 1);
        instance.end(|| {});
        assert_eq!(downs.load(Ordering::Acquire), 1);
    }

    #[test]
    fn the_last_that_leaves_an_unused_value_ends_it() {
        for _ in 0..200 {
            let (downs, used) = (Arc::new(AtomicU32::new(0)), AtomicU32::new(4));
            let instance = Instance::new();
            drop(instance.enter(|| Ok(Counted(downs.clone()))).unwrap());
            instance.end_openings();
            let ends = AtomicU32::new(0);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let guard = instance.enter_existing().unwrap();
                        used.fetch_sub(1, Ordering::AcqRel);
                        drop(guard);
                        let is_used = |_: &Counted| used.load(Ordering::Acquire) > 0;
                        let is_last = instance.end_if_unused(is_used, || {
                            assert_eq!((used.load(Ordering::Acquire), downs.load(Ordering::Acquire)), (0, 0));
                        });
                        ends.fetch_add(u32::from(is_last), Ordering::AcqRel);
                    });
                }
            });
            assert_eq!((ends.load(Ordering::Acquire), downs.load(Ordering::Acquire)), (1, 1));
            assert!(!instance.end_if_unused(|_| false, || panic!("ended twice")));
        }
    }
}
