//! What the owner of the log does with it, each deed with what it may and may not answer.

use clfsmgmt::log::{Admission, Log, RecordParts};
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::ledger::{Ledger, Written};
use crate::world::World;

/// The longest restart area that is written.
const RESTART_MAX: usize = 1024;

/// Room for a restart area of any stream, and more.
const RESTART_ROOM: u64 = 4096;

impl World {
    fn size(&self) -> usize {
        match self.below(8) {
            0..3 => self.below(400),
            3..5 => self.below(9_000),
            _ => 40_000 + self.below(20_000),
        }
    }

    fn ledger<R>(&self, id: StreamId, action: impl FnOnce(&mut Ledger) -> R) -> Option<R> {
        self.ledgers.borrow_mut().get_mut(&id).map(action)
    }

    /// Appends a record.
    pub(crate) fn append(&self, id: StreamId, length: usize) -> Result<(), Status> {
        self.append_as(id, length, Admission::Free)
    }

    fn append_as(&self, id: StreamId, length: usize, admission: Admission) -> Result<(), Status> {
        if !self.ledgers.borrow().contains_key(&id) {
            return Err(Status::INVALID_PARAMETER);
        }
        let written = Written::new(self.number(), length);
        let data = written.data();
        let parts = RecordParts { data: &[&data[..5], &data[5..]], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
        let open = self.open();
        let before = open.with(Log::end_container).unwrap();
        let outcome = open.append(id, &parts, admission);
        if open.with(Log::end_container).unwrap() != before {
            self.check_auto_grow();
        }
        self.trace(|| format!("append {} to {id}: {outcome:?}", written.length));
        match outcome {
            Ok(lsn) => {
                self.consume();
                self.ledger(id, |ledger| ledger.keep(lsn, written));
                Ok(())
            }
            Err(Status::LOG_FULL) => Err(Status::LOG_FULL),
            Err(status) => {
                self.expect_fault("an append", status);
                Err(status)
            }
        }
    }

    /// Appends, and asks for space when there is none.
    pub(crate) fn append_or_ask(&self, id: StreamId) {
        for _ in 0..=self.below(12) {
            let length = self.size();
            if self.append(id, length) != Err(Status::LOG_FULL) {
                continue;
            }
            let clients = self.clients.borrow().clone();
            let mut of_stream = clients.iter().filter(|client| client.stream == id && client.is_of(self));
            let Some(client) = of_stream.next() else {
                return;
            };
            let answer = self.log_full(client);
            let consumed = self.consumed.get();
            if answer != Ok(RequestOutcome::Success) {
                return;
            }
            // Whoever is told of space and writes at once can write.
            let again = self.append(id, length);
            let is_full = again == Err(Status::LOG_FULL) && consumed == self.consumed.get();
            assert!(!is_full, "full again behind a success: {length} bytes");
        }
    }

    pub(crate) fn flush(&self, id: StreamId) {
        let open = self.open();
        let Ok(last) = open.with(|log| log.last_lsn(id)).unwrap() else {
            return;
        };
        let outcome = open.flush(id);
        self.trace(|| format!("flush {id}: {outcome:?}"));
        match outcome {
            Ok(()) => drop(self.ledger(id, |ledger| ledger.durable = ledger.durable.max(last))),
            Err(status) => self.expect_fault("a flush", status),
        }
    }

    /// Moves a tail to `to`, or as far as it goes.
    pub(crate) fn advance(&self, id: StreamId, to: Lsn) -> Result<(), Status> {
        let open = self.open();
        let information = open.with(|log| log.stream_information(id)).unwrap()?;
        let to = to.min(information.last).max(information.base);
        let outcome = open.advance_base(id, to);
        self.trace(|| format!("advance {id} to {to}: {outcome:?}"));
        self.note_base(id, to, outcome)
    }

    fn note_base(&self, id: StreamId, to: Lsn, outcome: Result<(), Status>) -> Result<(), Status> {
        match outcome {
            Ok(()) => {
                self.ledger(id, |ledger| ledger.base = ledger.base.max(to));
                self.check_recycled();
            }
            Err(Status::LOG_FULL) => {}
            Err(status) => {
                self.expect_fault("moving a tail", status);
                self.ledger(id, |ledger| {
                    ledger.base_tried = ledger.base_tried.max(to);
                });
            }
        }
        self.end_met_asks();
        self.note_restart_room();
        outcome
    }

    /// With room to spare, every stream's restart area has its own.
    fn note_restart_room(&self) {
        let space = self.open().with(Log::space).unwrap();
        if space.current_available.0 > RESTART_ROOM {
            for ledger in self.ledgers.borrow_mut().values_mut() {
                ledger.holds_restart = true;
            }
        }
    }

    /// Writes a restart area that moves the tail to `to`, or as far as it goes.
    pub(crate) fn restart(&self, id: StreamId, to: Option<Lsn>) -> Result<(), Status> {
        let open = self.open();
        let information = open.with(|log| log.stream_information(id)).unwrap()?;
        let to = to.map(|to| to.min(information.last).max(information.base));
        let written = Written::new(self.number(), self.below(RESTART_MAX));
        let outcome = open.write_restart_area(id, &[&written.data()], to);
        self.trace(|| format!("restart area of {id}, base {to:?}: {outcome:?}"));
        let held = self.ledger(id, |ledger| ledger.holds_restart);
        match outcome {
            Ok(lsn) => {
                self.consume();
                let durable = open.with(|log| log.last_lsn(id)).unwrap()?;
                self.ledger(id, |ledger| {
                    ledger.holds_restart = false;
                    ledger.keep(lsn, written);
                    ledger.durable = ledger.durable.max(durable);
                });
            }
            Err(Status::LOG_FULL) => assert_ne!(held, Some(true), "no room for a restart area"),
            Err(_) => drop(self.ledger(id, |ledger| ledger.maybe.push(written))),
        }
        let base = to.unwrap_or(Lsn::NULL);
        self.note_base(id, base, outcome.map(drop))
    }

    /// Moves a tail to a record of its stream, or to its end.
    pub(crate) fn advance_somewhere(&self, id: StreamId) {
        let wanted: Vec<_> = self.ledger(id, |ledger| ledger.wanted().collect()).unwrap_or_default();
        let to = match self.below(wanted.len() + 1) {
            nth if nth < wanted.len() => wanted[nth],
            _ => Lsn::from_raw(Lsn::INVALID.raw() - 1),
        };
        let _ = if self.one_in(3) { self.restart(id, Some(to)) } else { self.advance(id, to) };
    }

    pub(crate) fn reserve(&self) {
        for _ in 0..=self.below(14) {
            self.reserve_one();
        }
    }

    fn reserve_one(&self) {
        let size = self.size();
        let mut accounts = self.accounts.borrow_mut();
        let nth = self.below(3);
        accounts.resize_with(3, Default::default);
        let outcome = self.open().reserve(&mut accounts[nth].account, size);
        self.trace(|| format!("reserve {size} in {nth}: {outcome:?}"));
        match outcome {
            Ok(()) => {
                self.consume();
                accounts[nth].sizes.push(size.max(16));
            }
            Err(Status::LOG_FULL) => {}
            Err(status) => self.expect_fault("a reservation", status),
        }
    }

    /// Uses or gives back what is reserved.
    pub(crate) fn use_reservation(&self) {
        let Some(id) = self.some_stream() else {
            return;
        };
        let mut accounts = std::mem::take(&mut *self.accounts.borrow_mut());
        if let Some(account) = accounts.iter_mut().find(|account| !account.sizes.is_empty()) {
            if self.one_in(3) {
                account.sizes.clear();
                let outcome = self.open().free_account(&mut account.account);
                self.trace(|| format!("free reservations: {outcome:?}"));
                assert_eq!(outcome, Ok(()));
            } else {
                let size = *account.sizes.last().unwrap();
                let admission = Admission::Reserved(&mut account.account);
                let outcome = self.append_as(id, size, admission);
                assert_ne!(outcome, Err(Status::LOG_FULL), "what was reserved is gone");
                if outcome.is_ok() {
                    account.sizes.pop();
                }
            }
        }
        *self.accounts.borrow_mut() = accounts;
    }

    pub(crate) fn create_stream(&self) {
        let name: Vec<u16> = format!("stream{}", self.number()).encode_utf16().collect();
        let outcome = self.open().create_stream(&name);
        self.trace(|| format!("create stream: {outcome:?}"));
        match outcome {
            Ok(id) => {
                self.consume();
                self.ledgers.borrow_mut().insert(id, Ledger::default());
            }
            Err(status) => self.expect_fault("a new stream", status),
        }
    }

    pub(crate) fn delete_stream(&self, id: StreamId) {
        let outcome = self.open().delete_stream(id);
        self.trace(|| format!("delete stream {id}: {outcome:?}"));
        match outcome {
            Ok(()) => drop(self.ledgers.borrow_mut().remove(&id)),
            Err(status) => self.expect_fault("deleting a stream", status),
        }
        self.end_met_asks();
    }
}
