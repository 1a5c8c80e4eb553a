//! Every call of a port fails in turn, and every allocation: who asked is told why, everything goes on, and in the end
//! nothing is left.

mod ports;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use clfsmgmt::engine::policy::{Existing, Name, Policy, PolicyKind};
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, LogError, LogKey, Manager, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Lsn, Status, StreamId};

use crate::counting::{pause, refused};
use ports::{Failing, Fallible, Log, has_failed, with_failing_port};

type TheManager = Manager<(Fallible, Log, Client)>;

/// What a failing port or allocation may lead to.
const FAILURES: [Status; 3] = [Status::DISK_FULL, Status::IO_DEVICE_ERROR, Status::INSUFFICIENT_RESOURCES];

/// What a client was told.
#[derive(Default)]
struct Told {
    pending: Cell<i32>,
    statuses: RefCell<Vec<Status>>,
}

/// A client that moves its tail when it is asked; that it has moved, its manager sees when the callback returns.
struct Client {
    log: Log,
    stream: usize,
    told: Rc<Told>,
}

impl ClientCallbacks for Client {
    fn advance_tail(&self, _: Lsn) -> Status {
        self.log.change(|space| space.tails[self.stream] = space.last);
        Status::PENDING
    }

    fn log_growth_complete(&self, status: Status, _: bool) {
        self.told.pending.set(self.told.pending.get() - 1);
        pause(true);
        self.told.statuses.borrow_mut().push(status);
        pause(false);
    }

    fn log_unpinned(&self) {}
}

struct Scene {
    platform: Fallible,
    manager: TheManager,
    /// How often something was refused.
    refused: Cell<u32>,
}

impl Scene {
    fn new() -> Self {
        let platform = Fallible::default();
        Self { manager: Manager::new(platform.clone()), platform, refused: Cell::new(0) }
    }

    /// Does it; where it is refused, the reason is one that a failure explains, and nothing has changed. Without failures
    /// it then goes well.
    fn does<T, E: Into<Status>>(&self, what: &str, act: impl Fn() -> Result<T, E>) -> Option<T> {
        match act().map_err(Into::into) {
            Ok(done) => Some(done),
            Err(status) => {
                pause(true);
                assert!(FAILURES.contains(&status), "{what}: {status}");
                pause(false);
                self.refused.set(self.refused.get() + 1);
                None
            }
        }
    }

    fn work(&self) {
        while let Some(log) = self.platform.next() {
            self.manager.drain(log);
        }
    }

    fn client(&self, log: &Log, key: LogKey, stream: u8) -> Option<(Cookie, Rc<Told>)> {
        pause(true);
        let told = Rc::new(Told::default());
        pause(false);
        let cookie = self.does("register", || {
            let client = Client { log: log.clone(), stream: usize::from(stream), told: Rc::clone(&told) };
            self.manager.register(key, StreamId(stream), client)
        })?;
        Some((cookie, told))
    }

    /// Fills the log and asks for space: the request ends, with space or with the reason of a failure.
    fn asks(&self, log: &Log, key: LogKey, (cookie, told): &(Cookie, Rc<Told>), place: GrowthPlace) {
        log.fill();
        self.manager.handle_log_changed(key);
        self.work();
        log.fill();
        told.pending.set(1);
        match self.manager.handle_log_full(*cookie, place) {
            Ok(RequestOutcome::Success) => {
                told.pending.set(0);
                assert!(log.free() > 0, "a success without space");
            }
            Ok(RequestOutcome::Pending) => {
                self.work();
                assert_eq!(told.pending.get(), 0, "the request has not ended");
                let status = told.statuses.borrow_mut().pop();
                assert!(status.is_some_and(|status| status.is_success() || FAILURES.contains(&status)), "{status:?}");
            }
            other => panic!("{other:?}"),
        }
    }

    fn installs(&self, key: LogKey, policy: impl Fn() -> Result<Policy, Status>) {
        self.does("install", || Ok::<_, Status>(self.manager.install_policy(key, policy()?, Existing::Overwrite)?));
    }

