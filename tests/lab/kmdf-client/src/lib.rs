//! The companion driver: a KMDF driver that lets user mode drive every CLFS routine, with every argument, and keeps a
//! journal of what CLFS called back. It tests a CLFS; it is nothing to be installed where work is done.
//!
//! What goes in and out is the interface crate's (`clfs_client_interface`).
//!
//! | module | what |
//! |---|---|
//! | `driver` | where the driver begins and ends |
//! | `device`, `queue` | the control device; its requests, as bytes in and bytes out |
//! | `work_item`, `thread` | work that goes on elsewhere, and can be waited for |
//! | `session` | what a request means: everything below the bytes |
//!
//! # Invariants
//! * Nothing that user mode sends panics: records are parsed by the interface crate, and indexing, overflow and `unwrap`
//!   are lints here.
//! * Memory is taken fallibly.
#![no_std]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

extern crate alloc;
// Ends what cannot happen.
extern crate wdk_panic;

mod device;
mod driver;
mod load;
mod queue;
mod session;
mod status;
mod thread;
mod work_item;

#[global_allocator]
static MEMORY: wdk_alloc::WdkAllocator = wdk_alloc::WdkAllocator;
