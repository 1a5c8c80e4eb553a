//! KEEPS: a CLFS log in the real on-disk format, pure over a `Storage` port.
#![forbid(unsafe_code)]

pub mod format;
pub mod storage;
