//! A flag that each of shuttle's threads has for itself.

use real::vec::Vec;

use shuttle::thread::{self, ThreadId};

/// Set for the threads that it names.
pub(crate) struct Own(real::sync::Mutex<Vec<ThreadId>>);

impl Own {
    pub(crate) const fn new() -> Self {
        Self(real::sync::Mutex::new(Vec::new()))
    }

    /// Whether it is set for this thread.
    pub(crate) fn get(&self) -> bool {
        self.0.lock().unwrap().contains(&thread::current().id())
    }

    /// Sets it for this thread, or not.
    pub(crate) fn set(&self, value: bool) {
        let mut threads = self.0.lock().unwrap();
        threads.retain(|id| *id != thread::current().id());
        if value {
            threads.push(thread::current().id());
        }
    }
}
