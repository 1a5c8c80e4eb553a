//! The ten policies: what each says, what is valid, what holds when none is installed.
//!
//! A [`Policy`] exists only with valid parameters; its constructors refuse the others. Names are held in memory of
//! their own, taken when the policy is made and when it is queried, never on the log-full path.

mod naming;
mod table;

use alloc::vec::Vec;

use crate::units::memory::try_copied;
use crate::units::{Bytes, ContainerCount, Percent, Status};

pub use naming::PATH_UNITS_MAX;
pub(super) use table::PolicyTable;

/// A number of containers, or a share of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many containers.
    Containers(ContainerCount),
    /// So much of the log.
    Percent(Percent),
}

impl Amount {
    /// The amount in two numbers, of which at most one is not 0.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: both are set, or the percentage is above 100.
    pub fn from_numbers(containers: u32, percent: u32) -> Result<Self, Status> {
        match (containers, Percent::new(percent)) {
            (containers, Some(none)) if none.get() == 0 => Ok(Self::Containers(ContainerCount(containers))),
            (0, Some(percent)) => Ok(Self::Percent(percent)),
            _ => Err(Status::INVALID_PARAMETER),
        }
    }
}

/// A prefix or an extension of container files: UTF-16, bounded.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub struct Name(Vec<u16>);

impl Name {
    /// The longest name, in UTF-16 units.
    pub const UNITS_MAX: usize = 256;

    /// A copy of `units`. A NUL among them is accepted, and refused when a container is created.
    ///
    /// # Errors
    /// `OBJECT_PATH_NOT_FOUND` for more than [`Name::UNITS_MAX`] units, `INSUFFICIENT_RESOURCES`.
    pub fn new(units: &[u16]) -> Result<Self, Status> {
        if units.len() > Self::UNITS_MAX {
            return Err(Status::OBJECT_PATH_NOT_FOUND);
        }
        Ok(Self(try_copied(units)?))
    }

    /// The units.
    pub fn units(&self) -> &[u16] {
        &self.0
    }
}

/// Which of the ten policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// The most containers the log may have.
    MaximumSize,
    /// The fewest.
    MinimumSize,
    /// The size of containers, while the log has none.
    NewContainerSize,
    /// How much a growth adds.
    GrowthRate,
    /// How much is to be free after tails have moved.
    LogTail,
    /// The free share above which the log shrinks.
    AutoShrink,
    /// Whether the log grows ahead of need.
    AutoGrow,
    /// Directory and first part of container names.
    NewContainerPrefix,
    /// The number of the next container's name.
    NewContainerSuffix,
    /// The extension of container names.
    NewContainerExtension,
}

impl PolicyKind {
    /// All, in the order of their documented numbers.
    pub const ALL: [Self; 10] = [
        Self::MaximumSize,
        Self::MinimumSize,
        Self::NewContainerSize,
        Self::GrowthRate,
        Self::LogTail,
        Self::AutoShrink,
        Self::AutoGrow,
        Self::NewContainerPrefix,
        Self::NewContainerSuffix,
        Self::NewContainerExtension,
    ];

    /// The kind with this documented number; `None` for `ClfsMgmtPolicyInvalid` and beyond.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(crate::units::index(number)).copied()
    }
}

/// One policy with valid parameters.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub enum Policy {
    /// The most containers the log may have.
    MaximumSize(ContainerCount),
    /// The fewest containers.
    MinimumSize(ContainerCount),
    /// The size of containers; honoured only while the log has none.
    NewContainerSize(Bytes),
    /// How much a growth adds; 0 for never growing.
    GrowthRate(Amount),
    /// How much is to be free after tails have moved; 0 for never asking.
    LogTail(Amount),
    /// The free share above which the log shrinks; 0 for never shrinking.
    AutoShrink(Percent),
    /// Whether the log grows when fewer than two containers are free.
    AutoGrow(bool),
    /// Directory and first part of container names.
    NewContainerPrefix(Name),
    /// The number of the next container's name.
    NewContainerSuffix(u64),
    /// The extension of container names, with its dot or without.
    NewContainerExtension(Name),
}

impl Policy {
    /// The growth rate from its two numbers.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: both are set, or the percentage is above 100.
    pub fn growth_rate(containers: u32, percent: u32) -> Result<Self, Status> {
        Amount::from_numbers(containers, percent).map(Self::GrowthRate)
    }

    /// The log tail from its two numbers.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: both are set, or the percentage is above 100.
    pub fn log_tail(percent: u32, containers: u32) -> Result<Self, Status> {
        Amount::from_numbers(containers, percent).map(Self::LogTail)
    }

    /// The auto-shrink percentage.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: above 100.
    pub fn auto_shrink(percent: u32) -> Result<Self, Status> {
        Percent::new(percent).map(Self::AutoShrink).ok_or(Status::INVALID_PARAMETER)
    }

    /// Which of the ten this is.
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::MaximumSize(_) => PolicyKind::MaximumSize,
            Self::MinimumSize(_) => PolicyKind::MinimumSize,
            Self::NewContainerSize(_) => PolicyKind::NewContainerSize,
            Self::GrowthRate(_) => PolicyKind::GrowthRate,
            Self::LogTail(_) => PolicyKind::LogTail,
            Self::AutoShrink(_) => PolicyKind::AutoShrink,
            Self::AutoGrow(_) => PolicyKind::AutoGrow,
            Self::NewContainerPrefix(_) => PolicyKind::NewContainerPrefix,
            Self::NewContainerSuffix(_) => PolicyKind::NewContainerSuffix,
            Self::NewContainerExtension(_) => PolicyKind::NewContainerExtension,
        }
    }
}

/// What installing does when a policy of the kind is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and installing fails.
    Keep,
    /// It is replaced (`LOG_POLICY_OVERWRITE`).
    Overwrite,
}
