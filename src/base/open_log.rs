//! An open handle to a managed log.

use super::LogFile;
use crate::log::storage::Storage;
use crate::log::{Admission, Log, RecordParts, ReservationAccount};
use crate::manager::ports::{ClientCallbacks, Platform};
use crate::manager::{LogKey, Manager};
use crate::units::{Lsn, Status, StreamId};

/// An open log under management: every change of its space and tails reaches the manager.
pub struct OpenLog<P: Platform, S: Storage, C: ClientCallbacks> {
    file: LogFile<P, S>,
    manager: P::Shared<Manager<P, LogFile<P, S>, C>>,
    key: LogKey,
}

impl<P: Platform, S: Storage + Clone, C: ClientCallbacks> OpenLog<P, S, C> {
    /// Puts a log under management. `name` is that of its base log file without the extension.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub fn new(manager: P::Shared<Manager<P, LogFile<P, S>, C>>, log: Log<S>, name: &[u16]) -> Result<Self, Status> {
        let file = LogFile::new(log, name)?;
        let key = manager.attach(file.clone())?;
        Ok(Self { file, manager, key })
    }
}

impl<P: Platform, S: Storage, C: ClientCallbacks> OpenLog<P, S, C> {
    /// The manager, and the key by which it knows this log.
    pub fn management(&self) -> (&Manager<P, LogFile<P, S>, C>, LogKey) {
        (&self.manager, self.key)
    }

    /// Looks at the log, or reads from it. What `action` changes the manager does not hear of.
    ///
    /// # Errors
    /// `LOG_STATE_INVALID`: the log has been closed.
    pub fn with<R>(&self, action: impl FnOnce(&Log<S>) -> R) -> Result<R, Status> {
        self.file.with(|log| action(log))
    }

    /// Changes the log and tells the manager.
    fn change<R>(&self, action: impl FnOnce(&mut Log<S>) -> Result<R, Status>) -> Result<R, Status> {
        let outcome = self.file.with(action)?;
        self.manager.handle_log_changed(self.key);
        outcome
    }

    /// Appends a data record: [`Log::append`]. The manager hears of it only when another container was begun.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append(&self, id: StreamId, parts: &RecordParts<'_>, admission: Admission<'_>) -> Result<Lsn, Status> {
        let (outcome, has_moved_on) = self.file.with(|log| {
            let before = log.end_container();
            let outcome = log.append(id, parts, admission);
            (outcome, log.end_container() != before)
        })?;
        if has_moved_on {
            self.manager.handle_log_changed(self.key);
        }
        outcome
    }

    /// Makes the stream's records durable; other threads work on the log while the disk does.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn flush(&self, id: StreamId) -> Result<(), Status> {
        let (ticket, has_moved_on) = self.file.with(|log| {
            let before = log.end_container();
            (log.begin_flush(id), log.end_container() != before)
        })?;
        if has_moved_on {
            self.manager.handle_log_changed(self.key);
        }
        let Some(ticket) = ticket? else {
            return Ok(());
        };
        let outcome = ticket.run();
        self.file.with(|log| log.finish_flush(&ticket, outcome))?
    }

    /// Reserves room: [`Log::reserve`].
    ///
    /// # Errors
    /// As [`Log::reserve`].
    pub fn reserve(&self, account: &mut ReservationAccount, data_bytes: usize) -> Result<(), Status> {
        self.file.with(|log| log.reserve(account, data_bytes))?
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

    /// Ends the management of this handle, writes everything out and closes the log. Clients that are still registered
    /// keep their cookies, but find the log closed.
    ///
    /// # Errors
    /// As [`Log::close`].
    pub fn close(self) -> Result<(), Status> {
        self.manager.release(self.key)?;
        self.file.take().map_or(Ok(()), Log::close)
    }
}
