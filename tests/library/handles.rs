//! Logs by name and by handle: who may open what beside whom, and when the log behind the handles closes.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::{Disposition, Library, LogHandle, ManagerOf, OpenRequest, Rights, Volume};
use clfsmgmt::log::Admission;
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::faulty::{Call, Faulty, Plan};
use crate::model::{container, parts, wide};
use crate::recorder::Recorder;
use crate::volume::MemoryVolume;

type Storage = Faulty<Recorder>;
type TestVolume = MemoryVolume<Storage>;
type Setting = (HostPlatform, TestVolume, Client);
type TestHandle = LogHandle<Setting>;
type TestLibrary = Library<Setting>;
type TestManager = ManagerOf<Setting>;

/// A client that holds its handle, as those of the C interface do.
struct Client {
    _hold: Arc<TestHandle>,
}

impl ClientCallbacks for Client {
    fn advance_tail(&self, _: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _: Status, _: bool) {}

    fn log_unpinned(&self) {}
}

struct World {
    volume: TestVolume,
    manager: Arc<TestManager>,
    library: TestLibrary,
}

impl World {
    fn new() -> Self {
        let volume = TestVolume::default();
        let manager = Arc::new(TestManager::new(HostPlatform::default()));
        let library = TestLibrary::new(Arc::clone(&manager), volume.clone()).unwrap();
        Self { volume, manager, library }
    }

    fn open_as(&self, name: &str, access: Rights, share: Rights, disposition: Disposition) -> Result<u64, Status> {
        let name = wide(name);
        let request =
            OpenRequest { name: &name, access, share, ignores_sharing: false, disposition, is_archived: false };
        self.library.open(&request)
    }

    fn open(&self, name: &str, disposition: Disposition) -> Result<u64, Status> {
        self.open_as(name, Rights::ALL, Rights::ALL, disposition)
    }

    fn always(&self, name: &str) -> u64 {
        self.open(name, Disposition::OpenAlways).unwrap()
    }

    fn find(&self, address: u64) -> Arc<TestHandle> {
        self.library.find(address).unwrap()
    }

    /// Gives the log two containers and a record of each of the streams.
    fn fill(&self, address: u64) {
        let handle = self.find(address);
        if handle.log().with(|log| log.containers().count()).unwrap() == 0 {
            for number in 0..2 {
                handle.log().add_container(&container(number), Some(Bytes(1))).unwrap();
            }
        }
        handle.log().append(handle.stream(), &parts(&[b"record"]), Admission::Free).unwrap();
    }

    fn has_records(&self, address: u64) -> bool {
        let handle = self.find(address);
        handle.log().with(|log| log.stream_information(handle.stream()).unwrap().has_records).unwrap()
    }

    /// The files of a log.
    fn files(&self, path: &str) -> usize {
        self.volume.storage(&wide(path)).unwrap().inner.open_names().len()
    }

    /// The storages that somebody besides the volume holds.
    fn logs_in_use(&self) -> usize {
        self.volume.count(|storage| storage.inner.references() > 1)
    }

    fn assert_nothing_is_left(&self) {
        assert_eq!((self.logs_in_use(), self.manager.logs_attached(), self.volume.objects()), (0, 0, 0));
    }
}

#[test]
fn two_handles_of_a_dedicated_log_share_it_and_the_last_one_closes_it() {
    let world = World::new();
    let (one, other) = (world.always("log:a"), world.always("LOG:a"));
    assert_ne!(one, other);
    assert_eq!((world.logs_in_use(), world.manager.logs_attached()), (1, 1));
    world.fill(one);
    assert!(world.has_records(other), "both see one log");
    assert_eq!(world.library.close(one), Ok(()));
    assert!(world.has_records(other));
    assert_eq!(world.library.close(other), Ok(()));
    world.assert_nothing_is_left();
    assert!(world.has_records(world.always("log:a")), "closing has written the record out");
}

