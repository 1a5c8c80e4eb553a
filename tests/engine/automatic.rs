//! Growing and shrinking, asked and unasked.

use clfsmgmt::engine::Outcome;
use clfsmgmt::engine::policy::Policy;
use clfsmgmt::units::{ContainerCount, Status, StreamId};

use crate::log::{FIRST, GROW, Log, SECOND, SHRINK, pinned};

#[test]
fn auto_grow_acts_when_fewer_than_two_containers_are_free() {
    let mut log = Log::full(4, 8);
    log.install(Policy::AutoGrow(true));
    assert_eq!(log.poll(), None, "installing has no immediate effect");
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
    log.show(4, 1, 4, &[]);
    assert_eq!(log.grow_to_the_end(), 2);
}

#[test]
fn growth_ahead_of_need_is_not_handed_to_a_caller() {
    let mut log = Log::full(4, 8);
    log.install(Policy::AutoGrow(true));
    let client = log.register(FIRST);
    log.install(Policy::log_tail(0, 1).unwrap());
    log.show(4, 1, 3, &[(FIRST, 1), (SECOND, 1)]);
    log.engine.handle_log_full(client).unwrap();
    assert_eq!(log.engine.poll_growth(client), None);
    assert_eq!(log.engine.finish_log_full_call(client), Ok(Outcome::Success));
    assert_eq!(log.poll(), GROW);
}

#[test]
fn auto_grow_is_off_by_default() {
    let mut log = Log::full(4, 8);
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), None);
}

#[test]
fn a_failed_auto_grow_waits_until_the_log_changes() {
    let mut log = Log::full(4, 8);
    log.install(Policy::AutoGrow(true));
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), GROW);
    log.growth_fails();
    assert_eq!(log.poll(), None);
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), GROW);
}

#[test]
fn growth_by_percent_rounds_down_but_adds_at_least_one() {
    for (total, percent, added) in [(32, 10, 3), (4, 10, 1)] {
        let mut log = Log::full(total, 1024);
        log.install(Policy::growth_rate(0, percent).unwrap());
        let client = log.register(FIRST);
        assert_eq!(log.log_full(client), Outcome::Pending);
        assert_eq!(log.poll(), GROW);
        log.growth_succeeds();
        assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
        assert_eq!(1 + log.grow_to_the_end(), added);
    }
}

#[test]
fn a_growth_rate_of_zero_never_grows() {
    let mut log = Log::full(4, 8);
    log.install(Policy::growth_rate(0, 0).unwrap());
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
}

/// A log of ten containers, of which the first two are active.
fn mostly_free() -> Log {
    let mut log = Log::full(10, 20);
    log.install(Policy::growth_rate(1, 0).unwrap());
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    log
}

#[test]
fn auto_shrink_removes_free_containers_down_to_its_share() {
    let mut log = mostly_free();
    log.install(Policy::auto_shrink(50).unwrap());
    log.show(10, 8, 9, &[]);
    // 8 of 10 are free; of 4 containers 2 are.
    assert_eq!(log.shrink_to_the_end(), 6);
}

#[test]
fn auto_shrink_never_goes_below_the_minimum() {
    let mut log = mostly_free();
    log.install(Policy::auto_shrink(50).unwrap());
    log.install(Policy::MinimumSize(ContainerCount(9)));
    log.show(10, 8, 9, &[]);
    assert_eq!(log.shrink_to_the_end(), 1);
}

#[test]
fn the_largest_number_is_no_minimum() {
    let mut log = mostly_free();
    log.install(Policy::auto_shrink(50).unwrap());
    log.install(Policy::MinimumSize(ContainerCount(u32::MAX)));
    log.show(10, 8, 9, &[]);
    assert_eq!(log.shrink_to_the_end(), 6);
}

/// The manager looks again when it begins to remove.
#[test]
fn a_shrink_that_waits_obeys_a_minimum_that_comes_meanwhile() {
    let mut log = mostly_free();
    log.install(Policy::auto_shrink(50).unwrap());
    log.show(10, 8, 9, &[]);
    assert_eq!(log.poll(), SHRINK);
    assert!(log.engine.is_shrink_wanted());
    log.install(Policy::MinimumSize(ContainerCount(10)));
    assert!(!log.engine.is_shrink_wanted());
    log.engine.handle_shrink_finished(None);
    assert_eq!(log.poll(), None);
}

