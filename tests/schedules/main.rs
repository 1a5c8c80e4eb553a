//! The real manager and the real workers of `host` under thousands of orders of their threads: shuttle owns each lock,
//! each wait and each thread, and decides at every one of them who goes on.
//!
//! The sources of `host` are compiled here once more, and find shuttle's primitives where they look for those of `std`:
//! nothing in them is changed for it. A request that never ends, a drain that nobody queues, two threads that wait for
//! each other: each is a deadlock, and shuttle prints the schedule that leads there (docs/testing.md).

// From here on `std` and `clfsmgmt` are this crate, for the sources of `host` too, and for what other tests lend.
extern crate clfsmgmt as shipped;
extern crate self as clfsmgmt;
extern crate self as std;
extern crate std as real;

/// What they find in `std::sync`.
#[allow(missing_docs, reason = "as in std")]
pub mod sync {
    pub use real::sync::OnceLock;
    pub use shuttle::sync::{Arc, Condvar, LockResult, Mutex, MutexGuard, PoisonError, Weak, mpsc};

    pub mod atomic {
        pub use real::sync::atomic::*;
    }
}
/// A panic is a failure of the schedule: nothing catches it.
#[allow(missing_docs, clippy::missing_errors_doc, reason = "as in std")]
pub mod panic {
    pub use real::panic::AssertUnwindSafe;

    pub fn catch_unwind<R>(act: impl FnOnce() -> R) -> real::thread::Result<R> {
        Ok(act())
    }
}
pub use real::{boxed, cell, collections, fmt, format, io, marker, ops, time, vec};
pub use shipped::{engine, foreign, library, log, manager, units};

#[allow(missing_docs, missing_debug_implementations, clippy::missing_errors_doc, reason = "as in std")]
pub mod thread;

/// As the macro of `std`, for a thread of shuttle: all of them run on one of the system's.
macro_rules! own_to_thread {
    ($(#[$about:meta])* static $name:ident: Cell<$kind:ty> = const { Cell::new($first:expr) };) => {
        $(#[$about])*
        static $name: crate::own::Own<$kind> = crate::own::Own::new($first);
    };
}
pub(crate) use own_to_thread as thread_local;

/// The same, where it is called by its bare name.
macro_rules! thread_local {
    ($($declared:tt)*) => {
        own_to_thread! { $($declared)* }
    };
}

#[path = "../foreign/bench.rs"]
#[allow(dead_code, reason = "as much as is needed")]
mod bench;
mod client;
#[path = "../library_storm/disk.rs"]
#[allow(dead_code, reason = "as much as is needed")]
mod disk;
mod explore;
#[path = "../foreign/fake.rs"]
#[allow(dead_code, unused_imports, reason = "as much as is needed")]
mod fake;
#[allow(dead_code, unused_imports, unreachable_pub, missing_docs, reason = "a part of what a library offers")]
pub mod host;
mod model;
#[cfg(feature = "mutants")]
mod mutants;
mod own;
#[path = "../support/recorder.rs"]
mod recorder;
mod scenarios;
#[path = "../library_storm/world.rs"]
#[allow(dead_code, reason = "as much as is needed")]
mod storage;
#[path = "../support/volume.rs"]
mod volume;
mod world;
