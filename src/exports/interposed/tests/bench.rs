//! Logs under management, the interposed routines over them, and clients that note what they are called with.

use core::cell::Cell;
use core::ffi::c_void;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use super::routines::OWN;
use crate::abi::{Boolean, ClfsLsn, NtStatus};
use crate::engine::policy::{Existing, Policy};
use crate::exports::client::{Callbacks, Client, LogFileObject};
use crate::exports::image::opening;
use crate::exports::interposed::entries::clfsmgmt_create_marshalling_area;
use crate::exports::interposed::gateway::Gateway;
use crate::exports::interposed::logs::InterposedLogs;
use crate::exports::interposed::routines::{BaseRoutines, MarshalContext};
use crate::exports::managed_logs::{ManagedLogs, ManagerOf};
use crate::exports::management::of_request;
use crate::exports::platform::{ThePlatform, WorkQueue};
use crate::manager::{Cookie, LogKey, Manager};
use crate::units::{Lsn, Status};

std::thread_local! {
    static GATEWAY: Cell<Gateway<&'static InterposedLogs>> = const { Cell::new(Gateway { routines: &OWN, logs: None }) };
}

/// What the interposed routines go through on this thread.
pub(in crate::exports::interposed) fn gateway() -> Gateway<&'static InterposedLogs> {
    GATEWAY.get()
}

/// What a client was called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Ask(Lsn),
    Complete(Status, bool),
    Unpinned,
}

/// A client's memory.
pub(super) type Calls = &'static Mutex<Vec<Call>>;

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
    calls: Calls,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::over(&OWN)
    }

    pub(super) fn over(routines: &'static BaseRoutines) -> Self {
        let platform = ThePlatform::default();
        let queue = platform.queue();
        let manager = Arc::new(Manager::new(platform));
        let logs = InterposedLogs::over(routines, Arc::clone(&manager), opening, || {}).unwrap();
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

    /// The timer's look; returns whether it is to look again.
    pub(super) fn tick(&self) -> bool {
        let goes_on = self.logs.foreign().tick();
        self.work();
        goes_on
    }

    pub(super) fn register(&self, log: LogFileObject) -> Registered {
        let target = self.logs.target(address(log)).unwrap();
        let calls: Calls = std::boxed::Box::leak(std::boxed::Box::default());
        let data = core::ptr::from_ref(calls).cast_mut().cast::<c_void>();
        let callbacks = Callbacks {
            advance_tail: note_ask,
            advance_tail_data: data,
            log_growth_complete: Some(note_completion),
            log_growth_complete_data: data,
            log_unpinned: Some(note_unpinned),
            log_unpinned_data: data,
        };
        // SAFETY: the callbacks and their data live for ever.
        let client = unsafe { Client::new(log, callbacks, target.hold) };
        let cookie = self.manager.register(target.log, target.stream, client).unwrap();
        Registered { cookie, log: target.log, calls }
    }

    /// As the management routine does it.
    pub(super) fn log_full(&self, client: &Registered) -> Status {
        let status = of_request(self.manager.handle_log_full(client.cookie, self.logs.growth_place()));
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
    /// What was called since the last time.
    pub(super) fn calls(&self) -> Vec<Call> {
        core::mem::take(&mut *self.calls.lock().unwrap())
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

unsafe fn note(data: *mut c_void, call: Call) {
    // SAFETY: a client's memory, which lives for ever.
    unsafe { &*data.cast::<Mutex<Vec<Call>>>() }.lock().unwrap().push(call);
}

unsafe extern "system" fn note_ask(_: LogFileObject, target: *mut ClfsLsn, data: *mut c_void) -> NtStatus {
    // SAFETY: the callback's contract.
    let target = Lsn::from(unsafe { *target });
    // SAFETY: registered with it.
    unsafe { note(data, Call::Ask(target)) };
    Status::PENDING.into()
}

unsafe extern "system" fn note_completion(_: LogFileObject, status: NtStatus, is_pinned: Boolean, data: *mut c_void) {
    // SAFETY: registered with it.
    unsafe { note(data, Call::Complete(status.into(), is_pinned != 0)) };
}

unsafe extern "system" fn note_unpinned(_: LogFileObject, data: *mut c_void) {
    // SAFETY: registered with it.
    unsafe { note(data, Call::Unpinned) };
}
