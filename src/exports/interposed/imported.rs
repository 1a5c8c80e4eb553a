//! The routines that the import library binds to `clfs.sys`, and the realm of this module.

use super::gateway::Gateway;
use super::routines::BaseRoutines;
use crate::exports::image::{self, LogsGuard};

/// The imported routines, and the realm of this module if there is one: without one nothing is managed.
pub(super) fn gateway() -> Gateway<LogsGuard> {
    Gateway { routines: &BaseRoutines::IMPORTED, logs: image::existing() }
}

/// As [`gateway`], but the realm is made if it is not there yet: for what is to be known before anything is managed.
pub(super) fn lasting_gateway() -> Gateway<LogsGuard> {
    Gateway { routines: &BaseRoutines::IMPORTED, logs: image::logs().ok() }
}
