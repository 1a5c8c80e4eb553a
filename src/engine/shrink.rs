//! Shrinking unasked: when too large a share of the log is free.

use super::Engine;
use super::belief::FalseBelief;
use super::growth::{AUTO_GROW_FREE_MIN, CONTAINERS_MIN, Growth};
use crate::units::{ContainerCount, Status};

/// The one shrink of a log: a container at a time, each decided anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shrink {
    Idle,
    Due,
    Running,
}

impl Engine {
    /// The size below which nothing is removed.
    pub(super) fn containers_floor(&self) -> ContainerCount {
        self.policies.minimum_size().map_or(CONTAINERS_MIN, |minimum| minimum.max(CONTAINERS_MIN))
    }

    /// Decides a shrink when one is called for: never while space is wanted, never twice on the same log state.
    pub(super) fn plan_auto_shrink(&mut self) {
        if self.shrink != Shrink::Idle
            || self.growth != Growth::Idle
            || !self.clients.requests_open.is_empty()
            || self.shrink_failed_at == Some(self.view.version)
        {
            return;
        }
        if self.containers_to_shrink().0 > 0 {
            self.shrink = Shrink::Due;
        }
    }

    /// Whether the removal that was handed out is still wanted: the log, its policies and its requests may have changed
    /// since it was decided.
    pub fn is_shrink_wanted(&self) -> bool {
        !self.is_stopped && self.clients.requests_open.is_empty() && self.containers_to_shrink().0 > 0
    }

    /// The fewest containers whose removal leaves at most the policy's share free, within the limits. After a growth
    /// none until the base has moved, and room for one growth of the active log stays besides what is promised: growing
    /// and shrinking would undo each other.
    pub fn containers_to_shrink(&self) -> ContainerCount {
        let Some(percent) = self.policies.auto_shrink().filter(|_| !self.has_grown) else {
            return ContainerCount(0);
        };
        let (total, free) = (self.view.containers, self.view.free_containers);
        let share = u64::from(percent.get());
        // (free - n) * 100 <= share * (total - n), solved for the smallest n; a share of 100 is never exceeded.
        let excess = u64::from(free.0).saturating_mul(100).saturating_sub(share.saturating_mul(u64::from(total.0)));
        let per_container = 100_u64.saturating_sub(share).max(1);
        let wanted = u32::try_from(excess.div_ceil(per_container)).unwrap_or(u32::MAX);
        let kept_by_auto_grow = if self.policies.auto_grow() { AUTO_GROW_FREE_MIN } else { 0 };
        let step = self.growth_step(total.saturating_sub(free));
        // Room for one container of records stays: a shrink must not make the log full.
        let kept_spare = kept_by_auto_grow.max(step.0).max(1);
        let removable = self.view.spare_containers.0.saturating_sub(kept_spare);
        let above_floor = total.saturating_sub(self.containers_floor()).0;
        ContainerCount(wanted.min(removable).min(above_floor))
    }

    /// What was handed out as [`super::Action::Shrink`] is over: it was not wanted any more (`None`), or was tried. The
    /// view after it has been given before.
    pub fn handle_shrink_finished(&mut self, tried: Option<Result<(), Status>>) {
        if self.shrink != Shrink::Running {
            // As where a growth ends.
            if !self.is_stopped {
                self.fence(FalseBelief::EndingShrinkIsRunning);
            }
            return;
        }
        self.shrink = Shrink::Idle;
        if let Some(Err(_)) = tried {
            self.shrink_failed_at = Some(self.view.version);
        }
        self.decide();
    }
}
