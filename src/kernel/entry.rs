//! What the driver's entry and unload routines call.

use super::clock;
use super::file_thread::FILE_THREAD;
use super::owned::owned;
use super::trace;
use super::work::WORK;

/// The image was loaded: by `DriverEntry` or `DllInitialize`, if somebody calls them. Nothing depends on it; it only
/// looks early for what would be looked for later, at an IRQL that may not allow it. IRQL `PASSIVE_LEVEL`.
pub fn begin() {
    clock::prepare();
}

/// The image is about to go: by `DllUnload`, after everything above has stopped (tickers, logs, clients). Waits until
/// no thread of ours is in the image any more, and says what was not given back, be it nothing: the test VM reads that
/// line. IRQL `PASSIVE_LEVEL`.
pub fn end() {
    WORK.shutdown();
    FILE_THREAD.shutdown();
    trace::left(owned());
}
