//! What seeds have found, each as small as it goes.

use std::rc::Rc;

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::library::OpenLog;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{GrowthPlace, LogError, Manager, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

use crate::faulty::{Call, Faulty, Plan};
use crate::platform::Simulated;
use crate::recorder::Recorder;
use crate::volume::MemoryVolume;

struct Silent;

impl ClientCallbacks for Silent {
    fn advance_tail(&self, _: Lsn) -> Status {
        Status::PENDING
    }

    fn log_growth_complete(&self, _: Status, _: bool) {}

    fn log_unpinned(&self) {}
}

type Open = OpenLog<(Simulated, MemoryVolume<Faulty<Recorder>>, Silent)>;

/// A dedicated log of two containers, and its storage.
fn small_log() -> (Open, Faulty<Recorder>) {
    let storage = Faulty::new(Recorder::default());
    let name: Vec<u16> = "log".encode_utf16().collect();
    let options = LogOptions {
        is_multiplexed: false,
        is_archived: false,
        log_id: [7; 16],
        name: &name,
        block_limit: BlockLimit::DEFAULT,
    };
    let mut log = Log::create(storage.clone(), &options).unwrap();
    for path in ["%BLF%\\a", "%BLF%\\b"] {
        let path: Vec<u16> = path.encode_utf16().collect();
        log.add_container(&path, Some(Bytes(1 << 19))).unwrap();
    }
    let manager = Rc::new(Manager::new(Simulated::default()));
    (Open::new(manager, log, &name).unwrap(), storage)
}

fn append(open: &Open, length: usize) -> Result<Lsn, Status> {
    let data = vec![1; length];
    let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
    open.append(StreamId::PHYSICAL, &parts, Admission::Free)
}

/// Seeds 696 and 2989: the record went into an open block, and the manager went on with what it had seen before. Whoever
/// wrote, met a full log and asked again was told of space for ever.
#[test]
fn a_request_knows_of_the_space_that_the_last_append_took() {
    let (open, _) = small_log();
    let (manager, key) = open.management();
    let maximum = Policy::MaximumSize(ContainerCount(2));
    let installed = manager.install_policy(key, maximum, Existing::Keep);
    assert_eq!(installed, Ok(()));
    let client = manager.register(key, StreamId::PHYSICAL, Silent).unwrap();
    let spare = || open.with(Log::space).unwrap().spare_containers.0;
    while spare() > 0 {
        manager.handle_log_changed(key);
        append(&open, 2_000).unwrap();
    }
    let answer = manager.handle_log_full(client, GrowthPlace::Worker);
    assert_eq!(answer, Ok(RequestOutcome::Pending));
}

/// Seeds 1867 and 1987: the metadata that name the container had reached the disk, though their flush failed.
#[test]
fn a_log_that_stopped_while_it_grew_can_be_opened_again() {
    let (open, storage) = small_log();
    let (manager, key) = open.management();
    storage.faults.start(Plan { call: Call::Flush, nth: 1, from_then_on: false, is_done: true });
    let resized = manager.set_log_size(key, 3);
    assert_eq!(resized, Err(LogError::Failed(Status::LOG_METADATA_FLUSH_FAILED)));
    drop(open);
    let log = Log::open(storage, Access::Write, BlockLimit::DEFAULT);
    assert!(log.is_ok(), "{:?}", log.err());
}

/// Seed 28: the shrink was decided before the minimum came, and waited for a worker.
#[test]
fn a_shrink_that_waited_keeps_to_the_minimum_that_came_meanwhile() {
    let (open, _) = small_log();
    let (manager, key) = open.management();
    let six = ContainerCount(6);
    assert_eq!(manager.set_log_size(key, 6), Ok(six));
    let install = |policy| manager.install_policy(key, policy, Existing::Keep).unwrap();
    install(Policy::auto_shrink(1).unwrap());
    append(&open, 16).unwrap();
    manager.handle_log_changed(key);
    install(Policy::MinimumSize(six));
    manager.drain(key);
    let space = open.with(Log::space).unwrap();
    assert_eq!(space.total_containers, six);
}

/// The schedule explorer: a resize gives the growth under way up, and nobody decided what the requests that had waited for
/// it wait for now.
#[test]
fn a_request_whose_growth_a_resize_has_given_up_still_ends() {
    for requested in [2, 3] {
        let (open, _) = small_log();
        let (manager, key) = open.management();
        assert_eq!(manager.set_log_size(key, 3), Ok(ContainerCount(3)));
        let client = manager.register(key, StreamId::PHYSICAL, Silent).unwrap();
        while append(&open, 60_000).is_ok() {}
        let answer = manager.handle_log_full(client, GrowthPlace::Worker);
        assert_eq!(answer, Ok(RequestOutcome::Pending));
        // It changes nothing: the log has this size, or nothing of it is free.
        let _ = manager.set_log_size(key, requested);
        while let Some(log) = manager.platform().take_work() {
            manager.drain(log);
        }
        let ended = manager.statistics(key).unwrap().succeeded;
        assert_eq!(ended, 1, "after a resize to {requested} containers");
    }
}
