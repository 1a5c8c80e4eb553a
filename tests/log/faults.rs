//! Every call to the storage fails once, and every one from then on: the log is unchanged or stopped, and what was
//! acknowledged is found when it is opened again.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log, LogInformation, Removal, ReservationAccount, StreamInformation};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::faulty::{Call, Faulty, Plan};
use crate::model::{self, Kept, Known, container, parts, payload, read_all, wide};
use crate::recorder::Recorder;

type Storage = Faulty<Recorder>;

/// What the owner of the log was told.
#[derive(Default)]
struct Owner {
    known: Vec<(StreamId, Known)>,
    /// For each stream, the LSN below which it was told that records are durable.
    durable: Vec<Lsn>,
    containers: Vec<u32>,
}

/// The streams of a log.
fn ids(log: &Log<Storage>) -> impl Iterator<Item = StreamId> {
    (0..=StreamId::MAX.0).map(StreamId).filter(|id| log.stream_information(*id).is_ok())
}

/// What of a log must not change when a call fails.
fn state(log: &Log<Storage>) -> (LogInformation, Vec<StreamInformation>, Vec<(u32, u32)>) {
    let streams = ids(log).map(|id| log.stream_information(id).unwrap()).collect();
    let containers = log.containers().map(|container| (container.physical, container.logical)).collect();
    (log.space(), streams, containers)
}

struct Life {
    log: Log<Storage>,
    owner: Owner,
    context: String,
}

impl Life {
    /// Does one thing; a failure leaves the log as it was, or stopped.
    fn attempt<T>(&mut self, what: &str, act: impl FnOnce(&mut Log<Storage>) -> Result<T, Status>) -> Option<T> {
        let before = state(&self.log);
        let had_fault = self.log.fault();
        match act(&mut self.log) {
            Ok(value) => Some(value),
            Err(status) => {
                let is_stopped = self.log.fault().is_some();
                let is_same = state(&self.log) == before;
                assert!(is_stopped || is_same, "{}: {what}: {status}: changed, not stopped", self.context);
                let refused = [Status::LOG_FULL, Status::LOG_CANT_DELETE, Status::LOG_NOT_ENOUGH_CONTAINERS];
                let is_expected = status == Status::IO_DEVICE_ERROR || refused.contains(&status);
                assert!(is_stopped || is_expected, "{}: {what}: {status}", self.context);
                if let Some(fault) = had_fault {
                    assert_eq!(status, Status::LOG_STATE_INVALID, "{}: {what}: stopped by {fault}", self.context);
                }
                None
            }
        }
    }

