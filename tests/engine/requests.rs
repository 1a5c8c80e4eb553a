//! Requests for space: opened, joined, ended.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::engine::{Outcome, RequestRefused};
use clfsmgmt::units::{Status, StreamId};

use crate::log::{FIRST, Log, SECOND, grow};

#[test]
fn a_request_that_finds_space_succeeds_without_a_callback() {
    let mut log = Log::full(4, 4);
    let client = log.register(FIRST);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.log_full(client), Outcome::Success);
    assert_eq!(log.poll(), None);
}

#[test]
fn a_second_request_of_one_client_while_the_first_is_open_returns_in_progress() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.register(SECOND);
    assert_eq!(log.log_full(client), Outcome::Pending);
    assert_eq!(log.engine.handle_log_full(client), Err(RequestRefused::InProgress));
}

#[test]
fn a_request_is_in_progress_until_its_completion_is_handed_out() {
    let mut log = Log::full(4, 4);
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.engine.handle_log_full(client), Err(RequestRefused::InProgress));
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
    assert_eq!(log.log_full(client), Outcome::Success);
}

#[test]
fn another_client_joins_the_work_in_flight_and_gets_its_own_completion() {
    let mut log = Log::full(4, 8);
    let (first, second) = (log.register(FIRST), log.register(SECOND));
    assert_eq!(log.log_full(first), Outcome::Pending);
    assert_eq!(log.poll(), grow(2));
    assert_eq!(log.log_full(second), Outcome::Pending);
    assert_eq!(log.poll(), None);
    log.show(6, 2, 3, &[]);
    log.grown(2, Status::SUCCESS);
    assert_eq!(log.poll_completion(), (first, Status::SUCCESS, false));
    assert_eq!(log.poll_completion(), (second, Status::SUCCESS, false));
    assert_eq!(log.poll(), None);
}

#[test]
fn growth_inside_the_call_ends_it_with_success() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.engine.handle_log_full(client).unwrap();
    assert_eq!(log.engine.poll_growth(), grow(2));
    log.show(6, 2, 3, &[]);
    log.grown(2, Status::SUCCESS);
    assert_eq!(log.engine.finish_log_full_call(client), Ok(Outcome::Success));
    assert_eq!(log.poll(), None);
}

#[test]
fn a_log_that_can_grow_asks_no_tail() {
    let mut log = Log::full(4, 5);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), grow(1));
    assert_eq!(log.poll(), None);
}

#[test]
fn a_growth_that_fails_half_way_is_enough_for_a_request() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), grow(2));
    log.show(5, 1, 3, &[]);
    log.grown(1, Status::DISK_FULL);
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
}

#[test]
fn a_growth_that_fails_leads_to_asking_tails() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    assert_eq!(log.poll(), grow(2));
    log.grown(0, Status::DISK_FULL);
    log.poll_ask();
    log.poll_ask();
    assert_eq!(log.poll(), None);
}

#[test]
fn a_growth_that_fails_with_nobody_to_ask_ends_the_request_with_its_error() {
    let mut log = Log::full(4, 8);
    let client = log.register(StreamId(3));
    log.log_full(client);
    assert_eq!(log.poll(), grow(2));
    log.grown(0, Status::DISK_FULL);
    assert_eq!(log.poll_completion(), (client, Status::DISK_FULL, true));
}

#[test]
fn a_growth_that_promises_eat_is_followed_by_another() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), grow(2));
    log.show(6, 0, 3, &[]);
    log.grown(2, Status::SUCCESS);
    assert_eq!(log.poll(), grow(2));
    log.show(8, 1, 3, &[]);
    log.grown(2, Status::SUCCESS);
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
}

#[test]
fn only_one_growth_of_a_log_is_in_flight() {
    let mut log = Log::full(4, 1024);
    log.install(Policy::AutoGrow(true));
    let clients = [log.register(FIRST), log.register(FIRST)];
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), grow(2));
    for client in clients {
        assert_eq!(log.log_full(client), Outcome::Pending);
    }
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), None);
}

#[test]
fn without_a_maximum_a_log_grows_to_the_formats_limit_and_no_further() {
    let mut log = Log::full(1023, 2000);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), grow(1));
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "false belief"))]
fn a_false_belief_panics_in_tests_and_fences_the_log_elsewhere() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.register(SECOND);
    assert_eq!(log.log_full(client), Outcome::Pending);
    // No growth was handed out.
    log.grown(1, Status::SUCCESS);
    assert!(log.engine.is_stopped());
    assert_eq!(log.poll_completion(), (client, Status::UNSUCCESSFUL, false));
    assert_eq!(log.engine.handle_log_full(client), Err(RequestRefused::Stopped));
    assert_eq!(log.poll(), None);
}

#[test]
fn completions_keep_the_order_of_the_requests_when_the_log_closes_while_it_grows() {
    let mut log = Log::full(4, 8);
    let (first, second) = (log.register(FIRST), log.register(SECOND));
    for client in [second, first] {
        assert_eq!(log.log_full(client), Outcome::Pending);
    }
    assert_eq!(log.poll(), grow(2));
    log.engine.handle_log_closed();
    log.grown(0, Status::LOG_STATE_INVALID);
    assert_eq!(log.poll_completion(), (second, Status::LOG_STATE_INVALID, false));
    assert_eq!(log.poll_completion(), (first, Status::LOG_STATE_INVALID, false));
}
