//! Logs of the fake under management, drivers that are relinked, and clients that note what they are asked.

use std::sync::{Arc, Mutex};

use clfsmgmt::engine::RequestRefused;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::foreign::{Attached, ForeignHold, ForeignLogs, ManagerOf, Reservations, Setting};
use clfsmgmt::host::{HostPlatform, WorkQueue};
use clfsmgmt::manager::RequestOutcome;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, LogKey, Manager};
use clfsmgmt::units::{Lsn, Status};

use crate::fake::{FakeClfs, FakeLog, FakeObject, new_address};

pub(crate) struct Fake;

impl Setting for Fake {
    type Platform = HostPlatform;
    type Clfs = FakeClfs;
    type Callbacks = Client;
}

/// What a client was called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Ask(Lsn),
    Complete(Status, bool),
    Unpinned,
}

/// A client's callbacks, which keep its handle.
pub(crate) struct Client {
    calls: Arc<Mutex<Vec<Call>>>,
    _hold: ForeignHold<Fake>,
}

impl Client {
    fn note(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }
}

impl ClientCallbacks for Client {
    fn advance_tail(&self, target: Lsn) -> Status {
        self.note(Call::Ask(target));
        Status::PENDING
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        self.note(Call::Complete(status, is_pinned));
    }

    fn log_unpinned(&self) {
        self.note(Call::Unpinned);
    }
}

/// A registered client.
pub(crate) struct Registered {
    pub(crate) cookie: Cookie,
    pub(crate) log: LogKey,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Registered {
    /// What was called since the last time.
    pub(crate) fn calls(&self) -> Vec<Call> {
        core::mem::take(&mut *self.calls.lock().unwrap())
    }
}

/// A marshalling area.
#[derive(Clone)]
pub(crate) struct Area {
    pub(crate) context: u64,
    pub(crate) log: FakeLog,
    pub(crate) stream: u8,
}

impl Area {
    /// One that a driver makes that is not relinked.
    pub(crate) fn unseen(object: &FakeObject) -> Self {
        Self { context: new_address(), log: object.log.clone(), stream: object.stream }
    }
}

pub(crate) struct Bench {
    pub(crate) logs: Arc<ForeignLogs<Fake>>,
    pub(crate) manager: Arc<ManagerOf<Fake>>,
    queue: Arc<WorkQueue<LogKey>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let platform = HostPlatform::default();
        let queue = platform.queue();
        let manager = Arc::new(Manager::new(platform));
        let logs = Arc::new(ForeignLogs::new(FakeClfs, Arc::clone(&manager), || {}));
        Self { logs, manager, queue }
    }

    /// Lets the workers do what there is to do.
    pub(crate) fn work(&self) {
        self.queue.work_off(|log| self.manager.drain(log));
    }

    /// The timer's look; returns whether it is to look again.
    pub(crate) fn tick(&self) -> bool {
        let goes_on = self.logs.tick();
        self.work();
        goes_on
    }

    pub(crate) fn attach(&self, object: &FakeObject) -> Result<Attached<Fake>, Status> {
        ForeignLogs::attach(&self.logs, object, || Ok(()))
    }

    pub(crate) fn register(&self, object: &FakeObject) -> Registered {
        let Attached { log, stream, hold } = self.attach(object).unwrap();
        let calls = Arc::default();
        let client = Client { calls: Arc::clone(&calls), _hold: hold };
        let cookie = self.manager.register(log, stream, client).unwrap();
        Registered { cookie, log, calls }
    }

    /// As the management routine does it.
    pub(crate) fn log_full(&self, client: &Registered) -> Result<RequestOutcome, RequestRefused> {
        let outcome = self.manager.handle_log_full(client.cookie, GrowthPlace::Inline);
        if outcome == Ok(RequestOutcome::Pending) {
            self.logs.needs_polling(client.log);
        }
        self.work();
        outcome
    }

    /// As the management routine does it.
    pub(crate) fn install(&self, object: &FakeObject, policy: Policy) {
        let attached = self.attach(object).unwrap();
        self.manager.install_policy(attached.log, policy, Existing::Overwrite).unwrap();
        attached.hold.note_policies();
    }

    /// A marshalling area of a relinked driver.
    pub(crate) fn area(&self, object: &FakeObject) -> Area {
        let area = Area::unseen(object);
        self.logs.handle_area_created(object, area.context);
        area
    }

    /// Deletes an area as a relinked driver does.
    pub(crate) fn delete(&self, area: &Area) {
        if let Some(leaving) = self.logs.area_leaves(area.context) {
            self.logs.handle_area_left(&leaving);
        }
    }

    /// Appends a record as a relinked driver does.
    pub(crate) fn append(&self, area: &Area) -> Result<Lsn, Status> {
        let record = area.log.space().append(area.stream)?;
        self.logs.handle_appended(area.context, record, Reservations::NotFreed);
        Ok(record)
    }

    /// Appends until the log is full.
    pub(crate) fn fill(&self, area: &Area) {
        let mut outcome = self.append(area);
        while outcome.is_ok() {
            outcome = self.append(area);
        }
        assert_eq!(outcome, Err(Status::LOG_FULL));
    }

    /// Moves the base as a relinked driver does.
    pub(crate) fn advance(&self, area: &Area, container: u32) -> Result<(), Status> {
        advance_unseen(area, container)?;
        self.logs.handle_area_changed(area.context);
        Ok(())
    }

    /// Closes a handle as a relinked driver does.
    pub(crate) fn close(&self, object: &FakeObject) -> Result<(), Status> {
        let closing = self.logs.object_closes(object.id);
        object.close()?;
        if let Some(closing) = closing {
            self.logs.handle_object_closed(&closing);
        }
        Ok(())
    }

    /// Whether an area is known: then what it gives back is asked about. Its log is under management.
    pub(crate) fn is_known(&self, area: &Area) -> bool {
        queries(&area.log, || self.logs.handle_area_changed(area.context)) > 0
    }
}

/// Moves the base as a driver does that is not relinked.
pub(crate) fn advance_unseen(area: &Area, container: u32) -> Result<(), Status> {
    area.log.space().advance(area.stream, Lsn::container_start(container))
}

/// How often the log was asked about itself while `action` ran.
pub(crate) fn queries(log: &FakeLog, action: impl FnOnce()) -> u32 {
    let before = log.space().queries;
    action();
    log.space().queries - before
}
