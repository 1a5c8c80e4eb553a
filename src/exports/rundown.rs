//! A protection of something that ends while others use it: whoever uses it enters and leaves, and the end waits.
//!
//! Const, and without memory of its own. Why not `EX_RUNDOWN_REF`: `docs/decisions/0007-rundown.md`.
//!
//! # Invariants
//! * Nobody enters after the end has begun, and the end returns when nobody is inside.
//! * The end returns after whoever left last has opened the gate, not as soon as the count says so.

use core::sync::atomic::{AtomicU64, Ordering};

use super::platform::TheGate;
use crate::manager::ports::Gate as _;

/// Set when the end has begun; what is above it counts those inside.
const ENDED: u64 = 1;
const ONE: u64 = 2;

/// Who is inside, and whether the end has begun.
pub(super) struct Rundown {
    state: AtomicU64,
    /// Opened when the last one leaves after the end has begun.
    left: TheGate,
}

/// Inside until it is dropped.
pub(super) struct Inside<'a>(&'a Rundown);

impl Rundown {
    /// Nobody is inside.
    pub(super) const fn new() -> Self {
        Self { state: AtomicU64::new(0), left: TheGate::new() }
    }

    /// Enters; `None` after the end has begun. It may be entered again inside. Never waits. IRQL <= `APC_LEVEL`.
    pub(super) fn enter(&self) -> Option<Inside<'_>> {
        let before = self.state.fetch_add(ONE, Ordering::Acquire);
        // One that is too late has entered all the same, and leaves again.
        let inside = Inside(self);
        (before & ENDED == 0).then_some(inside)
    }

    /// Lets nobody enter any more, and waits until the last one has left. Further calls wait too. Not from inside.
    /// IRQL `PASSIVE_LEVEL`.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn end(&self) {
        // Before the end is known: whoever leaves last opens after that.
        let turn = self.left.turn();
        if self.state.fetch_or(ENDED, Ordering::AcqRel) >= ONE {
            self.left.wait(turn);
        }
    }

    /// As [`Rundown::end`] where nobody is inside; `false` if somebody is, or it has ended. Never waits.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn try_end(&self) -> bool {
        self.state.compare_exchange(0, ENDED, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Whether the end has begun.
    #[cfg(any(feature = "driver", test))]
    pub(super) fn has_ended(&self) -> bool {
        self.state.load(Ordering::Acquire) & ENDED != 0
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // Acquire too: what the others did inside is over for whoever leaves last, and so for the end.
        let before = self.0.state.fetch_sub(ONE, Ordering::AcqRel);
        if before == ONE | ENDED {
            self.0.left.open();
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicBool;
    use std::thread;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn nobody_enters_after_the_end_and_a_second_end_returns() {
        let rundown = Rundown::new();
        assert!(rundown.enter().is_some() && !rundown.has_ended());
        rundown.end();
        assert!(rundown.enter().is_none() && rundown.has_ended());
        rundown.end();
        assert!(rundown.enter().is_none());
    }

    #[test]
    fn the_end_waits_for_the_last_of_those_inside_and_not_for_those_who_come_too_late() {
        let rundown = Rundown::new();
        let (first, second) = (rundown.enter().unwrap(), rundown.enter().unwrap());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let end = scope.spawn(|| {
                rundown.end();
                is_over.load(Ordering::Acquire)
            });
            while !rundown.has_ended() {
                thread::yield_now();
            }
            drop(first);
            assert!(rundown.enter().is_none());
            is_over.store(true, Ordering::Release);
            drop(second);
            assert!(end.join().unwrap(), "somebody was inside when the end returned");
        });
    }

    #[test]
    fn an_end_that_does_not_wait_is_made_once_and_only_when_nobody_is_inside() {
        let rundown = Rundown::new();
        let inside = rundown.enter();
        assert!(!rundown.try_end() && rundown.enter().is_some());
        drop(inside);
        assert!(rundown.try_end() && rundown.has_ended() && rundown.enter().is_none());
        assert!(!rundown.try_end());
    }

    #[test]
    fn both_of_two_ends_wait() {
        let rundown = Rundown::new();
        let inside = rundown.enter().unwrap();
        let has_left = AtomicBool::new(false);
        thread::scope(|scope| {
            let end = || {
                rundown.end();
                has_left.load(Ordering::Acquire)
            };
            let ends: Vec<_> = (0..2).map(|_| scope.spawn(end)).collect();
            while !rundown.has_ended() {
                thread::yield_now();
            }
            has_left.store(true, Ordering::Release);
            drop(inside);
            for end in ends {
                assert!(end.join().unwrap());
            }
        });
    }

    #[test]
    fn whatever_many_threads_do_nobody_is_inside_after_the_end() {
        for _ in 0..200 {
            let rundown = Rundown::new();
            let is_gone = AtomicBool::new(false);
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        while let Some(_inside) = rundown.enter() {
                            let _nested = rundown.enter();
                            assert!(!is_gone.load(Ordering::Acquire), "used after the end");
                        }
                    });
                }
                rundown.end();
                is_gone.store(true, Ordering::Release);
            });
        }
    }
}