    /// A life of a log, from its attachment until it has gone.
    fn life(&self, log: &Log) {
        let Some(key) = self.does("attach", || self.manager.attach(log.clone())) else {
            assert_eq!((self.manager.logs_attached(), self.platform.reserved()), (0, 0));
            return;
        };
        let clients = [0, 1].map(|stream| self.client(log, key, stream));
        self.installs(key, || Ok(Policy::NewContainerPrefix(Name::new(&[u16::from(b'p'); 20])?)));
        self.does("query", || self.manager.query_policy(key, PolicyKind::NewContainerPrefix).or_else(not_installed));
        if let [Some(first), Some(second)] = &clients {
            self.asks(log, key, first, GrowthPlace::Inline);
            self.asks(log, key, second, GrowthPlace::Worker);
            self.does("pins", || self.manager.pin_report(key));
            let maximum = ContainerCount(log.0.borrow().total);
            self.installs(key, || Ok(Policy::MaximumSize(maximum)));
            self.asks(log, key, first, GrowthPlace::Inline);
        }
        self.resizes(log, key);
        for (cookie, told) in clients.into_iter().flatten() {
            assert_eq!(self.manager.deregister(cookie), Ok(()));
            assert_eq!(Rc::strong_count(&told), 1, "a client's callbacks are left");
        }
        self.manager.release(key).unwrap();
        self.work();
        assert_eq!((self.manager.logs_attached(), self.platform.reserved()), (0, 0));
    }

    fn resizes(&self, log: &Log, key: LogKey) {
        log.change(|space| space.tails = [space.last; 2]);
        let larger = u64::from(log.0.borrow().total) + 3;
        self.does("remove", || self.manager.remove_policy(key, PolicyKind::MaximumSize).or_else(not_installed_or(())));
        self.does("grow", || self.manager.set_log_size(key, larger));
        self.does("shrink", || self.manager.set_log_size(key, 5));
        self.installs(key, || Policy::auto_shrink(1));
        log.change(|_| ());
        self.manager.handle_log_changed(key);
        self.work();
        let total = log.0.borrow().total;
        assert!(self.refused.get() > 0 || has_failed() || total == 3, "{total} containers after a shrink");
    }
}

fn not_installed(error: LogError) -> Result<Policy, LogError> {
    if error == LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED) { Ok(Policy::AutoGrow(false)) } else { Err(error) }
}

fn not_installed_or<T>(instead: T) -> impl FnOnce(LogError) -> Result<T, LogError> {
    move |error| {
        if error == LogError::Failed(Status::LOG_POLICY_NOT_INSTALLED) { Ok(instead) } else { Err(error) }
    }
}

/// A life in which the `nth` failure happens, and one after it without failures; whether there was an `nth`.
fn fails_in(nth: u32, mut with_failure: impl FnMut(u32, &mut dyn FnMut()) -> bool) -> bool {
    let (scene, log) = (Scene::new(), Log::new(4));
    let has_failed = with_failure(nth, &mut || scene.life(&log));
    scene.refused.set(0);
    log.change(|space| space.tails = [space.last; 2]);
    scene.life(&log);
    assert_eq!(scene.refused.get(), 0, "failure {nth} has left something behind");
    has_failed
}

fn count(mut with_failure: impl FnMut(u32, &mut dyn FnMut()) -> bool) -> u32 {
    let mut nth = 1;
    while fails_in(nth, &mut with_failure) {
        nth += 1;
    }
    println!("{} failures", nth - 1);
    nth - 1
}

#[test]
fn management_survives_the_failure_of_each_call_of_a_port() {
    for failing in [Failing::Once, Failing::FromThenOn] {
        let calls = count(|nth, life| with_failing_port(nth, failing, life).1);
        assert!(calls > 10, "only {calls} calls can fail");
    }
}

#[test]
fn management_survives_the_failure_of_each_allocation() {
    let allocations = count(|nth, life| refused(nth, life).1);
    assert!(allocations > 10, "only {allocations} allocations");
}
