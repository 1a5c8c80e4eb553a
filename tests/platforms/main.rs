//! `host`, and of `kernel` what runs anywhere.

// What the kernel's files name.
extern crate alloc;
use clfsmgmt::units;

#[cfg(feature = "host")]
mod host;
mod kernel;
