//! The three callbacks of every client: journalled, and doing what the client's next reaction says. And the completion
//! routine of a resize, which is journalled only.
//!
//! They may come at any time and in any thread, also before registration has returned or, if something is wrong, after
//! deregistration has: all they touch is static.

use core::sync::atomic::{AtomicU32, Ordering};

use core::ptr::without_provenance_mut;

use clfs_client_interface::{Callback, Event, EventKind, Place, Subject};
use wdk_sys::{BOOLEAN, CLFS_LSN, NTSTATUS, PCLFS_LSN, PLOG_FILE_OBJECT, PVOID, STATUS_PENDING, STATUS_SUCCESS};

use super::clients::{self, Registration};
use super::slots::Kind;
use super::{execution, journal, later, time};

/// The subject of a callback whose data name no client.
const NOBODY: u16 = 0xFFFF;

/// Callbacks that have begun and do not return yet.
static RUNNING: AtomicU32 = AtomicU32::new(0);
/// How long [`wait`] waits.
const LONGEST: u64 = 10_000;
/// How often it looks.
const PAUSE: u64 = 5;

/// Waits until no callback runs; whether that came in time. The deregistration of a client that leaves in its own
/// callback does not wait for that one. IRQL `PASSIVE_LEVEL`.
pub(super) fn wait() -> bool {
    let mut waited = 0_u64;
    while RUNNING.load(Ordering::Acquire) != 0 {
        if waited >= LONGEST {
            return false;
        }
        time::sleep(PAUSE);
        waited = waited.saturating_add(PAUSE);
    }
    true
}

/// `PCLFS_CLIENT_ADVANCE_TAIL_CALLBACK`.
///
/// # Safety
/// The target is an LSN, or NULL.
pub(super) unsafe extern "C" fn advance_tail(log: PLOG_FILE_OBJECT, target: PCLFS_LSN, data: PVOID) -> NTSTATUS {
    let target = if target.is_null() {
        None
    } else {
        // SAFETY: not NULL, so it is an LSN, by the contract of this callback; it may lie anywhere.
        Some(unsafe { target.cast::<CLFS_LSN>().read_unaligned() }.Internal)
    };
    let entered = Entered { callback: Callback::AdvanceTail, target, status: STATUS_SUCCESS, is_pinned: false };
    entered.run(log, data)
}

/// `PCLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK`.
///
/// # Safety
/// None of its own.
pub(super) unsafe extern "C" fn growth_complete(
    log: PLOG_FILE_OBJECT,
    status: NTSTATUS,
    is_pinned: BOOLEAN,
    data: PVOID,
) {
    let callback = Callback::GrowthComplete;
    Entered { callback, target: None, status, is_pinned: is_pinned != 0 }.run(log, data);
}

/// `PCLFS_CLIENT_LOG_UNPINNED_CALLBACK`.
///
/// # Safety
/// None of its own.
pub(super) unsafe extern "C" fn unpinned(log: PLOG_FILE_OBJECT, data: PVOID) {
    let callback = Callback::Unpinned;
    Entered { callback, target: None, status: STATUS_SUCCESS, is_pinned: false }.run(log, data);
}

/// What a completion routine's data begin with, so that other pointers are not taken for them; the log's slot is added.
const SIZE_MARK: usize = 0xC1F5_0000;

/// The data of the completion routine of a resize of this log: a number that says which, and not followed.
pub(super) fn size_data(log: Subject) -> PVOID {
    let slot = if let Subject::Slot(slot) = log { slot } else { NOBODY };
    without_provenance_mut(SIZE_MARK | usize::from(slot))
}

/// The log that such data say.
fn log_of(data: PVOID) -> Option<Subject> {
    let slot = u16::try_from(data.addr() & 0xFFFF).ok()?;
    let log = if slot == NOBODY { Subject::Null } else { Subject::Slot(slot) };
    (size_data(log) == data).then_some(log)
}

/// `PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK`: does nothing but tell that it was called, and with what.
///
/// # Safety
/// None of its own.
pub(super) unsafe extern "C" fn size_complete(log: PLOG_FILE_OBJECT, status: NTSTATUS, data: PVOID) {
    RUNNING.fetch_add(1, Ordering::Relaxed);
    let held = log_of(data).and_then(|subject| Kind::Log.get(subject).ok());
    let callback = Callback::SizeComplete;
    journal::record(Event {
        is_addressed_right: held == Some(log.cast()),
        ..journal::event(EventKind::Entered(callback), NOBODY, status)
    });
    journal::record(journal::event(EventKind::Returns(callback), NOBODY, STATUS_SUCCESS));
    RUNNING.fetch_sub(1, Ordering::Release);
}

/// A callback that has come, with what it brought.
struct Entered {
    callback: Callback,
    target: Option<u64>,
    status: NTSTATUS,
    is_pinned: bool,
}

impl Entered {
    /// Journals it and does what the client does; what it returns.
    fn run(&self, log: PLOG_FILE_OBJECT, data: PVOID) -> NTSTATUS {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        let returned = self.journal(log, data);
        RUNNING.fetch_sub(1, Ordering::Release);
        returned
    }

    /// The same, while it is counted.
    fn journal(&self, log: PLOG_FILE_OBJECT, data: PVOID) -> NTSTATUS {
        let registration = Registration::of_data(data, self.callback);
        let is_addressed_right = registration.is_some_and(|registration| registration.is_current(log.cast()));
        let slot = registration.map_or(NOBODY, |registration| registration.slot);
        let has_its_target = self.target.is_some() || self.callback != Callback::AdvanceTail;
        journal::record(Event {
            target: self.target.unwrap_or(0),
            is_pinned: self.is_pinned,
            is_addressed_right: is_addressed_right && has_its_target,
            ..journal::event(EventKind::Entered(self.callback), slot, self.status)
        });
        let returned = if is_addressed_right { self.react(slot) } else { self.default_status() };
        journal::record(journal::event(EventKind::Returns(self.callback), slot, returned));
        returned
    }

    /// What is returned where nothing else was said.
    fn default_status(&self) -> NTSTATUS {
        if self.callback == Callback::AdvanceTail { STATUS_PENDING } else { STATUS_SUCCESS }
    }

    /// Does what the client's next reaction says, in its order; what is done later is queued where it stands.
    fn react(&self, slot: u16) -> NTSTATUS {
        let Some(reaction) = clients::next_reaction(slot, self.callback) else {
            return self.default_status();
        };
        let mut is_queued = false;
        for action in reaction.actions() {
            match action.place {
                Place::Inside => {
                    execution::execute(&action.operation, self.target);
                }
                // All of them in one work item, one after the other.
                Place::Later if !is_queued => {
                    is_queued = true;
                    later::enqueue(reaction.clone(), self.target);
                }
                Place::Later => {}
            }
        }
        if self.callback == Callback::AdvanceTail { reaction.returns } else { STATUS_SUCCESS }
    }
}
