//! A read context: a position in a stream, and the memory that the record there was read into.
//!
//! Callers get pointers into that memory: it stays as it is until the context is used again or is gone. Threads that
//! use one context at once wait for each other; a context that is ended while another thread reads is only taken from
//! the table, and goes with its last user.

use super::area::Area;
use super::setting::{Lock, Setting, Shared};
use crate::format::record::RecordKind;
use crate::log::{Cursor, Direction, ReadRecord};
use crate::manager::ports::{Guarded, Platform};
use crate::units::{Lsn, Status};

struct Position {
    cursor: Cursor,
    /// The record that was read last; `INVALID` for none. The cursor may be elsewhere after a search that failed.
    here: Lsn,
    /// The restart area that was read last; `INVALID` for none.
    restart: Lsn,
}

impl Position {
    fn record(&self) -> Result<ReadRecord<'_>, Status> {
        self.cursor.here().ok_or(Status::LOG_READ_CONTEXT_INVALID)
    }

    /// The cursor is where it was asked to be.
    fn arrive(&mut self) -> Result<(), Status> {
        let record = self.record()?;
        let (lsn, kind) = (record.lsn, record.kind);
        self.here = lsn;
        if kind == RecordKind::RESTART {
            self.restart = lsn;
        }
        Ok(())
    }
}

/// A read context. It keeps its area.
pub struct Reading<S: Setting> {
    area: Shared<S, Area<S>>,
    direction: Direction,
    position: Lock<S, Position>,
}

impl<S: Setting> Reading<S> {
    /// A context that goes on in `direction`; nothing has been read yet.
    ///
    /// # Errors
    /// * `LOG_BLOCKS_EXHAUSTED`: the area has as many as it may.
    /// * `ACCESS_DENIED`: the handle is not for reading. `LOG_MULTIPLEXED`: it is open on no stream.
    /// * `INVALID_PARAMETER`: the area was deleted.
    pub fn new(area: Shared<S, Area<S>>, direction: Direction) -> Result<Self, Status> {
        area.begin_reading()?;
        let cursor = Cursor::new(area.stream(), direction);
        let position = S::Platform::lock(Position { cursor, here: Lsn::INVALID, restart: Lsn::INVALID });
        Ok(Self { area, direction, position })
    }

    /// Reads the record at `lsn` and hands it to `take`.
    ///
    /// # Errors
    /// As [`crate::log::Log::read`].
    pub fn read<R>(&self, lsn: Lsn, take: impl FnOnce(ReadRecord<'_>) -> R) -> Result<R, Status> {
        self.position.with(|position| {
            self.go(&mut position.cursor, lsn)?;
            position.arrive()?;
            position.record().map(take)
        })
    }

    /// Reads the first record at or behind `lsn`, which need not be a record's, and hands it to `take`.
    ///
    /// # Errors
    /// As [`crate::log::Log::read_from`].
    pub fn read_from<R>(&self, lsn: Lsn, take: impl FnOnce(ReadRecord<'_>) -> R) -> Result<R, Status> {
        self.position.with(|position| {
            self.area.log().with(|log| log.read_from(&mut position.cursor, lsn).map(drop))??;
            position.arrive()?;
            position.record().map(take)
        })
    }

    /// Reads the next record of one of the `wanted` kinds. `user` replaces the first step: where the record there is of
    /// another kind, the search goes on from it.
    ///
    /// # Errors
    /// The record that was read last stays the one from which the next call goes on.
    /// * `END_OF_FILE`: there is none. `LOG_START_OF_LOG`: the chain goes on below the base.
    /// * `INVALID_PARAMETER`: `user` is not below the present record, in a context that follows a chain.
    /// * `LOG_READ_CONTEXT_INVALID`: nothing has been read yet. As [`crate::log::Log::read`].
    pub fn read_next<R>(
        &self,
        wanted: RecordKind,
        user: Option<Lsn>,
        take: impl FnOnce(ReadRecord<'_>) -> R,
    ) -> Result<R, Status> {
        self.position.with(|position| {
            if !position.here.is_valid() {
                return Err(Status::LOG_READ_CONTEXT_INVALID);
            }
            let mut at = position.here;
            match user {
                Some(lsn) if self.direction != Direction::Forward && lsn >= at => {
                    return Err(Status::INVALID_PARAMETER);
                }
                Some(lsn) => self.go(&mut position.cursor, lsn)?,
                None => self.step(&mut position.cursor, at)?,
            }
            while !wanted.intersects(position.record()?.kind) {
                at = position.record()?.lsn;
                self.step(&mut position.cursor, at)?;
            }
            position.arrive()?;
            position.record().map(take)
        })
    }

    /// Reads the stream's newest restart area.
    ///
    /// # Errors
    /// `LOG_NO_RESTART`: there is none. As [`crate::log::Log::read`].
    pub fn read_restart_area<R>(&self, take: impl FnOnce(ReadRecord<'_>) -> R) -> Result<R, Status> {
        self.position.with(|position| {
            let log = self.area.log();
            log.with(|log| log.read_restart_area(&mut position.cursor).map(drop))??;
            position.arrive()?;
            position.record().map(take)
        })
    }

    /// Reads the restart area before the one that was read last.
    ///
    /// # Errors
    /// `LOG_START_OF_LOG`: there is none. `LOG_READ_CONTEXT_INVALID`: no restart area was read. As
    /// [`crate::log::Log::read`].
    pub fn read_previous_restart_area<R>(&self, take: impl FnOnce(ReadRecord<'_>) -> R) -> Result<R, Status> {
        self.position.with(|position| {
            if !position.restart.is_valid() {
                return Err(Status::LOG_READ_CONTEXT_INVALID);
            }
            self.go_unless_there(&mut position.cursor, position.restart)?;
            let log = self.area.log();
            let outcome = log.with(|log| log.read_previous_restart_area(&mut position.cursor).map(drop))?;
            outcome.map_err(|status| match status {
                Status::LOG_NO_RESTART => Status::LOG_START_OF_LOG,
                other => other,
            })?;
            position.arrive()?;
            position.record().map(take)
        })
    }

    fn go(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        self.area.log().with(|log| log.read(cursor, lsn).map(drop))?
    }

    fn go_unless_there(&self, cursor: &mut Cursor, lsn: Lsn) -> Result<(), Status> {
        let is_there = cursor.here().is_some_and(|record| record.lsn == lsn);
        if is_there { Ok(()) } else { self.go(cursor, lsn) }
    }

    /// One step from the record at `at`. The log's lock is held for this one step.
    fn step(&self, cursor: &mut Cursor, at: Lsn) -> Result<(), Status> {
        self.go_unless_there(cursor, at)?;
        let link = cursor.here().and_then(|record| match self.direction {
            Direction::Forward => None,
            Direction::Previous => Some(record.previous),
            Direction::UndoNext => Some(record.undo_next),
        });
        self.area.log().with(|log| {
            let outcome = log.read_next(cursor).map(drop);
            let base = log.stream_information(self.area.stream())?.base;
            match (outcome, link) {
                // The chain goes on, but the log no longer does.
                (Err(Status::END_OF_FILE), Some(link)) if link < at.min(base) => Err(Status::LOG_START_OF_LOG),
                (outcome, _) => outcome,
            }
        })?
    }
}

impl<S: Setting> Drop for Reading<S> {
    fn drop(&mut self) {
        self.area.end_reading();
    }
}
