//! Adding and removing containers: by decision of the engine, or by `SetLogFileSize`.
//!
//! One thread at a time resizes a log; the others wait at the gate, no lock is held. Files are created and deleted with
//! no lock held. What was added or removed before a failure stays.

use alloc::vec::Vec;

use super::cookie::{Cookie, LogKey};
use super::entry::Entry;
use super::ports::{Guarded, ManagedLog};
use super::setting::Setting;
use super::table::Manager;
use crate::engine::{CONTAINERS_MAX, Engine, ResizePlan};
use crate::units::{ContainerCount, Status};

impl<S: Setting> Manager<S> {
    /// Changes the log to `requested` containers; 0 stands for the minimum, 1,024 and above for the maximum. Answers
    /// the size that it has then: within the policies, so it may be another. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// * `INVALID_PARAMETER_1`: no such log, or a size of 1.
    /// * `LOG_POLICY_INVALID`: minimum and maximum contradict each other.
    /// * `COULD_NOT_RESIZE_LOG`: below the minimum, or not enough containers could be removed.
    /// * `LOG_POLICY_CONFLICT`: as large as the maximum and none is installed, or the format's limit is reached.
    /// * What the log reported.
    pub fn set_log_size(&self, log: LogKey, requested: u64) -> Result<ContainerCount, Status> {
        let entry = self.find(log)?;
        let mut path = entry.enter_resize();
        self.observe(&entry);
        let plan = self.decide(&entry, |state| state.engine.plan_resize(requested));
        let result = match plan {
            Ok(ResizePlan::Keep) => Ok(()),
            Ok(ResizePlan::Add(count)) => self.add_containers(&entry, count, &mut path).1.map_err(as_resize_failure),
            Ok(ResizePlan::Remove(count)) => {
                self.remove_containers(&entry, count, |_| true).1.map_err(as_resize_failure)
            }
            Err(status) => Err(status),
        };
        let size = entry.leave_resize(path);
        self.queue_if_needed(&entry);
        self.remove_if_unused(&entry);
        result.map(|()| size)
    }

    /// [`Manager::set_log_size`] on behalf of a client, if one is given. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// As there; `INVALID_PARAMETER` when the cookie is not null and names no client of this log.
    pub fn set_log_size_as_client(
        &self,
        log: LogKey,
        client: Cookie,
        requested: u64,
    ) -> Result<ContainerCount, Status> {
        if !client.is_null() && !self.is_client_of(client, log) {
            return Err(Status::INVALID_PARAMETER);
        }
        self.set_log_size(log, requested)
    }

    /// Performs a growth and reports it.
    pub(super) fn grow(&self, entry: &Entry<S>, count: ContainerCount) {
        let mut path = entry.enter_resize();
        // Another resize may have come between the decision and now.
        self.observe(entry);
        let allowed = self.decide(entry, |state| state.engine.containers_allowed());
        let (added, result) = self.add_containers(entry, count.min(allowed), &mut path);
        entry.leave_resize(path);
        let status = result.err().unwrap_or(Status::SUCCESS);
        self.decide(entry, |state| {
            state.engine.handle_growth_finished(added, status);
        });
    }

    /// Performs a shrink and reports it.
    pub(super) fn shrink(&self, entry: &Entry<S>, count: ContainerCount) {
        let path = entry.enter_resize();
        // Another resize may have come between the decision and now.
        self.observe(entry);
        let (removed, result) = self.remove_containers(entry, count, Engine::is_shrink_wanted);
        entry.leave_resize(path);
        let wanted = if result.is_ok() { removed } else { count };
        self.decide(entry, |state| {
            state.engine.handle_shrink_finished(wanted, removed);
        });
    }

    fn add_containers(
        &self,
        entry: &Entry<S>,
        count: ContainerCount,
        path: &mut [u16],
    ) -> (ContainerCount, Result<(), Status>) {
        let mut added = ContainerCount(0);
        while added < count {
            let result = self.add_container(entry, path);
            self.observe(entry);
            if let Err(status) = result {
                return (added, Err(status));
            }
            self.decide(entry, |state| state.statistics.count_grown());
            added = added.saturating_add(ContainerCount(1));
        }
        (added, Ok(()))
    }

    /// Creates one container under the next name that no file has.
    fn add_container(&self, entry: &Entry<S>, path: &mut [u16]) -> Result<(), Status> {
        // Policies are volatile, files are not: as many numbers may be taken as a log can have containers, and a few.
        let containers = entry.state.with(|state| state.engine.view().containers);
        let tries = CONTAINERS_MAX.saturating_add(containers).0;
        for _ in 0..tries {
            let (name, size) = entry.log.with_log_name(|log_name| {
                self.decide(entry, |state| {
                    let name = state.engine.write_container_path(log_name, path);
                    (name, state.engine.first_container_size())
                })
            });
            let (length, number) = name?;
            let written = path.get(..length).ok_or(Status::OBJECT_NAME_INVALID)?;
            let result = entry.log.add_container(written, size);
            let is_taken = result == Err(Status::OBJECT_NAME_COLLISION);
            if result.is_ok() || is_taken {
                self.decide(entry, |state| {
                    state.engine.handle_container_number_tried(number);
                });
            }
            if !is_taken {
                return result;
            }
        }
        Err(Status::OBJECT_NAME_COLLISION)
    }

    /// Removes up to `count` containers, as long as each is still wanted when its turn comes.
    fn remove_containers(
        &self,
        entry: &Entry<S>,
        count: ContainerCount,
        is_wanted: impl Fn(&Engine) -> bool,
    ) -> (ContainerCount, Result<(), Status>) {
        let mut removed = ContainerCount(0);
        while removed < count && self.decide(entry, |state| is_wanted(&state.engine)) {
            let result = entry.log.remove_container();
            self.observe(entry);
            if let Err(status) = result {
                return (removed, Err(status));
            }
            self.decide(entry, |state| state.statistics.count_shrunk());
            removed = removed.saturating_add(ContainerCount(1));
        }
        (removed, Ok(()))
    }
}

impl<S: Setting> Entry<S> {
    /// Waits until nobody else resizes; answers the room for paths, to be given back.
    fn enter_resize(&self) -> Vec<u16> {
        self.wait_until(|state| {
            let enters = !state.is_resizing;
            state.is_resizing = true;
            enters
        });
        self.state.with(|state| core::mem::take(&mut state.path))
    }

    /// Answers the size that the log has now.
    fn leave_resize(&self, path: Vec<u16>) -> ContainerCount {
        let size = self.state.with(|state| {
            state.path = path;
            state.is_resizing = false;
            state.engine.view().containers
        });
        self.wake_waiters();
        size
    }
}

/// The documented status of a resize that the log could not do in full.
fn as_resize_failure(status: Status) -> Status {
    match status {
        Status::LOG_CONTAINER_LIMIT_EXCEEDED => Status::LOG_POLICY_CONFLICT,
        Status::LOG_CANT_DELETE => Status::COULD_NOT_RESIZE_LOG,
        other => other,
    }
}
