//! The installed policies of one log, and the defaults of those that are not.

use super::{Amount, Existing, Name, Policy, PolicyKind};
use crate::engine::Engine;
use crate::units::{Bytes, ContainerCount, Percent, Status};

/// Containers per growth when no rate is installed (the public page of the structure says 2).
const GROWTH_DEFAULT: Amount = Amount::Containers(ContainerCount(2));

/// The share to be free after tails have moved, when none is installed.
const LOG_TAIL_PERCENT_DEFAULT: u32 = 35;

/// The number of the first container's name.
const SUFFIX_DEFAULT: u64 = 1;

/// What is installed on one physical log.
///
/// # Invariants
/// `None` stands for the default, which a query does not return.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(in crate::engine) struct PolicyTable {
    maximum_size: Option<ContainerCount>,
    minimum_size: Option<ContainerCount>,
    new_container_size: Option<Bytes>,
    growth_rate: Option<Amount>,
    log_tail: Option<Amount>,
    auto_shrink: Option<Percent>,
    auto_grow: Option<bool>,
    pub(super) prefix: Option<Name>,
    is_suffix_installed: bool,
    /// Counts on whether installed or not: numbers in use are not offered again.
    pub(super) next_suffix: u64,
    pub(super) extension: Option<Name>,
}

impl PolicyTable {
    pub(in crate::engine) const fn new() -> Self {
        Self {
            maximum_size: None,
            minimum_size: None,
            new_container_size: None,
            growth_rate: None,
            log_tail: None,
            auto_shrink: None,
            auto_grow: None,
            prefix: None,
            is_suffix_installed: false,
            next_suffix: SUFFIX_DEFAULT,
            extension: None,
        }
    }

    pub(in crate::engine) const fn maximum_size(&self) -> Option<ContainerCount> {
        self.maximum_size
    }

    /// The smallest size; `None` for none, which the largest number stands for too.
    pub(in crate::engine) fn minimum_size(&self) -> Option<ContainerCount> {
        self.minimum_size.filter(|minimum| minimum.0 != u32::MAX)
    }

    pub(in crate::engine) fn growth_rate(&self) -> Amount {
        self.growth_rate.unwrap_or(GROWTH_DEFAULT)
    }

    pub(in crate::engine) fn log_tail(&self) -> Amount {
        self.log_tail.unwrap_or(
            const {
                match Percent::new(LOG_TAIL_PERCENT_DEFAULT) {
                    Some(percent) => Amount::Percent(percent),
                    None => Amount::Containers(ContainerCount(1)),
                }
            },
        )
    }

    /// The share above which to shrink; `None` for never, which 0 stands for too.
    pub(in crate::engine) fn auto_shrink(&self) -> Option<Percent> {
        self.auto_shrink.filter(|percent| percent.get() > 0)
    }

    pub(in crate::engine) fn auto_grow(&self) -> bool {
        self.auto_grow.unwrap_or(false)
    }

    fn is_installed(&self, kind: PolicyKind) -> bool {
        match kind {
            PolicyKind::MaximumSize => self.maximum_size.is_some(),
            PolicyKind::MinimumSize => self.minimum_size.is_some(),
            PolicyKind::NewContainerSize => self.new_container_size.is_some(),
            PolicyKind::GrowthRate => self.growth_rate.is_some(),
            PolicyKind::LogTail => self.log_tail.is_some(),
            PolicyKind::AutoShrink => self.auto_shrink.is_some(),
            PolicyKind::AutoGrow => self.auto_grow.is_some(),
            PolicyKind::NewContainerPrefix => self.prefix.is_some(),
            PolicyKind::NewContainerSuffix => self.is_suffix_installed,
            PolicyKind::NewContainerExtension => self.extension.is_some(),
        }
    }

    fn install(&mut self, policy: Policy) {
        match policy {
            Policy::MaximumSize(count) => self.maximum_size = Some(count),
            Policy::MinimumSize(count) => self.minimum_size = Some(count),
            Policy::NewContainerSize(size) => self.new_container_size = Some(size),
            Policy::GrowthRate(amount) => self.growth_rate = Some(amount),
            Policy::LogTail(amount) => self.log_tail = Some(amount),
            Policy::AutoShrink(percent) => self.auto_shrink = Some(percent),
            Policy::AutoGrow(enabled) => self.auto_grow = Some(enabled),
            Policy::NewContainerPrefix(name) => self.prefix = Some(name),
            Policy::NewContainerSuffix(number) => {
                self.is_suffix_installed = true;
                self.next_suffix = number;
            }
            Policy::NewContainerExtension(name) => self.extension = Some(name),
        }
    }

