//! What a resize asks the base routines, container by container.

use core::cell::Cell;
use core::ffi::c_void;

use super::bench::Bench;
use super::own::{Own, add, close};
use super::routines::OWN;
use crate::abi::{Boolean, ClfsScanContext, NtStatus, UnicodeString};
use crate::exports::clfs;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::routines::BaseRoutines;
use crate::units::ContainerCount;

std::thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// As `OWN`; calls of what a shrink needs are counted.
static COUNTED: BaseRoutines = BaseRoutines {
    query_log_file_information: query,
    create_scan_context: create_scan,
    scan_log_containers: scan,
    remove_log_container: remove,
    ..OWN
};

fn count() {
    CALLS.set(CALLS.get() + 1);
}

unsafe extern "system" fn query(
    log: LogFileObject,
    class: i32,
    input: *const c_void,
    input_length: u32,
    output: *mut c_void,
    length: *mut u32,
) -> NtStatus {
    count();
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsQueryLogFileInformation(log, class, input, input_length, output, length) }
}

unsafe extern "system" fn create_scan(
    log: LogFileObject,
    from: u32,
    containers: u32,
    mode: u8,
    context: *mut ClfsScanContext,
) -> NtStatus {
    count();
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsCreateScanContext(log, from, containers, mode, context) }
}

unsafe extern "system" fn scan(context: *mut ClfsScanContext, mode: u8) -> NtStatus {
    count();
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsScanLogContainers(context, mode) }
}

unsafe extern "system" fn remove(log: LogFileObject, path: *const UnicodeString, force: Boolean) -> NtStatus {
    count();
    // SAFETY: the routine's contract.
    unsafe { clfs::ClfsRemoveLogContainer(log, path, force) }
}

/// Calls for each container that goes, in hundredths, of a log that shrinks from so many to two.
fn calls_per_container(containers: u32) -> u64 {
    let bench = Bench::over(&COUNTED);
    let own = Own::new();
    let log = own.open("");
    (0..containers).for_each(|number| add(log, &std::format!("%BLF%\\c{number}")));
    let client = bench.register(log);
    let before = CALLS.get();
    assert_eq!(bench.manager.set_log_size(client.log, 2), Ok(ContainerCount(2)));
    let calls = CALLS.get() - before;
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    close(log);
    100 * calls / u64::from(containers - 2)
}

#[test]
fn a_log_that_shrinks_is_asked_as_little_for_each_container_when_it_is_large_as_when_it_is_small() {
    // Who it is, the removal, a look of two questions; and its part of a walk over 32 containers at a time.
    let [small, large] = [10, 160].map(calls_per_container);
    std::println!("calls for each container, in hundredths: {small} from 10 containers, {large} from 160");
    assert!(small <= 500 && large <= 500, "{small}, {large}");
}
