//! The log that threads share, and what the manager manages.

use alloc::vec::Vec;

use super::setting::{Lock, Setting, Shared, StorageOf};
use crate::engine::LogView;
use crate::log::Log;
use crate::log::storage::Storage;
use crate::manager::Manager;
use crate::manager::ports::{Guarded, ManagedLog, Platform};
use crate::units::memory::{OutOfMemory, try_copied, try_push, try_with_capacity};
use crate::units::{Bytes, Status, StreamId};

/// The size of containers when none is installed: the log rounds it up to the smallest that it can have.
const CONTAINER_SIZE_DEFAULT: Bytes = Bytes(1);

/// The manager of logs of our own.
pub type ManagerOf<S> = Manager<(<S as Setting>::Platform, LogFile<S>, <S as Setting>::Callbacks)>;

/// A shared reference to an open log; clones are the same log.
pub struct LogFile<S: Setting>(Shared<S, Inner<S>>);

struct Inner<S: Setting> {
    /// `None` once it is closed; a manager may still hold the reference then.
    log: Lock<S, Option<Log<StorageOf<S>>>>,
    /// Used without the lock, to create containers.
    storage: StorageOf<S>,
    name: Vec<u16>,
}

impl<S: Setting> Clone for LogFile<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Setting> LogFile<S> {
    /// Shares a log. `name` is that of its base log file without the extension.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(log: Log<StorageOf<S>>, name: &[u16]) -> Result<Self, OutOfMemory> {
        let storage = log.storage().clone();
        let inner = Inner { log: S::Platform::lock(Some(log)), storage, name: try_copied(name)? };
        Ok(Self(S::Platform::share(inner)?))
    }
}

impl<S: Setting> LogFile<S> {
    /// Runs `action` with exclusive access to the log. It must not call the manager.
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: the log has been closed.
    pub fn with<R>(&self, action: impl FnOnce(&mut Log<StorageOf<S>>) -> R) -> Result<R, Status> {
        self.0.log.with(|log| log.as_mut().map(action)).ok_or(Status::LOG_STATE_INVALID)
    }

    /// Takes the log out; every other reference finds it closed.
    pub(super) fn take(&self) -> Option<Log<StorageOf<S>>> {
        self.0.log.with(Option::take)
    }
}

impl<S: Setting> ManagedLog for LogFile<S> {
    fn observe(&self, view: &mut LogView) {
        // A closed log does not change.
        let _ = self.with(|log| fill(view, log));
    }

    fn add_container(&self, path: &[u16], size: Option<Bytes>) -> Result<(), Status> {
        let is_first = self.with(|log| log.containers().next().is_none())?;
        self.create_container(path, size.or(is_first.then_some(CONTAINER_SIZE_DEFAULT)))?;
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        self.with(Log::remove_free_container)?
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&self.0.name)
    }
}

impl<S: Setting> LogFile<S> {
    /// Creates a container file and joins it to the log; returns its size. The file is written without the log's lock.
    ///
    /// # Errors
    /// As [`Log::add_container`].
    pub(super) fn create_container(&self, path: &[u16], asked: Option<Bytes>) -> Result<Bytes, Status> {
        self.create_containers(&[path], asked)
    }

    /// Creates several container files and joins them, all or none; returns their size. The files are written without
    /// the log's lock.
    ///
    /// # Errors
    /// As [`Log::add_container`], for the first that cannot be added. `INVALID_PARAMETER`: none at all.
    pub(super) fn create_containers(&self, paths: &[&[u16]], asked: Option<Bytes>) -> Result<Bytes, Status> {
        let size = self.with(|log| {
            if paths.iter().any(|path| log.has_container(path)) {
                return Err(Status::OBJECT_NAME_COLLISION);
            }
            log.next_container_size(asked, paths.len())
        })??;
        let mut files = try_with_capacity(paths.len())?;
        let made = paths.iter().try_for_each(|path| {
            let file = self.0.storage.create_container(path, size)?;
            // There is room, so this does not fail.
            Ok(try_push(&mut files, file)?)
        });
        let created = files.len();
        let (joined, is_stopped) = match made {
            Ok(()) => self.join_containers(paths, files, size),
            Err(status) => {
                drop(files);
                (Err(status), false)
            }
        };
        if joined.is_err() && !is_stopped {
            // The files are no part of the log; the reason for the failure matters more than that one may stay. Once
            // the log was stopped, the metadata on disk may name them: a log without them could not be opened again.
            for path in paths.iter().take(created) {
                let _ = self.0.storage.delete_container(path);
            }
        }
        joined.map(|()| size)
    }

    /// Joins files to the log; returns whether the log is stopped now, too.
    fn join_containers(
        &self,
        paths: &[&[u16]],
        files: Vec<<StorageOf<S> as Storage>::File>,
        size: Bytes,
    ) -> (Result<(), Status>, bool) {
        self.with(|log| {
            let joined = log.join_containers(paths, files, size);
            (joined, log.fault().is_some())
        })
        .unwrap_or_else(|status| (Err(status), false))
    }
}

fn fill<T: Storage>(view: &mut LogView, log: &Log<T>) {
    let space = log.space();
    view.version = log.version();
    view.containers = space.total_containers;
    view.free_containers = space.free_containers;
    view.spare_containers = space.spare_containers;
    view.container_size = space.container_size;
    view.first_container = space.first_container;
    view.last_container = space.last_container;
    view.archive_tail = log.archive_tail();
    view.reserved = space.total_reservation;
    for id in 0..=StreamId::MAX.0 {
        view.set_tail(StreamId(id), None);
    }
    for (stream, tail) in log.tails() {
        view.set_tail(stream, Some(tail));
    }
}
