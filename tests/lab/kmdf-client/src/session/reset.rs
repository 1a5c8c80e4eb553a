//! Ending everything that is open, in the order in which it depends on one another.

use clfs_client_interface::{Outcome, Routine, Subject};
use wdk_sys::{NT_SUCCESS, NTSTATUS, STATUS_IO_TIMEOUT, STATUS_SUCCESS};

use super::routines::{self, Call, own};
use super::slots::Kind;
use super::{callbacks, clients, journal, threads};
use crate::{load, work_item};

/// Ends everything. The numbers: threads, clients, areas, logs that had been left. The status: `SUCCESS`, the first failure to end
/// something, or `IO_TIMEOUT`: a thread or callback goes on, so nothing that it may use was ended. IRQL `PASSIVE_LEVEL`.
pub(super) fn reset() -> Outcome {
    load::stop();
    clients::clear_reactions();
    own::open_gates();
    let (threads, running) = threads::end_all();
    let mut outcome = Outcome::of_status(STATUS_SUCCESS);
    let mut left = [threads, 0, 0, 0];
    let mut is_quiet = running == 0;
    if is_quiet {
        work_item::wait();
        left[1] = end_all(Routine::Deregister, clients::next_registered, &mut outcome.status);
        is_quiet = callbacks::wait();
    }
    if is_quiet {
        // The last callbacks of these clients may have queued some more.
        work_item::wait();
        end_all(Routine::EndRead, |slot| Kind::Context.next_held(slot), &mut outcome.status);
        left[2] = end_all(Routine::DeleteArea, |slot| Kind::Area.next_held(slot), &mut outcome.status);
        left[3] = end_all(Routine::CloseLog, |slot| Kind::Log.next_held(slot), &mut outcome.status);
        clients::forget();
        own::close_gates();
    } else {
        outcome.status = STATUS_IO_TIMEOUT;
    }
    for (place, number) in outcome.numbers.iter_mut().zip(left) {
        *place = number;
    }
    journal::clear();
    outcome
}

/// Ends what `next` finds from a slot on, by this routine; how much that was. The first failure goes to `first`.
fn end_all(routine: Routine, next: impl Fn(u16) -> Option<u16>, first: &mut NTSTATUS) -> u64 {
    let (mut count, mut from) = (0_u64, 0_u16);
    while let Some(slot) = next(from) {
        let mut outcome = Outcome::of_status(STATUS_SUCCESS);
        let call = Call { subject: Subject::Slot(slot), numbers: [0; _], text: "" };
        routines::call(routine, &call, &mut outcome);
        if NT_SUCCESS(*first) && !NT_SUCCESS(outcome.status) {
            *first = outcome.status;
        }
        count = count.saturating_add(1);
        // Also if it could not be ended: each is tried once.
        from = slot.saturating_add(1);
    }
    count
}
