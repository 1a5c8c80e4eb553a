//! Adding and removing containers: by decision of the engine, or by `SetLogFileSize`.
//!
//! One thread at a time resizes a log; the others wait at the gate, no lock is held. Files are created and deleted with
//! no lock held. What was added or removed before a failure stays.

use alloc::vec::Vec;

use super::cookie::{Cookie, LogKey};
use super::entry::{Entry, Snapshot};
use super::error::LogError;
use super::ports::{Guarded, ManagedLog};
use super::setting::Setting;
use super::table::Manager;
use crate::engine::{CONTAINERS_MAX, ResizePlan};
use crate::units::{ContainerCount, Status};

impl<S: Setting> Manager<S> {
    /// Changes the log to `requested` containers; 0 stands for the minimum, 1,024 and above for the maximum. Returns
    /// the size that it has then: within the policies, so it may be another. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// * No such log. `INVALID_PARAMETER_1`: a size of 1.
    /// * `LOG_POLICY_INVALID`: minimum and maximum contradict each other.
    /// * `COULD_NOT_RESIZE_LOG`: below the minimum, or not enough containers could be removed.
    /// * `LOG_POLICY_CONFLICT`: as large as the maximum and none is installed, or the format's limit is reached.
    /// * What the log reported.
    pub fn set_log_size(&self, log: LogKey, requested: u64) -> Result<ContainerCount, LogError> {
        let entry = self.find(log)?;
        let mut resize = ResizeGuard::begin(self, &entry);
        // Policies may change, and others may add and remove containers meanwhile: each step is planned anew, and there
        // are no more than the first plan has.
        let mut plan = self.decide(&entry, Snapshot::Newest, |state| {
            let plan = state.engine.plan_resize(requested)?;
            state.engine.give_up_growth();
            Ok::<_, Status>(plan)
        })?;
        for _ in 0..plan.steps().0 {
            let result = match plan {
                ResizePlan::Keep => break,
                ResizePlan::Add(_) => resize.add_container(),
                ResizePlan::Remove(_) => resize.remove_container(),
            };
            result.map_err(as_resize_failure)?;
            let next = self.decide(&entry, Snapshot::Newest, |state| state.engine.plan_resize(requested))?;
            if !next.goes_on_with(plan) {
                break;
            }
            plan = next;
        }
        Ok(entry.state.with(|state| state.engine.view().containers))
    }

    /// [`Manager::set_log_size`] on behalf of a client, if one is given. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// As there; the cookie is not null and names no client of this log.
    pub fn set_log_size_as_client(
        &self,
        log: LogKey,
        client: Cookie,
        requested: u64,
    ) -> Result<ContainerCount, LogError> {
        if !client.is_null() && !self.is_client_of(client, log) {
            return Err(LogError::NotAClient);
        }
        self.set_log_size(log, requested)
    }

    /// Adds the container that was handed out, if it is still wanted, and reports it. For the thread that drains.
    pub(super) fn grow(&self, entry: &Entry<S>) {
        let mut resize = ResizeGuard::begin(self, entry);
        // Another resize may have come between the decision and now.
        let is_wanted = self.decide(entry, Snapshot::Newest, |state| state.engine.is_growth_wanted());
        let tried = is_wanted.then(|| resize.add_container());
        self.decide(entry, Snapshot::Newest, |state| state.engine.handle_growth_finished(tried));
    }

    /// Removes the container that was handed out, if that is still wanted, and reports it. For the thread that drains.
    pub(super) fn shrink(&self, entry: &Entry<S>) {
        let mut resize = ResizeGuard::begin(self, entry);
        // Another resize may have come between the decision and now.
        let is_wanted = self.decide(entry, Snapshot::Newest, |state| state.engine.is_shrink_wanted());
        let tried = is_wanted.then(|| resize.remove_container());
        self.decide(entry, Snapshot::Newest, |state| state.engine.handle_shrink_finished(tried));
    }
}

/// Held by the thread that adds or removes a log's containers. Its looks feed the engine, but queue no worker: what
/// they lead to is followed up when the guard is dropped, on the log as it is then.
struct ResizeGuard<'a, S: Setting> {
    manager: &'a Manager<S>,
    entry: &'a Entry<S>,
    /// Room for a container's path.
    path: Vec<u16>,
}

impl<'a, S: Setting> ResizeGuard<'a, S> {
    /// Waits until no other thread resizes.
    fn begin(manager: &'a Manager<S>, entry: &'a Entry<S>) -> Self {
        Self { manager, entry, path: entry.wait_for(|state| state.path.take()) }
    }

    /// Creates one container under the next name that no file has.
    fn add_container(&mut self) -> Result<(), Status> {
        let Self { manager, entry, path } = self;
        // Policies are volatile, files are not: as many numbers may be taken as a log can have containers, and a few.
        let containers = entry.state.with(|state| state.engine.view().containers);
        let tries = CONTAINERS_MAX.saturating_add(containers).0;
        for _ in 0..tries {
            let (name, size) = entry.log.with_log_name(|log_name| {
                manager.decide(entry, Snapshot::Last, |state| {
                    let name = state.engine.write_container_path(log_name, path);
                    (name, state.engine.first_container_size())
                })
            });
            let (length, number) = name?;
            let written = path.get(..length).ok_or(Status::OBJECT_NAME_INVALID)?;
            let result = entry.log.add_container(written, size);
            let is_taken = result == Err(Status::OBJECT_NAME_COLLISION);
            if result.is_ok() || is_taken {
                manager.decide(entry, Snapshot::Last, |state| state.engine.handle_container_number_tried(number));
            }
            if !is_taken {
                if result.is_ok() {
                    entry.state.with(|state| state.statistics.count_grown());
                }
                return result;
            }
        }
        Err(Status::OBJECT_NAME_COLLISION)
    }

    /// Removes one free container.
    fn remove_container(&mut self) -> Result<(), Status> {
        self.entry.log.remove_container()?;
        self.entry.state.with(|state| state.statistics.count_shrunk());
        Ok(())
    }
}

impl<S: Setting> Drop for ResizeGuard<'_, S> {
    fn drop(&mut self) {
        let path = core::mem::take(&mut self.path);
        self.manager.change(self.entry, |state| state.end_resize(path));
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
