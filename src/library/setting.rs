//! One type parameter for what is plugged into the library.

use super::volume::Volume;
use crate::manager::ports::{ClientCallbacks, Platform};

/// The three ports that logs of our own and their management stand on. A tuple of the three is one.
pub trait Setting {
    /// Locks, shared memory, workers, clocks.
    type Platform: Platform;
    /// Where logs are kept.
    type Volume: Volume;
    /// What registered clients are called through.
    type Callbacks: ClientCallbacks;
}

impl<P: Platform, V: Volume, C: ClientCallbacks> Setting for (P, V, C) {
    type Platform = P;
    type Volume = V;
    type Callbacks = C;
}

/// A counted reference.
pub(super) type Shared<S, T> = <<S as Setting>::Platform as Platform>::Shared<T>;
/// A lock.
pub(super) type Lock<S, T> = <<S as Setting>::Platform as Platform>::Lock<T>;
/// The files of a log.
pub(super) type StorageOf<S> = <<S as Setting>::Volume as Volume>::Storage;
