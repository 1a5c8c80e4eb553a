//! What appends, reservations and containers tell, and what they cost.

use super::NoSecurity;
use super::bench::{Bench, Heard, append, area, fill, gateway, queries};
use super::fake::{DEDICATED, FakeLog};
use super::fake_routines::FAKE;
use crate::abi::{Boolean, ClfsLsn, NtStatus, UnicodeString};
use crate::engine::policy::Policy;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::contexts::{
    clfsmgmt_alloc_reserved_log, clfsmgmt_delete_marshalling_area, clfsmgmt_free_reserved_log,
    clfsmgmt_reserve_and_append_log, clfsmgmt_reserve_and_append_log_aligned,
};
use crate::exports::interposed::objects::{clfsmgmt_add_log_container, clfsmgmt_create_marshalling_area_ex};
use crate::exports::interposed::routines::{BaseRoutines, MarshalContext};
use crate::units::{ContainerCount, Lsn, Status};

/// Asked once for its space, and once for each stream with a handle: what one look costs.
const LOOK: u32 = 2;

#[test]
fn an_append_asks_nothing_while_it_stays_in_its_container_and_looks_once_when_it_goes_on() {
    let bench = Bench::new();
    let log = FakeLog::new(1, DEDICATED, 4);
    let handle = log.open(0);
    let client = bench.register(handle);
    let context = area(handle);
    for _ in 0..4 {
        assert_eq!(queries(log, || assert!(append(context).is_ok())), 0);
    }
    assert_eq!(queries(log, || assert!(append(context).is_ok())), LOOK);
    assert_eq!(queries(log, || assert!(append(context).is_ok())), 0);
    assert_eq!(bench.manager.set_log_size(client.log, 5), Ok(ContainerCount(5)));
}

#[test]
fn each_area_has_its_own_place_and_a_log_that_is_not_managed_is_not_asked() {
    let bench = Bench::new();
    let (log, unmanaged) = (FakeLog::new(1, 0, 8), FakeLog::new(2, 0, 8));
    let one = area(log.open(1));
    let (handle, elsewhere) = (log.open(2), area(unmanaged.open(1)));
    bench.register(handle);
    let other = area(handle);
    for _ in 0..4 {
        append(one).unwrap();
    }
    // Somebody unseen seems to hold the log: it is asked once more.
    assert_eq!(queries(log, || assert!(append(other).is_ok())), LOOK + 1);
    assert_eq!(queries(log, || assert!(append(one).is_ok())), LOOK + 1);
    assert_eq!(queries(unmanaged, || fill(elsewhere)), 0);
}

#[test]
fn an_area_that_was_made_behind_our_back_passes_through_untouched() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    bench.register(handle);
    let mut context: MarshalContext = core::ptr::null_mut();
    // SAFETY: the real routine: the log is open, the place a local.
    let made = unsafe { (FAKE.create_marshalling_area)(handle, 0, None, None, 65536, 1, 1, &raw mut context) };
    assert_eq!(made, NtStatus::SUCCESS);
    assert_eq!(queries(log, || fill(context)), 0);
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    assert_eq!(bench.logs.world().areas.len(), 0);
}

#[test]
fn an_area_that_could_not_be_deleted_is_still_known() {
    let bench = Bench::new();
    let context = core::ptr::null_mut();
    bench.logs.world().areas.insert(context, [1; 16], 0).unwrap();
    // SAFETY: the fake refuses NULL.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, Status::INVALID_PARAMETER.into());
    assert!(bench.logs.world().areas.find(context).is_some());
}

#[test]
fn aligned_appends_and_areas_with_more_arguments_are_seen_alike() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    bench.register(handle);
    let (mut context, none) = (core::ptr::null_mut(), core::ptr::null());
    // SAFETY: the log is open, the place a local.
    let made =
        unsafe { clfsmgmt_create_marshalling_area_ex(handle, 0, None, None, 65536, 1, 1, 8, 0, &raw mut context) };
    assert_eq!(made, NtStatus::SUCCESS);
    let append_aligned = || {
        let (no_lsn, no_number) = (core::ptr::null(), core::ptr::null_mut());
        // SAFETY: an area that exists. The caller wants no LSN.
        let status = unsafe {
            clfsmgmt_reserve_and_append_log_aligned(
                context,
                none,
                1,
                8,
                no_lsn,
                no_lsn,
                0,
                no_number,
                0,
                core::ptr::null_mut(),
            )
        };
        assert_eq!(status, NtStatus::SUCCESS);
    };
    for _ in 0..4 {
        assert_eq!(queries(log, append_aligned), 0);
    }
    assert_eq!(queries(log, append_aligned), LOOK);
}

