//! The log of a small world, and all that happens to it: the manager and the second model are told of each thing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use clfsmgmt::engine::{LogView, RequestRefused};
use clfsmgmt::manager::ports::ManagedLog;
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

use super::callbacks::Callbacks;
use super::settings::Setting;
use crate::oracle::{Oracle, Space};
use crate::platform::Simulated;

pub(super) struct Known {
    pub(super) cookie: Cell<Cookie>,
    pub(super) is_gone: Cell<bool>,
    pub(super) asked: Cell<Option<u32>>,
    /// It has done inside a callback what it does once.
    pub(super) has_reacted: Cell<bool>,
}

/// What the log, the clients and the events share.
pub(crate) struct Shared {
    pub(super) setting: Setting,
    pub(crate) space: RefCell<Space>,
    pub(super) version: Cell<u64>,
    pub(crate) oracle: RefCell<Oracle>,
    pub(super) manager: RefCell<Option<Rc<TheManager>>>,
    pub(super) key: Cell<Option<LogKey>>,
    pub(super) known: Vec<Known>,
    pub(super) depth: Cell<u32>,
}

pub(super) type TheManager = Manager<(Simulated, Log, Callbacks)>;

pub(crate) struct Log(pub(super) Rc<Shared>);

impl ManagedLog for Log {
    fn observe(&self, view: &mut LogView) {
        self.0.is_seen();
        let space = self.0.space.borrow();
        *view = LogView::unknown();
        view.version = self.0.version.get();
        view.containers = ContainerCount(space.total);
        view.first_container = space.first();
        view.last_container = space.last;
        view.free_containers = ContainerCount(space.total - (space.last + 1 - space.first()));
        view.spare_containers = ContainerCount(space.spare());
        view.container_size = Bytes(1 << 20);
        for (stream, tail) in &space.tails {
            view.set_tail(StreamId(*stream), Some(Lsn::container_start(*tail)));
        }
    }

    fn add_container(&self, _: &[u16], _: Option<Bytes>) -> Result<(), Status> {
        self.0.oracle.borrow_mut().grows();
        let result = if self.0.setting.growth_fails { Err(Status::DISK_FULL) } else { Ok(()) };
        if result.is_ok() {
            self.0.change(|space| space.total += 1);
        }
        self.0.oracle.borrow_mut().has_grown(result, &self.0.space.borrow());
        result
    }

    fn remove_container(&self) -> Result<(), Status> {
        panic!("nobody asked for a smaller log");
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[u16::from(b'x')])
    }
}

impl Shared {
    pub(super) fn change(&self, change: impl FnOnce(&mut Space)) {
        self.version.set(self.version.get() + 1);
        change(&mut self.space.borrow_mut());
    }

    pub(super) fn manager(&self) -> Rc<TheManager> {
        self.manager.borrow().clone().unwrap()
    }

    pub(super) fn with_oracle<R>(&self, tell: impl FnOnce(&mut Oracle, &Space) -> R) -> R {
        tell(&mut self.oracle.borrow_mut(), &self.space.borrow())
    }

    /// The manager looks at the log.
    fn is_seen(&self) {
        self.with_oracle(Oracle::looks);
        let space = self.space.borrow();
        for (known, stream) in self.known.iter().zip(&self.setting.clients) {
            known.asked.set(known.asked.get().filter(|target| space.tails[stream] < *target));
        }
    }

    pub(crate) fn look(&self) {
        self.manager().handle_log_changed(self.key.get().unwrap());
    }

    pub(super) fn move_unseen(&self, stream: u8) {
        self.change(|space| _ = space.tails.insert(stream, space.last));
    }

    pub(super) fn log_full(&self, number: usize, place: GrowthPlace) {
        let is_opened = self.with_oracle(|oracle, space| oracle.log_full(number, space));
        let answer = self.manager().handle_log_full(self.known[number].cookie.get(), place);
        let is_gone = self.known[number].is_gone.get();
        match answer {
            Ok(RequestOutcome::Success) => self.oracle.borrow_mut().succeeded(number),
            Ok(RequestOutcome::Pending) if is_opened => {
                if !is_gone {
                    self.oracle.borrow_mut().is_pending(number, self.depth.get() > 0);
                }
            }
            Ok(RequestOutcome::Deregistered) => assert!(is_opened && is_gone, "client {number} is registered"),
            Err(RequestRefused::InProgress) => assert!(!is_opened && !is_gone, "client {number} has no request"),
            Err(RequestRefused::NotAClient) => assert!(is_gone, "client {number} is registered"),
            other => panic!("client {number}: {other:?}, opened: {is_opened}"),
        }
    }

    pub(super) fn refuse(&self, number: usize, reason: Status) {
        self.with_oracle(|oracle, space| oracle.refuses(number, reason, space));
        let known = &self.known[number];
        known.asked.set(None);
        let answer = self.manager().tail_advance_failure(known.cookie.get(), reason);
        assert_eq!(answer.is_err(), known.is_gone.get());
    }

    pub(super) fn leave(&self, number: usize) {
        let known = &self.known[number];
        let was_gone = known.is_gone.replace(true);
        known.asked.set(None);
        if !was_gone {
            self.with_oracle(|oracle, space| oracle.deregisters(number, space));
        }
        let answer = self.manager().deregister(known.cookie.get());
        assert_eq!(answer.is_err(), was_gone);
    }
}
