//! One sentence-named test per rule of the engine: clients, requests, tails, growth, shrinking, pinned and unpinned.

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::engine::{
    Action, AskSerial, ClientKey, Engine, LogView, NotAClient, Outcome, Pin, PinHolder,
    RequestRefused,
};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId, Time};

const FIRST: StreamId = StreamId(1);
const SECOND: StreamId = StreamId(2);

/// A log as the engine sees it.
struct Log {
    engine: Engine,
    view: LogView,
}

impl Log {
    /// A log of `total` containers, all active, with a maximum, and the tails of two streams in the oldest.
    fn full(total: u32, maximum: u32) -> Self {
        let mut log = Self {
            engine: Engine::new(1),
            view: LogView::unknown(),
        };
        log.view.container_size = Bytes(1 << 20);
        log.install(Policy::MaximumSize(ContainerCount(maximum)));
        log.show(total, 0, total - 1, &[(FIRST, 0), (SECOND, 0)]);
        log
    }

    /// Like [`Log::full`], with no room to grow.
    fn full_and_at_its_maximum(total: u32) -> Self {
        Self::full(total, total)
    }

    fn install(&mut self, policy: Policy) {
        self.engine
            .install_policy(policy, Existing::Overwrite)
            .unwrap();
    }

    fn show(&mut self, total: u32, spare: u32, last: u32, tails: &[(StreamId, u32)]) {
        for (stream, tail) in tails {
            self.view
                .set_tail(*stream, Some(Lsn::container_start(*tail)));
        }
        let first = self.view.tails().map(|(_, tail)| tail.container()).min();
        let first = first.unwrap_or(last);
        self.view.version += 1;
        self.view.containers = ContainerCount(total);
        self.view.free_containers = ContainerCount(total.saturating_sub(last - first + 1));
        self.view.spare_containers = ContainerCount(spare);
        self.view.first_container = first;
        self.view.last_container = last;
        self.engine.handle_view(&self.view);
    }

    fn register(&mut self, stream: StreamId) -> ClientKey {
        self.engine.register(stream).unwrap()
    }

    fn log_full(&mut self, client: ClientKey) -> Outcome {
        self.engine.handle_log_full(client).unwrap();
        self.engine.finish_log_full_call(client).unwrap()
    }

    fn poll(&mut self) -> Option<Action> {
        self.engine.poll_action(Time(100))
    }

    fn poll_ask(&mut self) -> (ClientKey, Lsn, AskSerial) {
        match self.poll() {
            Some(Action::AskTail {
                client,
                target,
                ask,
            }) => (client, target, ask),
            other => panic!("not an ask: {other:?}"),
        }
    }

    fn poll_completion(&mut self) -> (ClientKey, Status, bool) {
        match self.poll() {
            Some(Action::CompleteRequest {
                client,
                status,
                is_pinned,
            }) => {
                self.engine.handle_completion_returned(client);
                (client, status, is_pinned)
            }
            other => panic!("not a completion: {other:?}"),
        }
    }

    fn refuse(&mut self, client: ClientKey, reason: Status) {
        self.engine
            .handle_tail_failure(client, reason, Time(7))
            .unwrap();
    }

    fn grown(&mut self, added: u32, status: Status) {
        self.engine
            .handle_growth_finished(ContainerCount(added), status);
    }

    fn pins(&self) -> Vec<Pin> {
        let mut pins = Vec::new();
        self.engine.for_each_pin(|pin| pins.push(pin));
        pins
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what is wrapped"
)]
fn grow(count: u32) -> Option<Action> {
    Some(Action::Grow {
        count: ContainerCount(count),
    })
}

fn pinned(status: Status) -> Outcome {
    Outcome::CompleteThenPending {
        status,
        is_pinned: true,
    }
}

// Clients.

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
    assert_eq!(
        log.engine.handle_log_full(old),
        Err(RequestRefused::NotAClient)
    );
    assert_eq!(
        log.engine
            .handle_tail_failure(old, Status::UNSUCCESSFUL, Time(0)),
        Err(NotAClient)
    );
    assert!(log.engine.is_client(new));
}

