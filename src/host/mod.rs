//! PLUGS IN: the ports on std: locks, threads, time, files.
//!
//! | file | what |
//! |---|---|
//! | `lock` | a mutex that outlives a panic, and a gate of a mutex and a condition variable |
//! | `work` | worker threads over a queue whose room is reserved |
//! | `clock` | the system's clock, or one that a program sets |
//! | `platform` | the three together, as the manager wants them |
//! | `worker_pool` | a manager with worker threads |
//! | `watch` | says for whom requests wait, where that is asked for |
//! | `files` | a log's storage in ordinary files |
//! | `system` | reading and writing at an offset; the status of a system's error |
//! | `process` | which process this is: a child may not write to its parent's files |
//! | `lacking` | what a file system may lack |
//! | `placement` | which file a container's name means, and whether it is another log's |
//! | `volume` | from the names of logs to their files; handles |
//! | `log_host` | all of it, started: what a program uses |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "no driver contains this layer"
)]

mod clock;
mod files;
mod lacking;
mod lock;
mod log_host;
mod placement;
mod platform;
mod process;
mod system;
mod volume;
mod watch;
mod work;
mod worker_pool;

pub use clock::{HostClock, ManualClock};
pub use files::{FileStorage, HostFile};
pub use lock::{HostGate, HostLock};
pub use log_host::{HostLog, LogHost};
pub use platform::{HostPlatform, growth_place};
pub use process::{forks, note_fork};
pub use volume::{HostObject, HostVolume};
pub use work::{WorkQueue, Workers};
pub use worker_pool::HostWorkerPool;
