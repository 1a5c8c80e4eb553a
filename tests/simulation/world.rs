//! One seed's world: a manager over a real log in memory, what its owner knows, and what must hold after each step.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::{Rc, Weak};

use clfsmgmt::engine::policy::Amount;
use clfsmgmt::library::{ManagerOf, OpenLog};
use clfsmgmt::log::{Log, ReservationAccount};
use clfsmgmt::manager::{LogKey, Manager};
use clfsmgmt::units::{Lsn, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::client::{Callbacks, Client};
use crate::ledger::Ledger;
use crate::platform::{Simulated, is_another_thread, on_another_thread};
use crate::port::Port;
use crate::recorder::Files;
use crate::volume::MemoryVolume;

type Setting = (Simulated, MemoryVolume<Port>, Callbacks);
pub(crate) type Open = OpenLog<Setting>;
pub(crate) type TheManager = ManagerOf<Setting>;

/// Callbacks in one step, beyond which it has not gone quiet.
const CALLBACKS_MAX: u32 = 5_000;

/// A reservation, and the sizes of the records that it is for.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) account: ReservationAccount,
    pub(crate) sizes: Vec<usize>,
}

/// The limits that are installed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) maximum: Option<u32>,
    pub(crate) minimum: Option<u32>,
    pub(crate) auto_grow: bool,
    pub(crate) auto_shrink: bool,
    pub(crate) growth: Option<Amount>,
    pub(crate) log_tail: Option<Amount>,
    pub(crate) never_grows: bool,
}

pub(crate) struct World {
    this: Weak<World>,
    random: RefCell<Xoshiro256PlusPlus>,
    is_traced: bool,
    pub(crate) has_faults: bool,
    pub(crate) is_multiplexed: bool,
    pub(crate) platform: RefCell<Simulated>,
    pub(crate) manager: RefCell<Rc<TheManager>>,
    open: RefCell<Option<Rc<Open>>>,
    pub(crate) port: RefCell<Port>,
    /// What the disk held when it was opened.
    pub(crate) initial: RefCell<Files>,
    pub(crate) ledgers: RefCell<BTreeMap<StreamId, Ledger>>,
    pub(crate) clients: RefCell<Vec<Rc<Client>>>,
    pub(crate) accounts: RefCell<Vec<Account>>,
    pub(crate) limits: Cell<Limits>,
    /// How often the log was opened.
    pub(crate) opened: Cell<u32>,
    /// Counts whatever may have taken space.
    pub(crate) consumed: Cell<u64>,
    /// Every number is another record, stream or client.
    numbers: Cell<u64>,
    pub(crate) callbacks: Cell<u32>,
    /// Clients do as they are asked, and nothing else.
    pub(crate) is_settling: Cell<bool>,
    /// What it had behind the last step.
    pub(crate) containers: Cell<u32>,
    /// Callbacks, and threads that come between, that are under way.
    pub(crate) depth: Cell<u32>,
}

impl World {
    pub(crate) fn new(seed: u64, is_traced: bool) -> Rc<Self> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (faults, multiplexed) = (random.next_u32() % 3, random.next_u32() % 4);
        let platform = Simulated::default();
        let manager = Rc::new(Manager::new(platform.clone()));
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            random: RefCell::new(random),
            is_traced,
            has_faults: faults == 0,
            is_multiplexed: multiplexed > 0,
            platform: RefCell::new(platform),
            manager: RefCell::new(manager),
            open: RefCell::default(),
            port: RefCell::new(Port::new(crate::recorder::Recorder::default())),
            initial: RefCell::default(),
            ledgers: RefCell::default(),
            clients: RefCell::default(),
            accounts: RefCell::default(),
            limits: Cell::default(),
            opened: Cell::new(0),
            consumed: Cell::new(0),
            numbers: Cell::new(0),
            callbacks: Cell::new(0),
            is_settling: Cell::new(false),
            containers: Cell::new(0),
            depth: Cell::new(0),
        })
    }

    pub(crate) fn weak(&self) -> Weak<Self> {
        self.this.clone()
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        let random = self.random.borrow_mut().next_u32();
        random as usize % bound
    }

    pub(crate) fn one_in(&self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn with_random<R>(&self, action: impl FnOnce(&mut Xoshiro256PlusPlus) -> R) -> R {
        action(&mut self.random.borrow_mut())
    }

    pub(crate) fn number(&self) -> u64 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    pub(crate) fn trace(&self, what: impl FnOnce() -> String) {
        if self.is_traced {
            let depth = self.depth.get() as usize;
            let thread = if is_another_thread() { "~" } else { "" };
            println!("{}{thread}{}", "  ".repeat(depth), what());
        }
    }

    pub(crate) fn manager(&self) -> Rc<TheManager> {
        self.manager.borrow().clone()
    }

    pub(crate) fn set_open(&self, open: Option<Open>) {
        let containers = open.as_ref().map(|open| {
            let space = open.with(Log::space).unwrap();
            space.total_containers.0
        });
        self.containers.set(containers.unwrap_or(0));
        *self.open.borrow_mut() = open.map(Rc::new);
    }

    pub(crate) fn take_open(&self) -> Open {
        let open = self.open.borrow_mut().take().unwrap();
        Rc::try_unwrap(open).ok().expect("the log is in use")
    }

    pub(crate) fn open(&self) -> Rc<Open> {
        self.open.borrow().clone().expect("the log is closed")
    }

    pub(crate) fn key(&self) -> LogKey {
        self.open().management().1
    }

    pub(crate) fn consume(&self) {
        self.consumed.set(self.consumed.get() + 1);
    }

    /// A failure that only a fault of the storage explains.
    pub(crate) fn expect_fault(&self, what: &str, status: impl Display) {
        let injected = self.port.borrow().below.faults.injected();
        assert!(injected > 0, "{what} failed without a fault: {status}");
    }

    pub(crate) fn has_fault(&self) -> bool {
        self.port.borrow().below.faults.injected() > 0
    }

    /// Whether a fault has stopped the log, and with it its management.
    pub(crate) fn is_stopped(&self) -> bool {
        self.open().with(|log| log.fault().is_some()).unwrap()
    }

    pub(crate) fn spare_containers(&self) -> u32 {
        let space = self.open().with(Log::space).unwrap();
        space.spare_containers.0
    }

    pub(crate) fn tail(&self, id: StreamId) -> Option<Lsn> {
        let tail = self.open().with(|log| log.tails().find(|(stream, _)| *stream == id));
        tail.unwrap().map(|(_, tail)| tail)
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        self.ledgers.borrow().keys().copied().collect()
    }

    pub(crate) fn some_stream(&self) -> Option<StreamId> {
        self.pick(&self.streams())
    }

    pub(crate) fn some_client(&self) -> Option<Rc<Client>> {
        self.pick(&self.clients.borrow())
    }

    fn pick<T: Clone>(&self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())].clone())
    }

    /// A callback or another thread's turn begins.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.callbacks.set(self.callbacks.get() + 1);
        assert!(self.callbacks.get() < CALLBACKS_MAX, "did not go quiet in {CALLBACKS_MAX} callbacks");
        self.depth.set(self.depth.get() + 1);
        Entered(self)
    }

    /// Other threads do something between two calls of this one.
    pub(crate) fn let_others_in(&self) {
        let may = self.open.borrow().is_some() && self.depth.get() < 4 && !self.is_settling.get();
        if may && self.one_in(3) {
            let _entered = self.enter();
            on_another_thread(|| self.intrude());
        }
    }
}

pub(crate) struct Entered<'a>(&'a World);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}
