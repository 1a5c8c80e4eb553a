//! The random steps of a seed.

use std::rc::Rc;

use clfsmgmt::engine::NotAClient;
use clfsmgmt::engine::policy::{Policy, PolicyKind};
use clfsmgmt::log::Log;
use clfsmgmt::manager::{Cookie, LogError};
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::client::{Answer, Client};
use crate::world::World;

/// Runs a seed: every step, and what must hold behind it.
pub(crate) fn run(seed: u64, is_traced: bool) {
    let world = World::new(seed, is_traced);
    world.begin();
    // A lazy worker lets everything pile up.
    let laziness = 1 + world.below(12);
    let steps = 60 + world.below(120);
    for _ in 0..steps {
        world.step();
        world.check();
        if world.one_in(laziness) {
            while world.work() {}
            world.check();
        }
    }
    world.end();
}

impl World {
    fn step(&self) {
        // Nothing more comes of a log that has stopped.
        let fault = self.open().with(Log::fault).unwrap();
        if fault.is_some() && self.one_in(8) {
            return self.crash();
        }
        let Some(id) = self.some_stream() else {
            return self.create_stream();
        };
        if self.has_faults && self.one_in(30) {
            self.start_faults();
        }
        match self.below(100) {
            0..38 => self.append_or_ask(id),
            38..43 => self.flush(id),
            43..47 => self.reserve(),
            47..51 => self.use_reservation(),
            51..54 => self.advance_somewhere(id),
            54..56 => drop(self.restart(id, None)),
            56..64 => self.answer_someone(),
            64..67 => self.someone_asks(),
            67..70 => self.someone_refuses(),
            70..78 => self.install(),
            78..80 => self.remove_policy(),
            80..82 => self.come(id),
            82..84 => self.go(),
            84 => self.resize(),
            85 => self.change_streams(id),
            86 => self.archive(),
            87 => self.disturb(),
            88..90 => self.rare(),
            _ => drop(self.work()),
        }
    }

    /// What happens a few times in a life.
    fn rare(&self) {
        match self.below(4) {
            0 => self.crash(),
            1 => self.close(),
            _ => self.settle(),
        }
    }

    fn asked_client(&self) -> Option<Rc<Client>> {
        let clients = self.clients.borrow();
        let asked: Vec<_> =
            clients.iter().filter(|client| client.asked.get().is_some() && client.temper != Answer::Never).collect();
        (!asked.is_empty()).then(|| Rc::clone(asked[self.below(asked.len())]))
    }

    fn answer_someone(&self) {
        if let Some(client) = self.asked_client()
            && let Some(target) = client.asked.get()
        {
            let answer = Answer::ALL[self.below(5)];
            if answer == Answer::Refuse {
                self.refuse(&client, self.some_reason());
            } else {
                self.move_tail(&client, target, answer);
            }
        }
    }

    /// Asks for space, needed or not.
    fn someone_asks(&self) {
        if let Some(client) = self.some_client() {
            let _ = self.log_full(&client);
        }
    }

    /// Refuses, asked or not.
    fn someone_refuses(&self) {
        if let Some(client) = self.some_client() {
            self.refuse(&client, self.some_reason());
        }
    }

    fn come(&self, id: StreamId) {
        if self.clients.borrow().len() < 15 {
            self.register(id);
        }
    }

    fn go(&self) {
        let first = self.some_client();
        let waits = |client: &Rc<Client>| client.requests.get() > 0;
        if let Some(client) = first.filter(waits).or_else(|| self.some_client()) {
            self.deregister(&client);
            if self.one_in(2) {
                self.deregister(&client);
                let _ = self.log_full(&client);
            }
        }
    }

    fn install(&self) {
        let number = u32::try_from(self.below(9)).unwrap();
        let percent = [0, 1, 10, 35, 50, 90, 100][self.below(7)];
        let policy = match self.below(7) {
            0 | 1 => Policy::MaximumSize(ContainerCount(number)),
            2 => Policy::MinimumSize(ContainerCount(number)),
            3 if self.one_in(2) => Policy::growth_rate(number, 0).unwrap(),
            3 => Policy::growth_rate(0, percent).unwrap(),
            4 if self.one_in(2) => Policy::log_tail(0, number).unwrap(),
            4 => Policy::log_tail(percent, 0).unwrap(),
            5 => Policy::auto_shrink(percent).unwrap(),
            _ => Policy::AutoGrow(self.one_in(2)),
        };
        self.install_policy(policy);
    }

    fn remove_policy(&self) {
        let kind = PolicyKind::ALL[self.below(PolicyKind::ALL.len())];
        let mut limits = self.limits.get();
        match kind {
            PolicyKind::MaximumSize => limits.maximum = None,
            PolicyKind::MinimumSize => limits.minimum = None,
            PolicyKind::AutoGrow => limits.auto_grow = false,
            PolicyKind::GrowthRate => (limits.never_grows, limits.growth) = (false, None),
            PolicyKind::LogTail => limits.log_tail = None,
            PolicyKind::AutoShrink => limits.auto_shrink = false,
            _ => {}
        }
        self.trace(|| format!("remove {kind:?}"));
        let removed = self.manager().remove_policy(self.key(), kind);
        assert!(matches!(removed, Ok(()) | Err(LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED))));
        self.limits.set(limits);
    }

    fn change_streams(&self, id: StreamId) {
        // Whether a stream is there after a fault nobody says.
        if !self.is_multiplexed || self.port.borrow().below.faults.is_planned() {
            return;
        }
        let streams = self.ledgers.borrow().len();
        if streams < 5 && self.one_in(2) {
            self.create_stream();
        } else if streams > 1 {
            self.delete_stream(id);
        }
    }

    fn archive(&self) {
        let open = self.open();
        let end = open.with(|log| log.last_lsn(StreamId::PHYSICAL)).unwrap().unwrap();
        let outcome = open.set_archive_tail(end);
        self.trace(|| format!("archive tail to {end}: {outcome:?}"));
        if let Err(status) = outcome
            && status != Status::LOG_EPHEMERAL
        {
            self.expect_fault("archiving", status);
        }
    }

    /// Calls that name nobody.
    fn disturb(&self) {
        let cookie = Cookie::from_raw(self.number().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let manager = self.manager();
        let answer = manager.tail_advance_failure(cookie, Status::CANCELLED);
        assert_eq!(answer, Err(NotAClient));
        assert_eq!(manager.deregister(cookie), Err(NotAClient));
        assert!(manager.pin_report(self.key()).is_ok());
    }
}
