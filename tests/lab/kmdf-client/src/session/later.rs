//! What a client does after a callback has begun, in a work item.

use clfs_client_interface::{EventKind, Place, Reaction};
use wdk_sys::{NTSTATUS, STATUS_INSUFFICIENT_RESOURCES};

use super::lock::Lock;
use super::shared::Shared;
use super::{execution, journal};
use crate::work_item;

/// Reactions that wait for their work item, at most: as many as there are work items.
const WAITING: usize = 64;

static JOBS: Lock<[Option<Job>; WAITING]> = Lock::new([const { None }; WAITING]);

struct Job {
    reaction: Shared<Reaction>,
    target: Option<u64>,
}

/// Has the reaction's later actions done in a work item. If that cannot be, the first of them is journalled as called and returned
/// with why. IRQL <= `APC_LEVEL`.
pub(super) fn enqueue(reaction: Shared<Reaction>, target: Option<u64>) {
    if let Err((reaction, status)) = try_enqueue(reaction, target) {
        let first = reaction.actions().find(|action| action.place == Place::Later);
        if let Some(routine) = first.map(|action| action.operation.routine) {
            journal::record(journal::event(EventKind::Calls(routine), reaction.client, 0));
            journal::record(journal::event(EventKind::Returned(routine), reaction.client, status));
        }
    }
}

fn try_enqueue(reaction: Shared<Reaction>, target: Option<u64>) -> Result<(), (Shared<Reaction>, NTSTATUS)> {
    let place = {
        let mut jobs = JOBS.lock();
        let free = jobs.iter_mut().enumerate().find(|(_, job)| job.is_none());
        free.map(|(place, job)| {
            *job = Some(Job { reaction: reaction.clone(), target });
            place
        })
    };
    let Some(place) = place else {
        return Err((reaction, STATUS_INSUFFICIENT_RESOURCES));
    };
    work_item::enqueue(run, place).map_err(|status| {
        drop(take(place));
        (reaction, status)
    })
}

fn take(place: usize) -> Option<Job> {
    JOBS.lock().get_mut(place).and_then(Option::take)
}

/// The work item's routine.
fn run(place: usize) {
    let Some(job) = take(place) else { return };
    for action in job.reaction.actions().filter(|action| action.place == Place::Later) {
        execution::execute(&action.operation, job.target);
    }
}
