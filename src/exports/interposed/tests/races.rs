//! What other threads do between two steps of ours.

use super::bench::{Bench, Heard, area, fill};
use super::fake::FakeLog;
use super::fake_routines::{after_close, open_again};
use crate::abi::NtStatus;
use crate::engine::policy::Policy;
use crate::exports::client::LogFileObject;
use crate::exports::interposed::objects::clfsmgmt_close_log_file_object;
use crate::units::{ContainerCount, Lsn, Status};

fn close(log: LogFileObject) -> NtStatus {
    // SAFETY: an object of the fake.
    unsafe { clfsmgmt_close_log_file_object(log) }
}

#[test]
fn a_handle_that_is_opened_at_the_address_of_one_that_was_just_closed_keeps_its_policies() {
    let bench: &'static Bench = std::boxed::Box::leak(std::boxed::Box::new(Bench::new()));
    let handle = FakeLog::new(1, 0, 4).open(1);
    let address = handle.expose_provenance();
    after_close(move || {
        let handle = core::ptr::with_exposed_provenance_mut(address);
        open_again(handle);
        bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    });
    assert_eq!(close(handle), NtStatus::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 1, "the policies of the newer handle are gone");
    assert_eq!(close(handle), NtStatus::SUCCESS);
    assert_eq!(bench.manager.logs_attached(), 0);
}

#[test]
fn a_base_that_moves_while_the_log_is_asked_is_not_taken_for_a_stream_that_is_not_seen() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    fill(area(handle));
    log.space().moves_when_asked = Some((1, Lsn::container_start(3)));
    assert_eq!(bench.log_full(&client), Status::SUCCESS);
    assert_eq!(client.heard(), []);
}

#[test]
fn a_log_that_lacks_memory_to_answer_when_a_handle_of_it_is_closed_is_not_taken_for_closed() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let (handle, other) = (log.open(1), log.open(1));
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    bench.install(other, Policy::MinimumSize(ContainerCount(2)));
    fill(area(handle));
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(client.heard(), [Heard::Ask(Lsn::container_start(2))]);
    log.space().query_failure = Some(Status::INSUFFICIENT_RESOURCES);
    assert_eq!(close(other), NtStatus::SUCCESS);
    bench.work();
    assert_eq!(client.heard(), [], "the request goes on");
    log.space().query_failure = None;
    log.space().advance(1, Lsn::container_start(2)).unwrap();
    bench.tick();
    assert_eq!(client.heard(), [Heard::Complete(Status::SUCCESS, false)]);
}
