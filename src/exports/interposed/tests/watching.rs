//! Drivers that are not relinked: what they do is seen by looking, and only while somebody waits.

use super::bench::{Bench, Heard, append, area, fill, queries};
use super::fake::FakeLog;
use super::fake_routines::FAKE;
use crate::abi::{ClfsLsn, NtStatus};
use crate::engine::policy::Policy;
use crate::exports::interposed::routines::MarshalContext;
use crate::units::{ContainerCount, Lsn, Status};

/// Moves the base as a driver does that is not relinked.
fn advance_unseen(context: MarshalContext, container: u32) {
    let mut base = ClfsLsn::from(Lsn::container_start(container));
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { (FAKE.advance_log_base)(context, &raw mut base, 0) }, NtStatus::SUCCESS);
}

#[test]
fn a_base_that_moves_unseen_completes_the_request_within_one_look() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    let context = area(handle);
    fill(context);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert!(bench.tick(), "the request is open");
    assert_eq!(client.heard(), [Heard::Ask(Lsn::container_start(2))]);
    advance_unseen(context, 2);
    bench.work();
    assert_eq!(client.heard(), []);
    bench.tick();
    assert_eq!(client.heard(), [Heard::Complete(Status::SUCCESS, false)]);
    assert!(!bench.tick());
    assert_eq!(queries(log, || assert!(!bench.tick())), 0, "nobody waits");
}

#[test]
fn space_that_comes_unseen_to_a_pinned_log_is_told_once() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    bench.install(handle, Policy::MaximumSize(ContainerCount(4)));
    let context = area(handle);
    fill(context);
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(bench.manager.tail_advance_failure(client.cookie, Status::ACCESS_DENIED), Ok(()));
    bench.work();
    assert_eq!(client.heard()[1..], [Heard::Complete(Status::ACCESS_DENIED, true)]);
    assert!(bench.tick(), "a notification is owed");
    advance_unseen(context, 1);
    bench.tick();
    assert_eq!(client.heard(), [Heard::Unpinned]);
    assert!(!bench.tick());
    assert!(append(context).is_ok());
}

#[test]
fn an_idle_log_is_never_looked_at() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    fill(area(handle));
    assert_eq!(queries(log, || assert!(!bench.tick())), 0);
    assert_eq!(bench.log_full(&client), Status::SUCCESS);
    assert_eq!(queries(log, || assert!(!bench.tick())), 0, "the request has ended in the call");
}

#[test]
fn a_log_that_left_is_not_looked_at_any_more() {
    let bench = Bench::new();
    let log = FakeLog::new(1, 0, 4);
    let handle = log.open(1);
    let client = bench.register(handle);
    log.space().add_failure = Some(Status::DISK_FULL);
    fill(area(handle));
    assert_eq!(bench.log_full(&client), Status::PENDING);
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(queries(log, || assert!(!bench.tick())), 0);
}
