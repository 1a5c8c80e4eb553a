//! The workload at its own time: transactions as actors, and the log they share.
//!
//! One thread walks through the agenda; the manager's workers are real threads. After everything that may have given
//! them work the simulation waits until they are idle and reads the notice board, so that a run is repeatable; only
//! growth and shrinking ahead of need go on beside it.

use std::prelude::rust_2024::*;

use super::agenda::{Agenda, Task};
use super::arguments::{Durability, Settings};
use super::client::{Callbacks, Client, NoticeBoard};
use super::ledger::Ledger;
use super::payload;
use super::recorder::Recorder;
use super::workload::{ABORT_BYTES, Workload};
use crate::cli::failure::Failure;
use crate::cli::trace::{Event, Kind};
use crate::host::{HostLog, LogHost, ManualClock};
use crate::log::{Admission, RecordParts, ReservationAccount};
use crate::units::{Lsn, Status, Time};

/// How a transaction stands.
#[derive(Debug)]
pub(super) struct Actor {
    /// Its next event in the trace; `None` when it has written all of them.
    pub(super) next: Option<usize>,
    pub(super) written: u32,
    pub(super) last: Lsn,
    first: Lsn,
    pub(super) account: ReservationAccount,
    pub(super) is_waiting: bool,
}

/// What was written, for the comparison with bare files: record sizes, and flushes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    Record(u32),
    Flush,
}

/// The parts that the simulation works with.
pub(super) struct Simulation<'a> {
    pub(super) settings: &'a Settings,
    pub(super) workload: &'a Workload<'a>,
    pub(super) host: &'a LogHost<Callbacks>,
    pub(super) log: &'a HostLog<Callbacks>,
    pub(super) clock: &'a ManualClock,
    pub(super) board: NoticeBoard,
    pub(super) clients: Vec<Client>,
    /// By transaction; `None` before its first and after its last record.
    pub(super) actors: Vec<Option<Actor>>,
    pub(super) agenda: Agenda,
    pub(super) now_us: u64,
    pub(super) ledger: Ledger,
    pub(super) recorder: Recorder,
    pub(super) written: Vec<Written>,
    pub(super) payload: Vec<u8>,
    pub(super) progress: &'a indicatif::ProgressBar,
}

/// How a step of a transaction ended.
enum StepEnd {
    Written(Lsn),
    LogFull,
}

