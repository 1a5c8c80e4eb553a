//! ENTERS: the C interface. `extern "system"` functions with Microsoft's names and signatures, and the only calls into
//! clients.
//!
//! One narrow seam between C and the safe layers below: an exported function turns pointers into values in its first
//! lines (`pointers`), hands them to a safe function, and writes outputs only on success.
//!
//! | file | what |
//! |---|---|
//! | `platform` | the one place where kernel or host is chosen |
//! | `pointers` | the only reads and writes of callers' memory |
//! | `managed_logs`, `client` | what management needs of the logs below it; the calls into clients |
//! | `image` | the one instance of this image: its logs |
//! | `watching` | the image's timer: polled logs, and requests that wait for long |
//! | `forked` | a process that was forked: its parent's handles do not work in it |
//! | `instance`, `rundown` | its making, and its end, which waits for the routines that run |
//! | `lsn` | LSNs taken apart and compared, for logs of our own |
//! | `clfs` | the base interface over a log of our own |
//! | `interposed` | the base routines over a `clfs.sys` that somebody else wrote, with management in between |
//! | `layouts` | that `abi` is laid out as the WDK's headers say |
//! | `entry` | loading and unloading the driver's image |
//! | `management` | the nine `ClfsMgmt*` routines and our `ClfsMgmtx*`, over any logs |
//!
//! # Invariants
//! * No pointer of a caller is kept, but for the callbacks and their data that a client registered.
//! * A handle or cookie is looked up, never dereferenced.
//! * No panic is reachable: there is no unwinding across the border because there is nothing to unwind from.
#![expect(unsafe_code, reason = "the border to C: callers' pointers, and calls of callers' functions")]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("handles and cookies of the C interface are 64-bit values in pointers");
#[cfg(all(feature = "driver", feature = "host"))]
compile_error!("the features `driver` and `host` choose different platforms");
#[cfg(all(feature = "interposed", any(feature = "open-clfs", feature = "host")))]
compile_error!("the features `interposed` and `open-clfs` choose different logs");

#[cfg(feature = "open-clfs")]
pub mod clfs;
mod client;
#[cfg(feature = "driver")]
pub mod entry;
#[cfg(not(feature = "driver"))]
mod forked;
mod image;
mod instance;
#[cfg(any(test, feature = "interposed"))]
mod interposed;
#[cfg(feature = "driver")]
mod layouts;
#[cfg(feature = "open-clfs")]
pub mod lsn;
mod managed_logs;
pub mod management;
mod platform;
mod pointers;
mod rundown;
#[cfg(feature = "driver")]
mod watching;
