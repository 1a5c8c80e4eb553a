//! The workload at its own time: transactions as actors, and the log they share.
//!
//! One thread walks through the agenda; the manager's workers are real threads. After everything that may have given
//! them work the simulation waits until they are idle and reads the notice board, so that a run is repeatable; only
//! growth and shrinking ahead of need go on beside it.

use clfsmgmt::host::{HostLog, LogHost, ManualClock};
use clfsmgmt::log::{Log, ReservationAccount};
use clfsmgmt::units::{Lsn, Status, Time};

use super::agenda::{Agenda, Moment, Task};
use super::arguments::Settings;
use super::client::{Callbacks, Client, NoticeBoard};
use super::ledger::Ledger;
use super::recorder::Recorder;
use super::workload::Workload;
use crate::failure::Failure;

/// How a transaction stands.
#[derive(Debug)]
pub(super) struct Actor {
    /// Its next event in the trace; `None` when it has written all of them.
    pub(super) next: Option<usize>,
    pub(super) written: u32,
    pub(super) last: Lsn,
    /// Its first record, `INVALID` before.
    pub(super) first: Lsn,
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

impl Simulation<'_> {
    /// Runs the workload to its end.
    ///
    /// # Errors
    /// The log reports something that no space can mend.
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        let mut arrivals = 0;
        loop {
            self.read_notices()?;
            let arrival = self.arrival(arrivals);
            let due = self.agenda.next_due();
            if let Some((time_us, _)) = arrival.filter(|arrival| due.is_none_or(|due| *arrival <= due)) {
                self.set_time(time_us);
                self.arrive(arrivals)?;
                arrivals += 1;
            } else if let Some(((due_us, _), task)) = self.agenda.take() {
                self.set_time(due_us);
                self.perform(task)?;
            } else if !self.clients.iter().any(Client::is_stopped) {
                return Ok(());
            } else {
                self.end_stand_still()?;
            }
        }
    }

    /// When a transaction begins, by the trace.
    pub(super) fn arrival(&self, transaction: usize) -> Option<Moment> {
        let first = self.workload.first_event(transaction)?;
        Some((self.workload.event(first)?.time_us, first))
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
        if let Some((time_us, first)) = self.arrival(transaction).filter(|_| behind_us > 0) {
            self.agenda.enter((time_us.saturating_add(behind_us), first), Task::Step { transaction });
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

    pub(super) fn stream_of(&self, transaction: usize) -> usize {
        self.workload.transactions.get(transaction).map_or(0, |one| usize::from(one.stream))
    }

    /// Looks at the space when the log has come to another container, or begun to write it.
    pub(super) fn note_head(&mut self) -> Result<(), Failure> {
        let end = self.log.with(Log::end).map_err(|status| self.failure(status))?;
        if self.recorder.has_come_further(end) { self.note_space() } else { Ok(()) }
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

    /// Nothing is due, but writers wait: whoever can move its tail does. Else transactions hold the tails that have no
    /// further records in the trace; their sessions have ended with it, so they are rolled back.
    fn end_stand_still(&mut self) -> Result<(), Failure> {
        self.settle()?;
        for stream in 0..self.clients.len() {
            self.begin_worthwhile_checkpoint(stream)?;
        }
        if self.agenda.next_due().is_some() {
            return Ok(());
        }
        let holder = self.clients.iter().filter_map(Client::holder).min();
        let Some((_, transaction)) = holder else {
            let what = "the log is too small: writers wait for space, and nobody holds any that could be freed";
            return Err(Failure::new("--max-containers", what, "give more containers, or larger ones"));
        };
        self.roll_back(transaction)?;
        self.settle()?;
        self.relieve_pinned_log()
    }
}
