//! What the driver's entry and unload routines call.

use super::clock;
use super::file_thread::FILE_THREAD;
use super::owned::owned;
use super::trace::{self, Severity};
use super::work::WORK;

/// The image was loaded: by `DriverEntry` or `DllInitialize`, if somebody calls them. Looks for, and starts, what would
/// otherwise be looked for and started by the first who needs it, at an IRQL that may not allow it. Twice is as once.
/// IRQL `PASSIVE_LEVEL`.
pub fn begin() {
    clock::prepare();
    if let Err(status) = FILE_THREAD.start() {
        trace::status(Severity::Warning, c"the file thread starts later", status);
    }
    // Says itself what did not start, and whoever reserves work tries again.
    let _ = WORK.start();
}

/// The image is about to go: by `DllUnload`, after everything above has stopped (tickers, logs, clients). Waits until
/// no thread of ours is in the image any more, and says what was not given back, be it nothing: the test VM reads that
/// line. IRQL `PASSIVE_LEVEL`.
pub fn end() {
    WORK.shutdown();
    FILE_THREAD.shutdown();
    trace::left(owned());
}
