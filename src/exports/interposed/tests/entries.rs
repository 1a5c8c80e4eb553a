//! What the interposed routines do with pointers and statuses, and in which order they do what they do.

use core::ffi::c_void;
use std::vec::Vec;

use super::NoSecurity;
use super::bench::{Bench, Call, address, area, gateway};
use super::own::{Own, add, append, close, end, fill, full, text};
use super::routines::{KEEPING_AREAS, OWN, OWNERS, REOPENING, after_close, queries};
use crate::abi::{ClfsLsn, ClfsWriteEntry, NtStatus};
use crate::engine::policy::Policy;
use crate::exports::clfs;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::entries::{
    clfsmgmt_add_log_container_set, clfsmgmt_advance_log_base, clfsmgmt_alloc_reserved_log,
    clfsmgmt_close_and_reset_log_file, clfsmgmt_create_marshalling_area_ex, clfsmgmt_delete_log_by_pointer,
    clfsmgmt_delete_marshalling_area, clfsmgmt_free_reserved_log, clfsmgmt_remove_log_container,
    clfsmgmt_remove_log_container_set, clfsmgmt_reserve_and_append_log, clfsmgmt_reserve_and_append_log_aligned,
    clfsmgmt_set_archive_tail, clfsmgmt_write_restart_area,
};
use crate::exports::interposed::routines::MarshalContext;
use crate::exports::managed_logs::ManagedLogs;
use crate::units::{ContainerCount, Lsn, Status};

/// Asked once for its space, and once for the one stream: what one look costs.
const LOOK: u32 = 2;
const ARCHIVED: u32 = 0x20;

/// A log of four containers with a client, and an area.
fn managed(bench: &Bench, own: &Own) -> (LogFileObject, MarshalContext) {
    let log = own.open("");
    for number in 0..4 {
        add(log, &std::format!("%BLF%\\c{number}"));
    }
    bench.install(log, Policy::MaximumSize(ContainerCount(8)));
    (log, area(log))
}

fn leave(log: LogFileObject, context: MarshalContext) {
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    close(log);
}

#[test]
fn aligned_appends_and_areas_with_more_arguments_are_seen_alike_also_by_callers_who_want_no_lsn() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, other) = managed(&bench, &own);
    let mut context = core::ptr::null_mut();
    // SAFETY: the log is open, the place a local.
    let made = unsafe { clfsmgmt_create_marshalling_area_ex(log, 0, None, None, 65536, 1, 1, 8, 0, &raw mut context) };
    assert_eq!(made, NtStatus::SUCCESS);
    let mut data = std::vec![7_u8; 20_000];
    let entry = ClfsWriteEntry { buffer: data.as_mut_ptr().cast::<c_void>(), byte_length: 20_000 };
    let (no_lsn, no_number, no_place) = (core::ptr::null(), core::ptr::null_mut(), core::ptr::null_mut());
    let append_aligned = || {
        let entry = &raw const entry;
        // SAFETY: an area that exists, and locals.
        Status::from(unsafe {
            clfsmgmt_reserve_and_append_log_aligned(context, entry, 1, 8, no_lsn, no_lsn, 0, no_number, 0, no_place)
        })
    };
    let mut counts = Vec::new();
    loop {
        let mut status = Status::SUCCESS;
        counts.push(queries(|| status = append_aligned()));
        if status != Status::SUCCESS {
            assert_eq!(status, Status::LOG_FULL);
            break;
        }
    }
    let looks: Vec<_> = counts.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(looks, [LOOK; 3], "once for each container after the first");
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    leave(log, other);
}

/// An append without a record, for its reservations.
fn reserve(context: MarshalContext, bytes: &mut [i64], count: u32) -> Status {
    let (none, no_lsn) = (core::ptr::null(), core::ptr::null());
    let bytes = if bytes.is_empty() { core::ptr::null_mut() } else { bytes.as_mut_ptr() };
    // What stands there is no record's.
    let mut lsn = ClfsLsn::from(Lsn::container_start(77));
    // SAFETY: an area that exists, and locals.
    Status::from(unsafe {
        clfsmgmt_reserve_and_append_log(context, none, 0, no_lsn, no_lsn, count, bytes, 0, &raw mut lsn)
    })
}

