//! The real manager and the real workers of `host` under thousands of orders of their threads: shuttle owns each lock,
//! each wait and each thread, and decides at every one of them who goes on.
//!
//! The sources of `host` are compiled here once more, and find shuttle's primitives where they look for those of `std`:
//! nothing in them is changed for it. A request that never ends, a drain that nobody queues, two threads that wait for
//! each other: each is a deadlock, and shuttle prints the schedule that leads there (docs/testing.md).

extern crate std as real;
// Behind it: `std` is this crate from here on, for the sources of `host` too.
extern crate self as std;

/// What they find in `std::sync`.
#[allow(missing_docs, reason = "as in std")]
pub mod sync {
    pub use real::sync::OnceLock;
    pub use shuttle::sync::{Arc, Condvar, LockResult, Mutex, MutexGuard, PoisonError, mpsc};

    pub mod atomic {
        pub use real::sync::atomic::*;
    }
}
pub use clfsmgmt::{manager, units};
pub use real::{collections, format, io, marker, time, vec};
pub use shuttle::thread;

mod client;
mod explore;
#[allow(dead_code, unreachable_pub, reason = "a part of what a library offers")]
mod host;
mod model;
#[cfg(feature = "mutants")]
mod mutants;
mod scenarios;
mod world;
