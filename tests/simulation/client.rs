//! Clients and their temperaments: what each answers, and what it may and must be told.

use std::cell::Cell;
use std::rc::{Rc, Weak};

use clfsmgmt::engine::{NotAClient, RequestRefused};
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::platform::locks_held;
use crate::world::World;

/// What a client does when it is asked to move its tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    AtOnce,
    Beyond,
    Partly,
    RestartArea,
    Refuse,
    ReturnError,
    /// Against the rules: it goes on as if it had answered `PENDING`.
    ReturnSuccess,
    Later,
    Never,
    Deregister,
    LogFull,
    RegisterAnother,
    Resize,
}

impl Answer {
    pub(crate) const ALL: [Self; 13] = [
        Self::AtOnce,
        Self::Beyond,
        Self::Partly,
        Self::RestartArea,
        Self::Refuse,
        Self::ReturnError,
        Self::ReturnSuccess,
        Self::Later,
        Self::Never,
        Self::Deregister,
        Self::LogFull,
        Self::RegisterAnother,
        Self::Resize,
    ];
}

/// Reasons that clients give: errors, a warning, a success, an information.
pub(crate) const REASONS: [Status; 5] = [
    Status::LOG_TAIL_INVALID,
    Status::CANCELLED,
    Status::COULD_NOT_RESIZE_LOG,
    Status::SUCCESS,
    Status::LOG_NO_RESTART,
];

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) number: u64,
    pub(crate) stream: StreamId,
    /// What it does most of the time.
    pub(crate) temper: Answer,
    pub(crate) cookie: Cell<Cookie>,
    /// The opening of the log that it belongs to.
    pub(crate) opened: u32,
    /// Its deregistration has returned.
    pub(crate) is_gone: Cell<bool>,
    pub(crate) asked: Cell<Option<Lsn>>,
    /// Calls that may still lead to a completion: 1 while a request is open.
    pub(crate) requests: Cell<i32>,
    /// What had been consumed when the request was made.
    consumed: Cell<u64>,
    /// Completions with an error on a pinned log since it heard that there is space.
    pub(crate) armed: Cell<u32>,
    /// How its last request has ended.
    pub(crate) told: Cell<Option<(Status, bool)>>,
    /// Callbacks that run.
    pub(crate) running: Cell<u32>,
}

impl Client {
    pub(crate) fn new(world: &World, stream: StreamId, temper: Answer) -> Self {
        Self {
            number: world.number(),
            stream,
            temper,
            cookie: Cell::new(Cookie::NULL),
            opened: world.opened.get(),
            is_gone: Cell::new(false),
            asked: Cell::new(None),
            requests: Cell::new(0),
            consumed: Cell::new(0),
            armed: Cell::new(0),
            told: Cell::new(None),
            running: Cell::new(0),
        }
    }

    /// Whether its log is still the one that is open.
    pub(crate) fn is_of(&self, world: &World) -> bool {
        self.opened == world.opened.get()
    }
}

pub(crate) struct Callbacks {
    pub(crate) world: Weak<World>,
    pub(crate) client: Rc<Client>,
}

impl Callbacks {
    fn call<R>(&self, what: &str, action: impl FnOnce(&World) -> R) -> R {
        let world = self.world.upgrade().expect("a callback after the end");
        let client = &self.client;
        world.trace(|| format!("client {}: {what}", client.number));
        assert!(!client.is_gone.get(), "called after deregistration: {what}");
        assert_eq!(locks_held(), 0, "called under a lock: {what}");
        client.running.set(client.running.get() + 1);
        let entered = world.enter();
        let result = action(&world);
        drop(entered);
        client.running.set(client.running.get() - 1);
        result
    }
}

impl ClientCallbacks for Callbacks {
    fn advance_tail(&self, target: Lsn) -> Status {
        self.call(&format!("asked for {target}"), |world| {
            world.end_met_asks();
            let before = self.client.asked.replace(Some(target));
            assert_eq!(before, None, "asked for {target} while an ask is open");
            let answer = world.answer_ask(&self.client, target);
            world.trace(|| format!("answers {answer}"));
            if !answer.is_success() {
                self.client.asked.set(None);
            }
            answer
        })
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        let client = &self.client;
        self.call(&format!("completed: {status}, pinned {is_pinned}"), |world| {
            client.told.set(Some((status, is_pinned)));
            client.requests.set(client.requests.get() - 1);
            assert!(client.requests.get() >= 0, "completed and not pending");
            assert!(!(is_pinned && status.is_success()), "a success, and pinned");
            if status.is_success() {
                world.check_space(client);
            }
            world.react(client);
        });
        if is_pinned && status.is_error() {
            client.armed.set(client.armed.get() + 1);
        }
    }