#[test]
fn a_handle_is_closed_once_and_an_unknown_one_never() {
    let world = World::new();
    let one = world.always("log:a");
    assert_eq!(world.library.close(one + 1), Err(Status::INVALID_PARAMETER));
    assert_eq!(world.library.close(one), Ok(()));
    assert_eq!(world.library.close(one), Err(Status::INVALID_PARAMETER));
    assert_eq!(world.library.close_and_reset(one), Err(Status::INVALID_PARAMETER));
    assert_eq!(world.library.delete_open(one), Err(Status::INVALID_PARAMETER));
    assert!(world.library.find(one).is_none());
}

#[test]
fn dispositions_are_about_the_stream_and_not_about_its_log() {
    let world = World::new();
    assert_eq!(world.open("log:a::s", Disposition::OpenExisting), Err(Status::OBJECT_NAME_NOT_FOUND));
    assert_eq!(world.open("log:a", Disposition::OpenExisting), Err(Status::OBJECT_NAME_NOT_FOUND));
    assert_eq!(world.files("a"), 0);
    let physical = world.open("log:a::", Disposition::CreateNew).unwrap();
    assert!(world.find(physical).is_physical_of_multiplexed());
    assert_eq!(world.open("log:a::", Disposition::CreateNew), Err(Status::OBJECT_NAME_COLLISION));
    assert_eq!(world.open("log:a::s", Disposition::OpenExisting), Err(Status::OBJECT_NAME_NOT_FOUND));
    let stream = world.open("log:a::s", Disposition::CreateNew).unwrap();
    assert_eq!(world.find(stream).stream(), StreamId(1));
    assert_eq!(world.open("log:a::s", Disposition::CreateNew), Err(Status::OBJECT_NAME_COLLISION));
    for handle in [physical, stream, world.always("log:a::s"), world.always("log:a::t")] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    assert_eq!(world.open("log:a::s", Disposition::CreateNew), Err(Status::OBJECT_NAME_COLLISION));
    assert_eq!(world.open("log:a::", Disposition::CreateNew), Err(Status::OBJECT_NAME_COLLISION));
    world.assert_nothing_is_left();
}

#[test]
fn a_log_is_dedicated_or_multiplexed_for_life() {
    let world = World::new();
    let open = world.always("log:dedicated");
    for name in ["log:dedicated::", "log:dedicated::s"] {
        assert_eq!(world.open(name, Disposition::OpenAlways), Err(Status::LOG_DEDICATED));
    }
    world.library.close(open).unwrap();
    assert_eq!(world.open("log:dedicated::s", Disposition::OpenAlways), Err(Status::LOG_DEDICATED));
    world.library.close(world.always("log:multiplexed::s")).unwrap();
    assert_eq!(world.open("log:multiplexed", Disposition::OpenAlways), Err(Status::LOG_MULTIPLEXED));
    assert_eq!(world.library.delete(&wide("log:multiplexed")), Err(Status::LOG_MULTIPLEXED));
    world.assert_nothing_is_left();
}

#[test]
fn sharing_binds_both_ways_and_each_stream_for_itself() {
    let world = World::new();
    let read = Rights { read: true, ..Rights::default() };
    let open = |name, access, share| world.open_as(name, access, share, Disposition::OpenAlways);
    let reader = open("log:a::s", read, read).unwrap();
    assert_eq!(open("log:a::s", Rights::ALL, Rights::ALL), Err(Status::SHARING_VIOLATION));
    assert_eq!(open("log:a::s", read, Rights::default()), Err(Status::SHARING_VIOLATION));
    let second = open("log:a::s", read, read).unwrap();
    let looker = open("log:a::s", Rights::default(), Rights::default()).unwrap();
    let elsewhere = open("log:a::t", Rights::ALL, Rights::default()).unwrap();
    let name = wide("log:a::s");
    let access = Rights::ALL;
    let ignoring = world.library.open(&OpenRequest {
        name: &name,
        access,
        share: Rights::default(),
        ignores_sharing: true,
        disposition: Disposition::OpenExisting,
        is_archived: false,
    });
    for handle in [reader, second, looker, elsewhere] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    let alone = open("log:a::s", Rights::ALL, Rights::default()).expect("who ignores sharing binds nobody");
    for handle in [alone, ignoring.unwrap()] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    world.assert_nothing_is_left();
}

