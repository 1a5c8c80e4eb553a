//! `SetLogFileSize`: what a requested size means under the policies. Pure; the manager does the work.

use super::Engine;
use super::growth::CONTAINERS_MAX;
use crate::units::{ContainerCount, Status};

/// What to do for a requested size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResizePlan {
    /// Nothing; a success.
    Keep,
    /// Add this many containers.
    Add(ContainerCount),
    /// Remove this many free containers.
    Remove(ContainerCount),
}

impl ResizePlan {
    /// How many containers come or go.
    pub const fn steps(self) -> ContainerCount {
        match self {
            Self::Keep => ContainerCount(0),
            Self::Add(count) | Self::Remove(count) => count,
        }
    }

    /// Whether this plan does more of what an earlier one did.
    pub const fn goes_on_with(self, earlier: Self) -> bool {
        matches!((self, earlier), (Self::Add(_), Self::Add(_)) | (Self::Remove(_), Self::Remove(_)))
    }
}

/// Requests from here on mean "as large as the maximum allows".
const SIZE_LIMIT: u64 = 1024;

const _: () = assert!(CONTAINERS_MAX.0 == 1024);

impl Engine {
    /// Plans the change to `requested` containers; 0 stands for the minimum, 1,024 and above for the maximum.
    ///
    /// # Errors
    /// * `INVALID_PARAMETER_1`: a size of 1.
    /// * `LOG_POLICY_INVALID`: the installed minimum and maximum contradict each other.
    /// * `COULD_NOT_RESIZE_LOG`: below the minimum.
    /// * `LOG_POLICY_CONFLICT`: as large as the maximum, and no maximum is installed.
    pub fn plan_resize(&self, requested: u64) -> Result<ResizePlan, Status> {
        if requested == 1 {
            return Err(Status::INVALID_PARAMETER_1);
        }
        let (floor, maximum) = (self.containers_floor(), self.policies.maximum_size());
        if maximum.is_some_and(|maximum| maximum < floor) {
            return Err(Status::LOG_POLICY_INVALID);
        }
        let current = self.view.containers;
        if requested == 0 {
            return if floor > CONTAINERS_MAX { Err(Status::LOG_POLICY_CONFLICT) } else { Ok(grow_to(current, floor)) };
        }
        if requested >= SIZE_LIMIT {
            let maximum = maximum.ok_or(Status::LOG_POLICY_CONFLICT)?;
            return Ok(grow_to(current, maximum.min(CONTAINERS_MAX)));
        }
        let wanted = ContainerCount(u32::try_from(requested).unwrap_or(u32::MAX));
        if wanted < floor {
            return Err(Status::COULD_NOT_RESIZE_LOG);
        }
        if wanted < current {
            return Ok(ResizePlan::Remove(current.saturating_sub(wanted)));
        }
        Ok(grow_to(current, maximum.map_or(wanted, |maximum| wanted.min(maximum))))
    }
}

fn grow_to(current: ContainerCount, wanted: ContainerCount) -> ResizePlan {
    if wanted > current { ResizePlan::Add(wanted.saturating_sub(current)) } else { ResizePlan::Keep }
}
