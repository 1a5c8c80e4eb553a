//! A periodic look at something, on a thread of its own, while there is something to look at. Otherwise nobody wakes.

use core::time::Duration;

use super::lock::{KernelGate, KernelLock};
use super::once_thread::OnceThread;
use super::thread::{self, Body};
use crate::manager::ports::{Gate, Guarded};
use crate::units::Status;

/// What a look has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticking {
    /// There is something to watch: look again after the interval.
    GoOn,
    /// There is nothing: not before [`Ticker::wake`].
    Rest,
}

/// A thread that looks. Meant for a static.
pub struct Ticker {
    state: KernelLock<State>,
    thread: OnceThread,
    /// Opened by `wake` and `stop`.
    news: KernelGate,
}

struct State {
    /// In units of 100 nanoseconds.
    interval: i64,
    tick: Option<fn() -> Ticking>,
    is_stopped: bool,
}

impl Default for Ticker {
    fn default() -> Self {
        Self::new()
    }
}

impl Ticker {
    /// One that does not look.
    pub const fn new() -> Self {
        let state = State { interval: 0, tick: None, is_stopped: false };
        Self { state: KernelLock::new(state), thread: OnceThread::new(), news: KernelGate::new() }
    }

    /// Starts looking, unless that was done: at once, and then as `tick` says. IRQL <= `APC_LEVEL`; the first time
    /// `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `UNSUCCESSFUL`: it was stopped, or the IRQL does not allow it. Or what the system said.
    pub fn start(&'static self, interval: Duration, tick: fn() -> Ticking) -> Result<(), Status> {
        self.state.with(|state| {
            if state.tick.is_none() {
                state.interval = i64::try_from(interval.as_nanos().div_ceil(100)).unwrap_or(i64::MAX);
                state.tick = Some(tick);
            }
        });
        self.thread.start(self)
    }

    /// There is something to look at. IRQL <= `APC_LEVEL`.
    pub fn wake(&self) {
        self.news.open();
    }

    /// Ends the looking and waits until the thread has left the image: an interval at most, and a look. Not from a
    /// look. IRQL `PASSIVE_LEVEL`.
    pub fn stop(&self) {
        self.state.with(|state| state.is_stopped = true);
        let thread = self.thread.stop();
        self.news.open();
        if let Some(thread) = thread {
            thread.join();
        }
    }

    fn next(&self) -> Option<(fn() -> Ticking, i64)> {
        self.state.with(|state| state.tick.filter(|_| !state.is_stopped).map(|tick| (tick, state.interval)))
    }
}

impl Body for Ticker {
    fn run(&'static self) {
        loop {
            // Before the look, so that no `wake` during it is lost.
            let turn = self.news.turn();
            let Some((tick, interval)) = self.next() else {
                return;
            };
            match tick() {
                Ticking::GoOn => thread::sleep(interval),
                Ticking::Rest => self.news.wait(turn),
            }
        }
    }
}
