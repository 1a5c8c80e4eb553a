//! Tails: how far they are to move, which clients to ask, whether asking can still help, and what a refusal means.

use super::Engine;
use super::action::AskSerial;
use super::belief::FalseBelief;
use super::client::{Ask, ClientKey, End, NotAClient};
use super::history::Refusal;
use super::policy::Amount;
use crate::units::{ContainerCount, Lsn, Status, Time};

/// Whether the archive tail counts when looking at what could be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Archive {
    Counted,
    Ignored,
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

    /// Asks every client of every stream that is below the target.
    pub(super) fn ask_tails(&mut self) -> Result<(), FalseBelief> {
        let Some(container) = self.target_container() else {
            return Ok(());
        };
        let (target, round) = (Lsn::container_start(container), self.round.number);
        let Self { view, clients, .. } = self;
        for (stream, tail) in view.tails() {
            clients.enter_round(stream, round)?;
            if tail.container() < container {
                clients.ask_idle(stream, target)?;
            }
        }
        Ok(())
    }

    /// Ends the asks that the newest view shows as met.
    pub(super) fn end_met_asks(&mut self) -> Result<(), FalseBelief> {
        for stream in self.clients.asked_streams() {
            let tail = self.view.tail(stream);
            self.clients.end_met_asks(stream, tail)?;
        }
        Ok(())
    }

    /// The base that the log would have if everybody did as asked.
    fn reachable_container(&self, archive: Archive) -> u32 {
        let target = self.target_container().unwrap_or(0);
        let streams = self.view.tails().map(|(stream, tail)| {
            if self.clients.is_asked(stream) { tail.container().max(target) } else { tail.container() }
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

    /// Whether asks that are under way can bring more space than there is.
    pub(super) fn can_still_be_relieved(&self) -> bool {
        !self.clients.asked_streams.is_empty()
            && self.demand().is_some()
            && self.spare_with_base(self.reachable_container(Archive::Counted)) > self.view.spare_containers
    }

    /// How requests end when nobody can help and nothing is spare.
    pub(super) fn pinned_end(&self) -> End {
        let growth_failure = self.round.growth_failure;
        // A log of fewer than two containers is not held by anybody; it is too small.
        let is_pinned = growth_failure.is_none() || self.view.containers.0 >= 2;
        let status = match self.round.last_refusal {
            Some(reason) if !reason.is_success() => reason,
            // Passing a success on would claim space that is not there.
            Some(_) => Status::LOG_PINNED,
            None => growth_failure.unwrap_or_else(|| self.cause_of_pin()),
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
        let carried = |ask_now: Ask| matches!(ask_now, Ask::Outstanding { serial, .. } if serial == ask.0);
        if !status.is_success() && self.clients.find(client).is_ok_and(|client| carried(client.ask)) {
            self.refuse(client, status, now);
        }
    }

    fn refuse(&mut self, client: ClientKey, status: Status, at: Time) {
        let refused = self.clients.refuse_ask(client.slot, Refusal { status, at });
        self.believed(refused);
        self.refusals = self.refusals.saturating_add(1);
        self.round.last_refusal = Some(status);
        self.decide();
    }
}