#[test]
fn auto_shrink_leaves_two_free_containers_to_auto_grow() {
    let mut log = mostly_free();
    log.install(Policy::auto_shrink(1).unwrap());
    log.install(Policy::AutoGrow(true));
    log.show(10, 8, 9, &[]);
    assert_eq!(log.shrink_to_the_end(), 6);
}

#[test]
fn auto_shrink_leaves_room_for_one_growth() {
    for (rate, removed) in [(Policy::growth_rate(5, 0), 3), (Policy::growth_rate(0, 100), 6)] {
        let mut log = mostly_free();
        log.install(rate.unwrap());
        log.install(Policy::auto_shrink(1).unwrap());
        log.show(10, 8, 9, &[]);
        assert_eq!(log.shrink_to_the_end(), removed);
    }
}

#[test]
fn what_was_grown_is_not_removed_before_the_base_has_moved() {
    let mut log = Log::in_the_middle_of_a_growth(3);
    log.install(Policy::auto_shrink(1).unwrap());
    assert_eq!(log.grow_to_the_end(), 2);
    log.install(Policy::growth_rate(1, 0).unwrap());
    log.show(7, 3, 3, &[]);
    assert_eq!(log.poll(), None);
    // Two records' containers later, and with a base that has moved by one.
    log.show(7, 2, 5, &[(FIRST, 1), (SECOND, 1)]);
    assert_eq!(log.shrink_to_the_end(), 1);
}

/// The request wants more than there is, so that the log grows although three containers are free.
#[test]
fn what_was_free_before_a_growth_is_not_removed_instead_of_what_was_grown() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(35).unwrap());
    log.install(Policy::log_tail(0, 9).unwrap());
    log.show(10, 3, 12, &[(FIRST, 6), (SECOND, 6)]);
    assert_eq!(log.poll(), None, "no more than its share is free");
    let client = log.register(FIRST);
    log.log_full(client);
    assert_eq!(log.poll(), GROW);
    log.growth_succeeds();
    log.poll_completion();
    assert_eq!(log.poll(), GROW);
    log.growth_succeeds();
    assert_eq!(log.poll(), None, "five of twelve are free, and two of them were just grown");
}

#[test]
fn auto_shrink_leaves_room_for_one_growth_besides_what_is_promised() {
    let mut log = mostly_free();
    log.install(Policy::growth_rate(2, 0).unwrap());
    log.install(Policy::auto_shrink(1).unwrap());
    log.show(10, 5, 9, &[(FIRST, 8), (SECOND, 8)]);
    assert_eq!(log.shrink_to_the_end(), 3, "eight are free, three of them promised");
}

#[test]
fn a_failed_shrink_waits_until_the_log_changes() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(50).unwrap());
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    assert_eq!(log.poll(), SHRINK);
    log.engine.handle_shrink_finished(Some(Err(Status::LOG_CANT_DELETE)));
    assert_eq!(log.poll(), None);
    log.show(10, 8, 9, &[]);
    assert_eq!(log.poll(), SHRINK);
}

#[test]
fn a_log_does_not_shrink_while_space_is_wanted() {
    let mut log = Log::full_and_at_its_maximum(10);
    log.install(Policy::auto_shrink(10).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    log.poll_ask();
    log.poll_ask();
    log.show(10, 2, 9, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
}

#[test]
fn a_shrink_that_is_due_is_dropped_when_a_request_comes() {
    let mut log = Log::full_and_at_its_maximum(10);
    log.install(Policy::auto_shrink(10).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    log.show(10, 3, 9, &[(FIRST, 5), (SECOND, 5)]);
    assert_eq!(log.log_full(client), Outcome::Pending);
    log.poll_ask();
    log.poll_ask();
    assert_eq!(log.poll(), None);
}

#[test]
fn a_shrink_that_is_due_is_decided_again_when_the_log_changes() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(50).unwrap());
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    log.show(10, 6, 11, &[]);
    assert_eq!(log.shrink_to_the_end(), 2);
}
