//! Locks and gates on std.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::manager::ports::{Gate, Guarded};

/// A mutex. A thread that panicked with the lock held has left the value as it was; others go on with it.
#[derive(Debug, Default)]
pub struct HostLock<T>(Mutex<T>);

impl<T> HostLock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }
}

impl<T> Guarded<T> for HostLock<T> {
    fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> R {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A counter and a condition variable.
#[derive(Debug, Default)]
pub struct HostGate {
    turn: Mutex<u64>,
    opened: Condvar,
}

impl HostGate {
    /// A gate where nobody waits.
    pub const fn new() -> Self {
        Self { turn: Mutex::new(0), opened: Condvar::new() }
    }
}

impl Gate for HostGate {
    fn turn(&self) -> u64 {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, turn: u64) {
        let current = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.opened.wait_while(current, |current| *current == turn).unwrap_or_else(PoisonError::into_inner));
    }

    fn open(&self) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *turn = turn.wrapping_add(1);
        self.opened.notify_all();
    }
}