#[test]
fn reservations_are_reported_when_they_are_given_back_and_not_when_they_are_made() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context) = managed(&bench, &own);
    let (record, mut bytes) = (5000, 0);
    // SAFETY: an area that exists, and locals.
    let aligned = unsafe { clfs::ClfsAlignReservedLog(context, 1, &raw const record, &raw mut bytes) };
    assert_eq!(aligned, NtStatus::SUCCESS);
    // SAFETY: an area that exists, and a local.
    let alloc = || assert_eq!(unsafe { clfsmgmt_alloc_reserved_log(context, 1, &raw const bytes) }, NtStatus::SUCCESS);
    assert_eq!(queries(alloc), 0);
    let freed = -bytes;
    // SAFETY: an area that exists, and a local.
    let free = || assert_eq!(unsafe { clfsmgmt_free_reserved_log(context, 1, &raw const freed) }, NtStatus::SUCCESS);
    assert_eq!(queries(free), LOOK);
    assert_eq!(queries(|| assert_eq!(reserve(context, &mut [1000, 1000], 2), Status::SUCCESS)), 0);
    assert_eq!(queries(|| assert_eq!(reserve(context, &mut [1000, -1000], 2), Status::SUCCESS)), LOOK);
    let without_array = || assert_eq!(reserve(context, &mut [], 2), Status::INVALID_PARAMETER);
    assert_eq!(queries(without_array), 0, "a count without its array is the real routine's to refuse");
    leave(log, context);
}

#[test]
fn a_container_that_a_driver_adds_itself_is_space_for_the_client_that_waits() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context, client, _) = full(&bench, &own);
    bench.install(log, Policy::log_tail(0, 1).unwrap());
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.calls(), [Call::Ask(Lsn::container_start(1))]);
    add(log, "%BLF%\\own");
    bench.work();
    assert_eq!(client.calls(), [Call::Complete(Status::SUCCESS, false)]);
    assert!(append(context).is_ok());
    end(&bench, log, context, &client);
}

#[test]
fn a_status_is_returned_as_it_came_and_a_failure_is_no_news() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context, client, _) = full(&bench, &own);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    let beyond = ClfsLsn::from(Lsn::container_start(9));
    // SAFETY: an area that exists, and a local.
    let real = Status::from(unsafe { (OWN.advance_log_base)(context, &raw const beyond, 0) });
    assert!(!real.is_success());
    // SAFETY: an area that exists, and a local.
    let advance =
        || assert_eq!(Status::from(unsafe { clfsmgmt_advance_log_base(context, &raw const beyond, 0) }), real);
    assert_eq!(queries(advance), 0);
    end(&bench, log, context, &client);
}

#[test]
fn a_restart_area_that_moves_the_base_completes_the_request_too() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context, client, _) = full(&bench, &own);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    let base = ClfsLsn::from(Lsn::container_start(2));
    let mut data = [7_u8; 8];
    let data = data.as_mut_ptr().cast::<c_void>();
    let (no_number, no_lsn) = (core::ptr::null_mut(), core::ptr::null_mut());
    // SAFETY: an area that exists, and locals.
    let status = unsafe { clfsmgmt_write_restart_area(context, data, 8, &raw const base, 0, no_number, no_lsn) };
    assert_eq!(status, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.calls()[1..], [Call::Complete(Status::SUCCESS, false)]);
    end(&bench, log, context, &client);
}

#[test]
fn every_routine_that_changes_a_logs_containers_or_tails_has_it_looked_at() {
    let bench = Bench::new();
    let own = Own::new();
    let log = own.open_with("", ARCHIVED);
    bench.install(log, Policy::MaximumSize(ContainerCount(8)));
    let mut names =
        ["%BLF%\\a", "%BLF%\\b", "%BLF%\\c", "%BLF%\\d"].map(|name| name.encode_utf16().collect::<Vec<u16>>());
    let names = names.each_mut().map(|name| text(name));
    let (mut size, first, third) = (512 * 1024, names.as_ptr(), &raw const names[2]);
    let (last, tail) = (&raw const names[3], ClfsLsn::NULL);
    let looked = |routine: &mut dyn FnMut() -> NtStatus| queries(|| assert_eq!(routine(), NtStatus::SUCCESS));
    // It is asked who it is, and then looked at.
    let seen = LOOK + 1;
    // SAFETY: an open log, and locals that outlive the calls; the same for those that follow.
    assert_eq!(looked(&mut || unsafe { clfsmgmt_add_log_container_set(log, 4, &raw mut size, first) }), seen);
    // SAFETY: as above.
    assert_eq!(looked(&mut || unsafe { clfsmgmt_remove_log_container(log, last, 1) }), seen);
    // SAFETY: as above.
    assert_eq!(looked(&mut || unsafe { clfsmgmt_remove_log_container_set(log, 1, third, 1) }), seen);
    // SAFETY: as above.
    assert_eq!(looked(&mut || unsafe { clfsmgmt_set_archive_tail(log, &raw const tail) }), seen);
    // SAFETY: as above. It was only marked: it stays open until it is closed.
    assert_eq!(looked(&mut || unsafe { clfsmgmt_delete_log_by_pointer(log) }), seen);
    assert_eq!(bench.manager.logs_attached(), 1);
    close(log);
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn an_area_that_was_made_behind_our_back_passes_through_untouched() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, known) = managed(&bench, &own);
    let mut context: MarshalContext = core::ptr::null_mut();
    // SAFETY: the real routine: the log is open, the place a local.
    let made = unsafe { (OWN.create_marshalling_area)(log, 0, None, None, 65536, 1, 1, &raw mut context) };
    assert_eq!(made, NtStatus::SUCCESS);
    assert_eq!(queries(|| assert!(fill(context).is_valid())), 0);
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    assert_eq!(bench.logs.foreign().areas_known(), 1);
    leave(log, known);
    assert_eq!(bench.logs.foreign().areas_known(), 0);
}

