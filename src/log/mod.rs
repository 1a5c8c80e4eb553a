//! KEEPS: a CLFS log in the real on-disk format, pure over a [`storage::Storage`] port.
//!
//! A log is a base log file (`.blf`: metadata, two copies of everything) and containers (the records). A dedicated log
//! is one stream; a multiplexed log carries up to 96 named streams in the same containers.
//!
//! | file | subject |
//! |---|---|
//! | `physical_log` | an open log, of these parts: |
//! | `base_file` | the metadata, and their writes |
//! | `ring`, `layout`, `blocks` | the order of the containers; where data goes and what fits; blocks in their places |
//! | `stream`, `open_block` | streams, and the blocks that their records are packed into |
//! | `head`, `regions` | where the log ends and what of it is durable; the owner page there |
//! | `space` | what is promised and what is left |
//! | `seal`, `condition`, `io_statistics` | bytes of blocks; whether the log may be changed; what was written |
//! | `create`, `open`, `assemble` | the life of a log |
//! | `recovery`, `behind` | finding the end after a crash; what lies behind it |
//! | `append`, `write`, `flush` | records into blocks, blocks into containers, containers onto the disk |
//! | `enlarge` | larger blocks for larger records |
//! | `tail`, `restart`, `containers`, `streams` | base LSNs and recycling, restart areas, adding and removing |
//! | `locate`, `cursor`, `read` | from LSNs back to records |
//! | `information` | what can be asked |
//! | `persist` | the one place that writes metadata |
//! | [`storage`] | the port: what a log needs of the world |
//!
//! # Invariants
//! * A record whose flush returned is found again, whatever happens later; recovery never invents a record.
//! * A container is given away only after the metadata that say so are durable.
//! * When a block runs on into the next container, or ends its own, that one is made durable before anything more is
//!   written, with metadata that name its end: what may have been lost is that block and what lies in one container.
//! * Whatever was admitted can be written: room is promised before a record is taken (`space`).
//! * A failed write or flush stops the log ([`Log::fault`]): what the disk holds is no longer known, so nothing more is
//!   acknowledged until the log is opened, and recovered, again.
#![forbid(unsafe_code)]

mod append;
mod assemble;
mod base_file;
mod behind;
mod blocks;
mod condition;
mod containers;
mod create;
mod cursor;
mod enlarge;
mod flush;
mod head;
mod information;
mod io_statistics;
mod layout;
mod locate;
mod open;
mod open_block;
mod persist;
mod physical_log;
mod read;
mod recovery;
mod regions;
mod restart;
mod ring;
mod seal;
mod space;
pub mod storage;
mod stream;
mod streams;
mod tail;
mod write;

pub use append::Admission;
pub use containers::Removal;
pub use create::LogOptions;
pub use cursor::{Cursor, Direction, ReadRecord};
pub use flush::FlushTicket;
pub use information::{ContainerInformation, ContainerState, LogInformation, StreamInformation};
pub use io_statistics::IoStatistics;
pub use open::OpenError;
pub use open_block::{BlockLimit, RecordParts, lone_record_bytes};
pub use physical_log::Log;
pub use restart::WrittenRestartArea;
pub use space::{RESTART_BYTES_HELD, ReservationAccount};
