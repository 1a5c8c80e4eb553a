//! Which tails are asked to move, how far, and what a refusal means.

use clfsmgmt::engine::Outcome;
use clfsmgmt::engine::policy::Policy;
use clfsmgmt::units::{Lsn, Status, StreamId, Time};

use crate::log::{FIRST, Log, SECOND};

#[test]
fn tails_are_asked_for_thirty_five_percent_by_default_rounded_up() {
    let mut log = Log::full_and_at_its_maximum(10);
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    // 35 % of 10 is 4: containers 4 to 9 stay.
    assert_eq!(log.poll_ask().1, Lsn::container_start(4));
}

#[test]
fn tails_are_asked_for_a_number_of_containers() {
    let mut log = Log::full_and_at_its_maximum(10);
    log.install(Policy::log_tail(0, 2).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    assert_eq!(log.poll_ask().1, Lsn::container_start(2));
}

#[test]
fn promised_containers_are_asked_for_on_top() {
    let mut log = Log::full_and_at_its_maximum(10);
    log.install(Policy::log_tail(0, 2).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    // Three containers are free and all of them promised.
    log.show(10, 0, 9, &[(FIRST, 3), (SECOND, 3)]);
    log.log_full(client);
    assert_eq!(log.poll_ask().1, Lsn::container_start(5));
}

#[test]
fn no_tail_is_asked_beyond_the_container_that_is_being_written() {
    let mut log = Log::full_and_at_its_maximum(4);
    log.install(Policy::log_tail(0, 400).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    assert_eq!(log.poll_ask().1, Lsn::container_start(3));
}

#[test]
fn every_client_below_the_target_is_asked_the_requester_too_and_nobody_above_it() {
    let mut log = Log::full_and_at_its_maximum(10);
    let (first, above) = (log.register(FIRST), log.register(SECOND));
    let second = log.register(FIRST);
    log.show(10, 0, 9, &[(FIRST, 0), (SECOND, 6)]);
    log.log_full(first);
    assert_eq!(log.poll_ask().0, first);
    assert_eq!(log.poll_ask().0, second);
    assert_eq!(log.poll(), None);
    assert!(log.engine.is_client(above));
}

#[test]
fn a_client_has_at_most_one_ask_outstanding() {
    let mut log = Log::full_and_at_its_maximum(4);
    let (first, second) = (log.register(FIRST), log.register(SECOND));
    log.log_full(first);
    log.poll_ask();
    log.poll_ask();
    assert_eq!(log.log_full(second), Outcome::Pending);
    log.show(4, 0, 3, &[(FIRST, 1)]);
    assert_eq!(log.poll(), None);
}

#[test]
fn an_ask_ends_when_the_tail_is_exactly_at_its_target() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    assert_eq!(log.poll_ask().1, Lsn::container_start(2));
    log.show(4, 2, 3, &[(FIRST, 2)]);
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
    assert!(log.pins().iter().all(|pin| !pin.is_outstanding));
}

#[test]
fn an_ask_that_is_met_with_too_little_space_is_followed_by_another() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    log.poll_ask();
    // Meanwhile another writer has gone on to container 5.
    log.show(4, 0, 5, &[(FIRST, 2), (SECOND, 5)]);
    assert_eq!(log.poll_ask().1, Lsn::container_start(4));
}

#[test]
fn a_refusal_ends_the_ask_and_its_reason_ends_the_request() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    log.poll_ask();
    log.refuse(client, Status::CANCELLED);
    assert_eq!(log.poll_completion(), (client, Status::CANCELLED, true));
}

#[test]
fn a_client_ends_with_its_own_reason_and_the_others_with_the_newest() {
    let mut log = Log::full_and_at_its_maximum(4);
    let clients = [FIRST, FIRST, SECOND].map(|stream| log.register(stream));
    let [first, second, third] = clients;
    log.show(4, 0, 3, &[(SECOND, 3)]);
    for client in clients {
        log.log_full(client);
    }
    log.poll_ask();
    log.poll_ask();
    log.refuse(second, Status::UNSUCCESSFUL);
    log.refuse(first, Status::CANCELLED);
    assert_eq!(log.poll_completion(), (first, Status::CANCELLED, true));
    assert_eq!(log.poll_completion(), (second, Status::UNSUCCESSFUL, true));
    assert_eq!(log.poll_completion(), (third, Status::CANCELLED, true));
}

