//! SPELLS: the bytes of a CLFS log, every structure, parsed once into an owned, validated model and written back.
//!
//! Nothing here does I/O. Every number of a file is a claim: it is bounded when it is read, and the raw bytes are not
//! looked at again. Writing asks the same predicates as reading, so that nothing is written that would not be read.
//! Whole models are copied on hosts and in tests only: `Clone` cannot say that there is no memory.
//!
//! | module | holds |
//! |---|---|
//! | [`block`], [`checksum`] | log blocks: header, sealing; the CRC-32 of metadata |
//! | `signatures` | what ends each sector of a block, and what it displaces |
//! | `digest` | what tells a torn block for certain |
//! | [`sectors`] | sectors of data blocks by their signatures alone |
//! | [`record`] | the records of a data block |
//! | [`control`], [`base_record`], [`truncate`] | the three records of the base log file |
//! | `base_image`, `log_state` | the bytes of the base record; the state in it |
//! | [`symbol`], [`context`], [`attributes`] | the symbol zone of the base record |
//! | [`metadata`], [`copies`] | the base log file as a whole: both copies of each record |
//! | [`extension`] | larger general blocks, and where they go |
//! | [`owner_page`] | which stream owns which sector of a region |
//! | [`check`] | predicates across the parts: for `inspect --check`, and for writers |
//! | [`violation`] | every predicate, and where it failed |
//! | `bytes` | little-endian numbers at offsets |
#![forbid(unsafe_code)]

pub mod attributes;
mod base_image;
pub mod base_record;
pub mod block;
mod bytes;
pub mod check;
pub mod checksum;
pub mod context;
pub mod control;
pub mod copies;
mod digest;
pub mod extension;
mod log_state;
pub mod metadata;
pub mod owner_page;
pub mod record;
pub mod sectors;
mod signatures;
pub mod symbol;
pub mod truncate;
pub mod violation;
