//! PLUGS IN: the ports on Windows kernel routines; the only place that names the WDK.
//!
//! | file | what |
//! |---|---|
//! | `lock`, `event` | a lock for IRQL <= `APC_LEVEL` under which file I/O may be done, a gate, their events |
//! | `pool`, `shared` | tagged, counted, non-paged memory, and counted references into it |
//! | `thread`, `once_thread` | system threads that are waited for, started with no lock held |
//! | `completion` | which completions threads are inside |
//! | `queue`, `work`, `ticker` | the workers and their queue; a periodic look |
//! | `clock`, `level`, `routines` | time, what the caller's IRQL allows, routines that not every system has |
//! | `platform`, `worker_pool` | the above, as the manager wants them; the manager with its workers |
//! | `file_thread`, `security` | file work for those who may not do it; in whose name files are created and deleted |
//! | `paths`, `handle`, `files` | a log's files (feature `open-clfs`) |
//! | `volume` | from the names of logs to their files (feature `open-clfs`) |
//! | `objects`, `identity`, `trace` | file objects as handles, new identities, `DbgPrintEx` |
//! | `owned` | how much of all that there is now |
//! | `published` | the types of the WDK that the C interface is laid out as |
//! | `entry`, `driver_object` | what the driver's entry and unload routines call |
//!
//! # Invariants
//! * State is ready without `DriverEntry` and `DllInitialize`: everything static is const or made on first use. After
//!   one of them, it is ready at any IRQL <= `APC_LEVEL`.
//! * No code of the image runs after [`end`] but that of callers: threads are waited for, nothing is queued elsewhere.
//! * Memory is non-paged and taken fallibly. The floor is Windows 10 2004, because of `ExAllocatePool2`.
#![expect(unsafe_code, reason = "calls of kernel routines")]

// Ends what cannot happen.
extern crate wdk_panic;

mod clock;
mod completion;
mod driver_object;
mod entry;
mod event;
mod file_thread;
#[cfg(feature = "open-clfs")]
mod files;
#[cfg(feature = "open-clfs")]
mod handle;
mod identity;
mod level;
mod lock;
mod objects;
mod once_thread;
mod owned;
#[cfg(feature = "open-clfs")]
mod paths;
mod platform;
mod pool;
pub mod published;
mod queue;
mod routines;
mod security;
mod shared;
mod thread;
pub mod ticker;
pub mod trace;
#[cfg(feature = "open-clfs")]
mod volume;
pub mod work;
mod worker_pool;

pub use driver_object::{DriverObject, set_unload, wait_for};
pub use entry::{begin, end};
#[cfg(feature = "open-clfs")]
pub use files::{KernelFile, KernelStorage};
pub use identity::new_identity;
pub use level::{growth_place, may_work_with_files};
pub use lock::{KernelGate, KernelLock};
pub use objects::FileReference;
#[cfg(feature = "open-clfs")]
pub use objects::LogFileObject;
pub use owned::{Owned, owned};
pub use platform::KernelPlatform;
pub use security::ClientSecurity;
pub use shared::Shared;
pub use thread::{ThreadId, current_thread, is_own_thread};
#[cfg(feature = "open-clfs")]
pub use volume::KernelVolume;
pub use worker_pool::KernelWorkerPool;