    fn append(&mut self, nth: usize, length: usize) {
        let id = self.owner.known[nth].0;
        let data = payload(self.owner.known[nth].1.lsns.len() as u64, length);
        if let Some(lsn) = self.attempt("append", |log| log.append(id, &parts(&[&data]), Admission::Free)) {
            let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
            self.owner.known[nth].1.keep(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
        }
    }

    fn flush(&mut self, nth: usize) {
        let id = self.owner.known[nth].0;
        if self.attempt("flush", |log| log.flush(id)).is_some() {
            self.owner.durable[nth] = self.log.last_lsn(id).unwrap();
        }
    }

    fn restart(&mut self, nth: usize, base: Lsn) {
        let id = self.owner.known[nth].0;
        let data = payload(self.owner.known[nth].1.lsns.len() as u64, 500);
        let previous = self.owner.known[nth].1.restart;
        // Whether it counts or not, this is what may be found.
        let outcome = self.attempt("restart", |log| log.write_restart_area(id, &[&data], Some(base)));
        if let Some(lsn) = outcome {
            let kind = RecordKind::RESTART;
            self.owner.known[nth].1.keep(Kept { lsn, kind, undo_next: Lsn::NULL, previous, data });
            self.owner.known[nth].1.restart = lsn;
            self.owner.known[nth].1.move_base(base);
            self.owner.durable[nth] = self.log.last_lsn(id).unwrap();
        }
    }

    fn add(&mut self, number: u32) {
        if self.attempt("add", |log| log.add_container(&container(number), None)).is_some() {
            self.owner.containers.push(number);
        }
    }

    fn remove(&mut self, number: u32, removal: Removal) {
        if self.log.has_container(&container(number)) {
            self.attempt("remove", |log| log.remove_container(&container(number), removal));
        }
    }

    /// A life that meets everything a log does.
    fn live(&mut self) {
        for round in 0..3u32 {
            for number in 0..40 {
                for nth in 0..self.owner.known.len() {
                    self.append(nth, [0, 100, 9_000, 30_000][(number + nth) % 4]);
                }
                if number % 10 == 3 {
                    self.flush(number % self.owner.known.len());
                }
            }
            let mut account = ReservationAccount::default();
            self.attempt("reserve", |log| log.reserve(&mut account, 300));
            self.log.free_account(&mut account);
            for nth in 0..self.owner.known.len() {
                let (id, known) = &self.owner.known[nth];
                let Some(base) = known.lsns.iter().rev().nth(5).copied() else {
                    continue;
                };
                if nth == 0 {
                    self.restart(nth, base.max(known.base));
                } else {
                    let (id, base) = (*id, base.max(known.base));
                    if self.attempt("advance", |log| log.advance_base(id, base)).is_some() {
                        self.owner.known[nth].1.move_base(base);
                    }
                }
            }
            self.add(20 + round);
            self.remove(round, Removal::WhenPassed);
            self.attempt("remove free", Log::remove_free_container);
            if self.log.is_multiplexed() {
                let name = wide(&format!("late{round}"));
                if let Some(id) = self.attempt("create stream", |log| log.create_stream(&name)) {
                    self.attempt("delete stream", |log| log.delete_stream(id));
                }
            }
        }
    }
}

fn start(is_multiplexed: bool) -> (Storage, Log<Storage>, Owner) {
    let storage = Faulty::new(Recorder::default());
    let (log, ids) = model::ready(storage.clone(), if is_multiplexed { 3 } else { 0 }, 4, 1);
    let owner = Owner {
        durable: ids.iter().map(|_| Lsn::NULL).collect(),
        known: ids.into_iter().map(|id| (id, Known::default())).collect(),
        containers: (0..4).collect(),
    };
    (storage, log, owner)
}

fn check(log: &Log<Recorder>, owner: &Owner, context: &str) {
    for ((id, known), durable) in owner.known.iter().zip(&owner.durable) {
        let found = read_all(log, *id).unwrap_or_else(|status| panic!("{context}: {id}: {status}"));
        let base = log.stream_information(*id).unwrap().base;
        for kept in known.records.range(..*durable).map(|(_, kept)| kept) {
            // A restart area whose outcome is not known may have moved the base.
            assert!(found.contains(kept) || kept.lsn < base, "{context}: stream {id}: {kept:?} is lost");
        }
        for record in &found {
            let same = known.records.get(&record.lsn).or_else(|| known.dropped.get(&record.lsn));
            let is_unsettled = record.lsn >= *durable && record.kind == RecordKind::RESTART;
            assert!(same == Some(record) || is_unsettled, "{context}: stream {id}: {record:?} was invented");
        }
    }
}

fn fail_at(is_multiplexed: bool, plan: Plan) -> u32 {
    let context = format!("multiplexed {is_multiplexed}, {plan:?}");
    let (storage, log, owner) = start(is_multiplexed);
    storage.faults.start(plan);
    let mut life = Life { log, owner, context };
    life.live();
    // Durable, and not yet named by the metadata.
    for nth in 0..life.owner.known.len() {
        life.append(nth, 700);
        life.flush(nth);
    }
    let Life { log, owner, context } = life;
    // Opening may fail, and is tried again.
    let mut injected = storage.faults.injected();
    drop(log);
    if let Ok(log) = Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT) {
        injected = storage.faults.injected();
        drop(log);
    }
    injected = injected.max(storage.faults.stop());
    let log = Log::open(storage.inner, Access::Write, BlockLimit::DEFAULT);
    let log = log.unwrap_or_else(|error| panic!("{context}: {error:?}"));
    check(&log, &owner, &context);
    injected
}

