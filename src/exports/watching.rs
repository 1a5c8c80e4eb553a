//! The image's timer, which runs while somebody waits: it looks at logs that somebody else wrote, for drivers that are not
//! relinked, and says to a debugger for whom requests wait that have waited for long.

use core::time::Duration;

use super::managed_logs::ManagedLogs;
use super::platform::{Ticker, Ticking, say_holder, say_waiting};
use crate::manager::{Cookie, WaitingLog};

/// How often logs are looked at that need polling, and how soon a stuck request may be told of.
const INTERVAL: Duration = Duration::from_millis(if cfg!(feature = "interposed") { 50 } else { 500 });

static TICKER: Ticker = Ticker::new();

/// Somebody waits from now on, as `tick` will find. IRQL <= `APC_LEVEL`.
pub(super) fn wake(tick: fn() -> Ticking) {
    start(tick);
    TICKER.wake();
}

/// Starts the timer, unless it runs. Where no thread can be started drivers that are not relinked are not served, and
/// nobody is told who waits; all else goes on.
pub(super) fn start(tick: fn() -> Ticking) {
    let _ = TICKER.start(INTERVAL, tick);
}

/// Stops looking and waits for the look that is under way. IRQL `PASSIVE_LEVEL`.
pub(super) fn stop() {
    TICKER.stop();
}

/// One look.
pub(super) fn look<L: ManagedLogs>(logs: &L) -> Ticking {
    let is_polled = logs.look();
    let is_awaited = logs.manager().for_each_waiting(|waiting| say(logs, waiting));
    if is_polled || is_awaited { Ticking::GoOn } else { Ticking::Rest }
}

#[inline(never)]
fn say<L: ManagedLogs>(logs: &L, WaitingLog { log, waited }: WaitingLog) {
    let manager = logs.manager();
    // A log that has gone meanwhile waits for nobody.
    let _ = manager.with_log_name(log, |name| say_waiting(name, waited.as_secs()));
    for pin in manager.pin_report(log).unwrap_or_default() {
        say_holder(&pin, manager.cookie_of(log, &pin).map_or(0, Cookie::raw));
    }
}