#[test]
fn a_dedicated_log_that_is_deleted_while_open_goes_with_its_last_handle() {
    let world = World::new();
    let (one, other) = (world.always("log:a"), world.always("log:a"));
    world.fill(one);
    assert_eq!(world.library.delete_open(one), Ok(()));
    assert_eq!(world.open("log:a", Disposition::OpenAlways), Err(Status::DELETE_PENDING));
    assert_eq!(world.library.close(one), Ok(()));
    assert!(world.has_records(other), "the other handle goes on");
    assert_eq!(world.files("a"), 3);
    assert_eq!(world.library.close(other), Ok(()));
    assert_eq!(world.files("a"), 0);
    world.assert_nothing_is_left();
    world.library.close(world.open("log:a", Disposition::CreateNew).unwrap()).unwrap();
}

#[test]
fn a_stream_is_deleted_by_name_and_its_log_stays() {
    let world = World::new();
    let (stream, other) = (world.always("log:a::s"), world.always("log:a::t"));
    world.fill(stream);
    assert_eq!(world.library.delete(&wide("log:a::s")), Ok(()));
    assert_eq!(world.open("log:a::s", Disposition::OpenAlways), Err(Status::DELETE_PENDING));
    assert_eq!(world.library.close(stream), Ok(()));
    assert_eq!(world.open("log:a::s", Disposition::OpenExisting), Err(Status::OBJECT_NAME_NOT_FOUND));
    let again = world.always("log:a::s");
    assert!(!world.has_records(again));
    for handle in [again, other] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    assert_eq!(world.library.delete(&wide("log:a::")), Ok(()));
    assert_eq!(world.files("a"), 0);
    world.assert_nothing_is_left();
}

#[test]
fn deleting_needs_the_right_to_and_others_that_share_it() {
    let world = World::new();
    let write = Rights { write: true, ..Rights::default() };
    let one = world.open_as("log:a", write, write, Disposition::OpenAlways).unwrap();
    assert_eq!(world.library.delete_open(one), Err(Status::ACCESS_DENIED));
    assert_eq!(world.library.delete(&wide("log:a")), Err(Status::SHARING_VIOLATION));
    world.library.close(one).unwrap();
    let read = Rights { read: true, ..Rights::default() };
    let reader = world.open_as("log:a", read, Rights::ALL, Disposition::OpenAlways).unwrap();
    assert_eq!(world.library.close_and_reset(reader), Err(Status::ACCESS_DENIED));
    assert_eq!(world.library.close(reader), Ok(()), "it stayed open");
    assert_eq!(world.library.delete(&wide("log:missing")), Err(Status::OBJECT_NAME_NOT_FOUND));
    world.assert_nothing_is_left();
}

#[test]
fn what_is_left_of_a_log_whose_containers_are_gone_can_be_deleted() {
    use clfsmgmt::log::storage::Storage as _;
    let world = World::new();
    let one = world.always("log:a");
    world.fill(one);
    world.library.close(one).unwrap();
    world.volume.storage(&wide("a")).unwrap().delete_container(&container(1)).unwrap();
    assert!(world.open("log:a", Disposition::OpenAlways).is_err());
    assert_eq!(world.library.delete(&wide("log:a::")), Err(Status::LOG_DEDICATED));
    assert_eq!(world.library.delete(&wide("log:a")), Ok(()));
    assert_eq!(world.files("a"), 0);
    world.assert_nothing_is_left();
}

