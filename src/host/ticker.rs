//! A periodic look at something, on a thread of its own, while there is something to look at. Otherwise nobody wakes.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

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
#[derive(Debug, Default)]
pub struct Ticker {
    state: Mutex<State>,
    /// Told by `wake` and `stop`.
    news: Condvar,
}

#[derive(Debug)]
struct State {
    thread: Option<JoinHandle<()>>,
    is_awake: bool,
    is_stopped: bool,
}

impl State {
    /// The first look is at once.
    const NEW: Self = Self { thread: None, is_awake: true, is_stopped: false };
}

impl Default for State {
    fn default() -> Self {
        Self::NEW
    }
}

impl Ticker {
    /// One that does not look.
    pub const fn new() -> Self {
        Self { state: Mutex::new(State::NEW), news: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts looking, unless that was done: at once, and then as `tick` says.
    ///
    /// # Errors
    /// `UNSUCCESSFUL`: it was stopped. `INSUFFICIENT_RESOURCES`: a thread could not be started.
    pub fn start(&'static self, interval: Duration, tick: fn() -> Ticking) -> Result<(), Status> {
        let mut state = self.lock();
        if state.is_stopped {
            return Err(Status::UNSUCCESSFUL);
        }
        if state.thread.is_none() {
            let thread = Builder::new().name("clfsmgmt-ticker".into()).spawn(move || self.run(interval, tick));
            state.thread = Some(thread.map_err(|_| Status::INSUFFICIENT_RESOURCES)?);
        }
        Ok(())
    }

    /// There is something to look at.
    pub fn wake(&self) {
        self.lock().is_awake = true;
        self.news.notify_all();
    }

    /// Ends the looking and waits for it. Not from a look.
    pub fn stop(&self) {
        let thread = {
            let mut state = self.lock();
            state.is_stopped = true;
            state.thread.take()
        };
        self.news.notify_all();
        if let Some(thread) = thread {
            // A look that panicked has told so on standard error.
            let _ = thread.join();
        }
    }

    fn run(&self, interval: Duration, tick: fn() -> Ticking) {
        while self.wait_to_look() {
            if tick() == Ticking::GoOn {
                let state = self.lock();
                let is_running = |state: &mut State| !state.is_stopped;
                let waited = self.news.wait_timeout_while(state, interval, is_running);
                waited.unwrap_or_else(PoisonError::into_inner).0.is_awake = true;
            }
        }
    }

    /// Waits until there is something to look at; answers whether to look.
    fn wait_to_look(&self) -> bool {
        let is_asleep = |state: &mut State| !state.is_awake && !state.is_stopped;
        let mut state = self.news.wait_while(self.lock(), is_asleep).unwrap_or_else(PoisonError::into_inner);
        // Before the look, so that no `wake` during it is lost.
        state.is_awake = false;
        !state.is_stopped
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn it_looks_until_there_is_nothing_and_again_when_it_is_woken() {
        static LOOKS: AtomicU32 = AtomicU32::new(0);
        static TICKER: Ticker = Ticker::new();
        static LOOKED: (Mutex<u32>, Condvar) = (Mutex::new(0), Condvar::new());
        fn look() -> Ticking {
            let look = LOOKS.fetch_add(1, Ordering::SeqCst) + 1;
            *LOOKED.0.lock().unwrap() = look;
            LOOKED.1.notify_all();
            if look < 3 { Ticking::GoOn } else { Ticking::Rest }
        }
        let wait_for = |looks| drop(LOOKED.1.wait_while(LOOKED.0.lock().unwrap(), |seen| *seen < looks).unwrap());
        TICKER.start(Duration::from_millis(1), look).unwrap();
        wait_for(3);
        TICKER.wake();
        wait_for(4);
        TICKER.stop();
        assert_eq!(LOOKS.load(Ordering::SeqCst), 4);
        assert_eq!(TICKER.start(Duration::from_millis(1), look), Err(Status::UNSUCCESSFUL));
    }
}
