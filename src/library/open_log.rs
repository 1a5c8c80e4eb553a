//! A log under management: what is done with it, and who is notified.

use core::sync::atomic::{AtomicBool, Ordering};

use super::log_file::{LogFile, ManagerOf};
use super::setting::{Lock, Setting, Shared, StorageOf};
use crate::log::storage::Storage;
use crate::log::{Admission, Log, RecordParts, Removal, ReservationAccount};
use crate::manager::LogKey;
use crate::manager::ports::{Guarded, Platform};
use crate::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

/// An open log under management: every change of its space and tails reaches the manager.
pub struct OpenLog<S: Setting> {
    file: LogFile<S>,
    manager: Shared<S, ManagerOf<S>>,
    key: LogKey,
    /// How it was closed, for the handle whose closing closed it.
    outcome: Lock<S, Result<(), Status>>,
    /// The manager has been told that the log is stopped.
    is_told_stopped: AtomicBool,
}

/// What shows whether writing has changed something that the manager must be notified of.
struct SpaceMark {
    end_container: u32,
    /// `None` where no room can become free, which spares the hot path the look.
    spare_containers: Option<ContainerCount>,
}

impl SpaceMark {
    fn of<T: Storage>(log: &Log<T>, may_free: bool) -> Self {
        Self { end_container: log.end_container(), spare_containers: may_free.then(|| log.space().spare_containers) }
    }

    /// Whether another container was begun, or room has become free.
    fn is_passed<T: Storage>(&self, log: &Log<T>) -> bool {
        log.end_container() != self.end_container
            || self.spare_containers.is_some_and(|before| log.space().spare_containers > before)
    }
}

impl<S: Setting> OpenLog<S> {
    /// Puts a log under management. `name` is that of its base log file without the extension.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn new(manager: Shared<S, ManagerOf<S>>, log: Log<StorageOf<S>>, name: &[u16]) -> Result<Self, Status> {
        let file = LogFile::new(log, name)?;
        let key = manager.attach(file.clone())?;
        let outcome = S::Platform::lock(Ok(()));
        Ok(Self { file, manager, key, outcome, is_told_stopped: AtomicBool::new(false) })
    }
}

impl<S: Setting> OpenLog<S> {
    /// The manager, and the key by which it knows this log.
    pub fn management(&self) -> (&ManagerOf<S>, LogKey) {
        (&self.manager, self.key)
    }

    /// Looks at the log, or reads from it. The manager is not notified.
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: the log has been closed.
    pub fn with<R>(&self, action: impl FnOnce(&Log<StorageOf<S>>) -> R) -> Result<R, Status> {
        self.file.with(|log| action(log))
    }

    /// Changes the log and notifies the manager.
    pub(super) fn change<R>(
        &self,
        action: impl FnOnce(&mut Log<StorageOf<S>>) -> Result<R, Status>,
    ) -> Result<R, Status> {
        let outcome = self.work(action)?;
        self.manager.handle_log_changed(self.key);
        outcome
    }

    /// Runs `action` with the log. If the log is stopped then, the requests that wait for its space end, and there are
    /// no more: nothing will change in it.
    fn work<R>(&self, action: impl FnOnce(&mut Log<StorageOf<S>>) -> R) -> Result<R, Status> {
        let (outcome, is_stopped) = self.file.with(|log| (action(log), log.fault().is_some()))?;
        if is_stopped {
            self.tell_stopped();
        }
        Ok(outcome)
    }

    // Rare, and not in the frame of every operation.
    #[inline(never)]
    fn tell_stopped(&self) {
        if !self.is_told_stopped.swap(true, Ordering::AcqRel) {
            self.manager.handle_log_closed(self.key);
        }
    }

    /// Whether a failed write or flush has stopped the log, and it is still open.
    pub(super) fn is_stopped(&self) -> bool {
        self.file.with(|log| log.fault().is_some()).unwrap_or(false)
    }

