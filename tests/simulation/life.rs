//! The log's life: made, closed, crashed, opened again; and coming to rest.

use std::rc::Rc;

use clfsmgmt::engine::NotAClient;
use clfsmgmt::engine::policy::{Amount, Existing, Policy};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, LogOptions};
use clfsmgmt::manager::Manager;
use clfsmgmt::units::{Bytes, ContainerCount, Status, StreamId};

use crate::client::Answer;
use crate::faulty::{Call, Plan};
use crate::ledger::Ledger;
use crate::platform::Simulated;
use crate::port::Port;
use crate::recorder::{Loss, Recorder};
use crate::world::{Open, World};

/// Rounds of answers and work, after which everything must be quiet.
const ROUNDS_MAX: u32 = 300;

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

impl World {
    /// Makes the log, its streams and its first clients.
    pub(crate) fn begin(&self) {
        let options = LogOptions {
            is_multiplexed: self.is_multiplexed,
            is_archived: !self.is_multiplexed && self.one_in(3),
            log_id: [7; 16],
            name: &wide("\\Device\\log.blf"),
            block_limit: BlockLimit::DEFAULT,
        };
        let port = self.port.borrow().clone();
        let mut log = Log::create(port, &options).unwrap();
        let unit = if self.is_multiplexed { 1 << 20 } else { 1 << 19 };
        for number in 0..2 + self.below(5) {
            let path = wide(&format!("%BLF%\\first{number}"));
            log.add_container(&path, Some(Bytes(unit))).unwrap();
        }
        let streams = if self.is_multiplexed {
            (0..=self.below(4)).map(|number| log.create_stream(&wide(&format!("s{number}"))).unwrap()).collect()
        } else {
            vec![StreamId::PHYSICAL]
        };
        for id in streams {
            self.ledgers.borrow_mut().insert(id, Ledger::default());
        }
        self.manage(log);
    }

    /// Puts the log under management, with new clients.
    fn manage(&self, log: Log<Port>) {
        *self.port.borrow().world.borrow_mut() = self.weak();
        self.opened.set(self.opened.get() + 1);
        self.limits.set(crate::world::Limits::default());
        self.accounts.borrow_mut().clear();
        self.set_open(Some(Open::new(self.manager(), log, &wide("log")).unwrap()));
        self.limit_growth();
        for id in self.streams() {
            for _ in 0..=self.below(3) {
                self.register(id);
            }
        }
    }

    /// Most logs may not grow for ever, so that tails are asked for.
    fn limit_growth(&self) {
        if self.one_in(5) {
            return;
        }
        let space = self.open().with(Log::space).unwrap();
        let more = u32::try_from(self.below(3)).unwrap();
        let maximum = ContainerCount(space.total_containers.0 + more);
        self.install_policy(Policy::MaximumSize(maximum));
    }

    pub(crate) fn install_policy(&self, policy: Policy) {
        let mut limits = self.limits.get();
        match policy {
            Policy::MaximumSize(count) => limits.maximum = Some(count.0),
            Policy::MinimumSize(count) => limits.minimum = Some(count.0),
            Policy::AutoGrow(is_on) => limits.auto_grow = is_on,
            Policy::GrowthRate(Amount::Containers(count)) => limits.never_grows = count.0 == 0,
            Policy::GrowthRate(Amount::Percent(share)) => limits.never_grows = share.get() == 0,
            _ => {}
        }
        match policy {
            Policy::GrowthRate(amount) => limits.growth = Some(amount),
            Policy::LogTail(amount) => limits.log_tail = Some(amount),
            Policy::AutoShrink(_) => limits.auto_shrink = true,
            _ => {}
        }
        self.trace(|| format!("install {policy:?}"));
        let manager = self.manager();
        let installed = manager.install_policy(self.key(), policy, Existing::Overwrite);
        assert_eq!(installed, Ok(()));
        self.limits.set(limits);
    }

