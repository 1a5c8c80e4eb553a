//! Clients made of closures, and what must hold of each in every schedule.

use real::boxed::Box;
use real::collections::VecDeque;
use real::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use real::vec::Vec;

use clfsmgmt::engine::RequestRefused;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Lsn, Status};
use shuttle::sync::{Arc, Condvar, Mutex};
use shuttle::thread::{self, ThreadId};

use crate::world::Log;

/// What a client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Ask,
    Complete(Status, bool),
    Unpinned,
}

type React = Box<dyn Fn(&Client, Told) -> Status + Send + Sync>;

/// A client, and what is known of it. The numbers are the test's own: no scheduler comes between them.
pub(crate) struct Client {
    pub(crate) log: Log,
    pub(crate) stream: u8,
    cookie: Mutex<Option<Cookie>>,
    is_known: Condvar,
    running: real::sync::Mutex<Vec<ThreadId>>,
    is_gone: AtomicBool,
    pending: AtomicU32,
    armed: AtomicU32,
    heard: Mutex<VecDeque<Told>>,
    is_heard: Condvar,
}

/// The callbacks of a client.
pub(crate) struct Callbacks {
    client: Arc<Client>,
    react: React,
}

impl Callbacks {
    pub(crate) fn new(client: &Arc<Client>, react: impl Fn(&Client, Told) -> Status + Send + Sync + 'static) -> Self {
        Self { client: client.clone(), react: Box::new(react) }
    }

    fn call(&self, told: Told) -> Status {
        let client = &self.client;
        assert!(!client.is_gone.load(Ordering::Relaxed), "{told:?} after the deregistration has returned");
        client.running.lock().unwrap().push(thread::current().id());
        if let Told::Complete(..) = told {
            let before = client.pending.fetch_sub(1, Ordering::Relaxed);
            assert!(before > 0, "a completion nobody waits for");
        }
        let status = (self.react)(client, told);
        if told == Told::Unpinned {
            assert!(client.armed.swap(0, Ordering::Relaxed) > 0, "unpinned without a pin");
        }
        client.heard.lock().unwrap().push_back(told);
        client.is_heard.notify_all();
        let mut running = client.running.lock().unwrap();
        let this = running.iter().rposition(|id| *id == thread::current().id()).unwrap();
        running.swap_remove(this);
        status
    }
}

impl ClientCallbacks for Callbacks {
    fn advance_tail(&self, _: Lsn) -> Status {
        self.call(Told::Ask)
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        assert!(!(status.is_success() && is_pinned), "a success, and pinned");
        if is_pinned && status.is_error() {
            self.client.armed.fetch_add(1, Ordering::Relaxed);
        }
        self.call(Told::Complete(status, is_pinned));
    }

    fn log_unpinned(&self) {
        self.call(Told::Unpinned);
    }
}

impl Client {
    pub(crate) fn new(log: &Log, stream: u8) -> Arc<Self> {
        Arc::new(Self {
            log: log.clone(),
            stream,
            cookie: Mutex::new(None),
            is_known: Condvar::new(),
            running: real::sync::Mutex::default(),
            is_gone: AtomicBool::new(false),
            pending: AtomicU32::new(0),
            armed: AtomicU32::new(0),
            heard: Mutex::default(),
            is_heard: Condvar::new(),
        })
    }

    pub(crate) fn is_registered_as(&self, cookie: Cookie) {
        *self.cookie.lock().unwrap() = Some(cookie);
        self.is_known.notify_all();
    }

    /// The client's cookie; a callback may come before it is known, and waits for it.
    pub(crate) fn cookie(&self) -> Cookie {
        let known = self.is_known.wait_while(self.cookie.lock().unwrap(), |cookie| cookie.is_none());
        known.unwrap().unwrap()
    }

    /// The threads on which its callbacks run, but for this one.
    pub(crate) fn runs_elsewhere(&self) -> bool {
        self.running.lock().unwrap().iter().any(|id| *id != thread::current().id())
    }

    /// A completion is on the way, of a request that the test makes itself.
    pub(crate) fn expect_completion(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }

    /// Moves its tail to the end, and tells the manager.
    pub(crate) fn moves(&self) {
        self.log.model.move_tail(self.stream);
        self.log.changed();
    }

    /// Asks for space. A client that has gone is deregistered.
    pub(crate) fn log_full(&self, place: GrowthPlace) -> RequestOutcome {
        self.pending.fetch_add(1, Ordering::Relaxed);
        let outcome = self.log.manager.handle_log_full(self.cookie(), place);
        let outcome = outcome.unwrap_or_else(|refused| {
            assert_eq!(refused, RequestRefused::NotAClient);
            RequestOutcome::Deregistered
        });
        if outcome != RequestOutcome::Pending {
            self.pending.fetch_sub(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Asks for space and waits until the request has ended.
    pub(crate) fn wait_for_space(&self, place: GrowthPlace) -> Status {
        match self.log_full(place) {
            RequestOutcome::Success => Status::SUCCESS,
            RequestOutcome::Deregistered => Status::UNSUCCESSFUL,
            RequestOutcome::Pending => self.hear(|told| match told {
                Told::Complete(status, _) => Some(status),
                Told::Ask | Told::Unpinned => None,
            }),
        }
    }

    /// Waits until the client has been told what `look` looks for.
    pub(crate) fn hear<R>(&self, mut look: impl FnMut(Told) -> Option<R>) -> R {
        let mut heard = self.heard.lock().unwrap();
        loop {
            while let Some(told) = heard.pop_front() {
                if let Some(found) = look(told) {
                    return found;
                }
            }
            heard = self.is_heard.wait(heard).unwrap();
        }
    }

    pub(crate) fn refuse(&self, reason: Status) {
        self.log.manager.tail_advance_failure(self.cookie(), reason).unwrap();
    }

    /// Deregisters, and does not look who still runs: for circles.
    pub(crate) fn leave(&self) -> bool {
        let was_there = self.log.manager.deregister(self.cookie()).is_ok();
        self.pending.store(0, Ordering::Relaxed);
        was_there
    }

    /// Deregisters. When this returns none of its callbacks runs elsewhere, and none comes.
    pub(crate) fn deregister(&self) {
        if self.leave() {
            assert!(!self.runs_elsewhere(), "a callback runs behind the deregistration");
            self.is_gone.store(true, Ordering::Relaxed);
        }
    }
}

/// Deregisters them all, one after the other.
pub(crate) fn deregister_all<'a>(clients: impl IntoIterator<Item = &'a Arc<Client>>) {
    for client in clients {
        client.deregister();
    }
}
