//! When a log is pinned, why, and how its clients are notified of space.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::engine::{Action, Outcome, PinHolder};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::log::{FIRST, Log, SECOND, pinned};

#[test]
fn a_pinned_log_completes_with_an_error_before_pending_is_returned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    assert_eq!(log.poll(), None);
}

#[test]
fn a_stream_without_a_client_pins_the_log() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    assert!(log.pins().iter().any(|pin| pin.holder == PinHolder::UnmanagedStream && pin.stream == SECOND));
}

#[test]
fn an_archive_tail_that_blocks_is_named_as_the_cause() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.view.archive_tail = Some(Lsn::container_start(0));
    log.show(4, 0, 3, &[(FIRST, 3), (SECOND, 3)]);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED_ARCHIVE_TAIL));
    assert_eq!(log.pins()[0].holder, PinHolder::ArchiveTail);
}

#[test]
fn promises_that_would_fill_even_an_empty_log_are_named_as_the_cause() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(FIRST, 3), (SECOND, 3)]);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED_RESERVATION));
}

#[test]
fn a_log_tail_of_zero_never_asks() {
    let mut log = Log::full_and_at_its_maximum(4);
    log.install(Policy::log_tail(0, 0).unwrap());
    let client = log.register(FIRST);
    log.register(SECOND);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    assert_eq!(log.poll(), None);
}

#[test]
fn a_new_request_is_allowed_at_once_after_a_pinned_completion_and_keeps_it_armed() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
    assert_eq!(log.poll(), None);
}

#[test]
fn unpinned_comes_once_and_only_after_the_completion() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    // Space comes while the completion callback is still running.
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
    log.engine.handle_completion_returned(client);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
    log.show(4, 2, 3, &[]);
    assert_eq!(log.poll(), None);
}

#[test]
fn unpinned_waits_for_every_completion_of_the_client_that_runs() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    // Another thread of the client finds the log full while the first completion callback runs.
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
    log.engine.handle_completion_returned(client);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
    assert_eq!(log.poll(), None);
}

#[test]
fn a_warning_as_the_reason_does_not_arm_unpinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    log.poll_ask();
    log.refuse(client, Status::COULD_NOT_RESIZE_LOG);
    assert_eq!(log.poll_completion(), (client, Status::COULD_NOT_RESIZE_LOG, true));
    log.show(4, 2, 3, &[(FIRST, 2)]);
    assert_eq!(log.poll(), None);
}

#[test]
fn deregistration_disarms_unpinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    log.log_full(client);
    log.engine.handle_completion_returned(client);
    log.engine.deregister(client).unwrap();
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
}

#[test]
fn news_is_awaited_from_a_request_to_its_end_and_from_a_pinned_end_to_the_notification() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert!(!log.engine.needs_polling());
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    assert!(log.engine.needs_polling(), "the completion has not returned, then the client is armed");
    log.engine.handle_completion_returned(client);
    assert!(log.engine.needs_polling());
    log.show(4, 1, 3, &[(FIRST, 1), (SECOND, 1)]);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
    assert!(!log.engine.needs_polling());
}

#[test]
fn no_news_is_awaited_of_a_log_that_was_closed() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    log.engine.handle_log_closed();
    assert!(!log.engine.needs_polling());
}

/// While "unpinned" is owed, the client's wish for space stands.
#[test]
fn whoever_holds_the_log_alone_in_the_end_is_asked_though_it_was_told_pinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    assert_eq!(log.poll(), None);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    assert_eq!(log.poll_ask().0, client);
    log.show(4, 2, 3, &[(FIRST, 2)]);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
    assert_eq!(log.poll(), None);
}

#[test]
fn whoever_waits_for_unpinned_is_asked_when_the_archive_tail_has_moved() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.view.archive_tail = Some(Lsn::container_start(0));
    log.show(4, 0, 3, &[(SECOND, 3)]);
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED_ARCHIVE_TAIL));
    log.engine.handle_completion_returned(client);
    assert_eq!(log.poll(), None);
    log.view.archive_tail = Some(Lsn::container_start(3));
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll_ask().0, client);
}

#[test]
fn whoever_has_refused_is_not_asked_again_while_it_waits_for_unpinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 1)]);
    log.log_full(client);
    log.poll_ask();
    log.refuse(client, Status::CANCELLED);
    assert_eq!(log.poll_completion(), (client, Status::CANCELLED, true));
    log.show(4, 0, 3, &[(SECOND, 3)]);
    assert_eq!(log.poll(), None);
}

#[test]
fn space_that_is_gone_before_unpinned_was_told_is_not_told() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
    log.engine.handle_completion_returned(client);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    log.show(4, 0, 5, &[]);
    assert_eq!(log.poll(), None);
    log.show(4, 1, 5, &[(FIRST, 3), (SECOND, 3)]);
    assert_eq!(log.poll(), Some(Action::NotifyUnpinned { client }));
}

#[test]
fn an_end_that_is_due_is_decided_again_when_space_comes() {
    let mut log = Log::full_and_at_its_maximum(4);
    let (client, other) = (log.register(FIRST), log.register(SECOND));
    assert_eq!(log.log_full(client), Outcome::Pending);
    log.poll_ask();
    log.poll_ask();
    log.refuse(other, Status::CANCELLED);
    log.show(5, 1, 3, &[]);
    assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
    assert_eq!(log.poll(), None);
}
