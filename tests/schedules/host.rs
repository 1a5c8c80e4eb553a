//! The layer `host`, as far as the manager needs it: its own sources.

#[path = "../../src/host/clock.rs"]
mod clock;
#[path = "../../src/host/lock.rs"]
mod lock;
#[path = "../../src/host/platform.rs"]
mod platform;
#[path = "watch.rs"]
mod watch;
#[path = "../../src/host/work.rs"]
mod work;
#[path = "../../src/host/worker_pool.rs"]
mod worker_pool;

pub use platform::HostPlatform;
pub use work::WorkQueue;
pub use worker_pool::HostWorkerPool;