    fn remove(&mut self, kind: PolicyKind) {
        match kind {
            PolicyKind::MaximumSize => self.maximum_size = None,
            PolicyKind::MinimumSize => self.minimum_size = None,
            PolicyKind::NewContainerSize => self.new_container_size = None,
            PolicyKind::GrowthRate => self.growth_rate = None,
            PolicyKind::LogTail => self.log_tail = None,
            PolicyKind::AutoShrink => self.auto_shrink = None,
            PolicyKind::AutoGrow => self.auto_grow = None,
            PolicyKind::NewContainerPrefix => self.prefix = None,
            PolicyKind::NewContainerSuffix => self.is_suffix_installed = false,
            PolicyKind::NewContainerExtension => self.extension = None,
        }
    }

    /// The installed policy of a kind, copied.
    fn copy(&self, kind: PolicyKind) -> Result<Option<Policy>, Status> {
        let copy_name = |name: &Option<Name>| name.as_ref().map(|name| Name::new(name.units())).transpose();
        Ok(match kind {
            PolicyKind::MaximumSize => self.maximum_size.map(Policy::MaximumSize),
            PolicyKind::MinimumSize => self.minimum_size.map(Policy::MinimumSize),
            PolicyKind::NewContainerSize => self.new_container_size.map(Policy::NewContainerSize),
            PolicyKind::GrowthRate => self.growth_rate.map(Policy::GrowthRate),
            PolicyKind::LogTail => self.log_tail.map(Policy::LogTail),
            PolicyKind::AutoShrink => self.auto_shrink.map(Policy::AutoShrink),
            PolicyKind::AutoGrow => self.auto_grow.map(Policy::AutoGrow),
            PolicyKind::NewContainerPrefix => copy_name(&self.prefix)?.map(Policy::NewContainerPrefix),
            PolicyKind::NewContainerSuffix => {
                self.is_suffix_installed.then_some(Policy::NewContainerSuffix(self.next_suffix))
            }
            PolicyKind::NewContainerExtension => copy_name(&self.extension)?.map(Policy::NewContainerExtension),
        })
    }
}

impl Engine {
    /// Installs a policy on the physical log. It takes effect with the next thing that happens to the log; a container
    /// size that comes after the first container never does.
    ///
    /// # Errors
    /// `LOG_POLICY_ALREADY_INSTALLED`: one of the kind is there, and is to be kept. `INVALID_PARAMETER`: a container
    /// size of 0.
    pub fn install_policy(&mut self, policy: Policy, existing: Existing) -> Result<(), Status> {
        if policy == Policy::NewContainerSize(Bytes(0)) {
            return Err(Status::INVALID_PARAMETER);
        }
        if existing == Existing::Keep && self.policies.is_installed(policy.kind()) {
            return Err(Status::LOG_POLICY_ALREADY_INSTALLED);
        }
        let is_too_late = matches!(policy, Policy::NewContainerSize(_)) && self.view.containers.0 > 0;
        if !is_too_late {
            self.policies.install(policy);
        }
        Ok(())
    }

    /// A copy of the installed policy of a kind; defaults are not returned.
    ///
    /// # Errors
    /// `LOG_POLICY_NOT_INSTALLED`, `INSUFFICIENT_RESOURCES`.
    pub fn query_policy(&self, kind: PolicyKind) -> Result<Policy, Status> {
        self.policies.copy(kind)?.ok_or(Status::LOG_POLICY_NOT_INSTALLED)
    }

    /// Goes back to a kind's default.
    ///
    /// # Errors
    /// `LOG_POLICY_NOT_INSTALLED`.
    pub fn remove_policy(&mut self, kind: PolicyKind) -> Result<(), Status> {
        if !self.policies.is_installed(kind) {
            return Err(Status::LOG_POLICY_NOT_INSTALLED);
        }
        self.policies.remove(kind);
        Ok(())
    }

    /// The size to create the first container with; `None` once there is one, or when the log is to choose.
    pub const fn first_container_size(&self) -> Option<Bytes> {
        if self.view.containers.0 > 0 { None } else { self.policies.new_container_size }
    }
}

impl PolicyTable {
    /// The number has been tried: the next is offered from here on.
    pub(super) fn pass_suffix(&mut self, number: u64) {
        self.next_suffix = self.next_suffix.max(number.saturating_add(1));
    }
}
