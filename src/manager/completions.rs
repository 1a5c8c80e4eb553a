//! Which threads are inside a completion.
//!
//! That the log is pinned is told in the call. A client that is told so, or is told by a worker, may ask again in
//! there, for this log or another, and would be told again: as deep as there are clients. So the second one is left to
//! a worker, and a stack holds one completion.
//!
//! # Invariants
//! * A thread is in the list at most once.
//! * Every client reserves a place when it registers; with the last one the room goes.

use alloc::vec::Vec;

use crate::units::memory::{OutOfMemory, try_push};

/// The threads of a manager that are inside a completion.
pub(super) struct Completions<T> {
    threads: Vec<T>,
    /// Registered clients.
    clients: usize,
}

impl<T: Copy + PartialEq> Completions<T> {
    pub(super) const fn new() -> Self {
        Self { threads: Vec::new(), clients: 0 }
    }

    /// A client is to be registered.
    ///
    /// # Errors
    /// There is no memory; nothing has changed.
    pub(super) fn reserve(&mut self) -> Result<(), OutOfMemory> {
        let clients = self.clients.saturating_add(1);
        self.threads.try_reserve(clients.saturating_sub(self.threads.len())).map_err(|_| OutOfMemory)?;
        self.clients = clients;
        Ok(())
    }

    /// A client has gone, or was not registered after all.
    pub(super) fn release(&mut self) {
        self.clients = self.clients.saturating_sub(1);
        self.give_back_room();
    }

    /// Notes that `thread` is inside a completion until it leaves; `false` if it is already, or there is no memory:
    /// more threads inside than clients are registered take some.
    pub(super) fn enter(&mut self, thread: T) -> bool {
        !self.threads.contains(&thread) && try_push(&mut self.threads, thread).is_ok()
    }

    pub(super) fn leave(&mut self, thread: T) {
        self.threads.retain(|inside| *inside != thread);
        self.give_back_room();
    }

    fn give_back_room(&mut self) {
        if self.clients == 0 && self.threads.is_empty() {
            self.threads = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_inside_one_completion_at_a_time() {
        let mut inside = Completions::new();
        inside.reserve().unwrap();
        assert!(inside.enter(1));
        assert!(!inside.enter(1));
        assert!(inside.enter(2), "another thread is not held up");
        inside.leave(1);
        assert!(inside.enter(1));
    }

    #[test]
    fn with_the_last_client_the_room_goes() {
        let mut inside = Completions::new();
        inside.reserve().unwrap();
        assert!(inside.enter(1));
        inside.release();
        assert!(inside.threads.capacity() > 0);
        inside.leave(1);
        assert_eq!(inside.threads.capacity(), 0);
    }
}
