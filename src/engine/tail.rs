//! Tails: how far they are to move, which clients to ask, whether asking can still help, and what a refusal means.

use super::Engine;
use super::belief::FalseBelief;
use super::client::{Ask, AskSerial, ClientKey, End, NotAClient, failure};
use super::growth::CONTAINERS_MIN;
use super::history::Refusal;
use super::links::ClientSlot;
use super::policy::Amount;
use crate::units::{ContainerCount, Lsn, Status, Time};

/// Whether the archive tail counts when looking at what could be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Archive {
    Counted,
    Ignored,
}

/// What tails are to do for more space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// To where.
    target: Lsn,
    /// The base that the log would have then: who is at it or behind it need not move.
    reach: u32,
}

impl Move {
    const fn is_asked_of(self, tail: Lsn) -> bool {
        tail.container() < self.reach
    }
}

impl Engine {
    /// How many containers a request wants free; `None` when tails are never to be asked.
    pub(super) fn demand(&self) -> Option<ContainerCount> {
        let count = match self.policies.log_tail() {
            Amount::Containers(count) => count,
            Amount::Percent(percent) if percent.get() == 0 => ContainerCount(0),
            Amount::Percent(percent) => percent.of_rounded_up(self.view.containers).max(ContainerCount(1)),
        };
        (count.0 > 0).then_some(count)
    }

    /// Free containers that are promised already.
    fn promised(&self) -> ContainerCount {
        self.view.free_containers.saturating_sub(self.view.spare_containers)
    }

    /// The oldest container that may stay for the demand to be free on top of what is promised; `None` when no tail
    /// can bring that about.
    pub(super) fn target_container(&self) -> Option<u32> {
        let total = self.view.containers;
        let most = total.0.checked_sub(1).filter(|most| *most > 0)?;
        let free_after = self.demand()?.saturating_add(self.promised()).0.min(most);
        let active = total.0.saturating_sub(free_after);
        self.view.last_container.checked_add(1)?.checked_sub(active)
    }

    /// What tails are to do; `None` when no move can bring more space.
    fn plan_move(&self) -> Option<Move> {
        let container = self.target_container()?;
        let reach = self.reachable_container(Archive::Counted).min(container);
        let brings_space = self.spare_with_base(reach) > self.view.spare_containers;
        brings_space.then(|| Move { target: Lsn::container_start(container), reach })
    }

    /// Asks every client that can help. Returns whether any of them has an ask, so that more space may come.
    pub(super) fn ask_tails(&mut self) -> Result<bool, FalseBelief> {
        self.wanted_move = self.plan_move();
        let Some(wanted) = self.wanted_move else {
            return Ok(false);
        };
        let round = self.round.number;
        let Self { view, clients, .. } = self;
        let mut is_anybody_asked = false;
        for (stream, _) in view.tails().filter(|(_, tail)| wanted.is_asked_of(*tail)) {
            clients.enter_round(stream, round)?;
            clients.ask_idle(stream, wanted.target)?;
            is_anybody_asked |= clients.is_asked(stream);
        }
        Ok(is_anybody_asked)
    }

    /// Takes the next ask that is due, as the newest decision wants it: it may have waited for a worker since an older
    /// one.
    pub(super) fn take_due_ask(&mut self) -> Result<Option<(ClientSlot, Lsn, AskSerial)>, FalseBelief> {
        let Some(wanted) = self.wanted_move else {
            self.clients.drop_due_asks()?;
            return Ok(None);
        };
        while let Some(slot) = self.clients.asks_due.first() {
            let tail = self.view.tail(self.clients.client(slot)?.stream);
            if tail.is_some_and(|tail| wanted.is_asked_of(tail)) {
                let serial = self.clients.take_due_ask(slot, wanted.target)?;
                return Ok(Some((slot, wanted.target, serial)));
            }
            self.clients.end_ask(slot)?;
        }
        Ok(None)
    }

    /// Ends the asks that the newest view shows as met.
    pub(super) fn end_met_asks(&mut self) -> Result<(), FalseBelief> {
        for stream in self.clients.asked_streams() {
            let tail = self.view.tail(stream);
            self.clients.end_met_asks(stream, tail)?;
        }
        Ok(())
    }

    /// The base that the log would have if everybody did as asked who has not refused.
    fn reachable_container(&self, archive: Archive) -> u32 {
        let target = self.target_container().unwrap_or(0);
        let streams = self.view.tails().map(|(stream, tail)| {
            let may_move = self.clients.may_move(stream, self.round.number);
            if may_move { tail.container().max(target) } else { tail.container() }
        });
        let archived = match archive {
            Archive::Counted => self.view.archive_tail,
            Archive::Ignored => None,
        };
        streams
            .chain(archived.map(Lsn::container))
            .min()
            .unwrap_or(self.view.last_container)
            .min(self.view.last_container)
    }

    /// The spare containers if the log began at `base`.
    fn spare_with_base(&self, base: u32) -> ContainerCount {
        let active = self.view.last_container.saturating_sub(base).saturating_add(1);
        self.view.containers.saturating_sub(ContainerCount(active)).saturating_sub(self.promised())
    }

    /// How requests end when nobody can help and nothing is spare.
    pub(super) fn pinned_end(&self) -> End {
        // A log of fewer than two containers is not held by anybody; it is too small.
        let is_pinned = self.view.containers >= CONTAINERS_MIN;
        let because = |reason| self.round.growth_failure.unwrap_or(reason);
        let status = match self.round.last_refusal {
            Some(reason) => failure(reason),
            None if is_pinned => because(self.cause_of_pin()),
            None => because(Status::COULD_NOT_RESIZE_LOG),
        };
        End { status, is_pinned }
    }

    fn cause_of_pin(&self) -> Status {
        let blocked = self.reachable_container(Archive::Counted);
        if self.reachable_container(Archive::Ignored) > blocked {
            Status::LOG_PINNED_ARCHIVE_TAIL
        } else if self.spare_with_base(self.view.last_container).0 == 0 {
            Status::LOG_PINNED_RESERVATION
        } else {
            Status::LOG_PINNED
        }
    }

    /// The client says that it cannot move its tail as asked, for any reason, success codes too.
    ///
    /// # Errors
    /// The key names no registered client.
    pub fn handle_tail_failure(&mut self, client: ClientKey, reason: Status, now: Time) -> Result<(), NotAClient> {
        if let Ask::Outstanding { .. } = self.clients.find(client)?.ask {
            self.refuse(client, reason, now);
        }
        Ok(())
    }

    /// The callback that carried `ask` has returned. An ask that ended meanwhile stays ended, and a newer one stays;
    /// the client may have been deregistered.
    pub fn handle_ask_returned(&mut self, client: ClientKey, ask: AskSerial, status: Status, now: Time) {
        let carried = |ask_now: Ask| matches!(ask_now, Ask::Outstanding { serial, .. } if serial == ask);
        if !status.is_success() && self.clients.find(client).is_ok_and(|client| carried(client.ask)) {
            self.refuse(client, status, now);
        }
    }

    fn refuse(&mut self, client: ClientKey, status: Status, at: Time) {
        let refused = self.clients.refuse_ask(client.slot, Refusal { status, at }, self.round.number);
        self.believed(refused);
        self.refusals = self.refusals.saturating_add(1);
        self.round.last_refusal = Some(status);
        self.decide();
    }
}
