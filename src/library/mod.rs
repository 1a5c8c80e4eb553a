//! JOINS: a log of our own and its manager.
//!
//! What the handles of the base interface stand for: [`LogFile`] is the log that several threads share, and what the
//! manager manages; [`OpenLog`] is an open handle, whose operations tell the manager what they changed. The same in
//! the kernel and in user mode; the platform and the storage are plugged in from above.
//!
//! # Invariants
//! * Whoever holds the log's lock does not call the manager; the manager is told afterwards.
//! * The slowest work happens outside the log's lock: creating and filling containers, and the flush of a commit. What
//!   changes the metadata (joining a container, restart areas, moving a tail, going on to another container) flushes
//!   inside it: nobody could go on before it is durable.
#![forbid(unsafe_code)]

mod appending;
mod area;
mod container_path;
mod handle;
mod log_file;
mod logs;
mod name;
mod open_log;
mod opened;
mod opening;
mod reading;
mod registry;
mod sharing;
mod volume;

pub use appending::{AppendRequest, Reach};
pub use area::{Area, AreaLimits, RoomSource};
pub use container_path::check_container_path;
pub use handle::LogHandle;
pub use log_file::LogFile;
pub use logs::Library;
pub use name::{LogName, NamedPart, is_same_word};
pub use open_log::OpenLog;
pub use opening::{Disposition, OpenRequest};
pub use reading::Reading;
pub use registry::Registry;
pub use sharing::Rights;
pub use volume::{HandleObject, Volume};