#[test]
fn a_stream_outside_the_format_is_refused() {
    let mut log = Log::full(2, 2);
    assert_eq!(
        log.engine.register(StreamId(124)),
        Err(Status::INVALID_PARAMETER)
    );
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

// Requests.

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
    assert_eq!(
        log.engine.handle_log_full(client),
        Err(RequestRefused::InProgress)
    );
}

#[test]
fn a_request_is_in_progress_until_its_completion_is_handed_out() {
    let mut log = Log::full(4, 4);
    let client = log.register(FIRST);
    log.register(SECOND);
    log.log_full(client);
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(
        log.engine.handle_log_full(client),
        Err(RequestRefused::InProgress)
    );
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
    assert_eq!(
        log.engine.finish_log_full_call(client),
        Ok(Outcome::Success)
    );
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

// Tails.

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
fn a_refusals_reason_reaches_every_waiting_client() {
    let mut log = Log::full_and_at_its_maximum(4);
    let (first, second) = (log.register(FIRST), log.register(FIRST));
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(first);
    log.log_full(second);
    log.poll_ask();
    log.poll_ask();
    log.refuse(second, Status::UNSUCCESSFUL);
    log.refuse(first, Status::CANCELLED);
    assert_eq!(log.poll_completion(), (first, Status::CANCELLED, true));
    assert_eq!(log.poll_completion(), (second, Status::CANCELLED, true));
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
    log.engine
        .handle_ask_returned(client, ask, Status::LOG_TAIL_INVALID, Time(8));
    assert_eq!(
        log.poll_completion(),
        (client, Status::LOG_TAIL_INVALID, true)
    );
}

#[test]
fn a_callback_that_returns_success_is_taken_as_pending() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    let (_, _, ask) = log.poll_ask();
    log.engine
        .handle_ask_returned(client, ask, Status::SUCCESS, Time(8));
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
    log.engine
        .handle_ask_returned(client, ask, Status::UNSUCCESSFUL, Time(8));
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

// Pinned and unpinned.

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
    assert!(
        log.pins()
            .iter()
            .any(|pin| pin.holder == PinHolder::UnmanagedStream && pin.stream == SECOND)
    );
}

#[test]
fn an_archive_tail_that_blocks_is_named_as_the_cause() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.view.archive_tail = Some(Lsn::container_start(0));
    log.show(4, 0, 3, &[(FIRST, 3), (SECOND, 3)]);
    assert_eq!(
        log.log_full(client),
        pinned(Status::LOG_PINNED_ARCHIVE_TAIL)
    );
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
fn a_warning_as_the_reason_does_not_arm_unpinned() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    log.log_full(client);
    log.poll_ask();
    log.refuse(client, Status::COULD_NOT_RESIZE_LOG);
    assert_eq!(
        log.poll_completion(),
        (client, Status::COULD_NOT_RESIZE_LOG, true)
    );
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

// Growing and shrinking unasked.

#[test]
fn auto_grow_acts_when_fewer_than_two_containers_are_free() {
    let mut log = Log::full(4, 8);
    log.install(Policy::AutoGrow(true));
    assert_eq!(log.poll(), None, "installing has no immediate effect");
    log.show(4, 2, 3, &[(FIRST, 2), (SECOND, 2)]);
    assert_eq!(log.poll(), None);
    log.show(4, 1, 4, &[]);
    assert_eq!(log.poll(), grow(2));
}

