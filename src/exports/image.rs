//! The one realm of this module, made when it is first needed, and the timer that looks at its logs for drivers that are
//! not relinked.
//!
//! Routines may be called before anything was initialised: drivers that import this one are loaded after it, but
//! `DllInitialize` is a courtesy of the loader, not a promise. They may be called after the end too: see `premises`.

#[cfg(feature = "open-clfs")]
pub(super) use super::clfs::BaseRealm as TheRealm;
use super::instance::{Premises, Visit};
#[cfg(feature = "interposed")]
pub(super) use super::interposed::InterposedRealm as TheRealm;
use super::managed_logs::Realm;
use super::rundown::Inside;
use crate::manager::LogKey;
use crate::units::Status;

static PREMISES: Premises<TheRealm> = Premises::new();

/// The realm in use.
pub(super) type RealmVisit = Visit<'static, TheRealm>;

/// The realm. Every routine keeps the visit until it is done: the end waits for it.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: it could not be made; the next call tries again. Or the module is about to go.
pub(super) fn realm() -> Result<RealmVisit, Status> {
    #[cfg(feature = "open-clfs")]
    let make = || TheRealm::new(drain);
    #[cfg(feature = "interposed")]
    let make = || TheRealm::new(drain, opening, watching::wake);
    PREMISES.visit(make)
}

/// Permits to open a log, as long as it is kept.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: the module is about to go.
pub(super) fn opening() -> Result<Inside<'static>, Status> {
    PREMISES.opening()
}

/// The realm, if there is one and the module stays.
pub(super) fn existing() -> Option<RealmVisit> {
    PREMISES.visit_existing()
}

/// What workers do with a log that was queued. Without a realm there is nothing to be done for it.
pub(super) fn drain(log: LogKey) {
    // Not a visit: whoever is inside may wait for this while the end has begun.
    // SAFETY: a worker, which `end` waits for (`stop_work`) before the realm goes.
    if let Some(realm) = unsafe { PREMISES.resident() } {
        realm.manager().drain(log);
    }
}

/// Whether a log is open or a client registered.
#[cfg(feature = "driver")]
pub(super) fn is_in_use() -> bool {
    existing().is_some_and(|realm| realm.manager().logs_attached() > 0)
}

/// Lets no log be opened any more; all else goes on. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn end_openings() {
    PREMISES.end_openings();
}

/// Whether logs cannot be opened any more.
#[cfg(feature = "driver")]
pub(super) fn is_closed() -> bool {
    PREMISES.is_closed()
}

/// Takes the realm down: turns callers away, waits for those who are inside and for the workers, and gives its memory
/// back. Not from a routine or a callback. IRQL `PASSIVE_LEVEL`.
#[cfg(feature = "driver")]
pub(super) fn end() {
    PREMISES.end(|| {
        #[cfg(feature = "interposed")]
        watching::stop();
        super::platform::stop_work();
    });
}

/// The timer of logs that somebody else wrote.
#[cfg(feature = "interposed")]
mod watching {
    use core::time::Duration;

    use super::existing;
    use crate::exports::platform::{Ticker, Ticking};

    /// How often logs are looked at that await news.
    const INTERVAL: Duration = Duration::from_millis(50);

    static TICKER: Ticker = Ticker::new();

    pub(super) fn wake() {
        // Where no thread can be started drivers that are not relinked are not served; the others are.
        let _ = TICKER.start(INTERVAL, tick);
        TICKER.wake();
    }

    fn tick() -> Ticking {
        let goes_on = existing().is_some_and(|realm| realm.world().tick());
        if goes_on { Ticking::GoOn } else { Ticking::Rest }
    }

    /// Stops looking and waits for the look that is under way. IRQL `PASSIVE_LEVEL`.
    pub(super) fn stop() {
        TICKER.stop();
    }
}