#[test]
fn a_stream_is_reset_when_the_last_of_its_handles_is_closed() {
    for name in ["log:a", "log:b::s"] {
        let world = World::new();
        let (one, other) = (world.always(name), world.always(name));
        world.fill(one);
        assert_eq!(world.library.close_and_reset(one), Ok(()));
        assert!(world.has_records(other), "{name}: it waits for the other handle");
        assert_eq!(world.library.close(other), Ok(()));
        let again = world.always(name);
        assert!(!world.has_records(again), "{name}");
        world.fill(again);
        assert!(world.has_records(again), "{name}: it can be written to again");
        let physical = world.open("log:b::", Disposition::OpenExisting);
        if let Ok(physical) = physical {
            assert_eq!(world.library.close_and_reset(physical), Err(Status::LOG_MULTIPLEXED));
            world.library.close(physical).unwrap();
        }
        world.library.close(again).unwrap();
        world.assert_nothing_is_left();
    }
}

#[test]
fn a_log_closed_under_a_client_stays_open_until_it_deregisters() {
    let world = World::new();
    let one = world.always("log:a");
    world.fill(one);
    let hold = world.find(one);
    let (_, key) = hold.log().management();
    let stream = hold.stream();
    let cookie = world.manager.register(key, stream, Client { _hold: hold }).unwrap();
    assert_eq!(world.library.close(one), Ok(()));
    assert!(world.library.find(one).is_none());
    assert_eq!((world.logs_in_use(), world.manager.logs_attached()), (1, 1));
    assert!(world.has_records(world.always("log:a")), "it is the same log");
    assert_eq!(world.manager.deregister(cookie), Ok(()));
    assert_eq!(world.logs_in_use(), 1, "the second handle is still open");
}

#[test]
fn deregistering_the_last_client_closes_a_log_whose_handles_are_closed() {
    let world = World::new();
    let one = world.always("log:a");
    world.fill(one);
    let hold = world.find(one);
    let (_, key) = hold.log().management();
    let cookie = world.manager.register(key, hold.stream(), Client { _hold: hold }).unwrap();
    world.library.close(one).unwrap();
    assert_eq!(world.manager.deregister(cookie), Ok(()));
    let queue = world.manager.platform().queue();
    queue.work_off(|key| world.manager.drain(key));
    world.assert_nothing_is_left();
    assert!(world.has_records(world.always("log:a")), "it was written out");
}

#[test]
fn closing_reports_that_the_log_could_not_be_written_out_and_closes_all_the_same() {
    let world = World::new();
    let (one, other) = (world.always("log:a"), world.always("log:a"));
    world.fill(one);
    let faults = world.volume.storage(&wide("a")).unwrap().faults;
    faults.start(Plan { call: Call::Flush, nth: 1, from_then_on: true, is_done: false });
    assert_eq!(world.library.close(one), Ok(()), "another handle is open");
    assert_eq!(world.library.close(other), Err(Status::IO_DEVICE_ERROR));
    faults.stop();
    world.assert_nothing_is_left();
    world.library.close(world.open("log:a", Disposition::OpenExisting).unwrap()).unwrap();
}

#[test]
fn an_opening_that_fails_leaves_nothing_behind() {
    let world = World::new();
    for name in ["log:a", "log:b::", "log:c::s"] {
        world.volume.refuse_object(|| ());
        assert_eq!(world.open(name, Disposition::OpenAlways), Err(Status::INSUFFICIENT_RESOURCES), "{name}");
        world.assert_nothing_is_left();
    }
    assert_eq!((world.files("a"), world.files("b"), world.files("c")), (0, 0, 0));
    let world = World::new();
    for call in Call::ALL {
        for nth in 1..8 {
            let faults = world.volume.storage(&wide("d")).unwrap().faults;
            faults.start(Plan { call, nth, from_then_on: false, is_done: false });
            let opened = world.open("log:d", Disposition::OpenAlways);
            faults.stop();
            if let Ok(handle) = opened {
                world.library.delete_open(handle).unwrap();
                world.library.close(handle).unwrap();
            }
            world.assert_nothing_is_left();
        }
    }
}

