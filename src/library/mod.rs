//! JOINS: a log of our own and its manager.
//!
//! A [`Library`] opens logs by name and finds handles by address; all [`LogHandle`]s of one base log file share one
//! [`OpenLog`], whose operations notify the manager of what they change. The same in the kernel and in user mode; what
//! differs is plugged in from above, as a [`Setting`].
//!
//! | file | what |
//! |---|---|
//! | `setting` | the one type parameter: platform, volume and client callbacks |
//! | `volume` | the port to where logs are kept |
//! | `log_file` | the log and its lock: what the manager manages |
//! | `shared_flush` | one flush of a file at a time, which serves all that wait: for storages |
//! | `open_log` | a log under management: operations that notify the manager |
//! | `sharing` | who may open a stream beside whom |
//! | `opened` | the slots of the logs that are open, and how a log closes |
//! | `handle` | an open handle, and its reference to the log |
//! | `opening` | one opening: what is opened, what is created |
//! | `name`, `container_path` | the names of logs, the paths of containers |
//! | `area`, `appending` | marshalling areas; records and reservations through them |
//! | `reading` | read contexts |
//! | `registry` | handles that callers get, and what they name |
//! | `logs` | the library: all of it by name and by handle |
//!
//! # Invariants
//! * The manager is never called with the log's lock held; it is notified afterwards.
//! * The slowest work happens outside the log's lock: creating and filling containers, and the flush of a commit. What
//!   changes the metadata (joining a container, restart areas, moving a tail, going on to another container) flushes
//!   inside it: no thread could go on before it is durable.
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
mod setting;
mod shared_flush;
mod sharing;
mod volume;

pub use appending::{AppendRequest, Appended, Reach};
pub use area::{Area, AreaLimits, RoomSource};
pub use container_path::check_container_path;
pub use handle::LogHandle;
pub use log_file::{LogFile, ManagerOf};
pub use logs::Library;
pub use name::{LogName, NamedPart, is_same_word};
pub use open_log::OpenLog;
pub use opening::{Disposition, OpenRequest};
pub use reading::Reading;
pub use registry::Registry;
pub use setting::Setting;
pub use shared_flush::SharedFlush;
pub use sharing::Rights;
pub use volume::{HandleObject, Volume};
