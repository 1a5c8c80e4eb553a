//! The space side of the simulation: full logs, asks, checkpoints, and who pins.

use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Lsn, Status, StreamId, Time};

use super::agenda::Task;
use super::arguments::Durability;
use super::client::{Checkpoint, Client, Notice, Request};
use super::payload;
use super::simulation::{Simulation, Written};
use crate::failure::Failure;
use crate::history::MarkKind;
use crate::quantity::counted;

/// Bytes of a restart area.
const RESTART_BYTES: usize = 64;

impl Simulation<'_> {
    /// A transaction has met a full log: its stream's client asks for space, once for all who wait.
    pub(super) fn wait_for_space(&mut self, transaction: usize, has_begun: bool) -> Result<(), Failure> {
        let stream = self.stream_of(transaction);
        let Some(client) = self.clients.get_mut(stream) else {
            return Ok(());
        };
        if client.stopped_since.is_none() {
            client.stopped_since = Some(self.now_us);
            self.recorder.note_stopped(self.now_us);
        }
        let queue = if has_begun { &mut client.waiting } else { &mut client.backlog };
        queue.push_back(transaction);
        match client.request {
            Request::Pending => return Ok(()),
            Request::Pinned => return self.relieve_pinned_log(),
            Request::None => client.request = Request::Pending,
        }
        let cookie = client.cookie;
        self.recorder.counts.log_full_requests += 1;
        let (manager, _) = self.log.management();
        match manager.handle_log_full(cookie, GrowthPlace::Inline) {
            Ok(RequestOutcome::Pending) => {}
            Ok(RequestOutcome::Success) => self.end_request(stream, Status::SUCCESS, false)?,
            Ok(RequestOutcome::Deregistered) | Err(_) => return Err(self.failure(Status::UNSUCCESSFUL)),
        }
        self.settle()
    }

    /// Waits for the workers and reads what they have told. Growth ahead of need is not waited for.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        self.host.wait_idle();
        self.check_disk()?;
        self.read_notices()?;
        self.note_space()
    }

    /// A log that cannot grow asks for tails instead, and goes on. That is not the log whose policies were to be tried.
    fn check_disk(&self) -> Result<(), Failure> {
        match self.log.with(|log| log.storage().last_failure()) {
            Ok(Some((Status::DISK_FULL, _))) => Err(self.failure(Status::DISK_FULL)),
            _ => Ok(()),
        }
    }

    pub(super) fn read_notices(&mut self) -> Result<(), Failure> {
        while let Some(notice) = self.board.take() {
            match notice {
                Notice::Ask { stream, target } => self.take_ask(stream, target)?,
                Notice::Complete { stream, status, is_pinned } => self.end_request(stream, status, is_pinned)?,
                Notice::Unpinned { stream } => {
                    self.recorder.note_unpinned(self.now_us, stream);
                    self.wake(stream);
                }
            }
        }
        Ok(())
    }

    fn end_request(&mut self, stream: usize, status: Status, is_pinned: bool) -> Result<(), Failure> {
        if status.is_success() {
            self.recorder.counts.log_full_succeeded += 1;
            self.wake(stream);
            return Ok(());
        }
        self.recorder.counts.log_full_failed += 1;
        if !is_pinned {
            return Err(self.failure(status));
        }
        let who = self.who_pins();
        self.recorder.note_pinned(self.now_us, stream, &who);
        if let Some(client) = self.clients.get_mut(stream) {
            client.request = Request::Pinned;
        }
        self.relieve_pinned_log()
    }

    /// Those who have begun try again at once; those who would have begun meanwhile begin as far apart as they would
    /// have, not all at the same time.
    fn wake(&mut self, stream: usize) {
        let Some(client) = self.clients.get_mut(stream) else {
            return;
        };
        client.request = Request::None;
        if let Some(since) = client.stopped_since.take() {
            client.behind_us = client.behind_us.saturating_add(self.now_us.saturating_sub(since));
            self.recorder.note_going(self.now_us);
        }
        let behind_us = client.behind_us;
        let (waiting, backlog) = (std::mem::take(&mut client.waiting), std::mem::take(&mut client.backlog));
        for transaction in waiting {
            let next = self.actors.get(transaction).and_then(Option::as_ref).and_then(|actor| actor.next);
            self.agenda.enter((self.now_us, next.unwrap_or(0)), Task::Step { transaction });
        }
        for transaction in backlog {
            let (arrival_us, first) = self.arrival(transaction).unwrap_or((self.now_us, 0));
            let due_us = arrival_us.saturating_add(behind_us).max(self.now_us);
            self.agenda.enter((due_us, first), Task::Step { transaction });
        }
    }

    fn take_ask(&mut self, stream: usize, target: Lsn) -> Result<(), Failure> {
        self.recorder.counts.tails_asked += 1;
        self.recorder.mark(self.now_us, MarkKind::Ask, Some(stream), format!("move the tail to {target}"));
        if let Some(client) = self.clients.get_mut(stream) {
            client.asked = Some(target);
        }
        self.begin_checkpoint(stream)
    }

    /// A checkpoint writes out what ended before it began; it takes its time.
    pub(super) fn begin_checkpoint(&mut self, stream: usize) -> Result<(), Failure> {
        let base = self.base_after_checkpoint(stream)?;
        let Some(client) = self.clients.get_mut(stream).filter(|client| client.checkpoint.is_none()) else {
            return Ok(());
        };
        client.checkpoint = Some(Checkpoint { base });
        let due_us = self.now_us.saturating_add(self.settings.checkpoint_us);
        self.agenda.enter((due_us, 0), Task::CheckpointDone { stream });
        Ok(())
    }

    /// Begins a checkpoint that would move the tail to where that helps.
    pub(super) fn begin_worthwhile_checkpoint(&mut self, stream: usize) -> Result<(), Failure> {
        let base = self.base_after_checkpoint(stream)?;
        let is_worthwhile = self.clients.get(stream).is_some_and(|client| client.is_worth_moving_to(base));
        if is_worthwhile { self.begin_checkpoint(stream) } else { Ok(()) }
    }

    /// The base that a checkpoint which began now would allow.
    fn base_after_checkpoint(&self, stream: usize) -> Result<Lsn, Failure> {
        let Some(client) = self.clients.get(stream) else {
            return Ok(Lsn::NULL);
        };
        let next = self.log.with(|log| log.last_lsn(client.id)).and_then(|next| next);
        next.map(|next| client.base_after_checkpoint(next)).map_err(|status| self.failure(status))
    }

    /// The checkpoint is done: the tail moves as far as it can, and an ask is answered. What held the tail when the
    /// checkpoint began may have ended meanwhile; then another one is worth its time.
    pub(super) fn finish_checkpoint(&mut self, stream: usize) -> Result<(), Failure> {
        let Some(client) = self.clients.get_mut(stream) else {
            return Ok(());
        };
        let Some(Checkpoint { base }) = client.checkpoint.take() else {
            return Ok(());
        };
        let (asked, cookie) = (client.asked, client.cookie);
        if client.is_worth_moving_to(base) {
            self.advance(stream, base)?;
        }
        if self.settings.durability == Durability::Checkpoint {
            self.flush(stream)?;
        }
        if let Some(target) = asked {
            if base < target && self.base_after_checkpoint(stream)? >= target {
                return self.begin_checkpoint(stream);
            }
            if let Some(client) = self.clients.get_mut(stream) {
                client.asked = None;
                client.owed = (base < target).then_some(target);
            }
            if base < target {
                self.refuse(stream, cookie, target);
            } else {
                self.recorder.mark(self.now_us, MarkKind::Answer, Some(stream), format!("at {base}"));
            }
        }
        self.settle()?;
        self.relieve_pinned_log()
    }

    fn refuse(&mut self, stream: usize, cookie: clfsmgmt::manager::Cookie, target: Lsn) {
        self.recorder.counts.tails_refused += 1;
        let holder = self.clients.get(stream).and_then(Client::holder);
        let text = match holder {
            Some((first, transaction)) => {
                format!("cannot reach {target}: {} is open since {first}", self.name_of(transaction))
            }
            None => format!("cannot reach {target}"),
        };
        self.recorder.mark(self.now_us, MarkKind::Refuse, Some(stream), text);
        // The manager releases the ask whatever its state; a client that it does not know cannot be.
        let _ = self.log.management().0.tail_advance_failure(cookie, Status::LOG_PINNED);
    }

    /// Moves a stream's tail with a restart area, or without one when there is no room even for that.
    fn advance(&mut self, stream: usize, base: Lsn) -> Result<(), Failure> {
        let Some(client) = self.clients.get(stream) else {
            return Ok(());
        };
        let id = client.id;
        let previous = self.log.with(|log| log.stream_information(id)).and_then(|stream| stream);
        let previous = previous.map_err(|status| self.failure(status))?.restart;
        payload::fill(&mut self.payload, self.ledger.next_number(), RESTART_BYTES);
        match self.log.write_restart_area(id, &[&self.payload], Some(base)) {
            Ok(lsn) => {
                let length = self.payload.len();
                self.ledger.note(stream, lsn, previous, length as u64, true);
                self.recorder.counts.restart_areas += 1;
                self.written.push(Written::Record(u32::try_from(length).unwrap_or(u32::MAX)));
                self.written.push(Written::Flush);
            }
            Err(Status::LOG_FULL) => {
                self.log.advance_base(id, base).map_err(|status| self.failure(status))?;
            }
            Err(status) => return Err(self.failure(status)),
        }
        self.ledger.advance(stream, base);
        self.recorder.note_tail(self.now_us, stream, base);
        if let Some(client) = self.clients.get_mut(stream) {
            client.base = base;
            client.owed = client.owed.filter(|target| *target > base);
        }
        Ok(())
    }

    /// On a pinned log: whoever could move its tail does; a transaction that holds the oldest container and waits for
    /// space itself is rolled back, as no space can come while it waits.
    pub(super) fn relieve_pinned_log(&mut self) -> Result<(), Failure> {
        if self.clients.iter().all(|client| client.request != Request::Pinned) {
            return Ok(());
        }
        let is_busy = self.clients.iter().any(|client| client.asked.is_some() || client.checkpoint.is_some());
        let Some(stream) = self.pinning_stream().filter(|_| !is_busy) else {
            return Ok(());
        };
        let holder = self.clients.get(stream).and_then(|client| client.holder().zip(Some(client.base)));
        match holder {
            Some(((first, transaction), base)) if first.container() <= base.container() => {
                let waits = self.actors.get(transaction).and_then(Option::as_ref).is_some_and(|actor| actor.is_waiting);
                if waits { self.roll_back(transaction) } else { Ok(()) }
            }
            _ => self.begin_worthwhile_checkpoint(stream),
        }
    }

    /// The stream whose tail is lowest.
    fn pinning_stream(&self) -> Option<usize> {
        let lowest = self.log.with(|log| log.tails().min_by_key(|(_, tail)| *tail)).ok()??.0;
        self.clients.iter().position(|client| client.id == lowest)
    }

    /// Who pins the log, for people: as the manager reports it, with the transaction that the client knows.
    fn who_pins(&self) -> String {
        let (manager, key) = self.log.management();
        let pins = manager.pin_report(key).unwrap_or_default();
        let Some(pin) = pins.iter().min_by_key(|pin| pin.tail) else {
            return "nobody that is known".to_owned();
        };
        let stream = self.clients.iter().position(|client| client.id == pin.stream);
        let holder = stream.and_then(|stream| self.clients.get(stream)).and_then(Client::holder);
        let who = holder.map_or_else(|| "finished transactions".to_owned(), |(_, one)| self.name_of(one));
        let since = pin.asked_since.map_or_else(String::new, |since| {
            format!(", asked {} since {:.3} s", counted(u64::from(pin.times_asked), "time"), since_seconds(since))
        });
        format!("{who} of {}, whose tail is {}{since}", self.stream_name(pin.stream), pin.tail)
    }

    fn stream_name(&self, id: StreamId) -> String {
        let name = self.log.with(|log| log.stream_name(id).map(String::from_utf16_lossy));
        name.and_then(|name| name).unwrap_or_else(|_| format!("stream {id}"))
    }

    fn name_of(&self, transaction: usize) -> String {
        let number = self.workload.transactions.get(transaction).map_or(0, |one| one.number);
        if number == 0 { "a record on its own".to_owned() } else { format!("transaction {number}") }
    }
}

fn since_seconds(time: Time) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    {
        time.0 as f64 / 1e7
    }
}