    fn log_unpinned(&self) {
        self.call("unpinned", |world| {
            let armed = self.client.armed.replace(0);
            assert!(armed > 0, "unpinned without a pinned error, or twice");
            world.react(&self.client);
        });
    }
}

impl World {
    /// A client that was told of space finds some, if nobody has taken it meanwhile.
    fn check_space(&self, client: &Client) {
        if client.is_of(self) && client.consumed.get() == self.consumed.get() {
            assert!(self.spare_containers() > 0, "a success without space");
        }
    }

    /// Asks for space. Answers what the call answered.
    pub(crate) fn log_full(&self, client: &Client) -> Result<RequestOutcome, RequestRefused> {
        let place = if self.one_in(2) { GrowthPlace::Inline } else { GrowthPlace::Worker };
        let (was_gone, before) = (client.is_gone.get(), client.requests.get());
        let expectation = self.expect(client, place);
        client.requests.set(before + 1);
        if before == 0 {
            client.consumed.set(self.consumed.get());
        }
        let answer = self.manager().handle_log_full(client.cookie.get(), place);
        self.trace(|| format!("client {}: log full, {place:?}: {answer:?}", client.number));
        if let Some(expectation) = expectation {
            self.compare(client, &expectation, answer);
        }
        let is_open = before > 0;
        match answer {
            Ok(RequestOutcome::Pending) => assert!(!is_open, "a second request is pending"),
            Err(RequestRefused::InProgress) => assert!(is_open, "no request is open"),
            Ok(RequestOutcome::Success) => assert!(!is_open, "a second request succeeded"),
            Err(RequestRefused::NotAClient) => assert!(was_gone, "the client is registered"),
            Ok(RequestOutcome::Deregistered) => assert!(client.is_gone.get(), "the client is registered"),
            Err(RequestRefused::Stopped) => {
                let has_reason = client.is_gone.get() || !client.is_of(self) || self.is_stopped();
                assert!(has_reason, "the management has stopped");
            }
        }
        if answer != Ok(RequestOutcome::Pending) {
            client.requests.set(client.requests.get() - 1);
            let requests = client.requests.get();
            assert!(requests >= 0 || client.is_gone.get(), "a completion after {answer:?}");
        }
        if answer == Ok(RequestOutcome::Success) {
            self.check_space(client);
        }
        if client.is_gone.get() {
            client.requests.set(0);
        }
        answer
    }

    pub(crate) fn deregister(&self, client: &Client) {
        let was_gone = client.is_gone.get();
        self.trace(|| format!("client {}: deregisters", client.number));
        let answer = self.manager().deregister(client.cookie.get());
        let expected = if was_gone { Err(NotAClient) } else { Ok(()) };
        assert_eq!(answer, expected, "deregistration");
        client.is_gone.set(true);
        client.asked.set(None);
        client.requests.set(0);
        client.armed.set(0);
        self.clients.borrow_mut().retain(|other| other.number != client.number);
    }

    pub(crate) fn refuse(&self, client: &Client, reason: Status) {
        let answer = self.manager().tail_advance_failure(client.cookie.get(), reason);
        let is_gone = client.is_gone.get();
        self.trace(|| format!("client {}: refuses, {reason}: {answer:?}", client.number));
        assert_eq!(answer.is_ok(), !is_gone, "{answer:?}");
        client.asked.set(None);
    }

    /// Forgets asks that have been met.
    pub(crate) fn end_met_asks(&self) {
        for client in self.clients.borrow().iter() {
            if let Some(target) = client.asked.get()
                && client.is_of(self)
                && self.tail(client.stream).is_none_or(|tail| tail >= target)
            {
                client.asked.set(None);
            }
        }
    }
}
