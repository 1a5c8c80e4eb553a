//! One flush of a file at a time, which serves all that wait for it.
//!
//! A disk reports what it has dropped once per open file: of two flushes at the same time one may fail, and the other
//! succeed without what it was for. So they follow each other, and the first failure stays, known before the next
//! begins. Who comes while one runs waits for the next one, which one of the waiting runs for all of them: a flush
//! that ran already may have missed what was written meanwhile.

use core::fmt;

use crate::manager::ports::{Gate, Guarded, Platform};
use crate::units::Status;

/// The flushes of one open file: what `host` and `kernel` keep [`crate::log::storage::StorageFile::flush`] by.
pub struct SharedFlush<P: Platform> {
    state: P::Lock<Flushes>,
    ended: P::Gate,
}

/// # Invariants
/// `ended` is `begun`, or one less while one runs. With a fault none begins any more.
#[derive(Default)]
struct Flushes {
    begun: u64,
    ended: u64,
    /// Whether anybody waits for the one that runs to end.
    is_awaited: bool,
    fault: Option<Status>,
}

enum Step {
    Run,
    Wait,
    Return(Result<(), Status>),
}

impl Flushes {
    /// What somebody does next who needs the flush of this number, or a later one.
    fn step(&mut self, needed: u64) -> Step {
        if let Some(status) = self.fault {
            return Step::Return(Err(status));
        }
        if self.ended >= needed {
            return Step::Return(Ok(()));
        }
        if self.begun > self.ended {
            self.is_awaited = true;
            return Step::Wait;
        }
        self.begun = self.begun.saturating_add(1);
        Step::Run
    }

    /// Notes how the one that runs has ended; returns whether somebody waits for that.
    fn end(&mut self, outcome: Result<(), Status>) -> bool {
        self.ended = self.begun;
        self.fault = outcome.err();
        core::mem::take(&mut self.is_awaited)
    }
}

impl<P: Platform> Default for SharedFlush<P> {
    fn default() -> Self {
        Self { state: P::lock(Flushes::default()), ended: P::gate() }
    }
}

impl<P: Platform> fmt::Debug for SharedFlush<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedFlush").finish_non_exhaustive()
    }
}

impl<P: Platform> SharedFlush<P> {
    /// Returns once a flush that began after this call has ended: `run`, or another caller's.
    ///
    /// # Errors
    /// The first failure of any flush.
    pub fn flush(&self, run: impl FnOnce() -> Result<(), Status>) -> Result<(), Status> {
        let (needed, mut step) = self.state.with(|flushes| {
            let needed = flushes.begun.saturating_add(1);
            (needed, flushes.step(needed))
        });
        loop {
            match step {
                Step::Run => break,
                Step::Return(outcome) => return outcome,
                Step::Wait => {
                    // Looked at again behind the number, or the end of the one that runs may be missed.
                    let turn = self.ended.turn();
                    step = self.state.with(|flushes| flushes.step(needed));
                    if matches!(step, Step::Wait) {
                        self.ended.wait(turn);
                    }
                }
            }
        }
        let outcome = run();
        if self.state.with(|flushes| flushes.end(outcome)) {
            self.ended.open();
        }
        outcome
    }
}
