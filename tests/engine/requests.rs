//! Requests for space: opened, joined, ended.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::engine::{Outcome, RequestRefused};
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::log::{FIRST, GROW, Log, SECOND};

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
    assert_eq!(log.poll(), GROW);
    assert_eq!(log.log_full(second), Outcome::Pending);
    assert_eq!(log.poll(), None);
    log.growth_succeeds();
    assert_eq!(log.poll_completion(), (first, Status::SUCCESS, false));
    assert_eq!(log.poll_completion(), (second, Status::SUCCESS, false));
    assert_eq!(log.grow_to_the_end(), 1);
}

#[test]
fn growth_inside_the_call_ends_it_with_success() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.engine.handle_log_full(client).unwrap();
    assert_eq!(log.engine.poll_growth(client), GROW);
    log.growth_succeeds();
    assert_eq!(log.engine.poll_growth(client), None, "the first container is enough for the caller");
    assert_eq!(log.engine.finish_log_full_call(client), Ok(Outcome::Success));
    assert_eq!(log.grow_to_the_end(), 1, "the growth rate wants two");
}

#[test]
fn a_call_whose_own_request_has_ended_grows_for_nobody_else() {
    let mut log = Log::full(4, 20);
    let (client, other) = (log.register(FIRST), log.register(SECOND));
    log.engine.handle_log_full(client).unwrap();
    assert_eq!(log.engine.poll_growth(client), GROW);
    log.growth_succeeds();
    // The space is gone before the call returns, and another client asks.
    log.show(5, 0, 4, &[]);
    assert_eq!(log.log_full(other), Outcome::Pending);
    assert_eq!(log.engine.poll_growth(client), None);
    assert_eq!(log.engine.finish_log_full_call(client), Ok(Outcome::Success));
    assert_eq!(log.poll(), GROW);
}

#[test]
fn a_log_that_can_grow_asks_no_tail() {
    let mut log = Log::full(4, 5);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), GROW);
    assert_eq!(log.poll(), None);
}

#[test]
fn a_growth_that_fails_half_way_is_enough_for_a_request() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), GROW);
    log.growth_succeeds();
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
    assert_eq!(log.poll(), GROW);
    log.growth_fails();
    assert_eq!(log.poll(), None);
}

#[test]
fn a_growth_that_fails_leads_to_asking_tails() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    assert_eq!(log.poll(), GROW);
    log.growth_fails();
    log.poll_ask();
    log.poll_ask();
    assert_eq!(log.poll(), None);
}

#[test]
fn a_growth_that_fails_with_nobody_to_ask_ends_the_request_with_its_error() {
    let mut log = Log::full(4, 8);
    let client = log.register(StreamId(3));
    log.log_full(client);
    assert_eq!(log.poll(), GROW);
    log.growth_fails();
    assert_eq!(log.poll_completion(), (client, Status::DISK_FULL, true));
}

#[test]
fn a_growth_that_promises_eat_is_followed_by_another() {
    let mut log = Log::full(4, 8);
    let client = log.register(FIRST);
    log.log_full(client);
    for total in 5..8 {
        assert_eq!(log.poll(), GROW);
        log.show(total, 0, 3, &[]);
        log.engine.handle_growth_finished(Some(Ok(())));
    }
    assert_eq!(log.poll(), GROW);
    log.growth_succeeds();
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
}

#[test]
fn only_one_growth_of_a_log_is_in_flight() {
    let mut log = Log::full(4, 1024);
    log.install(Policy::AutoGrow(true));
    let clients = [log.register(FIRST), log.register(FIRST)];
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), GROW);
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
    assert_eq!(log.poll(), GROW);
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "false belief"))]
fn a_false_belief_panics_in_tests_and_fences_the_log_elsewhere() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.register(SECOND);
    assert_eq!(log.log_full(client), Outcome::Pending);
    // No growth was handed out.
    log.engine.handle_growth_finished(Some(Ok(())));
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
    assert_eq!(log.poll(), GROW);
    log.engine.handle_log_closed();
    log.engine.handle_growth_finished(Some(Err(Status::LOG_STATE_INVALID)));
    assert_eq!(log.poll_completion(), (second, Status::LOG_STATE_INVALID, false));
    assert_eq!(log.poll_completion(), (first, Status::LOG_STATE_INVALID, false));
}

#[test]
fn a_growth_stops_at_a_maximum_that_was_lowered_meanwhile() {
    let mut log = Log::in_the_middle_of_a_growth(8);
    assert_eq!(log.poll(), GROW);
    log.install(Policy::MaximumSize(ContainerCount(5)));
    assert!(!log.engine.is_growth_wanted());
    log.engine.handle_growth_finished(None);
    assert_eq!(log.poll(), None);
}

#[test]
fn containers_that_others_add_count_for_a_growth() {
    let mut log = Log::in_the_middle_of_a_growth(3);
    log.show(7, 3, 3, &[]);
    assert_eq!(log.poll(), None);
}

#[test]
fn a_size_that_was_asked_for_ends_a_growth() {
    let mut log = Log::in_the_middle_of_a_growth(8);
    log.engine.give_up_growth();
    assert_eq!(log.poll(), None);
}

#[test]
fn a_size_that_was_asked_for_does_not_end_the_growth_of_a_request_that_waits() {
    let mut log = Log::full(4, 20);
    let client = log.register(FIRST);
    assert_eq!(log.log_full(client), Outcome::Pending);
    log.engine.give_up_growth();
    assert_eq!(log.poll(), GROW);
}

/// Whatever its one container has free, no record can be written to it.
#[test]
fn a_log_of_fewer_than_two_containers_grows_to_two_whatever_the_rate() {
    for (total, rate, added) in [(1, 0, 1), (0, 0, 2), (1, 3, 3)] {
        let mut log = Log::full(1, 20);
        log.install(Policy::growth_rate(rate, 0).unwrap());
        log.show(total, total, 0, &[]);
        let client = log.register(FIRST);
        assert_eq!(log.log_full(client), Outcome::Pending);
        let mut count = 0;
        while log.poll() == GROW {
            count += 1;
            log.growth_succeeds();
            if log.view.containers.0 == 2 {
                assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
            }
        }
        assert_eq!(count, added, "{total} containers, a rate of {rate}");
    }
}

#[test]
fn a_log_that_may_not_have_two_containers_is_not_pinned_but_too_small() {
    let mut log = Log::full(1, 1);
    log.show(1, 1, 0, &[]);
    let client = log.register(FIRST);
    let too_small = Outcome::CompleteThenPending { status: Status::COULD_NOT_RESIZE_LOG, is_pinned: false };
    assert_eq!(log.log_full(client), too_small);
}