impl Simulation<'_> {
    /// Runs the workload to its end.
    ///
    /// # Errors
    /// The log reports something that no space can mend.
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        let mut arrivals = 0;
        loop {
            self.read_notices()?;
            let arrival = self.workload.first_event(arrivals).and_then(|first| self.workload.event(first));
            let arrival_us = arrival.map(|event| event.time_us);
            let due_us = self.agenda.next_due();
            let comes_first = arrival_us.is_some_and(|arrival| due_us.is_none_or(|due| arrival <= due));
            if let Some(time_us) = arrival_us.filter(|_| comes_first) {
                self.set_time(time_us);
                self.arrive(arrivals)?;
                arrivals += 1;
            } else if let Some((due_us, task)) = self.agenda.take() {
                self.set_time(due_us);
                self.perform(task)?;
            } else if !self.clients.iter().any(Client::is_stopped) {
                return Ok(());
            } else {
                self.end_stand_still()?;
            }
        }
    }

    /// A transaction that has waited goes on later than the trace says; time never goes back.
    fn set_time(&mut self, time_us: u64) {
        self.now_us = self.now_us.max(time_us);
        self.clock.set(Time(self.now_us.saturating_mul(10)));
    }

    fn arrive(&mut self, transaction: usize) -> Result<(), Failure> {
        let actor = Actor {
            next: self.workload.first_event(transaction),
            written: 0,
            last: Lsn::INVALID,
            first: Lsn::INVALID,
            account: ReservationAccount::default(),
            is_waiting: false,
        };
        if let Some(place) = self.actors.get_mut(transaction) {
            *place = Some(actor);
        }
        let behind_us = self.clients.get(self.stream_of(transaction)).map_or(0, |client| client.behind_us);
        if behind_us > 0 {
            self.agenda.enter(self.now_us + behind_us, Task::Step { transaction });
            return Ok(());
        }
        self.step(transaction)
    }

    fn perform(&mut self, task: Task) -> Result<(), Failure> {
        match task {
            Task::Step { transaction } => self.step(transaction),
            Task::CheckpointDone { stream } => self.finish_checkpoint(stream),
        }
    }

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
            StepEnd::Written(lsn) => self.go_on(transaction, actor, index, lsn),
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
            Ok(lsn) => {
                self.recorder.counts.records_appended += 1;
                Ok(StepEnd::Written(lsn))
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

    fn go_on(&mut self, transaction: usize, mut actor: Actor, index: usize, lsn: Lsn) -> Result<(), Failure> {
        self.progress.inc(1);
        self.note_head(lsn)?;
        let event = self.workload.event(index);
        let kind = event.map_or(Kind::Data, |event| event.kind);
        actor.next = self.workload.next_event(index);
        let next_us = actor.next.and_then(|next| self.workload.event(next)).map(|event| event.time_us);
        let is_alone = self.workload.transactions.get(transaction).is_none_or(|one| one.number == 0);
        if matches!(kind, Kind::Commit | Kind::Abort) || is_alone {
            self.end_transaction(transaction, actor, !is_alone)?;
        } else if let Some((next_us, event)) = next_us.zip(event) {
            let gap = next_us.saturating_sub(event.time_us);
            self.put_back(transaction, actor);
            self.agenda.enter(self.now_us + gap, Task::Step { transaction });
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
        let mut owes_advance = false;
        if let Some(client) = self.clients.get_mut(stream) {
            client.open.remove(&(actor.first, transaction));
            owes_advance = client.owes_advance;
        }
        if owes_advance { self.begin_checkpoint(stream) } else { Ok(()) }
    }

    fn flush(&mut self, stream: usize) -> Result<(), Failure> {
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
        let lsn = self.append(transaction, &mut actor, ABORT_BYTES, true);
        let lsn = lsn.map_err(|status| self.failure(status))?;
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
        self.note_head(lsn)?;
        self.end_transaction(transaction, actor, true)
    }

    pub(super) fn stream_of(&self, transaction: usize) -> usize {
        self.workload.transactions.get(transaction).map_or(0, |one| usize::from(one.stream))
    }

    /// Looks at the space when a record has begun another container.
    fn note_head(&mut self, lsn: Lsn) -> Result<(), Failure> {
        let known = self.recorder.history.samples.last().map(|sample| sample.head);
        let head = u64::from(lsn.container()) * self.settings.container_size.0;
        if known.is_none_or(|known| known < head) { self.note_space() } else { Ok(()) }
    }

    pub(super) fn note_space(&mut self) -> Result<(), Failure> {
        let seen = self.log.with(|log| (log.space(), log.end()));
        let (space, end) = seen.map_err(|status| self.failure(status))?;
        self.recorder.note_space(self.now_us, &space, end);
        Ok(())
    }

    pub(super) fn failure(&self, status: Status) -> Failure {
        let storage = self.log.with(|log| (log.storage().base_path().to_owned(), log.storage().last_failure()));
        let (path, system) = storage.unwrap_or_default();
        Failure::of_status(path.display(), status, system)
    }

    /// Nothing is due, but writers wait: the transactions that hold the tails have no further records in the trace.
    /// Their sessions have ended with it, so they are rolled back.
    fn end_stand_still(&mut self) -> Result<(), Failure> {
        self.settle()?;
        if self.agenda.next_due().is_some() {
            return Ok(());
        }
        let holder = self.clients.iter().filter_map(Client::holder).min();
        let Some((_, transaction)) = holder else {
            let what = "transactions wait for space and nothing holds it";
            return Err(Failure::new("replay", what, "this is a bug, please report it with the trace"));
        };
        self.roll_back(transaction)?;
        self.settle()
    }
}
