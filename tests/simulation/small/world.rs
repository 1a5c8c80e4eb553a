//! A log of a few containers and its clients under the real manager, on one thread, with the second model beside them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::manager::{Cookie, GrowthPlace, Manager};
use clfsmgmt::units::{ContainerCount, StreamId};

use super::callbacks::{Callbacks, reason};
use super::settings::Setting;
use super::shared::{Known, Log, Shared};
use crate::oracle::{Oracle, Policies, Space};
use crate::platform::Simulated;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Full(usize, GrowthPlace),
    Refuse(usize),
    /// A tail moves, and the manager is told.
    Move(u8),
    /// A tail moves, and the manager is not told.
    MoveUnseen(u8),
    /// The manager is told of what it has not seen.
    Look,
    Write,
    /// Reservations are given back.
    Free,
    Gone(usize),
    /// A worker's turn.
    Work,
}

pub(crate) struct SmallWorld {
    pub(crate) shared: Rc<Shared>,
    platform: Simulated,
    /// Nobody reacts any more.
    is_settling: Cell<bool>,
}

impl SmallWorld {
    /// A full log of three containers.
    pub(crate) fn new(setting: &Setting) -> Self {
        let policies = Policies { maximum: setting.maximum, growth: setting.growth, log_tail: setting.log_tail };
        let tails = setting.streams.iter().map(|stream| (*stream, 0)).collect();
        let space = Space { total: 3, last: 2, tails, promised: setting.promised };
        let known = setting.clients.iter().map(|_| Known {
            cookie: Cell::new(Cookie::NULL),
            is_gone: Cell::new(false),
            asked: Cell::new(None),
            has_reacted: Cell::new(false),
        });
        let shared = Rc::new(Shared {
            setting: setting.clone(),
            known: known.collect(),
            space: RefCell::new(space),
            version: Cell::new(1),
            oracle: RefCell::new(Oracle::new(policies)),
            manager: RefCell::default(),
            key: Cell::new(None),
            depth: Cell::new(0),
        });
        let platform = Simulated::default();
        let manager = Rc::new(Manager::new(platform.clone()));
        *shared.manager.borrow_mut() = Some(Rc::clone(&manager));
        shared.with_oracle(Oracle::looks);
        let key = manager.attach(Log(Rc::clone(&shared))).unwrap();
        shared.key.set(Some(key));
        let install = |policy| manager.install_policy(key, policy, Existing::Keep).unwrap();
        install(Policy::MaximumSize(ContainerCount(setting.maximum)));
        install(Policy::growth_rate(setting.growth, 0).unwrap());
        if let Some(count) = setting.log_tail {
            install(Policy::log_tail(0, count).unwrap());
        }
        for (number, stream) in setting.clients.iter().enumerate() {
            shared.oracle.borrow_mut().registers(*stream);
            let cookie = manager.register(key, StreamId(*stream), Callbacks(Rc::clone(&shared), number));
            shared.known[number].cookie.set(cookie.unwrap());
        }
        Self { shared, platform, is_settling: Cell::new(false) }
    }

    /// The events that can happen now.
    pub(crate) fn possible(&self) -> Vec<Event> {
        let (shared, space) = (&self.shared, self.shared.space.borrow());
        let mut events = Vec::new();
        for (number, known) in shared.known.iter().enumerate().filter(|(_, known)| !known.is_gone.get()) {
            events.push(Event::Full(number, GrowthPlace::Inline));
            if shared.setting.growth > 0 && space.total < shared.setting.maximum {
                events.push(Event::Full(number, GrowthPlace::Worker));
            }
            events.push(Event::Gone(number));
            if known.asked.get().is_some() {
                events.push(Event::Refuse(number));
            }
        }
        for (stream, tail) in &space.tails {
            if *tail < space.last {
                events.extend([Event::Move(*stream), Event::MoveUnseen(*stream)]);
            }
        }
        if self.platform.has_work() {
            events.push(Event::Work);
        }
        if space.spare() > 0 {
            events.push(Event::Write);
        }
        if space.promised > 0 {
            events.push(Event::Free);
        }
        events
    }

    pub(crate) fn apply(&self, event: Event) {
        let shared = &self.shared;
        for known in &shared.known {
            known.has_reacted.set(self.is_settling.get());
        }
        match event {
            Event::Full(number, place) => shared.log_full(number, place),
            Event::Refuse(number) => shared.refuse(number, reason(number)),
            Event::Gone(number) => shared.leave(number),
            Event::MoveUnseen(stream) => shared.move_unseen(stream),
            Event::Move(stream) => {
                shared.move_unseen(stream);
                shared.look();
            }
            Event::Look => shared.look(),
            Event::Write => {
                shared.change(|space| space.last += 1);
                shared.look();
            }
            Event::Free => {
                shared.change(|space| space.promised -= 1);
                shared.look();
            }
            Event::Work => {
                if let Some(log) = self.platform.take_work() {
                    shared.manager().drain(log);
                }
            }
        }
        if !self.platform.has_work() {
            shared.oracle.borrow().rests();
        }
    }

    /// Everything that is under way comes to its end, every ask by a refusal; then there is space.
    pub(crate) fn comes_to_rest(&self) {
        self.is_settling.set(true);
        let mut rounds = 0;
        loop {
            let asked = self.shared.known.iter().position(|known| known.asked.get().is_some());
            match (self.platform.has_work(), asked) {
                (true, _) => self.apply(Event::Work),
                (false, Some(number)) => self.apply(Event::Refuse(number)),
                (false, None) => break,
            }
            rounds += 1;
            assert!(rounds < 200, "it does not go quiet");
        }
        for stream in &self.shared.setting.streams {
            self.shared.move_unseen(*stream);
        }
        self.shared.change(|space| space.promised = 0);
        self.apply(Event::Look);
        while self.platform.has_work() {
            self.apply(Event::Work);
        }
    }

    /// What tells two worlds apart, as far as the documents know.
    pub(crate) fn state(&self) -> impl Ord + use<> {
        let gone: Vec<_> = self.shared.known.iter().map(|known| known.is_gone.get()).collect();
        let asked: Vec<_> = self.shared.known.iter().map(|known| known.asked.get()).collect();
        let space = self.shared.space.borrow().clone();
        (space, self.shared.oracle.borrow().state(), self.platform.has_work(), gone, asked)
    }
}

impl Drop for SmallWorld {
    fn drop(&mut self) {
        // The log holds what holds its manager.
        *self.shared.manager.borrow_mut() = None;
    }
}
