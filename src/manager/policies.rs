//! Installing, querying and removing policies. They belong to the physical log, whatever stream was named.

use super::cookie::LogKey;
use super::entry::Snapshot;
use super::error::LogError;
use super::setting::Setting;
use super::table::Manager;
use crate::engine::policy::{Existing, Policy, PolicyKind};

impl<S: Setting> Manager<S> {
    /// Installs a policy; nothing happens to the log before the next thing that happens to it. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// No such log. `LOG_POLICY_ALREADY_INSTALLED`: one of the kind is there, and is to be kept.
    /// `INVALID_PARAMETER`: a container size of 0.
    pub fn install_policy(&self, log: LogKey, policy: Policy, existing: Existing) -> Result<(), LogError> {
        let entry = self.find(log)?;
        // Whether the log has a container already decides what a container size does.
        Ok(self.fact(&entry, Snapshot::Newest, |state| state.engine.install_policy(policy, existing))?)
    }

    /// A copy of the installed policy of a kind. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// No such log. `LOG_POLICY_NOT_INSTALLED`: none; defaults are not returned.
    /// `INSUFFICIENT_RESOURCES`.
    pub fn query_policy(&self, log: LogKey, kind: PolicyKind) -> Result<Policy, LogError> {
        let entry = self.find(log)?;
        Ok(self.decide(&entry, Snapshot::Last, |state| state.engine.query_policy(kind))?)
    }

    /// Goes back to the default of a kind. IRQL <= `APC_LEVEL`.
    ///
    /// # Errors
    /// No such log. `LOG_POLICY_NOT_INSTALLED`.
    pub fn remove_policy(&self, log: LogKey, kind: PolicyKind) -> Result<(), LogError> {
        let entry = self.find(log)?;
        Ok(self.decide(&entry, Snapshot::Last, |state| state.engine.remove_policy(kind))?)
    }
}