    /// Appends a data record: [`Log::append`]. The manager is notified only when another container was begun, or
    /// when a reservation that was larger than its record has left room.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append(&self, id: StreamId, parts: &RecordParts<'_>, admission: Admission<'_>) -> Result<Lsn, Status> {
        let may_free = matches!(admission, Admission::Reserved(_));
        self.append_with(may_free, |log| log.append(id, parts, admission))
    }

    /// Writes to the log. The manager is notified only when another container was begun, or when `may_free` and room
    /// has become free: appends need not pay for more.
    pub(super) fn append_with<R>(
        &self,
        may_free: bool,
        action: impl FnOnce(&mut Log<StorageOf<S>>) -> Result<R, Status>,
    ) -> Result<R, Status> {
        let (outcome, has_changed) = self.work(|log| {
            let before = SpaceMark::of(log, may_free);
            let outcome = action(log);
            (outcome, before.is_passed(log))
        })?;
        if has_changed {
            self.manager.handle_log_changed(self.key);
        }
        outcome
    }

    /// Makes the stream's records durable; other threads work on the log while the disk does.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn flush(&self, id: StreamId) -> Result<(), Status> {
        let Some(ticket) = self.append_with(true, |log| log.begin_flush(id))? else {
            return Ok(());
        };
        let outcome = ticket.run();
        self.work(|log| log.finish_flush(&ticket, outcome))?
    }

    /// Makes the stream's records up to and including `lsn` durable, as [`OpenLog::flush`] does; returns the LSN
    /// below which they are.
    ///
    /// # Errors
    /// As [`Log::flush_to_lsn`].
    pub fn flush_to_lsn(&self, id: StreamId, lsn: Lsn) -> Result<Lsn, Status> {
        let is_durable = self.with(|log| {
            if !lsn.is_valid() || lsn > log.last_lsn(id)? {
                return Err(Status::INVALID_PARAMETER);
            }
            Ok(lsn < log.durable_lsn(id)?)
        })??;
        if !is_durable {
            self.flush(id)?;
        }
        self.with(|log| log.durable_lsn(id))?
    }

    /// Reserves room: [`Log::reserve`].
    ///
    /// # Errors
    /// As [`Log::reserve`].
    pub fn reserve(&self, account: &mut ReservationAccount, data_bytes: usize) -> Result<(), Status> {
        self.work(|log| log.reserve(account, data_bytes))?
    }

    /// Gives everything back that the account holds: [`Log::free_account`].
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: the log has been closed.
    pub fn free_account(&self, account: &mut ReservationAccount) -> Result<(), Status> {
        if account.records() == 0 && account.bytes() == 0 {
            return Ok(());
        }
        self.change(|log| {
            log.free_account(account);
            Ok(())
        })
    }

    /// Writes a restart area: [`Log::write_restart_area`].
    ///
    /// # Errors
    /// As [`Log::write_restart_area`].
    pub fn write_restart_area(&self, id: StreamId, data: &[&[u8]], base: Option<Lsn>) -> Result<Lsn, Status> {
        self.change(|log| log.write_restart_area(id, data, base))
    }

    /// Moves a stream's tail: [`Log::advance_base`].
    ///
    /// # Errors
    /// As [`Log::advance_base`].
    pub fn advance_base(&self, id: StreamId, base: Lsn) -> Result<(), Status> {
        self.change(|log| log.advance_base(id, base))
    }

    /// Moves the archive tail: [`Log::set_archive_tail`].
    ///
    /// # Errors
    /// As [`Log::set_archive_tail`].
    pub fn set_archive_tail(&self, tail: Lsn) -> Result<(), Status> {
        self.change(|log| log.set_archive_tail(tail))
    }

    /// Adds a stream: [`Log::create_stream`].
    ///
    /// # Errors
    /// As [`Log::create_stream`].
    pub fn create_stream(&self, name: &[u16]) -> Result<StreamId, Status> {
        self.change(|log| log.create_stream(name))
    }

    /// Removes a stream: [`Log::delete_stream`].
    ///
    /// # Errors
    /// As [`Log::delete_stream`].
    pub fn delete_stream(&self, id: StreamId) -> Result<(), Status> {
        self.change(|log| log.delete_stream(id))
    }

    /// Creates a container and notifies the manager; returns its size. Other threads work on the log meanwhile.
    ///
    /// # Errors
    /// As [`Log::add_container`].
    pub fn add_container(&self, path: &[u16], asked: Option<Bytes>) -> Result<Bytes, Status> {
        self.add_containers(&[path], asked)
    }

    /// Creates several containers, all or none, as [`OpenLog::add_container`]; returns their size.
    ///
    /// # Errors
    /// As [`Log::add_container`], for the first that cannot be added. `INVALID_PARAMETER`: none at all.
    pub fn add_containers(&self, paths: &[&[u16]], asked: Option<Bytes>) -> Result<Bytes, Status> {
        let outcome = self.file.create_containers(paths, asked);
        self.change(|_| outcome)
    }

    /// Removes several containers, all or none: [`Log::remove_containers`].
    ///
    /// # Errors
    /// As [`Log::remove_containers`].
    pub fn remove_containers(&self, paths: &[&[u16]], removal: Removal) -> Result<(), Status> {
        self.change(|log| log.remove_containers(paths, removal))
    }

    /// Removes a container: [`Log::remove_container`].
    ///
    /// # Errors
    /// As [`Log::remove_container`].
    pub fn remove_container(&self, path: &[u16], removal: Removal) -> Result<(), Status> {
        self.change(|log| log.remove_container(path, removal))
    }

    /// Lets go of a stream's records: [`Log::reset_stream`]. What was appended is written out first.
    ///
    /// # Errors
    /// As [`Log::flush`] and [`Log::advance_base`].
    pub fn reset_stream(&self, id: StreamId) -> Result<(), Status> {
        self.flush(id)?;
        self.change(|log| log.reset_stream(id))
    }

    /// Ends the management of the log, writes everything out and closes the log. Clients that are still registered
    /// keep their cookies, but find the log closed: requests that wait end with `LOG_STATE_INVALID`. One that is
    /// dropped instead ends the same way, but for what was not flushed: that is lost, as in a crash.
    ///
    /// # Errors
    /// As [`Log::close`].
    pub fn close(self) -> Result<(), Status> {
        self.shut()
    }

    /// As [`OpenLog::close`], for a shared log: other references find it closed. The second time it does nothing.
    ///
    /// # Errors
    /// As [`Log::close`].
    pub fn shut(&self) -> Result<(), Status> {
        self.end().map_or(Ok(()), Log::close)
    }

    /// As [`OpenLog::shut`], but deletes the log and all its files instead of writing it out.
    ///
    /// # Errors
    /// As [`Log::delete`].
    pub fn shut_and_delete(&self) -> Result<(), Status> {
        self.end().map_or(Ok(()), Log::delete)
    }

    /// How it, or the stream last deleted or reset in it, was closed; asked once.
    pub(super) fn take_outcome(&self) -> Result<(), Status> {
        self.outcome.with(|outcome| core::mem::replace(outcome, Ok(())))
    }

    pub(super) fn note(&self, ended: Result<(), Status>) {
        if ended.is_err() {
            self.outcome.with(|outcome| *outcome = ended);
        }
    }

    /// Takes the log out of management, once.
    fn end(&self) -> Option<Log<StorageOf<S>>> {
        let log = self.file.take()?;
        // The key is this log's own, and it is given back once: with the log.
        let _ = self.manager.release(self.key);
        self.manager.handle_log_closed(self.key);
        Some(log)
    }
}

impl<S: Setting> Drop for OpenLog<S> {
    fn drop(&mut self) {
        drop(self.end());
    }
}
