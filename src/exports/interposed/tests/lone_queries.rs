//! What may be asked of a log that has neither clients nor policies: it is under management for the question only.

use super::bench::{Bench, area};
use super::own::{Own, add, append, close};
use crate::abi::{ResourcesRecord, STATISTICS_VERSION, StatisticsRecord};
use crate::engine::policy::Policy;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::logs::InterposedLogs;
use crate::exports::management::{query_pins, query_policy, query_resources, query_statistics};
use crate::units::{ContainerCount, Status};

const MAXIMUM_SIZE: u32 = 0;

fn query(bench: &Bench, log: LogFileObject) -> Result<(), Status> {
    log.expose_provenance();
    let (mut bytes, mut length) = ([0_u8; 24], 24);
    // SAFETY: locals.
    unsafe { query_policy(bench.logs, log, MAXIMUM_SIZE, (bytes.as_mut_ptr(), &raw mut length)) }
}

#[test]
fn a_policy_that_is_not_installed_is_reported_as_such_of_a_log_that_nobody_manages() {
    let bench = Bench::new();
    let own = Own::new();
    let handle = own.open("");
    assert_eq!(query(&bench, handle), Err(Status::LOG_POLICY_NOT_INSTALLED));
    assert_eq!(bench.manager.logs_attached(), 0);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    assert_eq!(query(&bench, handle), Ok(()));
    close(handle);
}

#[test]
fn pins_and_statistics_are_reported_of_a_log_that_nobody_manages() {
    let bench = Bench::new();
    let own = Own::new();
    let handle = own.open("");
    handle.expose_provenance();
    add(handle, "%BLF%\\one");
    add(handle, "%BLF%\\two");
    append(area(handle)).unwrap();
    let mut count = 0;
    // SAFETY: a local; there is no room for pins.
    let pins = unsafe { query_pins(bench.logs, handle, core::ptr::null_mut(), &raw mut count) };
    assert_eq!((pins, count), (Err(Status::BUFFER_TOO_SMALL), 1));
    let mut statistics = core::mem::MaybeUninit::<StatisticsRecord>::zeroed();
    // SAFETY: large enough for its first field.
    unsafe { statistics.as_mut_ptr().cast::<u32>().write(STATISTICS_VERSION) };
    // SAFETY: a local.
    assert_eq!(unsafe { query_statistics(bench.logs, handle, statistics.as_mut_ptr()) }, Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
    close(handle);
}

/// Logs and clients that are counted.
fn counted(logs: Option<&InterposedLogs>) -> (u64, u64) {
    let mut owned = ResourcesRecord::NONE;
    // SAFETY: a local.
    assert_eq!(unsafe { query_resources(logs, &raw mut owned) }, Ok(()));
    (owned.logs, owned.clients)
}

#[test]
fn resources_count_managed_logs_and_clients_and_asking_manages_nothing() {
    let bench = Bench::new();
    let (one, other) = (Own::new(), Own::new());
    let (first, second) = (one.open(""), other.open(""));
    assert_eq!(counted(Some(bench.logs)), (0, 0), "open, but nobody manages them");
    let client = bench.register(first);
    bench.install(second, Policy::MaximumSize(ContainerCount(4)));
    assert_eq!(counted(Some(bench.logs)), (2, 1));
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(counted(Some(bench.logs)), (1, 0));
    close(first);
    close(second);
    assert_eq!(counted(Some(bench.logs)), (0, 0));
    assert_eq!(counted(None), (0, 0), "no logs, as before the first call and after the end");
}

#[test]
fn resources_are_not_reported_without_a_structure_or_to_another_version() {
    let bench = Bench::new();
    // SAFETY: NULL is allowed.
    let without = unsafe { query_resources(Some(bench.logs), core::ptr::null_mut()) };
    assert_eq!(without, Err(Status::INVALID_PARAMETER_1));
    let mut later = ResourcesRecord { version: 2, clients: 777, ..ResourcesRecord::NONE };
    // SAFETY: a local.
    assert_eq!(unsafe { query_resources(Some(bench.logs), &raw mut later) }, Err(Status::INVALID_PARAMETER));
    assert_eq!(later.clients, 777);
}
