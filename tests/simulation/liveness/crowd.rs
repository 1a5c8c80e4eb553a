//! So many logs of one manager, each with one client that is willing, and two workers on one thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use clfsmgmt::engine::LogView;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::manager::ports::{ClientCallbacks, ManagedLog};
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

use crate::platform::{Simulated, on_another_thread};

const WORKERS: u32 = 2;

/// What a log's client does when it was told that there is space.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Rests,
    /// It fills the log at once and asks again.
    FillsAgain,
}

pub(super) struct Place {
    key: Cell<Option<LogKey>>,
    cookie: Cell<Cookie>,
    version: Cell<u64>,
    total: Cell<u32>,
    last: Cell<u32>,
    tail: Cell<u32>,
    pub(super) told: Cell<Told>,
    /// When it asked, if it waits.
    pub(super) waits_since: Cell<Option<u64>>,
    /// When there was space, if it has not been told.
    space_since: Cell<Option<u64>>,
    was_told: Cell<bool>,
}

type TheManager = Manager<(Simulated, Log, Callbacks)>;

pub(super) struct Crowd {
    pub(super) places: Vec<Place>,
    platform: Simulated,
    manager: RefCell<Option<Rc<TheManager>>>,
    steps: Cell<u64>,
    pub(super) steps_max: Cell<u64>,
    at_work: Cell<u32>,
    /// Logs whose client has not been told once.
    pub(super) left: Cell<usize>,
    /// The longest that somebody waited, and was not told although there was space.
    pub(super) longest: Cell<(u64, u64)>,
}

struct Log(Rc<Crowd>, usize);
struct Callbacks(Rc<Crowd>, usize);

impl Place {
    pub(super) fn free(&self) -> u32 {
        self.total.get() - (self.last.get() + 1 - self.tail.get())
    }

    fn changed(&self) {
        self.version.set(self.version.get() + 1);
    }
}

impl ManagedLog for Log {
    fn observe(&self, view: &mut LogView) {
        let place = &self.0.places[self.1];
        *view = LogView::unknown();
        view.version = place.version.get();
        view.containers = ContainerCount(place.total.get());
        view.free_containers = ContainerCount(place.free());
        view.spare_containers = ContainerCount(place.free());
        view.container_size = Bytes(1 << 20);
        view.first_container = place.tail.get();
        view.last_container = place.last.get();
        view.set_tail(StreamId(0), Some(Lsn::container_start(place.tail.get())));
    }

    fn add_container(&self, _: &[u16], _: Option<Bytes>) -> Result<(), Status> {
        let place = &self.0.places[self.1];
        place.total.set(place.total.get() + 1);
        place.changed();
        self.0.there_is_space(self.1);
        self.0.step();
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        Err(Status::LOG_CANT_DELETE)
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[u16::from(b'x')])
    }
}

impl ClientCallbacks for Callbacks {
    fn advance_tail(&self, _: Lsn) -> Status {
        self.0.step();
        let place = &self.0.places[self.1];
        place.tail.set(place.last.get());
        place.changed();
        self.0.there_is_space(self.1);
        self.0.manager().handle_log_changed(place.key.get().unwrap());
        Status::PENDING
    }

    fn log_growth_complete(&self, status: Status, _: bool) {
        assert_eq!(status, Status::SUCCESS, "log {}", self.1);
        self.0.is_told(self.1);
        self.0.step();
        if self.0.places[self.1].told.get() == Told::FillsAgain {
            self.0.fill_and_ask(self.1);
        }
    }

    fn log_unpinned(&self) {}
}

impl Crowd {
    pub(super) fn new(logs: usize, policies: &[Policy]) -> Rc<Self> {
        let place = |_| Place {
            key: Cell::new(None),
            cookie: Cell::new(Cookie::NULL),
            version: Cell::new(1),
            total: Cell::new(4),
            last: Cell::new(3),
            tail: Cell::new(0),
            told: Cell::new(Told::Rests),
            waits_since: Cell::new(None),
            space_since: Cell::new(None),
            was_told: Cell::new(false),
        };
        let platform = Simulated::default();
        let crowd = Rc::new(Self {
            places: (0..logs).map(place).collect(),
            platform: platform.clone(),
            manager: RefCell::default(),
            steps: Cell::new(0),
            steps_max: Cell::new(u64::MAX),
            at_work: Cell::new(0),
            left: Cell::new(logs),
            longest: Cell::new((0, 0)),
        });
        let manager = Rc::new(Manager::new(platform));
        *crowd.manager.borrow_mut() = Some(Rc::clone(&manager));
        for (number, place) in crowd.places.iter().enumerate() {
            let key = manager.attach(Log(Rc::clone(&crowd), number)).unwrap();
            place.key.set(Some(key));
            for policy in policies {
                manager.install_policy(key, copied(policy), Existing::Overwrite).unwrap();
            }
            place.cookie.set(manager.register(key, StreamId(0), Callbacks(Rc::clone(&crowd), number)).unwrap());
        }
        crowd
    }

    fn manager(&self) -> Rc<TheManager> {
        self.manager.borrow().clone().unwrap()
    }

    /// Something has been done; the other worker has its turn.
    fn step(&self) {
        self.steps.set(self.steps.get() + 1);
        assert!(self.steps.get() < self.steps_max.get(), "{} logs still wait", self.left.get());
        if self.at_work.get() < WORKERS {
            on_another_thread(|| self.work());
        }
    }

    /// A worker's turn; whether there was anything to do.
    pub(super) fn work(&self) -> bool {
        let Some(log) = self.platform.take_work() else {
            return false;
        };
        self.at_work.set(self.at_work.get() + 1);
        self.manager().drain(log);
        self.at_work.set(self.at_work.get() - 1);
        true
    }

    fn there_is_space(&self, number: usize) {
        let place = &self.places[number];
        if place.waits_since.get().is_some() && place.space_since.get().is_none() {
            place.space_since.set(Some(self.steps.get()));
        }
    }

    fn is_told(&self, number: usize) {
        let (place, now) = (&self.places[number], self.steps.get());
        let since = |step: Option<u64>| step.map_or(0, |step| now - step);
        let (waited, knew) = (since(place.waits_since.take()), since(place.space_since.take()));
        let (longest_wait, longest_late) = self.longest.get();
        self.longest.set((longest_wait.max(waited), longest_late.max(knew)));
        if !place.was_told.replace(true) {
            self.left.set(self.left.get() - 1);
        }
        if self.left.get() == 0 {
            self.rest();
        }
    }

    /// From now on nobody fills its log again.
    fn rest(&self) {
        for place in &self.places {
            place.told.set(Told::Rests);
        }
    }

    /// Writes until the log is full, and asks for space.
    pub(super) fn fill_and_ask(&self, number: usize) {
        let place = &self.places[number];
        place.last.set(place.last.get() + place.free());
        place.changed();
        self.manager().handle_log_changed(place.key.get().unwrap());
        place.waits_since.set(Some(self.steps.get()));
        let outcome = self.manager().handle_log_full(place.cookie.get(), GrowthPlace::Worker);
        match outcome.unwrap() {
            RequestOutcome::Pending => {}
            other => panic!("log {number}: {other:?}"),
        }
    }
}

/// A policy is not cloned, since a name in it may take memory.
fn copied(policy: &Policy) -> Policy {
    match policy {
        Policy::MaximumSize(count) => Policy::MaximumSize(*count),
        Policy::GrowthRate(amount) => Policy::GrowthRate(*amount),
        other => panic!("{other:?}"),
    }
}
