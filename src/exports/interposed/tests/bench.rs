//! A world over the fake, its interposed routines, and clients that note what they hear.

use core::cell::Cell;
use core::ffi::c_void;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use super::fake::FakeLog;
use super::fake_routines::FAKE;
use crate::abi::{Boolean, ClfsLsn, NtStatus};
use crate::engine::policy::{Existing, Policy};
use crate::exports::client::{Callbacks, Client, LogFileObject};
use crate::exports::image::opening;
use crate::exports::interposed::contexts::clfsmgmt_reserve_and_append_log;
use crate::exports::interposed::gateway::Gateway;
use crate::exports::interposed::logs::InterposedLogs;
use crate::exports::interposed::objects::clfsmgmt_create_marshalling_area;
use crate::exports::interposed::routines::{BaseRoutines, MarshalContext};
use crate::exports::managed_logs::{ManagedLogs, ManagerOf};
use crate::exports::platform::{ThePlatform, WorkQueue};
use crate::manager::{Cookie, LogKey, Manager};
use crate::units::{Lsn, Status};

std::thread_local! {
    static GATEWAY: Cell<Gateway<&'static InterposedLogs>> = const { Cell::new(Gateway { routines: &FAKE, logs: None }) };
}

/// What the interposed routines go through on this thread.
pub(in crate::exports::interposed) fn gateway() -> Gateway<&'static InterposedLogs> {
    GATEWAY.get()
}

/// What a client heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Ask(Lsn),
    Complete(Status, bool),
    Unpinned,
}

/// A client's memory.
pub(super) type Ears = &'static Mutex<Vec<Heard>>;

pub(super) struct Bench {
    pub(super) logs: &'static InterposedLogs,
    pub(super) manager: Arc<ManagerOf<InterposedLogs>>,
    queue: Arc<WorkQueue<LogKey>>,
    routines: &'static BaseRoutines,
}

/// A registered client.
pub(super) struct Registered {
    pub(super) cookie: Cookie,
    pub(super) log: LogKey,
    ears: Ears,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::over(&FAKE)
    }

    pub(super) fn over(routines: &'static BaseRoutines) -> Self {
        let platform = ThePlatform::default();
        let queue = platform.queue();
        let manager = Arc::new(Manager::new(platform));
        let logs = InterposedLogs::over(*routines, Arc::clone(&manager), opening, || {}).unwrap();
        let logs: &'static InterposedLogs = std::boxed::Box::leak(std::boxed::Box::new(logs));
        let bench = Self { logs, manager, queue, routines };
        bench.enter();
        bench
    }

    /// From here on this thread's routines are interposed by this bench.
    pub(super) fn enter(&self) {
        GATEWAY.set(Gateway { routines: self.routines, logs: Some(self.logs) });
    }

    /// Lets the workers do what there is to do.
    pub(super) fn work(&self) {
        self.queue.work_off(|log| self.manager.drain(log));
    }

    /// The timer's look; answers whether it is to look again.
    pub(super) fn tick(&self) -> bool {
        let goes_on = self.logs.world().tick();
        self.work();
        goes_on
    }

    pub(super) fn register(&self, log: LogFileObject) -> Registered {
        let target = self.logs.target(address(log)).unwrap();
        let ears: Ears = std::boxed::Box::leak(std::boxed::Box::default());
        let data = core::ptr::from_ref(ears).cast_mut().cast::<c_void>();
        let callbacks = Callbacks {
            advance_tail: hear_ask,
            advance_tail_data: data,
            log_growth_complete: Some(hear_completion),
            log_growth_complete_data: data,
            log_unpinned: Some(hear_unpinned),
            log_unpinned_data: data,
        };
        // SAFETY: the callbacks and their data live for ever.
        let client = unsafe { Client::new(log, callbacks, target.hold) };
        let cookie = self.manager.register(target.log, target.stream, client).unwrap();
        Registered { cookie, log: target.log, ears }
    }

    /// As the management routine does it.
    pub(super) fn log_full(&self, client: &Registered) -> Status {
        let status = self.manager.handle_log_full(client.cookie, self.logs.growth_place());
        if status == Status::PENDING {
            self.logs.needs_polling(client.log);
        }
        self.work();
        status
    }

    /// As the management routine does it.
    pub(super) fn install(&self, log: LogFileObject, policy: Policy) {
        let target = self.logs.target(address(log)).unwrap();
        self.manager.install_policy(target.log, policy, Existing::Overwrite).unwrap();
        self.logs.policy_installed(&target);
    }
}

impl Registered {
    /// What was heard since the last time.
    pub(super) fn heard(&self) -> Vec<Heard> {
        core::mem::take(&mut *self.ears.lock().unwrap())
    }
}

pub(super) fn address(log: LogFileObject) -> u64 {
    u64::try_from(log.expose_provenance()).unwrap()
}

/// A marshalling area of a relinked driver.
pub(super) fn area(log: LogFileObject) -> MarshalContext {
    let mut context = core::ptr::null_mut();
    // SAFETY: the log is open, the place a local.
    let status = unsafe { clfsmgmt_create_marshalling_area(log, 0, None, None, 65536, 1, 1, &raw mut context) };
    assert_eq!(status, NtStatus::SUCCESS);
    context
}

/// Appends a record as a relinked driver does.
pub(super) fn append(context: MarshalContext) -> Result<Lsn, Status> {
    let (mut lsn, none) = (ClfsLsn::INVALID, core::ptr::null());
    let (no_lsn, no_number) = (core::ptr::null(), core::ptr::null_mut());
    // SAFETY: an area that exists; the fake looks at no entry.
    let status =
        unsafe { clfsmgmt_reserve_and_append_log(context, none, 1, no_lsn, no_lsn, 0, no_number, 0, &raw mut lsn) };
    if status == NtStatus::SUCCESS { Ok(lsn.into()) } else { Err(status.into()) }
}

/// Appends until the log is full.
pub(super) fn fill(context: MarshalContext) {
    let mut outcome = append(context);
    while outcome.is_ok() {
        outcome = append(context);
    }
    assert_eq!(outcome, Err(Status::LOG_FULL));
}

/// How often the log was asked about itself while `action` ran.
pub(super) fn queries(log: FakeLog, action: impl FnOnce()) -> u32 {
    let before = log.space().queries;
    action();
    log.space().queries - before
}

unsafe fn hear(data: *mut c_void, heard: Heard) {
    // SAFETY: a client's memory, which lives for ever.
    unsafe { &*data.cast::<Mutex<Vec<Heard>>>() }.lock().unwrap().push(heard);
}

unsafe extern "system" fn hear_ask(_: LogFileObject, target: *mut ClfsLsn, data: *mut c_void) -> NtStatus {
    // SAFETY: the callback's contract.
    let target = Lsn::from(unsafe { *target });
    // SAFETY: registered with it.
    unsafe { hear(data, Heard::Ask(target)) };
    Status::PENDING.into()
}

unsafe extern "system" fn hear_completion(_: LogFileObject, status: NtStatus, is_pinned: Boolean, data: *mut c_void) {
    // SAFETY: registered with it.
    unsafe { hear(data, Heard::Complete(status.into(), is_pinned != 0)) };
}

unsafe extern "system" fn hear_unpinned(_: LogFileObject, data: *mut c_void) {
    // SAFETY: registered with it.
    unsafe { hear(data, Heard::Unpinned) };
}
