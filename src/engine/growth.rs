//! Growing: how many containers, when unasked, and what follows.

use super::Engine;
use super::belief::FalseBelief;
use super::policy::Amount;
use crate::units::{ContainerCount, Status};

pub use crate::units::CONTAINERS_MAX;

/// Auto-grow acts when fewer containers than this are free.
pub(super) const AUTO_GROW_FREE_MIN: u32 = 2;

/// The one growth of a log; requests that come while it is under way join it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    Idle,
    /// Decided, not handed out yet.
    Due(ContainerCount),
    /// Handed out.
    Running,
}

impl Engine {
    /// How many containers the maximum still allows.
    pub fn containers_allowed(&self) -> ContainerCount {
        let limit = self.policies.maximum_size().map_or(CONTAINERS_MAX, |maximum| maximum.min(CONTAINERS_MAX));
        limit.saturating_sub(self.view.containers)
    }

    /// How many containers the next growth adds; `None` when nothing can be added.
    pub(super) fn plan_growth(&self) -> Option<ContainerCount> {
        let wanted = match self.policies.growth_rate() {
            Amount::Containers(count) => count,
            Amount::Percent(percent) if percent.get() == 0 => ContainerCount(0),
            Amount::Percent(percent) => percent.of_rounded_down(self.view.containers).max(ContainerCount(1)),
        };
        let count = wanted.min(self.containers_allowed());
        (count.0 > 0).then_some(count)
    }

    /// A growth that was handed out has ended; the view after it has been given before.
    ///
    /// What was added stays, whatever the status.
    pub fn handle_growth_finished(&mut self, added: ContainerCount, status: Status) {
        if self.growth != Growth::Running {
            // The log may have been closed meanwhile: then all requests have ended.
            if !self.is_stopped {
                self.fence(FalseBelief::EndingGrowthIsRunning);
            }
            return;
        }
        self.growth = Growth::Idle;
        if added.0 > 0 {
            self.round.has_grown = true;
        }
        let failure = if status.is_success() && added.0 == 0 {
            Some(Status::LOG_CONTAINER_LIMIT_EXCEEDED)
        } else {
            Some(status).filter(|status| !status.is_success())
        };
        if failure.is_some() {
            self.growth_failed_at = Some(self.view.version);
            // Part of a growth may be enough; if not, trying on would only fail again.
            self.round.growth_failure = failure;
        }
        self.decide();
    }

    /// Growth ahead of need: at most one at a time, and after a failure not before the log has changed.
    pub(super) fn plan_auto_grow(&mut self) {
        if self.policies.auto_grow()
            && self.view.free_containers.0 < AUTO_GROW_FREE_MIN
            && self.growth == Growth::Idle
            && self.growth_failed_at != Some(self.view.version)
            && let Some(count) = self.plan_growth()
        {
            self.growth = Growth::Due(count);
        }
    }
}
