//! What the driver's entry and unload routines call.

use super::clock;
use super::file_thread::FILE_THREAD;
use super::pool;
use super::trace::{self, Severity};
use super::work::WORK;

/// The image was loaded: by `DriverEntry` or `DllInitialize`, if somebody calls them. Nothing depends on it; it only
/// looks early for what would be looked for later, at an IRQL that may not allow it. IRQL `PASSIVE_LEVEL`.
pub fn begin() {
    clock::prepare();
}

/// The image is about to go: by `DllUnload`, after everything above has stopped (tickers, logs, clients). Waits until
/// no thread of ours is in the image any more, and says what was not given back. IRQL `PASSIVE_LEVEL`.
pub fn end() {
    WORK.shutdown();
    FILE_THREAD.shutdown();
    let left = pool::blocks_outstanding();
    for (what, blocks) in [(c"shared blocks left", left.shared), (c"heap blocks left", left.heap)] {
        if blocks > 0 {
            trace::number(Severity::Warning, what, u64::try_from(blocks).unwrap_or_default());
        }
    }
}
