//! A thread of something static, started by whoever first needs it and stopped once; one that ends by itself may be
//! started again.
//!
//! Apart from `thread`, which a lock needs. Starting a thread calls other drivers' notify routines, so no lock is held
//! meanwhile: not one of the caller's, and none here.

use super::lock::KernelLock;
use super::thread::{self, Beginning, Body, SystemThread, ThreadId, current_thread};
use crate::manager::ports::Guarded;
use crate::units::Status;

/// Started by whoever first needs it, or not at all.
pub(super) struct OnceThread(KernelLock<State>);

struct State {
    phase: Phase,
    is_stopped: bool,
}

enum Phase {
    Absent,
    /// Or waited for, by this thread.
    BeingStarted(ThreadId),
    Running(SystemThread),
}

/// What a caller of [`OnceThread::start`] has to do.
enum Turn {
    Start,
    Wait,
    Done(Result<(), Status>),
}

impl OnceThread {
    /// Not started.
    pub(super) const fn new() -> Self {
        Self(KernelLock::new(State { phase: Phase::Absent, is_stopped: false }))
    }

    /// Starts it, unless it runs. IRQL <= `APC_LEVEL`; where it does not run yet, `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `UNSUCCESSFUL`: it was stopped, or this very thread is starting it, inside a notify routine. As
    /// [`SystemThread::start`].
    pub(super) fn start<B: Body>(&self, body: &'static B) -> Result<(), Status> {
        self.start_at(Beginning::of(body))
    }

    #[inline(never)]
    fn start_at(&self, beginning: Beginning) -> Result<(), Status> {
        loop {
            match self.0.with(State::turn) {
                Turn::Start => return self.end_start(SystemThread::start(beginning)),
                Turn::Wait => thread::pause(),
                Turn::Done(outcome) => return outcome,
            }
        }
    }

    fn end_start(&self, started: Result<SystemThread, Status>) -> Result<(), Status> {
        let (outcome, unwanted) = self.0.with(|state| {
            state.phase = Phase::Absent;
            match started {
                Err(status) => (Err(status), None),
                Ok(thread) if state.is_stopped => (Err(Status::UNSUCCESSFUL), Some(thread)),
                Ok(thread) => {
                    state.phase = Phase::Running(thread);
                    (Ok(()), None)
                }
            }
        });
        if let Some(unwanted) = unwanted {
            // Its body finds that it is to end.
            unwanted.join();
        }
        outcome
    }

    /// It is to end. What is returned is to be woken and joined.
    #[inline(never)]
    pub(super) fn stop(&self) -> Option<SystemThread> {
        self.0.with(|state| {
            state.is_stopped = true;
            match core::mem::replace(&mut state.phase, Phase::Absent) {
                Phase::Running(thread) => Some(thread),
                other => {
                    state.phase = other;
                    None
                }
            }
        })
    }

    /// It has ended, or is about to, by itself: waits for that. It may be started again. Not by the thread itself. IRQL
    /// `PASSIVE_LEVEL`.
    #[inline(never)]
    pub(super) fn join_ended(&self) {
        let ended = self.0.with(|state| {
            let being_joined = Phase::BeingStarted(current_thread());
            match core::mem::replace(&mut state.phase, being_joined) {
                Phase::Running(thread) => Some(thread),
                other => {
                    state.phase = other;
                    None
                }
            }
        });
        if let Some(ended) = ended {
            ended.join();
            self.0.with(|state| state.phase = Phase::Absent);
        }
    }

    /// It was started, and not stopped.
    #[inline(never)]
    pub(super) fn is_running(&self) -> bool {
        self.0.with(|state| matches!(state.phase, Phase::Running(_)))
    }
}

impl State {
    fn turn(&mut self) -> Turn {
        let this = current_thread();
        match self.phase {
            _ if self.is_stopped => Turn::Done(Err(Status::UNSUCCESSFUL)),
            Phase::Running(_) => Turn::Done(Ok(())),
            Phase::BeingStarted(by) if by == this => Turn::Done(Err(Status::UNSUCCESSFUL)),
            Phase::BeingStarted(_) => Turn::Wait,
            Phase::Absent => {
                self.phase = Phase::BeingStarted(this);
                Turn::Start
            }
        }
    }
}
