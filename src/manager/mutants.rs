//! Faults that the schedule explorer has to find. Feature `mutants`, for tests only: build.rs refuses it to others.
//!
//! One at a time is switched on, by the test that looks for it (`tests/schedules/mutants.rs`).

use core::sync::atomic::{AtomicU8, Ordering};

/// A fault of the manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// None.
    None,
    /// A log-full call that drains forgets that a worker is queued already.
    QueueFlagCleared,
    /// Who waits for a thread goes on waiting for it when the callback that it waited for has ended.
    OldEdgeKept,
    /// The turn of the gate is read behind the condition.
    WakeUpLost,
}

static ACTIVE: AtomicU8 = AtomicU8::new(Mutant::None as u8);

impl Mutant {
    /// Switches it on, and all others off.
    pub fn switch_on(self) {
        ACTIVE.store(self as u8, Ordering::Relaxed);
    }

    /// Whether it is the one that is on.
    pub(super) fn is_on(self) -> bool {
        ACTIVE.load(Ordering::Relaxed) == self as u8
    }
}