#[test]
fn growth_ahead_of_need_is_not_handed_to_a_caller() {
    let mut log = Log::full(4, 8);
    log.install(Policy::AutoGrow(true));
    let client = log.register(FIRST);
    log.install(Policy::log_tail(0, 1).unwrap());
    log.show(4, 1, 3, &[(FIRST, 1), (SECOND, 1)]);
    log.engine.handle_log_full(client).unwrap();
    assert_eq!(log.engine.poll_growth(), None);
    assert_eq!(
        log.engine.finish_log_full_call(client),
        Ok(Outcome::Success)
    );
    assert_eq!(log.poll(), grow(2));
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
    assert_eq!(log.poll(), grow(2));
    log.grown(0, Status::DISK_FULL);
    assert_eq!(log.poll(), None);
    log.show(4, 0, 3, &[]);
    assert_eq!(log.poll(), grow(2));
}

#[test]
fn growth_by_percent_rounds_down_but_adds_at_least_one() {
    for (total, percent, added) in [(32, 10, 3), (4, 10, 1)] {
        let mut log = Log::full(total, 1024);
        log.install(Policy::growth_rate(0, percent).unwrap());
        let client = log.register(FIRST);
        log.log_full(client);
        assert_eq!(log.poll(), grow(added));
    }
}

#[test]
fn a_growth_rate_of_zero_never_grows() {
    let mut log = Log::full(4, 8);
    log.install(Policy::growth_rate(0, 0).unwrap());
    let client = log.register(StreamId(3));
    assert_eq!(log.log_full(client), pinned(Status::LOG_PINNED));
}

#[test]
fn auto_shrink_removes_free_containers_down_to_its_share() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(50).unwrap());
    // 8 of 10 are free; of 4 containers 2 are.
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    let count = ContainerCount(6);
    assert_eq!(log.poll(), Some(Action::Shrink { count }));
    log.show(4, 2, 9, &[]);
    log.engine.handle_shrink_finished(count, count);
    assert_eq!(log.poll(), None);
}

#[test]
fn auto_shrink_never_goes_below_the_minimum() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(50).unwrap());
    log.install(Policy::MinimumSize(ContainerCount(9)));
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    assert_eq!(
        log.poll(),
        Some(Action::Shrink {
            count: ContainerCount(1)
        })
    );
}

#[test]
fn auto_shrink_leaves_two_free_containers_to_auto_grow() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(1).unwrap());
    log.install(Policy::AutoGrow(true));
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    assert_eq!(
        log.poll(),
        Some(Action::Shrink {
            count: ContainerCount(6)
        })
    );
}

#[test]
fn a_failed_shrink_waits_until_the_log_changes() {
    let mut log = Log::full(10, 20);
    log.install(Policy::auto_shrink(50).unwrap());
    log.show(10, 8, 9, &[(FIRST, 8), (SECOND, 8)]);
    assert!(log.poll().is_some());
    log.engine
        .handle_shrink_finished(ContainerCount(6), ContainerCount(0));
    assert_eq!(log.poll(), None);
    log.show(10, 8, 9, &[]);
    assert!(log.poll().is_some());
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

// Reports.

#[test]
fn a_report_names_who_pins_since_when_and_what_was_said() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    for _ in 0..3 {
        log.log_full(client);
        log.poll_ask();
        log.refuse(client, Status::CANCELLED);
        log.poll_completion();
    }
    let pin = log.pins()[0];
    assert_eq!(pin.holder, PinHolder::Client(client));
    assert_eq!((pin.stream, pin.tail), (FIRST, Lsn::container_start(0)));
    assert_eq!(pin.target, Some(Lsn::container_start(2)));
    assert_eq!((pin.asked_since, pin.times_asked), (Some(Time(100)), 3));
    let refusal = pin.last_refusal.unwrap();
    assert_eq!((refusal.status, refusal.at), (Status::CANCELLED, Time(7)));
    log.show(4, 3, 3, &[(FIRST, 3)]);
    assert!(log.pins().iter().all(|pin| pin.times_asked == 0));
}

#[test]
fn a_view_that_is_older_than_the_last_is_ignored() {
    let mut log = Log::full(4, 4);
    let mut old = log.view.clone();
    old.spare_containers = ContainerCount(4);
    old.version = 0;
    log.engine.handle_view(&old);
    assert_eq!(log.engine.view().spare_containers, ContainerCount(0));
}