#[test]
fn threads_that_open_and_close_one_log_meet_in_one() {
    let world = World::new();
    thread::scope(|scope| {
        for number in 0..4 {
            let world = &world;
            scope.spawn(move || {
                for round in 0..50 {
                    let name = format!("log:a::s{}", (number + round) % 2);
                    let handle = world.always(&name);
                    assert!(world.manager.logs_attached() == 1, "one physical log at a time");
                    assert!(world.find(handle).log().with(clfsmgmt::log::Log::is_multiplexed).unwrap());
                    assert_eq!(world.library.close(handle), Ok(()));
                }
            });
        }
    });
    world.assert_nothing_is_left();
}

#[test]
fn a_stream_to_be_deleted_is_in_nobodys_way_by_its_name_only() {
    let world = World::new();
    let stream = world.always("log:a::s");
    world.library.delete_open(stream).unwrap();
    for disposition in [Disposition::CreateNew, Disposition::OpenExisting, Disposition::OpenAlways] {
        assert_eq!(world.open("log:a::s", disposition), Err(Status::DELETE_PENDING));
    }
    world.library.close(stream).unwrap();
    world.assert_nothing_is_left();
}

#[test]
fn while_one_log_gets_its_files_another_is_opened_and_the_same_one_too() {
    let world = Arc::new(World::new());
    let (told, outcome) = mpsc::channel();
    let others = Arc::clone(&world);
    world.volume.before_storage(move || {
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || done.send((others.always("log:b"), others.always("log:a"))));
        told.send(is_done.recv_timeout(Duration::from_secs(5))).unwrap();
    });
    let one = world.always("log:a");
    let (other, again) = outcome.recv().unwrap().expect("who opens a log waited for another log's files");
    assert_eq!(world.manager.logs_attached(), 2, "both openings of one log meet in one");
    for handle in [one, other, again] {
        assert_eq!(world.library.close(handle), Ok(()));
    }
    world.assert_nothing_is_left();
}

#[test]
fn a_stopped_log_is_opened_anew_beside_the_handles_that_it_had() {
    let world = World::new();
    let (old, older) = (world.always("log:a::s"), world.always("log:a::t"));
    world.fill(old);
    let stopped = world.find(old);
    stopped.log().flush(stopped.stream()).unwrap();
    world.fill(old);
    let storage = world.volume.storage(&wide("a")).unwrap();
    storage.faults.start(Plan { call: Call::Flush, nth: 1, from_then_on: false, is_done: false });
    assert_eq!(stopped.log().flush(stopped.stream()), Err(Status::IO_DEVICE_ERROR));
    storage.faults.stop();
    let append = |handle: &TestHandle| handle.log().append(handle.stream(), &parts(&[b"more"]), Admission::Free);
    assert_eq!(append(&stopped), Err(Status::LOG_STATE_INVALID));
    // Nobody shares with the handles of a log that is no more.
    let new = world.open_as("log:a::s", Rights::ALL, Rights::default(), Disposition::OpenExisting).unwrap();
    let handle = world.find(new);
    assert!(world.has_records(new));
    append(&handle).unwrap();
    handle.log().flush(handle.stream()).unwrap();
    assert_eq!(append(&stopped), Err(Status::LOG_STATE_INVALID));
    // What is left of the old one changes nothing of the new one.
    world.library.delete_open(old).unwrap();
    drop(stopped);
    let _ = (world.library.close(old), world.library.close(older));
    append(&handle).unwrap();
    assert!(world.has_records(new));
    drop(handle);
    world.library.close(new).unwrap();
    assert!(world.has_records(world.open("log:a::s", Disposition::OpenExisting).unwrap()));
}
