//! Every operation of the library that a driver can call, as an exported symbol of one image without `std`.
//!
//! The optimiser sees all of it at once, as it does in a driver, and knows nothing about arguments and state: numbers,
//! slices and objects come through [`black_box`]. What then remains of the panic machinery is reachable as far as the
//! optimiser can tell; `check.py` looks for it.
#![no_std]

extern crate alloc;

// As modules, not as a crate: a dependency is built as all its crate types, and the library alone is no whole image.
#[path = "../../../../src/abi/mod.rs"]
pub mod abi;
#[path = "../../../../src/engine/mod.rs"]
pub mod engine;
#[path = "../../../../src/foreign/mod.rs"]
pub mod foreign;
#[path = "../../../../src/format/mod.rs"]
pub mod format;
#[path = "../../../../src/library/mod.rs"]
pub mod library;
#[path = "../../../../src/log/mod.rs"]
pub mod log;
#[path = "../../../../src/manager/mod.rs"]
pub mod manager;
#[path = "../../../../src/units/mod.rs"]
pub mod units;

mod handles;
mod logs;
mod management;
mod others;
mod outside;
mod words;

use core::hint::black_box;

unsafe extern "C" {
    /// Defined nowhere: the linker's table of undefined symbols names it if a panic is reachable.
    safe fn panic_is_reachable() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    panic_is_reachable()
}

/// A value that the optimiser knows nothing about.
fn any<T>(value: T) -> T {
    black_box(value)
}

/// Exports functions that do something with `$object` and let nobody see what comes of it but [`black_box`].
macro_rules! operations {
    ($($(#[$attribute:meta])* $name:ident($($argument:ident: $kind:ty),*) $body:expr;)*) => {
        $($(#[$attribute])* #[unsafe(no_mangle)] pub fn $name($($argument: $kind),*) {
            let _result = core::hint::black_box($body);
        })*
    };
}
use operations;

operations! {
    /// Shows that the check can fail.
    #[cfg(feature = "reachable-panic")]
    panics_beyond_the_end(bytes: &[u8], place: usize) bytes[place];
}