#[test]
fn reservations_tell_when_they_are_given_back_and_not_when_they_are_made() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    bench.register(handle);
    let context = area(handle);
    let mut adjustment = 0;
    // SAFETY: an area that exists, and a local.
    let alloc =
        || assert_eq!(unsafe { clfsmgmt_alloc_reserved_log(context, 3, &raw mut adjustment) }, NtStatus::SUCCESS);
    assert_eq!(queries(log, alloc), 0);
    // SAFETY: an area that exists, and a local.
    let free = || assert_eq!(unsafe { clfsmgmt_free_reserved_log(context, 1, &raw mut adjustment) }, NtStatus::SUCCESS);
    assert_eq!(queries(log, free), LOOK);
    assert_eq!(queries(log, || reserve(context, &mut [1, 1])), 0);
    assert_eq!(queries(log, || reserve(context, &mut [1, -1])), LOOK);
}

#[test]
fn an_area_that_is_deleted_gives_its_reservations_back_and_that_is_told() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    bench.register(handle);
    let context = area(handle);
    // SAFETY: an area that exists.
    let delete = || assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    assert_eq!(queries(log, delete), LOOK);
}

/// An append without a record, for its reservations.
fn reserve(context: MarshalContext, quarters: &mut [i64]) {
    let count = u32::try_from(quarters.len()).unwrap();
    let (none, no_lsn) = (core::ptr::null(), core::ptr::null());
    // What stands there is no record's.
    let mut lsn = ClfsLsn::from(Lsn::container_start(77));
    // SAFETY: an area that exists, and locals.
    let status = unsafe {
        let quarters = quarters.as_mut_ptr();
        clfsmgmt_reserve_and_append_log(context, none, 0, no_lsn, no_lsn, count, quarters, 0, &raw mut lsn)
    };
    assert_eq!(status, NtStatus::SUCCESS);
}

#[test]
fn reservations_that_fill_the_log_are_named_as_what_pins_it() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    log.space().add_failure = Some(Status::DISK_FULL);
    log.space().reserved_quarters = 16;
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard().len(), 1);
    log.space().reserved_quarters = 0;
    assert!(!bench.tick());
    assert_eq!(client.heard(), [Heard::Unpinned]);
}

#[test]
fn a_container_that_a_driver_adds_itself_is_space_for_whoever_waits() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 2);
    let handle = log.open(1);
    let client = bench.register(handle);
    bench.install(handle, Policy::log_tail(0, 1).unwrap());
    fill(area(handle));
    log.space().add_failure = Some(Status::DISK_FULL);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard(), [Heard::Ask(Lsn::container_start(1))]);
    log.space().add_failure = None;
    let mut name: std::vec::Vec<u16> = "own".encode_utf16().collect();
    let length = u16::try_from(name.len() * 2).unwrap();
    let mut name = UnicodeString { length, maximum_length: length, buffer: name.as_mut_ptr() };
    // SAFETY: an object of the fake, and locals.
    let added = unsafe { clfsmgmt_add_log_container(handle, core::ptr::null_mut(), &raw mut name) };
    assert_eq!(added, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [Heard::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_log_shrinks_by_the_free_containers_that_would_be_written_last() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 11);
    let client = bench.register(log.open(1));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    let left: std::vec::Vec<_> = log.space().names.iter().cloned().collect();
    assert_eq!(left, ["container0", "container1", "container2", "container3"]);
}

#[test]
fn a_log_whose_containers_are_all_active_does_not_shrink() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    fill(area(handle));
    assert_eq!(bench.manager.set_log_size(client.log, 3), Err(Status::COULD_NOT_RESIZE_LOG));
    assert_eq!(log.space().total(), 4);
}

#[test]
fn without_memory_for_a_world_the_real_routines_are_called_all_the_same() {
    let routines = gateway().routines;
    assert!(gateway().logs.is_none(), "no bench on this thread");
    let log = FakeLog::new(1, 0, 2);
    let handle = log.open(1);
    let context = area(handle);
    assert!(core::ptr::eq(routines, &raw const FAKE));
    assert_eq!(append(context), Ok(Lsn::NULL));
}

/// Adds for nobody but the log's owner.
unsafe extern "system" fn add_as_owner(log: LogFileObject, size: *mut u64, path: *const UnicodeString) -> NtStatus {
    if !NoSecurity::is_taken() {
        return Status::ACCESS_DENIED.into();
    }
    // SAFETY: the routine's contract.
    unsafe { (FAKE.add_log_container)(log, size, path) }
}

/// Removes for nobody but the log's owner.
unsafe extern "system" fn remove_as_owner(log: LogFileObject, path: *const UnicodeString, force: Boolean) -> NtStatus {
    if !NoSecurity::is_taken() {
        return Status::ACCESS_DENIED.into();
    }
    // SAFETY: the routine's contract.
    unsafe { (FAKE.remove_log_container)(log, path, force) }
}

#[test]
fn containers_are_added_and_removed_in_the_name_of_whoever_attached_the_log() {
    let owners = BaseRoutines { add_log_container: add_as_owner, remove_log_container: remove_as_owner, ..FAKE };
    let bench = Bench::over(std::boxed::Box::leak(std::boxed::Box::new(owners)));
    let log = FakeLog::new(1, DEDICATED, 4);
    let client = bench.register(log.open(0));
    assert_eq!(bench.manager.set_log_size(client.log, 5), Ok(ContainerCount(5)));
    assert_eq!(bench.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    assert!(!NoSecurity::is_taken());
}