fn fail_everywhere(call: Call) {
    for (is_multiplexed, from_then_on, is_done) in [false, true]
        .into_iter()
        .flat_map(|a| [false, true].into_iter().flat_map(move |b| [(a, b, false), (a, b, true)]))
    {
        if is_done && matches!(call, Call::Create | Call::Open | Call::Read | Call::Size) {
            continue;
        }
        let mut nth = 1;
        while fail_at(is_multiplexed, Plan { call, nth, from_then_on, is_done }) > 0 {
            nth += 1 + nth / 40;
        }
        assert!(nth > 1, "{call:?} is never called");
    }
}

#[test]
fn a_creation_may_fail_anywhere() {
    fail_everywhere(Call::Create);
}

#[test]
fn an_opening_may_fail_anywhere() {
    fail_everywhere(Call::Open);
    fail_everywhere(Call::Size);
}

#[test]
fn a_read_may_fail_anywhere() {
    fail_everywhere(Call::Read);
}

#[test]
fn a_write_may_fail_anywhere() {
    fail_everywhere(Call::Write);
}

#[test]
fn a_flush_may_fail_anywhere() {
    fail_everywhere(Call::Flush);
}

#[test]
fn a_deletion_may_fail_anywhere() {
    fail_everywhere(Call::Delete);
}

#[test]
fn a_log_that_could_not_be_created_left_no_file() {
    for call in [Call::Create, Call::Write, Call::Flush] {
        let storage = Faulty::new(Recorder::default());
        storage.faults.start(Plan { call, nth: 1, from_then_on: false, is_done: false });
        assert!(model::create(storage.clone(), true, BlockLimit::DEFAULT).is_err());
        storage.faults.stop();
        let mut log = model::create(storage, true, BlockLimit::DEFAULT).unwrap();
        log.add_container(&container(0), Some(Bytes(1))).unwrap();
    }
}

#[test]
fn a_log_that_could_not_be_deleted_can_be_deleted_again() {
    for nth in 1..6 {
        let (storage, log, _) = start(false);
        storage.faults.start(Plan { call: Call::Delete, nth, from_then_on: false, is_done: false });
        assert_eq!(log.delete(), Err(Status::IO_DEVICE_ERROR));
        storage.faults.stop();
        assert!(storage.inner.open_names().contains(&"base".to_owned()), "the base log file goes last");
        Log::delete_closed(&storage).unwrap();
        assert!(storage.inner.open_names().is_empty());
    }
    let (storage, log, _) = start(false);
    log.delete().unwrap();
    assert!(storage.inner.open_names().is_empty());
}

#[test]
fn a_flush_that_ends_behind_a_failed_one_acknowledges_nothing() {
    let (mut log, ids) = model::ready(Recorder::default(), 2, 2, 1);
    for id in &ids {
        model::append(&mut log, *id, b"record").unwrap();
    }
    let first = log.begin_flush(ids[0]).unwrap().unwrap();
    let second = log.begin_flush(ids[1]).unwrap().unwrap();
    let durable = log.durable_lsn(ids[1]).unwrap();
    assert_eq!(log.finish_flush(&first, Err(Status::IO_DEVICE_ERROR)), Err(Status::IO_DEVICE_ERROR));
    // A disk reports what it has dropped once: the second flush knows nothing of it.
    assert_eq!(log.finish_flush(&second, Ok(())), Err(Status::IO_DEVICE_ERROR));
    assert_eq!(log.durable_lsn(ids[1]), Ok(durable));
}