#[test]
fn a_refusal_with_a_success_code_releases_the_ask_and_is_told_as_pinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    log.poll_ask();
    log.refuse(client, Status::SUCCESS);
    assert_eq!(log.poll_completion(), (client, Status::LOG_PINNED, true));
}

#[test]
fn a_refusal_without_an_ask_is_accepted_and_changes_nothing() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.refuse(client, Status::UNSUCCESSFUL);
    assert_eq!(log.poll(), None);
    assert_eq!(log.pins()[0].last_refusal, None);
}

#[test]
fn a_callback_that_returns_an_error_has_refused() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    let (_, _, ask) = log.poll_ask();
    log.engine.handle_ask_returned(client, ask, Status::LOG_TAIL_INVALID, Time(8));
    assert_eq!(log.poll_completion(), (client, Status::LOG_TAIL_INVALID, true));
}

#[test]
fn a_callback_that_returns_success_is_taken_as_pending() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    let (_, _, ask) = log.poll_ask();
    log.engine.handle_ask_returned(client, ask, Status::SUCCESS, Time(8));
    assert_eq!(log.poll(), None);
    log.show(4, 2, 3, &[(FIRST, 2)]);
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
}

#[test]
fn an_ask_completed_before_its_callback_returned_is_not_revived_by_the_return() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    let (_, _, ask) = log.poll_ask();
    // The tail moves inside the callback, and so much is written that the next request asks again.
    log.show(4, 2, 3, &[(FIRST, 2)]);
    log.poll_completion();
    log.show(4, 0, 5, &[(SECOND, 5)]);
    log.log_full(client);
    let (_, _, next) = log.poll_ask();
    log.engine.handle_ask_returned(client, ask, Status::UNSUCCESSFUL, Time(8));
    assert_ne!(ask, next);
    assert_eq!(log.poll(), None);
    assert!(log.pins()[0].is_outstanding);
}

#[test]
fn a_refusal_while_others_can_still_help_keeps_waiting() {
    let mut log = Log::full_and_at_its_maximum(10);
    let (first, second) = (log.register(FIRST), log.register(SECOND));
    // The refusing stream is only just below the target: space comes without it.
    log.show(10, 0, 9, &[(FIRST, 0), (SECOND, 3)]);
    log.log_full(first);
    log.poll_ask();
    log.poll_ask();
    log.refuse(second, Status::CANCELLED);
    assert_eq!(log.poll(), None);
    log.show(10, 3, 9, &[(FIRST, 4)]);
    // Less than asked for, but nobody else can help.
    assert_eq!(log.poll_completion(), (first, Status::SUCCESS, false));
}

#[test]
fn a_client_that_refused_is_asked_again_only_by_a_later_request() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    for _ in 0..2 {
        log.log_full(client);
        assert_eq!(log.poll_ask().0, client);
        log.refuse(client, Status::CANCELLED);
        log.poll_completion();
        assert_eq!(log.poll(), None);
    }
}

/// What lies behind the tail of a stream that nobody moves is not freed, whatever others do.
#[test]
fn a_client_that_cannot_help_is_not_asked() {
    let mut log = Log::full_and_at_its_maximum(10);
    let (client, helpless) = (log.register(FIRST), log.register(StreamId(3)));
    log.show(10, 0, 9, &[(FIRST, 0), (SECOND, 2), (StreamId(3), 2)]);
    log.log_full(helpless);
    assert_eq!(log.poll_ask().0, client);
    assert_eq!(log.poll(), None);
    log.show(10, 0, 9, &[(SECOND, 9)]);
    assert_eq!(log.poll_ask().0, helpless);
}
