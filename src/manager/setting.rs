//! What one manager works with, under one name: its platform, its logs, and the callbacks of their clients.

use super::ports::{ClientCallbacks, ManagedLog, Platform};

/// The types that a manager is made for. A tuple of the three is one: `Manager<(HostPlatform, Log, Callbacks)>`.
pub trait Setting {
    /// Locks, threads and time.
    type Platform: Platform;
    /// A managed log.
    type Log: ManagedLog;
    /// The callbacks of a registered client.
    type Callbacks: ClientCallbacks;
}

impl<P: Platform, L: ManagedLog, C: ClientCallbacks> Setting for (P, L, C) {
    type Platform = P;
    type Log = L;
    type Callbacks = C;
}

/// A lock of the platform around `T`.
pub(super) type Lock<S, T> = <<S as Setting>::Platform as Platform>::Lock<T>;
/// A counted reference of the platform to `T`.
pub(super) type Shared<S, T> = <<S as Setting>::Platform as Platform>::Shared<T>;
/// The name of a thread on the platform.
pub(super) type Thread<S> = <<S as Setting>::Platform as Platform>::Thread;
/// A client's callbacks, kept while one of them runs.
pub(super) type Callbacks<S> = Shared<S, <S as Setting>::Callbacks>;
