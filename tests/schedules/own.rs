//! A value that each of shuttle's threads has for itself.

use real::thread::ThreadId as Runner;
use real::vec::Vec;

use shuttle::thread::{self, ThreadId};

/// What those threads have that it was set for; the others have the first one. Each test numbers its threads, all of
/// which run on one of the system's.
pub(crate) struct Own<T> {
    first: T,
    set: real::sync::Mutex<Vec<((Runner, ThreadId), T)>>,
}

fn this() -> (Runner, ThreadId) {
    (real::thread::current().id(), thread::current().id())
}

impl<T: Copy> Own<T> {
    pub(crate) const fn new(first: T) -> Self {
        Self { first, set: real::sync::Mutex::new(Vec::new()) }
    }

    /// That of this thread.
    pub(crate) fn get(&self) -> T {
        let set = self.set.lock().unwrap();
        set.iter().find(|(thread, _)| *thread == this()).map_or(self.first, |(_, value)| *value)
    }

    /// Sets it for this thread.
    pub(crate) fn set(&self, value: T) {
        let mut set = self.set.lock().unwrap();
        set.retain(|(thread, _)| *thread != this());
        set.push((this(), value));
    }
}
