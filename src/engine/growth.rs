//! Growing: how many containers, when unasked, and what follows.

use super::Engine;
use super::belief::FalseBelief;
use super::policy::Amount;
use crate::units::{ContainerCount, Status};

pub use crate::units::CONTAINERS_MAX;

/// Below two containers no record can be written: no log is made smaller, and one that is grows first.
pub(super) const CONTAINERS_MIN: ContainerCount = ContainerCount(2);

/// Auto-grow acts when fewer containers than this are free.
pub(super) const AUTO_GROW_FREE_MIN: u32 = 2;

/// The one growth of a log, up to `goal` containers; requests that come while it is under way join it. Containers are
/// handed out one at a time, and before each the log is looked at: what others added counts, and the maximum may be
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    Idle,
    /// Decided; nothing was handed out yet.
    Due {
        goal: ContainerCount,
    },
    /// A container has come, more are to.
    Continuing {
        goal: ContainerCount,
    },
    /// A container was handed out.
    Running {
        goal: ContainerCount,
    },
}

impl Growth {
    /// Whether a container is to be handed out.
    pub(super) const fn is_due(self) -> bool {
        matches!(self, Self::Due { .. } | Self::Continuing { .. })
    }
}

impl Engine {
    /// How many containers the maximum still allows.
    pub fn containers_allowed(&self) -> ContainerCount {
        self.containers_limit().saturating_sub(self.view.containers)
    }

    fn containers_limit(&self) -> ContainerCount {
        self.policies.maximum_size().map_or(CONTAINERS_MAX, |maximum| maximum.min(CONTAINERS_MAX))
    }

    /// By how many containers the growth rate makes a log of `containers` larger.
    pub(super) fn growth_step(&self, containers: ContainerCount) -> ContainerCount {
        match self.policies.growth_rate() {
            Amount::Containers(count) => count,
            Amount::Percent(percent) if percent.get() == 0 => ContainerCount(0),
            Amount::Percent(percent) => percent.of_rounded_down(containers).max(ContainerCount(1)),
        }
    }

    /// How many containers there are to be after the next growth; `None` when nothing can be added.
    pub(super) fn plan_growth(&self) -> Option<ContainerCount> {
        let containers = self.view.containers;
        let stepped = containers.saturating_add(self.growth_step(containers));
        // Without two containers no record can be written, whatever the rate.
        let goal = stepped.max(CONTAINERS_MIN).min(self.containers_limit());
        (goal > containers).then_some(goal)
    }

    fn is_below(&self, goal: ContainerCount) -> bool {
        self.view.containers < goal.min(self.containers_limit())
    }

    /// Forgets a growth that was decided on an older state, or that has come to its goal.
    pub(super) fn review_growth(&mut self) {
        match self.growth {
            Growth::Due { .. } => self.growth = Growth::Idle,
            Growth::Continuing { goal } if !self.is_below(goal) => self.growth = Growth::Idle,
            Growth::Continuing { .. } | Growth::Running { .. } | Growth::Idle => {}
        }
    }

    /// Whether the container that was handed out is still wanted: others may have resized the log since then, lowered
    /// its maximum, or closed it.
    pub fn is_growth_wanted(&self) -> bool {
        matches!(self.growth, Growth::Running { goal } if self.is_below(goal))
    }

    /// A size was asked for: a growth that is under way stops there. Requests that wait may lead to another.
    pub fn give_up_growth(&mut self) {
        self.growth = match self.growth {
            Growth::Running { .. } => Growth::Running { goal: ContainerCount(0) },
            Growth::Idle | Growth::Due { .. } | Growth::Continuing { .. } => Growth::Idle,
        };
        self.decide();
    }

    /// What was handed out as [`super::Action::Grow`] is over: it was not wanted any more (`None`), or was tried. The
    /// view after it has been given before.
    pub fn handle_growth_finished(&mut self, tried: Option<Result<(), Status>>) {
        let Growth::Running { goal } = self.growth else {
            // The log may have been closed meanwhile: then all requests have ended.
            if !self.is_stopped {
                self.fence(FalseBelief::EndingGrowthIsRunning);
            }
            return;
        };
        self.growth = match tried {
            None => Growth::Idle,
            Some(Ok(())) => {
                self.round.has_grown = true;
                self.has_grown = true;
                Growth::Continuing { goal }
            }
            Some(Err(status)) => {
                self.growth_failed_at = Some(self.view.version);
                // Part of a growth may be enough; if not, trying on would only fail again.
                self.round.growth_failure = Some(status);
                Growth::Idle
            }
        };
        self.decide();
    }

    /// Growth ahead of need: at most one at a time, and after a failure not before the log has changed.
    pub(super) fn plan_auto_grow(&mut self) {
        if self.policies.auto_grow()
            && self.view.free_containers.0 < AUTO_GROW_FREE_MIN
            && self.growth == Growth::Idle
            && self.growth_failed_at != Some(self.view.version)
            && let Some(goal) = self.plan_growth()
        {
            self.growth = Growth::Due { goal };
        }
    }
}