#[test]
fn an_area_that_could_not_be_deleted_is_still_known() {
    let bench = Bench::over(&KEEPING_AREAS);
    let own = Own::new();
    let (log, context) = managed(&bench, &own);
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, Status::ACCESS_DENIED.into());
    assert_eq!(bench.logs.foreign().areas_known(), 1);
    // SAFETY: an area that exists.
    assert_eq!(unsafe { (OWN.delete_marshalling_area)(context) }, NtStatus::SUCCESS);
    close(log);
}

#[test]
fn an_area_that_is_deleted_gives_its_reservations_back_and_that_is_reported() {
    let bench = Bench::new();
    let own = Own::new();
    let (log, context) = managed(&bench, &own);
    // SAFETY: an area that exists.
    let delete = || assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    assert_eq!(queries(delete), LOOK);
    close(log);
}

#[test]
fn a_log_leaves_when_the_handle_with_its_policies_is_closed_by_either_routine() {
    let bench = Bench::new();
    let own = Own::new();
    let log = own.open("");
    bench.install(log, Policy::MaximumSize(ContainerCount(4)));
    // SAFETY: an open log.
    assert_eq!(unsafe { clfsmgmt_close_and_reset_log_file(log) }, NtStatus::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 0);
    let log = own.open("");
    bench.install(log, Policy::MaximumSize(ContainerCount(4)));
    close(log);
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn a_handle_that_is_opened_at_the_address_of_one_that_was_just_closed_keeps_its_policies() {
    let bench: &'static Bench = std::boxed::Box::leak(std::boxed::Box::new(Bench::over(&REOPENING)));
    let own = Own::new();
    let log = own.open("");
    let address = log.expose_provenance();
    after_close(move || {
        bench.install(core::ptr::with_exposed_provenance_mut(address), Policy::MaximumSize(ContainerCount(4)));
    });
    close(log);
    assert_eq!(bench.manager.logs_attached(), 1, "the policies of the newer handle are gone");
    close(log);
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn what_is_no_open_log_is_the_first_parameters_fault() {
    let bench = Bench::new();
    let own = Own::new();
    let log = own.open("");
    close(log);
    assert_eq!(bench.logs.target(address(log)).err(), Some(Status::INVALID_PARAMETER_1));
    assert_eq!(bench.logs.target(0).err(), Some(Status::INVALID_PARAMETER_1));
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn without_memory_for_logs_the_real_routines_are_called_all_the_same() {
    let routines = gateway().routines;
    assert!(gateway().logs.is_none(), "no bench on this thread");
    assert!(core::ptr::eq(routines, &raw const OWN));
    let own = Own::new();
    let log = own.open("");
    add(log, "%BLF%\\one");
    add(log, "%BLF%\\two");
    let context = area(log);
    assert!(append(context).is_ok());
    leave(log, context);
}

#[test]
fn containers_are_added_and_removed_in_the_name_of_whoever_attached_the_log() {
    let bench = Bench::new();
    let own = Own::new();
    let log = own.open("");
    for number in 0..4 {
        add(log, &std::format!("%BLF%\\c{number}"));
    }
    let bench_of_owners = Bench::over(&OWNERS);
    let client = bench_of_owners.register(log);
    assert_eq!(bench_of_owners.manager.set_log_size(client.log, 5), Ok(ContainerCount(5)));
    assert_eq!(bench_of_owners.manager.set_log_size(client.log, 4), Ok(ContainerCount(4)));
    assert!(!NoSecurity::is_taken());
    assert_eq!(bench_of_owners.manager.deregister(client.cookie), Ok(()));
    bench.enter();
    close(log);
}
