//! Registering and deregistering.

use clfsmgmt::engine::{NotAClient, Outcome, RequestRefused};
use clfsmgmt::units::{Status, StreamId, Time};

use crate::log::{FIRST, Log, SECOND};

#[test]
fn several_clients_may_register_on_one_stream() {
    let mut log = Log::full(2, 2);
    let (first, second) = (log.register(FIRST), log.register(FIRST));
    assert_ne!(first, second);
    assert!(log.engine.is_client(first) && log.engine.is_client(second));
}

#[test]
fn a_stale_key_names_no_client_even_when_its_place_is_taken_again() {
    let mut log = Log::full(2, 2);
    let old = log.register(FIRST);
    log.engine.deregister(old).unwrap();
    let new = log.register(FIRST);
    assert_eq!(old.slot, new.slot);
    assert_eq!(log.engine.deregister(old), Err(NotAClient));
    assert_eq!(log.engine.handle_log_full(old), Err(RequestRefused::NotAClient));
    assert_eq!(log.engine.handle_tail_failure(old, Status::UNSUCCESSFUL, Time(0)), Err(NotAClient));
    assert!(log.engine.is_client(new));
}

#[test]
fn a_stream_outside_the_format_is_refused() {
    let mut log = Log::full(2, 2);
    assert_eq!(log.engine.register(StreamId(124)), Err(Status::INVALID_PARAMETER));
}

#[test]
fn nothing_is_handed_out_for_a_deregistered_client() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.register(SECOND);
    assert_eq!(log.log_full(client), Outcome::Pending);
    log.engine.deregister(client).unwrap();
    assert_eq!(log.poll(), None);
}

#[test]
fn deregistering_an_asked_client_counts_as_its_refusal() {
    let mut log = Log::full_and_at_its_maximum(4);
    let (waiter, asked) = (log.register(FIRST), log.register(SECOND));
    assert_eq!(log.log_full(waiter), Outcome::Pending);
    log.poll_ask();
    log.poll_ask();
    log.engine.deregister(asked).unwrap();
    assert_eq!(log.poll_completion(), (waiter, Status::LOG_PINNED, true));
}

#[test]
fn a_client_deregistered_inside_its_own_call_gets_an_error_and_no_callback() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.engine.handle_log_full(client).unwrap();
    log.engine.deregister(client).unwrap();
    assert_eq!(log.engine.finish_log_full_call(client), Err(NotAClient));
    assert_eq!(log.poll(), None);
}
