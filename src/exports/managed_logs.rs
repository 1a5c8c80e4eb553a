//! What the management routines need of the logs below them.
//!
//! Two realms: logs of our own (`clfs`), and those of a `clfs.sys` that somebody else wrote (`interposed`). The
//! management routines are the same over both.

use super::client::Client;
use super::platform::ThePlatform;
use crate::manager::ports::{ManagedLog, Platform};
use crate::manager::{GrowthPlace, LogKey, Manager};
use crate::units::{Status, StreamId};

/// The manager of a realm.
pub(super) type RealmManager<R> = Manager<ThePlatform, <R as Realm>::Log, Client<<R as Realm>::Hold>>;

/// An open log file of a caller, under management.
pub(super) struct Target<R: Realm> {
    /// The physical log.
    pub(super) log: LogKey,
    /// The stream that the handle is open on; of a dedicated log the physical one.
    pub(super) stream: StreamId,
    /// Keeps the handle open; a registered client holds it.
    pub(super) hold: R::Hold,
}

/// Logs that can be managed.
pub(super) trait Realm: Sized + 'static {
    /// A log.
    type Log: ManagedLog;
    /// What keeps a log open.
    type Hold;

    /// The manager.
    fn manager(&self) -> &<ThePlatform as Platform>::Shared<RealmManager<Self>>;

    /// The log that a `PLOG_FILE_OBJECT` names, put under management if it is not yet.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: it names no open log (as far as that can be told). `INSUFFICIENT_RESOURCES`, or what the
    /// log reported.
    fn target(&self, log_file: u64) -> Result<Target<Self>, Status>;

    /// A policy was installed through this handle: the realm keeps the log's state until the handle is closed.
    fn policy_installed(&self, target: &Target<Self>);

    /// A log-full call of this log answered `PENDING`, or a notification is owed: from now on, until nothing is
    /// awaited, a realm that does not hear of everything looks at the log itself.
    fn news_awaited(&self, log: LogKey);

    /// Where a log-full call made now, on this thread, may create containers.
    fn growth_place(&self) -> GrowthPlace;
}
