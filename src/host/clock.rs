//! Clocks: the system's, and one that a program sets to the times of what it replays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::units::Time;

/// 100-nanosecond units between 1601, where the kernel's clock begins, and 1970.
const UNIX_EPOCH_UNITS: u64 = 116_444_736_000_000_000;
pub(super) const UNITS_PER_SECOND: u64 = 10_000_000;
const NANOSECONDS_PER_UNIT: u64 = 100;

/// A clock that stands still until it is set. Copies share one time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that shows `time`.
    pub fn new(time: Time) -> Self {
        Self(Arc::new(AtomicU64::new(time.0)))
    }

    /// Sets the clock.
    pub fn set(&self, time: Time) {
        self.0.store(time.0, Ordering::Release);
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        Time(self.0.load(Ordering::Acquire))
    }
}

/// The clock that reports use.
#[derive(Clone, Debug, Default)]
pub enum HostClock {
    /// The system's clock, in 100-nanosecond units since 1601.
    #[default]
    System,
    /// One that the program sets.
    Manual(ManualClock),
}

impl HostClock {
    /// Now.
    pub fn now(&self) -> Time {
        match self {
            Self::Manual(clock) => clock.now(),
            Self::System => {
                // A clock that was set before 1970 shows 1970.
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let units = since
                    .as_secs()
                    .saturating_mul(UNITS_PER_SECOND)
                    .saturating_add(u64::from(since.subsec_nanos()) / NANOSECONDS_PER_UNIT);
                Time(units.saturating_add(UNIX_EPOCH_UNITS))
            }
        }
    }
}