    /// Opens what the disk holds and compares it with what must be there.
    fn reopen(&self, below: Recorder) {
        let port = Port::new(below);
        *self.port.borrow_mut() = port.clone();
        let log = Log::open(port, Access::Write, BlockLimit::DEFAULT);
        let log = log.unwrap_or_else(|error| panic!("the log cannot be opened: {error:?}"));
        for (id, ledger) in self.ledgers.borrow_mut().iter_mut() {
            ledger.reopen(&log, *id);
        }
        let ids = (0..=StreamId::MAX.0).map(StreamId).filter(|id| log.stream_information(*id).is_ok());
        let streams = ids.filter(|id| id.0 > 0 || !self.is_multiplexed);
        assert_eq!(streams.count(), self.ledgers.borrow().len(), "streams");
        self.manage(log);
    }

    /// The machine stops, and what was not flushed may or may not be on the disk.
    pub(crate) fn crash(&self) {
        let loss = [Loss::Everything, Loss::Nothing, Loss::Sectors, Loss::Writes][self.below(4)];
        self.trace(|| format!("crash, {loss:?}"));
        self.clients.borrow_mut().clear();
        self.set_open(None);
        let platform = Simulated::default();
        *self.platform.borrow_mut() = platform.clone();
        *self.manager.borrow_mut() = Rc::new(Manager::new(platform));
        let disk = self.port.borrow().below.inner.clone();
        let files = {
            let initial = self.initial.borrow();
            self.with_random(|random| disk.after_crash(&initial, disk.position(), loss, random))
        };
        self.initial.borrow_mut().clone_from(&files);
        self.reopen(Recorder::holding(files));
    }

    /// The owner closes the log; clients may stay registered with nothing.
    pub(crate) fn close(&self) {
        self.trace(|| "close".into());
        self.end_met_asks();
        let outcome = self.take_open().close();
        let disk = self.port.borrow().below.inner.clone();
        match outcome {
            Ok(()) => {
                for ledger in self.ledgers.borrow_mut().values_mut() {
                    ledger.durable = clfsmgmt::units::Lsn::INVALID;
                }
            }
            Err(status) => self.expect_fault("closing", status),
        }
        self.reopen(disk);
    }

    /// Calls of the storage begin to fail.
    pub(crate) fn start_faults(&self) {
        let call = Call::ALL[self.below(Call::ALL.len())];
        let plan = Plan {
            call,
            nth: u32::try_from(1 + self.below(12)).unwrap(),
            from_then_on: self.one_in(2),
            is_done: call != Call::Create && self.one_in(3),
        };
        self.trace(|| format!("faults: {plan:?}"));
        if !self.has_fault() {
            self.port.borrow().below.faults.start(plan);
        }
    }

    /// A worker's turn; whether there was anything to do.
    pub(crate) fn work(&self) -> bool {
        let log = self.platform.borrow().take_work();
        let Some(log) = log else {
            return false;
        };
        self.trace(|| format!("work on {log:?}"));
        self.manager().drain(log);
        true
    }

    /// All clients answer and workers work until nothing happens any more: then nobody waits.
    pub(crate) fn settle(&self) {
        self.trace(|| "settle".into());
        self.is_settling.set(true);
        let mut rounds = 0;
        while self.is_restless() {
            rounds += 1;
            assert!(rounds < ROUNDS_MAX, "not quiet after {rounds} rounds");
        }
        self.is_settling.set(false);
        let clients = self.clients.borrow().clone();
        for client in clients {
            let requests = client.requests.get();
            assert_eq!(requests, 0, "client {} still waits", client.number);
            let is_to_hear = client.armed.get() > 0 && client.is_of(self);
            assert!(
                !is_to_hear || self.spare_containers() == 0,
                "client {} was not told that there is space",
                client.number
            );
        }
    }

    fn is_restless(&self) -> bool {
        let mut is_restless = false;
        while self.work() {
            is_restless = true;
        }
        let clients = self.clients.borrow().clone();
        for client in clients {
            self.end_met_asks();
            if let Some(target) = client.asked.get() {
                is_restless = true;
                self.move_tail(&client, target, Answer::AtOnce);
            }
        }
        is_restless
    }

    /// Everything is closed; nobody is called any more.
    pub(crate) fn end(&self) {
        self.settle();
        let clients = self.clients.borrow().clone();
        for client in &clients {
            self.deregister(client);
            let (manager, cookie) = (self.manager(), client.cookie.get());
            let stale = manager.tail_advance_failure(cookie, Status::CANCELLED);
            assert_eq!(stale, Err(NotAClient), "a stale cookie");
        }
        self.crash();
        self.close();
    }
}
