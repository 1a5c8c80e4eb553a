//! MEASURES: the words that every layer above is written in.
//!
//! Log sequence numbers, sizes, counts, statuses, and vectors that can fail to grow. Nothing here knows what a log is.
//!
//! | file | what |
//! |---|---|
//! | `lsn` | log sequence numbers |
//! | `measure` | bytes, containers, shares, times; stream ids; the size of a sector |
//! | `stream_set` | sets of streams |
//! | `status` | NTSTATUS values by their names |
//! | `memory` | vectors that can fail to grow |
//! | `order` | sorting without memory |
#![forbid(unsafe_code)]

mod lsn;
mod measure;
pub mod memory;
pub mod order;
mod status;
mod stream_set;

pub use lsn::{Lsn, LsnPartsOutOfRange};
pub use measure::{
    Bytes, CONTAINERS_MAX, ContainerCount, Percent, SECTOR, SECTOR_BYTES, StreamId, Time, index, sectors_to_bytes,
};
pub use status::Status;
pub use stream_set::StreamSet;
