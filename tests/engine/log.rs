//! A log as the engine sees it, and short words for what goes in and comes out.

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::engine::{Action, AskSerial, ClientKey, Engine, LogView, Outcome, Pin};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId, Time};

pub(crate) const FIRST: StreamId = StreamId(1);
pub(crate) const SECOND: StreamId = StreamId(2);

/// A log as the engine sees it.
pub(crate) struct Log {
    pub(crate) engine: Engine,
    pub(crate) view: LogView,
}

impl Log {
    /// A log of `total` containers, all active, with a maximum, and the tails of two streams in the oldest.
    pub(crate) fn full(total: u32, maximum: u32) -> Self {
        let mut log = Self { engine: Engine::new(1), view: LogView::unknown() };
        log.view.container_size = Bytes(1 << 20);
        log.install(Policy::MaximumSize(ContainerCount(maximum)));
        log.show(total, 0, total - 1, &[(FIRST, 0), (SECOND, 0)]);
        log
    }

    /// Like [`Log::full`], with no room to grow.
    pub(crate) fn full_and_at_its_maximum(total: u32) -> Self {
        Self::full(total, total)
    }

    /// Four containers that grow by `rate`, of which the first has come, and has ended the request for which they do.
    pub(crate) fn in_the_middle_of_a_growth(rate: u32) -> Self {
        let mut log = Self::full(4, 20);
        log.install(Policy::growth_rate(rate, 0).unwrap());
        let client = log.register(FIRST);
        assert_eq!(log.log_full(client), Outcome::Pending);
        assert_eq!(log.poll(), GROW);
        log.growth_succeeds();
        assert_eq!(log.poll_completion(), (client, Status::SUCCESS, false));
        log
    }

    pub(crate) fn install(&mut self, policy: Policy) {
        self.engine.install_policy(policy, Existing::Overwrite).unwrap();
    }

    pub(crate) fn show(&mut self, total: u32, spare: u32, last: u32, tails: &[(StreamId, u32)]) {
        for (stream, tail) in tails {
            self.view.set_tail(*stream, Some(Lsn::container_start(*tail)));
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

    pub(crate) fn register(&mut self, stream: StreamId) -> ClientKey {
        self.engine.register(stream).unwrap()
    }

    pub(crate) fn log_full(&mut self, client: ClientKey) -> Outcome {
        self.engine.handle_log_full(client).unwrap();
        self.engine.finish_log_full_call(client).unwrap()
    }

    pub(crate) fn poll(&mut self) -> Option<Action> {
        self.engine.poll_action(Time(100))
    }

    pub(crate) fn poll_ask(&mut self) -> (ClientKey, Lsn, AskSerial) {
        match self.poll() {
            Some(Action::AskTail { client, target, ask }) => (client, target, ask),
            other => panic!("not an ask: {other:?}"),
        }
    }

    pub(crate) fn poll_completion(&mut self) -> (ClientKey, Status, bool) {
        match self.poll() {
            Some(Action::CompleteRequest { client, status, is_pinned }) => {
                self.engine.handle_completion_returned(client);
                (client, status, is_pinned)
            }
            other => panic!("not a completion: {other:?}"),
        }
    }

    pub(crate) fn refuse(&mut self, client: ClientKey, reason: Status) {
        self.engine.handle_tail_failure(client, reason, Time(7)).unwrap();
    }

    /// The container that was handed out could not be added.
    pub(crate) fn growth_fails(&mut self) {
        self.engine.handle_growth_finished(Some(Err(Status::DISK_FULL)));
    }

    /// The container that was handed out has come, and is spare.
    pub(crate) fn growth_succeeds(&mut self) {
        let (total, spare) = (self.view.containers.0 + 1, self.view.spare_containers.0 + 1);
        self.show(total, spare, self.view.last_container, &[]);
        self.engine.handle_growth_finished(Some(Ok(())));
    }

    /// Lets containers come as long as some are handed out; returns how many.
    pub(crate) fn grow_to_the_end(&mut self) -> u32 {
        let mut count = 0;
        while self.poll() == GROW {
            self.growth_succeeds();
            count += 1;
        }
        count
    }

    /// Removes free containers as long as that is handed out; returns how many.
    pub(crate) fn shrink_to_the_end(&mut self) -> u32 {
        let mut count = 0;
        while self.poll() == SHRINK {
            let (total, spare) = (self.view.containers.0 - 1, self.view.spare_containers.0 - 1);
            self.show(total, spare, self.view.last_container, &[]);
            self.engine.handle_shrink_finished(Some(Ok(())));
            count += 1;
        }
        count
    }

    pub(crate) fn pins(&mut self) -> Vec<Pin> {
        let mut pins = Vec::new();
        self.engine.for_each_pin(|pin| pins.push(pin));
        pins
    }
}

pub(crate) const GROW: Option<Action> = Some(Action::Grow);
pub(crate) const SHRINK: Option<Action> = Some(Action::Shrink);

pub(crate) fn pinned(status: Status) -> Outcome {
    Outcome::CompleteThenPending { status, is_pinned: true }
}
