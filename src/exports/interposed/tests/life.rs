//! Requests over a foreign log, from the first to its end.

use super::bench::{Bench, Heard, Registered, address, append, area, fill, queries};
use super::fake::{ARCHIVED, DEDICATED, FakeLog};
use crate::abi::{ClfsLsn, NtStatus};
use crate::engine::PinHolder;
use crate::engine::policy::Policy;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::contexts::{
    clfsmgmt_advance_log_base, clfsmgmt_delete_marshalling_area, clfsmgmt_write_restart_area,
};
use crate::exports::interposed::foreign_log::UNSEEN;
use crate::exports::interposed::objects::{clfsmgmt_close_log_file_object, clfsmgmt_set_archive_tail};
use crate::exports::interposed::routines::MarshalContext;
use crate::exports::managed_logs::ManagedLogs;
use crate::units::{ContainerCount, Lsn, Status};

/// A log of four containers that cannot grow, full, and its client.
fn full(bench: &Bench, log: FakeLog) -> (LogFileObject, MarshalContext, Registered) {
    let handle = log.open(1);
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    let context = area(handle);
    fill(context);
    (handle, context, client)
}

fn advance(context: MarshalContext, container: u32) -> NtStatus {
    let mut base = ClfsLsn::from(Lsn::container_start(container));
    // SAFETY: an area that exists, and a local.
    unsafe { clfsmgmt_advance_log_base(context, &raw mut base, 0) }
}

fn close(log: LogFileObject) -> NtStatus {
    // SAFETY: an object of the fake.
    unsafe { clfsmgmt_close_log_file_object(log) }
}

#[test]
fn a_full_log_grows_by_the_real_routine_under_names_made_of_its_own() {
    let bench = Bench::new();
    let log = FakeLog::new(1, DEDICATED, 2);
    let handle = log.open(0);
    let client = bench.register(handle);
    let context = area(handle);
    fill(context);
    assert_eq!(bench.log_full(&client), Status::SUCCESS);
    assert_eq!(client.heard(), []);
    assert_eq!(log.space().names[2], r"%BLF%\salesContainer00000000000000000001");
    assert!(append(context).is_ok());
}

#[test]
fn a_name_that_a_file_has_already_is_passed_over() {
    let bench = Bench::new();
    let log = FakeLog::new(1, DEDICATED, 2);
    log.space().names[1] = r"%BLF%\salesContainer00000000000000000001".into();
    let handle = log.open(0);
    let client = bench.register(handle);
    fill(area(handle));
    assert_eq!(bench.log_full(&client), Status::SUCCESS);
    assert_eq!(log.space().names[2], r"%BLF%\salesContainer00000000000000000002");
}

#[test]
fn a_base_that_moves_through_the_interposed_routine_completes_the_request_at_once() {
    let bench = Bench::new();
    let (_, context, client) = full(&bench, FakeLog::new(1, 0, 4));
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard(), [Heard::Ask(Lsn::container_start(2))]);
    assert_eq!(advance(context, 2), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [Heard::Complete(Status::SUCCESS, false)]);
    assert!(append(context).is_ok());
}

#[test]
fn a_restart_area_that_moves_the_base_completes_the_request_too() {
    let bench = Bench::new();
    let (_, context, client) = full(&bench, FakeLog::new(1, 0, 4));
    assert_eq!(bench.log_full(&client), Status::PENDING);
    let mut base = ClfsLsn::from(Lsn::container_start(2));
    let none = core::ptr::null();
    let (no_number, no_lsn) = (core::ptr::null_mut(), core::ptr::null_mut());
    // SAFETY: an area that exists, and a local.
    let status = unsafe { clfsmgmt_write_restart_area(context, none, 0, &raw mut base, 0, no_number, no_lsn) };
    assert_eq!(status, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard()[1..], [Heard::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_base_that_the_real_routine_refuses_is_answered_as_it_came_and_is_no_news() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let (_, context, client) = full(&bench, log);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    let asked = queries(log, || assert_eq!(advance(context, 9), Status::LOG_TAIL_INVALID.into()));
    assert_eq!(asked, 0);
}

#[test]
fn a_stream_without_a_handle_of_ours_pins_and_is_told_as_unmanaged() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    log.open(7);
    log.space().append(7).unwrap();
    let (_, context, client) = full(&bench, log);
    assert_eq!(advance(context, 3), NtStatus::SUCCESS);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard(), [Heard::Complete(Status::LOG_PINNED, true)]);
    let pins = bench.manager.pin_report(client.log).unwrap();
    assert_eq!(pins.len(), 1);
    assert_eq!((pins[0].holder, pins[0].stream), (PinHolder::UnmanagedStream, UNSEEN));
    assert_eq!(pins[0].tail, Lsn::container_start(0));
    let end = log.space().streams[&7].last;
    log.space().advance(7, end).unwrap();
    assert!(!bench.tick());
    assert_eq!(client.heard(), [Heard::Unpinned]);
    assert_eq!(bench.manager.pin_report(client.log).unwrap()[0].holder, PinHolder::Client(pin_client(&bench, &client)));
}

