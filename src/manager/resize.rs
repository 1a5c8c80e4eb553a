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
use crate::engine::{CONTAINERS_MAX, Engine, ResizePlan};
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
        match self.decide(&entry, Snapshot::Newest, |state| state.engine.plan_resize(requested))? {
            ResizePlan::Keep => {}
            ResizePlan::Add(count) => resize.add_containers(count).1.map_err(as_resize_failure)?,
            ResizePlan::Remove(count) => resize.remove_containers(count, |_| true).1.map_err(as_resize_failure)?,
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

    /// Performs a growth and reports it. For the thread that drains.
    pub(super) fn grow(&self, entry: &Entry<S>, count: ContainerCount) {
        let mut resize = ResizeGuard::begin(self, entry);
        // Another resize may have come between the decision and now.
        let allowed = self.decide(entry, Snapshot::Newest, |state| state.engine.containers_allowed());
        let (added, result) = resize.add_containers(count.min(allowed));
        let status = result.err().unwrap_or(Status::SUCCESS);
        self.decide(entry, Snapshot::Last, |state| state.engine.handle_growth_finished(added, status));
    }

    /// Performs a shrink and reports it. For the thread that drains.
    pub(super) fn shrink(&self, entry: &Entry<S>, count: ContainerCount) {
        let mut resize = ResizeGuard::begin(self, entry);
        // Another resize may have come between the decision and now.
        self.decide(entry, Snapshot::Newest, |_| ());
        let (removed, result) = resize.remove_containers(count, Engine::is_shrink_wanted);
        let wanted = if result.is_ok() { removed } else { count };
        self.decide(entry, Snapshot::Last, |state| state.engine.handle_shrink_finished(wanted, removed));
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

    fn add_containers(&mut self, count: ContainerCount) -> (ContainerCount, Result<(), Status>) {
        let mut added = ContainerCount(0);
        while added < count {
            let result = self.add_container();
            self.manager.decide(self.entry, Snapshot::Newest, |state| {
                if result.is_ok() {
                    state.statistics.count_grown();
                }
            });
            if result.is_err() {
                return (added, result);
            }
            added = added.saturating_add(ContainerCount(1));
        }
        (added, Ok(()))
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
                return result;
            }
        }
        Err(Status::OBJECT_NAME_COLLISION)
    }

    /// Removes up to `count` containers, as long as each is still wanted when its turn comes.
    fn remove_containers(
        &mut self,
        count: ContainerCount,
        is_wanted: impl Fn(&Engine) -> bool,
    ) -> (ContainerCount, Result<(), Status>) {
        let Self { manager, entry, .. } = self;
        let mut removed = ContainerCount(0);
        while removed < count && manager.decide(entry, Snapshot::Last, |state| is_wanted(&state.engine)) {
            let result = entry.log.remove_container();
            manager.decide(entry, Snapshot::Newest, |state| {
                if result.is_ok() {
                    state.statistics.count_shrunk();
                }
            });
            if result.is_err() {
                return (removed, result);
            }
            removed = removed.saturating_add(ContainerCount(1));
        }
        (removed, Ok(()))
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
