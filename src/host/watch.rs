//! Says on standard error for whom requests wait, where the environment has `CLFSMGMT_TRACE=1`: once after a second,
//! and then ever more rarely.

use std::fmt::Write;
use std::io;
use std::string::String;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::clock::UNITS_PER_SECOND;
use super::platform::HostPlatform;
use crate::engine::{Pin, PinHolder};
use crate::manager::ports::{ClientCallbacks, ManagedLog, Platform};
use crate::manager::{Cookie, LogKey, Manager, WaitingLog};
use crate::units::Time;

/// How often the logs are looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// A thread that looks, until this is dropped.
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Whether the environment asks for it.
    pub(super) fn is_wanted() -> bool {
        std::env::var_os("CLFSMGMT_TRACE").is_some_and(|value| value == "1")
    }

    /// Starts to look.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(super) fn start<L, C>(manager: &Arc<Manager<(HostPlatform, L, C)>>) -> io::Result<Self>
    where
        L: ManagedLog + Send + Sync + 'static,
        C: ClientCallbacks + Send + Sync + 'static,
    {
        let (stop, stopped) = channel();
        let manager = Arc::downgrade(manager);
        let look = move || {
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if !look(&manager) {
                    return;
                }
            }
        };
        let thread = Builder::new().name("clfsmgmt-watch".into()).spawn(look)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Looks once; `false` when the manager has gone.
fn look<L: ManagedLog, C: ClientCallbacks>(manager: &Weak<Manager<(HostPlatform, L, C)>>) -> bool {
    let Some(manager) = manager.upgrade() else {
        return false;
    };
    manager.for_each_waiting(|waiting| {
        // Nobody may be there to read it.
        let _ = io::Write::write_all(&mut io::stderr(), told(&manager, waiting).as_bytes());
    });
    true
}

/// A line for the log, and one for each that holds it.
fn told<L: ManagedLog, C: ClientCallbacks>(manager: &Manager<(HostPlatform, L, C)>, waiting: WaitingLog) -> String {
    let WaitingLog { log, waited } = waiting;
    let mut text = String::new();
    let name = manager.with_log_name(log, String::from_utf16_lossy).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = writeln!(text, "clfsmgmt: {name}: a request has waited for {} s", waited.as_secs());
    let now = manager.platform().now();
    for pin in manager.pin_report(log).unwrap_or_default() {
        let _ = writeln!(text, "clfsmgmt: {name}:   {}", holder(manager, log, &pin, now));
    }
    text
}

fn holder<L: ManagedLog, C: ClientCallbacks>(
    manager: &Manager<(HostPlatform, L, C)>,
    log: LogKey,
    pin: &Pin,
    now: Time,
) -> String {
    let Pin { stream, tail, .. } = pin;
    let who = match pin.holder {
        PinHolder::ArchiveTail => return std::format!("the archive tail is at {tail}"),
        PinHolder::UnmanagedStream => return std::format!("stream {stream}, at {tail}, has no client"),
        PinHolder::Client(_) => {
            let cookie = manager.cookie_of(log, pin).map_or(0, Cookie::raw);
            std::format!("client {cookie:#x} of stream {stream}, at {tail},")
        }
    };
    let (Some(target), Some(since)) = (pin.target, pin.asked_since) else {
        return std::format!("{who} was not asked");
    };
    let seconds = now.0.saturating_sub(since.0) / UNITS_PER_SECOND;
    let asked = std::format!("{who} was asked {seconds} s ago to move to {target}");
    match pin.last_refusal {
        _ if pin.is_outstanding => std::format!("{asked}, and has not"),
        Some(refusal) => std::format!("{asked}, and could not: {}", refusal.status),
        None => asked,
    }
}