fn pin_client(bench: &Bench, client: &Registered) -> crate::engine::ClientKey {
    match bench.manager.pin_report(client.log).unwrap()[0].holder {
        PinHolder::Client(key) => key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_archive_tail_pins_until_the_interposed_routine_moves_it() {
    let bench = Bench::new();
    let log = FakeLog::new(1, ARCHIVED | DEDICATED, 4);
    log.space().archive_tail = Lsn::NULL;
    let handle = log.open(0);
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    let context = area(handle);
    fill(context);
    assert_eq!(advance(context, 3), NtStatus::SUCCESS);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard(), [Heard::Complete(Status::LOG_PINNED_ARCHIVE_TAIL, true)]);
    let mut tail = ClfsLsn::from(Lsn::container_start(3));
    // SAFETY: an object of the fake, and a local.
    assert_eq!(unsafe { clfsmgmt_set_archive_tail(handle, &raw mut tail) }, NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [Heard::Unpinned]);
}

#[test]
fn two_logs_are_told_apart_and_two_handles_of_one_are_not() {
    let bench = Bench::new();
    let (one, other) = (FakeLog::new(1, 0, 4), FakeLog::new(2, 0, 4));
    let (_, one_context, one_client) = full(&bench, one);
    let (_, other_context, other_client) = full(&bench, other);
    assert_eq!(bench.manager.logs_attached(), 2);
    let second = bench.register(one.open(2));
    assert_eq!((bench.manager.logs_attached(), second.log), (2, one_client.log));
    assert_eq!(bench.log_full(&one_client), Status::PENDING);
    assert_eq!(advance(other_context, 3), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(one_client.heard(), [Heard::Ask(Lsn::container_start(2))]);
    assert_eq!(other_client.heard(), []);
    assert_eq!(advance(one_context, 3), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(one_client.heard(), [Heard::Complete(Status::SUCCESS, false)]);
}

#[test]
fn a_log_leaves_with_its_last_client_and_the_last_handle_that_has_policies() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let (handle, context, client) = full(&bench, log);
    assert_eq!(bench.manager.deregister(client.cookie), Status::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 1, "policies were installed through a handle that is open");
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    assert_eq!(close(handle), NtStatus::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(bench.logs.world().areas.len(), 0);
    assert_eq!(close(handle), Status::INVALID_PARAMETER.into());
}

#[test]
fn a_client_keeps_its_log_when_another_handle_is_closed_and_loses_it_with_its_own() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let (handle, _, client) = full(&bench, log);
    let other = log.open(1);
    bench.install(other, Policy::MinimumSize(ContainerCount(2)));
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(close(other), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [Heard::Ask(Lsn::container_start(2))]);
    assert_eq!(close(handle), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [Heard::Complete(Status::LOG_STATE_INVALID, false)]);
    assert!(!bench.tick());
    assert_eq!(bench.manager.deregister(client.cookie), Status::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn what_is_no_open_log_is_the_first_parameters_fault() {
    let bench = Bench::new();
    let handle = FakeLog::new(1, 0, 4).open(1);
    assert_eq!(close(handle), NtStatus::SUCCESS);
    assert_eq!(bench.logs.target(address(handle)).err(), Some(Status::INVALID_PARAMETER_1));
    assert_eq!(bench.logs.target(0).err(), Some(Status::INVALID_PARAMETER_1));
    assert_eq!(bench.manager.logs_attached(), 0);
}
