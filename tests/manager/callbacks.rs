//! What a log-full call returns, and what its client is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::engine::{NotAClient, PinHolder, RequestRefused};
use clfsmgmt::manager::{Cookie, GrowthPlace};
use clfsmgmt::units::{ContainerCount, Lsn, Status, StreamId};

use crate::model::{Fixture, Model, PENDING, SUCCESS, Told};

#[test]
fn growth_in_the_call_answers_success_without_a_callback() {
    let fixture = Fixture::new(&Model::full(4, 1));
    let client = fixture.register(0);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), SUCCESS);
    fixture.rest();
    assert_eq!(client.all_told(), []);
    assert_eq!(fixture.model.change(|space| space.total), 6);
}

#[test]
fn growth_on_a_worker_answers_pending_and_completes_once() {
    let fixture = Fixture::new(&Model::full(4, 1));
    let client = fixture.register(0);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Worker), PENDING);
    fixture.rest();
    assert_eq!(client.all_told(), [Told::Complete(Status::SUCCESS, false)]);
}

#[test]
fn space_that_is_there_already_answers_success() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register(0);
    fixture.move_tail(0);
    fixture.move_tail(1);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Worker), SUCCESS);
}

#[test]
fn a_second_request_while_the_first_is_open_is_in_progress() {
    let fixture = Fixture::full_at_its_maximum();
    let (client, _other) = (fixture.register(0), fixture.register(1));
    let place = GrowthPlace::Inline;
    assert_eq!(fixture.log_full(&client, place), PENDING);
    assert_eq!(fixture.log_full(&client, place), Err(RequestRefused::InProgress));
}

#[test]
fn moved_tails_complete_every_waiting_client() {
    let fixture = Fixture::full_at_its_maximum();
    let clients = [fixture.register(0), fixture.register(1)];
    for client in &clients {
        assert_eq!(fixture.log_full(client, GrowthPlace::Inline), PENDING);
    }
    fixture.rest();
    fixture.move_tail(0);
    fixture.move_tail(1);
    fixture.rest();
    for client in &clients {
        let done = Told::Complete(Status::SUCCESS, false);
        assert_eq!(client.all_told(), [Told::Ask(Lsn::container_start(2)), done]);
    }
}

#[test]
fn a_refusal_completes_with_its_reason() {
    let fixture = Fixture::full_at_its_maximum();
    let (waiter, refuser) = (fixture.register(0), fixture.register(1));
    assert_eq!(fixture.log_full(&waiter, GrowthPlace::Inline), PENDING);
    fixture.rest();
    let told = fixture.manager.tail_advance_failure(refuser.cookie, Status::CANCELLED);
    assert_eq!(told, Ok(()));
    fixture.rest();
    let last = waiter.all_told().pop();
    assert_eq!(last, Some(Told::Complete(Status::CANCELLED, true)));
}

#[test]
fn a_pinned_log_is_told_before_pending_is_returned() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register(5);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    // No rest: the completion has run on this thread.
    assert_eq!(client.told.try_recv(), Ok(Told::Complete(Status::LOG_PINNED, true)));
}

#[test]
fn unpinned_is_told_once_when_space_comes() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register(5);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    fixture.move_tail(0);
    fixture.move_tail(1);
    fixture.rest();
    fixture.move_tail(1);
    fixture.rest();
    let pinned = Told::Complete(Status::LOG_PINNED, true);
    assert_eq!(client.all_told(), [pinned, Told::Unpinned]);
}

#[test]
fn a_null_cookie_and_one_that_names_nobody_are_refused() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register(0);
    let manager = &fixture.manager;
    assert_eq!(manager.deregister(client.cookie), Ok(()));
    let nobody = [client.cookie, Cookie::from_raw(u64::MAX), Cookie::from_raw(1)];
    for cookie in nobody {
        assert_eq!(manager.deregister(cookie), Err(NotAClient));
        let failed = manager.tail_advance_failure(cookie, Status::CANCELLED);
        assert_eq!(failed, Err(NotAClient));
        let full = manager.handle_log_full(cookie, GrowthPlace::Inline);
        assert_eq!(full, Err(RequestRefused::NotAClient));
    }
    assert_eq!(manager.deregister(Cookie::NULL), Err(NotAClient));
    let failed = manager.tail_advance_failure(Cookie::NULL, Status::CANCELLED);
    assert_eq!(failed, Err(NotAClient));
    let full = manager.handle_log_full(Cookie::NULL, GrowthPlace::Inline);
    assert_eq!(full, Err(RequestRefused::NotAClient));
}

