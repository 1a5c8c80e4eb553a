//! PLUGS IN: the ports on std.

mod files;

pub use files::{FileStorage, HostFile};
