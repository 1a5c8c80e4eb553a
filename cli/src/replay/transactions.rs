//! The transactions of the simulation: what a step writes, how a transaction ends or is rolled back.

use clfsmgmt::log::{Admission, RecordParts};
use clfsmgmt::units::{Lsn, Status};

use super::agenda::Task;
use super::arguments::Durability;
use super::payload;
use super::simulation::{Actor, Simulation, Written};
use super::workload::ABORT_BYTES;
use crate::failure::Failure;
use crate::trace::{Event, Kind};

/// How a step of a transaction ended.
enum StepEnd {
    Written,
    LogFull,
}

impl Simulation<'_> {
    /// Writes the transaction's next record, or lets it wait for space.
    pub(super) fn step(&mut self, transaction: usize) -> Result<(), Failure> {
        if self.joins_backlog(transaction) {
            return Ok(());
        }
        let Some(mut actor) = self.actors.get_mut(transaction).and_then(Option::take) else {
            return Ok(());
        };
        let Some(index) = actor.next else {
            return Ok(());
        };
        actor.is_waiting = false;
        let Some(event) = self.workload.event(index) else {
            return Ok(());
        };
        match self.write(transaction, &mut actor, event)? {
            StepEnd::Written => self.go_on(transaction, actor, index),
            StepEnd::LogFull => {
                let has_begun = actor.written > 0;
                actor.is_waiting = has_begun;
                self.put_back(transaction, actor);
                self.wait_for_space(transaction, has_begun)
            }
        }
    }

    /// A stream whose writers are stopped lets no transaction begin: it would only be one more that holds the tail.
    fn joins_backlog(&mut self, transaction: usize) -> bool {
        let has_begun = self.actors.get(transaction).and_then(Option::as_ref).is_none_or(|actor| actor.written > 0);
        let stream = self.stream_of(transaction);
        let client = self.clients.get_mut(stream).filter(|client| !has_begun && client.is_stopped());
        let Some(client) = client else {
            return false;
        };
        client.backlog.push_back(transaction);
        true
    }

    pub(super) fn put_back(&mut self, transaction: usize, actor: Actor) {
        if let Some(place) = self.actors.get_mut(transaction) {
            *place = Some(actor);
        }
    }

    fn write(&mut self, transaction: usize, actor: &mut Actor, event: &Event) -> Result<StepEnd, Failure> {
        let reserved = self.workload.transactions.get(transaction).map_or(0, |one| one.reserved_bytes);
        if actor.written == 0 && actor.account.records() == 0 && reserved > 0 {
            match self.log.reserve(&mut actor.account, usize::try_from(reserved).unwrap_or(usize::MAX)) {
                Ok(()) => {}
                Err(Status::LOG_FULL) => return Ok(StepEnd::LogFull),
                Err(status) => return Err(self.failure(status)),
            }
        }
        let ends = matches!(event.kind, Kind::Commit | Kind::Abort) && actor.account.records() > 0;
        match self.append(transaction, actor, event.bytes, ends) {
            Ok(_) => {
                self.recorder.counts.records_appended += 1;
                Ok(StepEnd::Written)
            }
            Err(Status::LOG_FULL) => Ok(StepEnd::LogFull),
            Err(status) => Err(self.failure(status)),
        }
    }

    /// Appends one record of a transaction and notes it.
    fn append(
        &mut self,
        transaction: usize,
        actor: &mut Actor,
        bytes: u32,
        uses_reservation: bool,
    ) -> Result<Lsn, Status> {
        let stream = self.stream_of(transaction);
        let id = self.clients.get(stream).ok_or(Status::INVALID_PARAMETER)?.id;
        payload::fill(&mut self.payload, self.ledger.next_number(), usize::try_from(bytes).unwrap_or(usize::MAX));
        let parts = RecordParts { data: &[&self.payload], undo_next: actor.last, previous: actor.last };
        let admission = if uses_reservation { Admission::Reserved(&mut actor.account) } else { Admission::Free };
        let lsn = self.log.append(id, &parts, admission)?;
        let length = self.payload.len() as u64;
        self.ledger.note(stream, lsn, actor.last, length, false);
        self.recorder.counts.bytes_appended += length;
        self.written.push(Written::Record(u32::try_from(length).unwrap_or(u32::MAX)));
        if actor.written == 0 {
            actor.first = lsn;
            if let Some(client) = self.clients.get_mut(stream) {
                client.open.insert((lsn, transaction));
            }
        }
        actor.written += 1;
        actor.last = lsn;
        Ok(lsn)
    }

    fn go_on(&mut self, transaction: usize, mut actor: Actor, index: usize) -> Result<(), Failure> {
        self.progress.inc(1);
        self.note_head()?;
        let event = self.workload.event(index);
        let kind = event.map_or(Kind::Data, |event| event.kind);
        actor.next = self.workload.next_event(index);
        let next_us = actor.next.and_then(|next| self.workload.event(next)).map(|event| event.time_us);
        let is_alone = self.workload.transactions.get(transaction).is_none_or(|one| one.number == 0);
        if matches!(kind, Kind::Commit | Kind::Abort) || is_alone {
            self.end_transaction(transaction, actor, !is_alone)?;
        } else if let Some(((next, next_us), event)) = actor.next.zip(next_us).zip(event) {
            let gap = next_us.saturating_sub(event.time_us);
            self.put_back(transaction, actor);
            self.agenda.enter((self.now_us.saturating_add(gap), next), Task::Step { transaction });
        } else {
            // The trace ends before the transaction does: it stays open, as it was in the database.
            self.put_back(transaction, actor);
        }
        if kind == Kind::Checkpoint {
            for stream in 0..self.clients.len() {
                self.begin_checkpoint(stream)?;
            }
        }
        Ok(())
    }

    fn end_transaction(&mut self, transaction: usize, mut actor: Actor, is_flushed: bool) -> Result<(), Failure> {
        let stream = self.stream_of(transaction);
        if is_flushed && self.settings.durability == Durability::Commit {
            self.flush(stream)?;
        }
        self.log.free_account(&mut actor.account).map_err(|status| self.failure(status))?;
        let Some(client) = self.clients.get_mut(stream) else {
            return Ok(());
        };
        client.open.remove(&(actor.first, transaction));
        if client.owed.is_some() { self.begin_worthwhile_checkpoint(stream) } else { Ok(()) }
    }

    pub(super) fn flush(&mut self, stream: usize) -> Result<(), Failure> {
        if let Some(client) = self.clients.get(stream) {
            self.log.flush(client.id).map_err(|status| self.failure(status))?;
            self.written.push(Written::Flush);
        }
        Ok(())
    }

    /// Rolls a transaction back, with the room that it reserved for this, and skips the rest of its records.
    pub(super) fn roll_back(&mut self, transaction: usize) -> Result<(), Failure> {
        let Some(mut actor) = self.actors.get_mut(transaction).and_then(Option::take) else {
            return Ok(());
        };
        self.append(transaction, &mut actor, ABORT_BYTES, true).map_err(|status| self.failure(status))?;
        let events = self.workload.transactions.get(transaction).map_or(0, |one| one.events);
        // The abort record is not one of the trace.
        let skipped = u64::from((events + 1).saturating_sub(actor.written));
        self.recorder.counts.records_skipped += skipped;
        self.recorder.counts.abort_records += 1;
        self.recorder.counts.transactions_aborted += 1;
        self.progress.inc(skipped);
        let stream = self.stream_of(transaction);
        if let Some(client) = self.clients.get_mut(stream) {
            client.waiting.retain(|waiting| *waiting != transaction);
        }
        self.note_head()?;
        self.end_transaction(transaction, actor, true)
    }
}