#[test]
fn a_log_with_few_free_containers_grows_on_a_worker() {
    let model = Model::full(4, 1);
    let fixture = Fixture::new(&model);
    fixture.install(Policy::AutoGrow(true));
    fixture.move_tail(0);
    fixture.rest();
    assert_eq!(model.change(|space| space.total), 4);
    assert!(model.write() && model.write());
    fixture.manager.handle_log_changed(fixture.log);
    fixture.rest();
    assert_eq!(model.change(|space| space.total), 6);
}

#[test]
fn a_log_with_too_much_free_space_shrinks_on_a_worker() {
    let fixture = Fixture::new(&Model::full(10, 1));
    fixture.install(Policy::auto_shrink(50).unwrap());
    fixture.move_tail(0);
    fixture.rest();
    // One is active, and room for one growth stays.
    assert_eq!(fixture.model.change(|space| space.total), 3);
    let statistics = fixture.manager.statistics(fixture.log).unwrap();
    assert_eq!(statistics.shrunk_containers, 7);
}

#[test]
fn a_pin_report_names_the_client_that_was_asked() {
    let fixture = Fixture::full_at_its_maximum();
    let (waiter, holder) = (fixture.register(0), fixture.register(1));
    assert_eq!(fixture.log_full(&waiter, GrowthPlace::Inline), PENDING);
    fixture.move_tail(0);
    fixture.rest();
    let pins = fixture.manager.pin_report(fixture.log).unwrap();
    assert_eq!(pins.len(), 1);
    let pin = pins[0];
    assert!(matches!(pin.holder, PinHolder::Client(_)));
    let named = fixture.manager.cookie_of(fixture.log, &pin);
    assert_eq!(named, Some(holder.cookie));
    assert_eq!((pin.stream, pin.times_asked), (StreamId(1), 1));
    assert!(pin.asked_since.is_some() && pin.is_outstanding);
}

#[test]
fn what_happened_is_counted() {
    let fixture = Fixture::new(&Model::full(4, 1));
    fixture.install(Policy::MaximumSize(ContainerCount(5)));
    let client = fixture.register(0);
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), SUCCESS);
    assert!(fixture.model.write());
    assert_eq!(fixture.log_full(&client, GrowthPlace::Inline), PENDING);
    fixture.rest();
    fixture.manager.tail_advance_failure(client.cookie, Status::CANCELLED).unwrap();
    fixture.rest();
    fixture.move_tail(0);
    fixture.rest();
    let counted = fixture.manager.statistics(fixture.log).unwrap();
    assert_eq!((counted.requests, counted.succeeded, counted.failed), (2, 1, 1));
    assert_eq!((counted.asks, counted.refusals), (1, 1));
    assert_eq!((counted.pinned, counted.unpinned), (1, 1));
    assert_eq!(counted.grown_containers, 1);
    assert!(counted.management_nanoseconds > 0);
}

#[test]
fn a_worker_that_finds_a_drain_leaves_it_to_the_thread_that_is_at_it() {
    let fixture = Fixture::full_at_its_maximum();
    let (called, nested) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let ask = |stream: u8| {
        let (manager, log) = (Arc::clone(&fixture.manager), fixture.log);
        let (called, nested) = (Arc::clone(&called), Arc::clone(&nested));
        fixture.register_with(stream, move |_, told| {
            if let Told::Ask(_) = told {
                let before = called.fetch_add(1, Ordering::SeqCst);
                manager.drain(log);
                manager.drain(log);
                nested.fetch_add(called.load(Ordering::SeqCst) - before - 1, Ordering::SeqCst);
            }
            Status::PENDING
        })
    };
    let clients = [ask(0), ask(1)];
    assert_eq!(fixture.log_full(&clients[0], GrowthPlace::Worker), PENDING);
    fixture.rest();
    for client in &clients {
        assert_eq!(client.all_told(), [Told::Ask(Lsn::container_start(2))]);
    }
    assert_eq!(nested.load(Ordering::SeqCst), 0, "calls inside another call");
}
