//! Operations that go on in a thread of their own, until they are joined.

use clfs_client_interface::{Operation, Outcome, slots};
use wdk_sys::{NTSTATUS, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE};

use super::lock::Lock;
use super::shared::Shared;
use super::slots::length;
use super::{execution, time};
use crate::thread::{Body, Thread};

/// How long [`end_all`] waits for a thread.
const LONGEST: u64 = 10_000;
/// How often it looks.
const PAUSE: u64 = 5;

static RUNS: Lock<[Run; length(slots::THREADS)]> = Lock::new([const { Run::Free }; _]);

/// A thread's slot.
enum Run {
    Free,
    /// What it is to do; the thread may run before it is known here.
    Begun {
        operation: Shared<Operation>,
        thread: Option<Thread>,
    },
    Over {
        outcome: Shared<Outcome>,
        thread: Option<Thread>,
    },
    /// It is over, and there was no memory to say how.
    Lost(Option<Thread>),
}

/// Changes a slot by `change`, which says what is to be there and what is answered.
fn change<R>(slot: usize, change: impl FnOnce(Run) -> (Run, R)) -> Result<R, NTSTATUS> {
    let mut runs = RUNS.lock();
    let run = runs.get_mut(slot).ok_or(STATUS_INVALID_HANDLE)?;
    let (after, answer) = change(core::mem::replace(run, Run::Free));
    *run = after;
    Ok(answer)
}

/// Begins an operation in a thread of its own. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// `DEVICE_BUSY`: the slot's thread was not joined. `INVALID_HANDLE`: there is no such slot. Or why there is no thread.
pub(super) fn start(slot: u16, operation: Operation) -> Result<(), NTSTATUS> {
    let slot = usize::from(slot);
    let operation = Shared::new(operation).map_err(|_| STATUS_INSUFFICIENT_RESOURCES)?;
    change(slot, |run| match run {
        Run::Free => (Run::Begun { operation, thread: None }, Ok(())),
        other => (other, Err(STATUS_DEVICE_BUSY)),
    })??;
    match Thread::start::<OfSlot>(slot) {
        Ok(thread) => change(slot, |run| (run.with_thread(thread), ())),
        Err(status) => {
            let _ = change(slot, |_| (Run::Free, ()));
            Err(status)
        }
    }
}

impl Run {
    fn with_thread(self, thread: Thread) -> Self {
        let thread = Some(thread);
        match self {
            Self::Begun { operation, .. } => Self::Begun { operation, thread },
            Self::Over { outcome, .. } => Self::Over { outcome, thread },
            Self::Lost(_) | Self::Free => Self::Lost(thread),
        }
    }
}

struct OfSlot;

impl Body for OfSlot {
    fn run(slot: usize) {
        let operation = match RUNS.lock().get(slot) {
            Some(Run::Begun { operation, .. }) => operation.clone(),
            _ => return,
        };
        let outcome = Shared::new(execution::execute(&operation, None));
        drop(operation);
        let _ = change(slot, |run| match (run, outcome) {
            (Run::Begun { thread, .. }, Ok(outcome)) => (Run::Over { outcome, thread }, ()),
            (Run::Begun { thread, .. }, Err(_)) => (Run::Lost(thread), ()),
            (other, _) => (other, ()),
        });
    }
}

/// The outcome of a thread's operation, once; `None` as long as it goes on. Frees the slot. IRQL `PASSIVE_LEVEL`.
///
/// # Errors
/// `INVALID_HANDLE`: no thread was begun there. `INSUFFICIENT_RESOURCES`: there was no memory for its outcome.
pub(super) fn join(slot: u16) -> Result<Option<Shared<Outcome>>, NTSTATUS> {
    let (outcome, thread) = change(usize::from(slot), |run| match run {
        Run::Free => (Run::Free, (Err(STATUS_INVALID_HANDLE), None)),
        Run::Over { outcome, thread } => (Run::Free, (Ok(Some(outcome)), thread)),
        Run::Lost(thread) => (Run::Free, (Err(STATUS_INSUFFICIENT_RESOURCES), thread)),
        begun @ Run::Begun { .. } => (begun, (Ok(None), None)),
    })?;
    // Waits until it has left the image: outside the lock, and not for long, as it has nothing more to do.
    drop(thread);
    outcome
}

/// Waits for all threads, and frees their slots; how many there were, and how many did not end in time. IRQL `PASSIVE_LEVEL`.
pub(super) fn end_all() -> (u64, u64) {
    let (mut count, mut left) = (0_u64, 0_u64);
    for slot in 0..slots::THREADS {
        if let Some(is_over) = end(slot) {
            count = count.saturating_add(1);
            left = left.saturating_add(u64::from(!is_over));
        }
    }
    (count, left)
}

/// Waits for one thread; whether it ended in time, if there was one.
fn end(slot: u16) -> Option<bool> {
    let mut waited = 0_u64;
    loop {
        match join(slot) {
            Err(STATUS_INVALID_HANDLE) => return None,
            Ok(None) if waited < LONGEST => time::sleep(PAUSE),
            Ok(None) => return Some(false),
            Ok(Some(_)) | Err(_) => return Some(true),
        }
        waited = waited.saturating_add(PAUSE);
    }
}
