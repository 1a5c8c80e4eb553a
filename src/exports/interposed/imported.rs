//! The realm of the driver: over the routines that the import library binds to `clfs.sys`, with its timer.

use core::ops::Deref;
use core::time::Duration;

use super::gateway::Gateway;
use super::realm::{InterposedRealm, World};
use super::routines::BaseRoutines;
use crate::exports::platform::{Ticker, Ticking};
use crate::exports::world::{self, RealmVisit};
use crate::units::Status;

/// How often logs are looked at that await news.
const INTERVAL: Duration = Duration::from_millis(50);

static TICKER: Ticker = Ticker::new();

impl InterposedRealm {
    /// The realm with its workers; the timer starts with the first log.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(in crate::exports) fn new() -> Result<Self, Status> {
        Self::staffed(BaseRoutines::IMPORTED, world::drain, wake)
    }
}

/// The world of this module's realm, which a routine visits until it is done.
pub(super) struct WorldVisit(RealmVisit);

impl Deref for WorldVisit {
    type Target = World;

    fn deref(&self) -> &World {
        self.0.world()
    }
}

/// The imported routines, and the realm of this module if there is one: without one nothing is managed.
pub(super) fn gateway() -> Gateway<WorldVisit> {
    Gateway { routines: &BaseRoutines::IMPORTED, world: world::existing().map(WorldVisit) }
}

/// As [`gateway`], but the realm is made if it is not there yet: for what is to be known before anything is managed.
pub(super) fn lasting_gateway() -> Gateway<WorldVisit> {
    Gateway { routines: &BaseRoutines::IMPORTED, world: world::realm().ok().map(WorldVisit) }
}

fn wake() {
    // Where no thread can be started drivers that are not relinked are not served; the others are.
    let _ = TICKER.start(INTERVAL, tick);
    TICKER.wake();
}

fn tick() -> Ticking {
    let goes_on = world::existing().is_some_and(|realm| realm.world().tick());
    if goes_on { Ticking::GoOn } else { Ticking::Rest }
}

/// Stops looking and waits for the look that is under way. IRQL `PASSIVE_LEVEL`.
pub(in crate::exports) fn stop_watching() {
    TICKER.stop();
}
