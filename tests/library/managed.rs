//! A log of our own under management: what the manager hears of it, and what of it is left when things fail.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use clfsmgmt::engine::RequestRefused;
use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{ManagerOf, OpenLog};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log, ReservationAccount};
use clfsmgmt::manager::{Cookie, GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Status, StreamId};

use crate::faulty::{Call, Faulty, Plan};
use crate::listener::{Client, Told};
use crate::model::{create, parts, payload, ready, wide};
use crate::recorder::Recorder;
use crate::volume::MemoryVolume;

type Storage = Faulty<Recorder>;
type Setting = (HostPlatform, MemoryVolume<Storage>, Client);
type OpenTest = OpenLog<Setting>;
type TestManager = ManagerOf<Setting>;

/// A dedicated log under management, whose work is done on the test's thread.
struct Fixture {
    storage: Storage,
    manager: Arc<TestManager>,
    log: OpenTest,
}

impl Fixture {
    fn new(storage: Storage, log: Log<Storage>) -> Self {
        let manager = Arc::new(TestManager::new(HostPlatform::default()));
        let log = OpenTest::new(Arc::clone(&manager), log, &wide("test")).unwrap();
        Self { storage, manager, log }
    }

    fn with_containers(containers: u32) -> Self {
        let storage = Faulty::new(Recorder::default());
        let (log, _) = ready(storage.clone(), 0, containers, 1);
        Self::new(storage, log)
    }

    fn install(&self, policy: Policy) {
        let (manager, key) = self.log.management();
        manager.install_policy(key, policy, Existing::Keep).unwrap();
    }

    fn register(&self) -> (Cookie, Receiver<Told>) {
        let (manager, key) = self.log.management();
        let (client, told) = Client::new();
        let cookie = manager.register(key, StreamId::PHYSICAL, client).unwrap();
        (cookie, told)
    }

    fn work_off(&self) {
        let queue = self.manager.platform().queue();
        queue.work_off(|key| self.manager.drain(key));
    }

    fn spare(&self) -> u32 {
        let spare = self.log.with(|log| log.space().spare_containers);
        spare.unwrap().0
    }
}

#[test]
fn a_failed_addition_leaves_a_log_that_opens_again() {
    let mut failures = 0;
    for (call, nth) in [Call::Write, Call::Flush].into_iter().flat_map(|call| (1..12).map(move |nth| (call, nth))) {
        let fixture = Fixture::with_containers(2);
        let (manager, key) = fixture.log.management();
        fixture.storage.faults.start(Plan { call, nth, from_then_on: true, is_done: true });
        let resized = manager.set_log_size(key, 3);
        fixture.storage.faults.stop();
        failures += u32::from(resized.is_err());
        let _ = fixture.log.close();
        let again = Log::open(fixture.storage, Access::Write, BlockLimit::DEFAULT);
        assert!(again.is_ok(), "{call:?} {nth}: {:?}", again.err());
    }
    assert!(failures > 0);
}

#[test]
fn an_empty_log_gets_containers_of_the_smallest_size_by_default() {
    let storage = Faulty::new(Recorder::default());
    let log = create(storage.clone(), false, BlockLimit::DEFAULT).unwrap();
    let fixture = Fixture::new(storage, log);
    let (manager, key) = fixture.log.management();
    assert_eq!(manager.set_log_size(key, 2), Ok(ContainerCount(2)));
    let size = fixture.log.with(|log| log.space().container_size);
    assert_eq!(size, Ok(Bytes(512 * 1024)));
}

#[test]
fn reservations_that_are_used_up_unpin_the_log() {
    let fixture = Fixture::with_containers(4);
    fixture.install(Policy::MaximumSize(ContainerCount(4)));
    let (cookie, told) = fixture.register();
    let mut account = ReservationAccount::default();
    let id = StreamId::PHYSICAL;
    fixture.log.append(id, &parts(&[&payload(0, 100)]), Admission::Free).unwrap();
    while fixture.log.reserve(&mut account, 100).is_ok() {}
    let full = fixture.manager.handle_log_full(cookie, GrowthPlace::Inline);
    assert_eq!(full, Ok(RequestOutcome::Pending));
    let pinned = Told::Complete(Status::LOG_PINNED_RESERVATION, true);
    assert_eq!(told.try_recv(), Ok(pinned));
    while fixture.spare() == 0 {
        let data = payload(1, 100);
        let admission = Admission::Reserved(&mut account);
        fixture.log.append(id, &parts(&[&data]), admission).unwrap();
    }
    fixture.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Unpinned));
    fixture.log.free_account(&mut account).unwrap();
}

#[test]
fn a_request_that_waits_ends_when_the_log_is_closed() {
    let fixture = Fixture::with_containers(4);
    fixture.install(Policy::MaximumSize(ContainerCount(4)));
    let (cookie, told) = fixture.register();
    let data = payload(0, 30_000);
    let id = StreamId::PHYSICAL;
    let append = || fixture.log.append(id, &parts(&[&data]), Admission::Free);
    while append().is_ok() {}
    let full = fixture.manager.handle_log_full(cookie, GrowthPlace::Inline);
    assert_eq!(full, Ok(RequestOutcome::Pending));
    fixture.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Ask));
    let Fixture { manager, log, .. } = fixture;
    log.close().unwrap();
    let queue = manager.platform().queue();
    queue.work_off(|key| manager.drain(key));
    let closed = Told::Complete(Status::LOG_STATE_INVALID, false);
    assert_eq!(told.try_recv(), Ok(closed));
    let full = manager.handle_log_full(cookie, GrowthPlace::Inline);
    assert_eq!(full, Err(RequestRefused::Stopped));
    assert_eq!(manager.deregister(cookie), Ok(()));
    assert_eq!(manager.logs_attached(), 0);
}

#[test]
fn a_request_that_waits_ends_when_the_log_is_stopped() {
    let fixture = Fixture::with_containers(4);
    fixture.install(Policy::MaximumSize(ContainerCount(4)));
    let (cookie, told) = fixture.register();
    let data = payload(0, 30_000);
    let id = StreamId::PHYSICAL;
    while fixture.log.append(id, &parts(&[&data]), Admission::Free).is_ok() {}
    let full = fixture.manager.handle_log_full(cookie, GrowthPlace::Inline);
    assert_eq!(full, Ok(RequestOutcome::Pending));
    fixture.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Ask));
    fixture.storage.faults.start(Plan { call: Call::Flush, nth: 1, from_then_on: false, is_done: false });
    assert_eq!(fixture.log.flush(id), Err(Status::IO_DEVICE_ERROR));
    fixture.work_off();
    assert_eq!(told.try_recv(), Ok(Told::Complete(Status::LOG_STATE_INVALID, false)));
    assert_eq!(fixture.log.flush(id), Err(Status::LOG_STATE_INVALID));
    let full = fixture.manager.handle_log_full(cookie, GrowthPlace::Inline);
    assert_eq!(full, Err(RequestRefused::Stopped));
    assert!(fixture.log.close().is_err());
    assert_eq!(fixture.manager.deregister(cookie), Ok(()));
    assert_eq!(fixture.manager.logs_attached(), 0);
}
