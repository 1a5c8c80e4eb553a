//! What the management routines need of the logs below them.
//!
//! Two kinds: logs of our own (`clfs`), and those of a `clfs.sys` that somebody else wrote (`interposed`). The
//! management routines are the same over both.

use super::client::Client;
use super::platform::ThePlatform;
use crate::manager::ports::{ManagedLog, Platform};
use crate::manager::{GrowthPlace, LogKey, Manager};
use crate::units::{Status, StreamId};

/// The manager of such logs.
pub(super) type ManagerOf<L> = Manager<(ThePlatform, <L as ManagedLogs>::Log, Client<<L as ManagedLogs>::Hold>)>;

/// An open log file of a caller, under management.
pub(super) struct Target<L: ManagedLogs> {
    /// The physical log.
    pub(super) log: LogKey,
    /// The stream that the handle is open on; of a dedicated log the physical one.
    pub(super) stream: StreamId,
    /// Keeps the handle open; a registered client holds it.
    pub(super) hold: L::Hold,
}

/// Logs that can be managed.
pub(super) trait ManagedLogs: Sized + 'static {
    /// A log.
    type Log: ManagedLog;
    /// What keeps a log open.
    type Hold;

    /// The manager.
    fn manager(&self) -> &<ThePlatform as Platform>::Shared<ManagerOf<Self>>;

    /// The log that a `PLOG_FILE_OBJECT` names, put under management if it is not yet.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: it names no open log (as far as that can be known). `INSUFFICIENT_RESOURCES`, or what the
    /// log reported.
    fn target(&self, log_file: u64) -> Result<Target<Self>, Status>;

    /// A policy was installed through this handle: the log's state is kept until the handle is closed.
    fn policy_installed(&self, target: &Target<Self>);

    /// A log-full call of this log returned `PENDING`, or a notification is owed: from now on, until nothing is
    /// awaited, logs that are not notified of everything are polled.
    fn needs_polling(&self, log: LogKey);

    /// The timer's look at the logs that are polled; returns whether it is to look again.
    #[cfg(feature = "driver")]
    fn look(&self) -> bool;

    /// Where a log-full call made now, on this thread, may create containers.
    fn growth_place(&self) -> GrowthPlace;
}
