//! PLUGS IN: the manager's ports on std: locks, threads, time.
//!
//! | file | what |
//! |---|---|
//! | `lock` | a mutex that outlives a panic, and a gate of a mutex and a condition variable |
//! | `work` | worker threads over a queue whose room is reserved |
//! | `clock` | the system's clock, or one that a program sets |
//! | `platform` | the three together |

mod clock;
mod lock;
mod platform;
mod work;

pub use clock::{HostClock, ManualClock};
pub use lock::{HostGate, HostLock};
pub use platform::HostPlatform;
pub use work::{WorkQueue, Workers};
