//! When a log whose requests wait is told of: once after a second, and then each time the wait has doubled.
//!
//! All open requests of a log end together, so it waits since the first of them was made.

use core::time::Duration;

/// When a log that waits is told of first.
const FIRST_NOTICE: Duration = Duration::from_secs(1);

/// Since when a log's requests wait, by the platform's monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Notice(Option<Wait>);

#[derive(Clone, Copy, Debug)]
struct Wait {
    since: u64,
    /// How long it is to be before it is told of again.
    next: Duration,
}

impl Notice {
    /// A decision was made at `now`, after which requests wait or do not.
    pub(super) fn note(&mut self, waits: bool, now: u64) {
        if !waits {
            self.0 = None;
        } else if self.0.is_none() {
            self.0 = Some(Wait { since: now, next: FIRST_NOTICE });
        }
    }

    pub(super) const fn is_awaited(&self) -> bool {
        self.0.is_some()
    }

    /// How long the log has waited, if it is to be told of at `now`.
    pub(super) fn take(&mut self, now: u64) -> Option<Duration> {
        let wait = self.0.as_mut()?;
        let waited = Duration::from_nanos(now.saturating_sub(wait.since));
        (waited >= wait.next).then(|| {
            wait.next = waited.saturating_mul(2);
            waited
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_wait_is_told_of_after_a_second_and_then_each_time_it_has_doubled() {
        let mut notice = Notice::default();
        notice.note(true, 5 * SECOND);
        let told: Vec<u64> =
            (50..200).filter_map(|tenth| notice.take(tenth * SECOND / 10).map(|waited| waited.as_secs())).collect();
        assert_eq!(told, [1, 2, 4, 8]);
    }

    #[test]
    fn a_wait_that_has_ended_is_not_told_of_and_the_next_one_begins_anew() {
        let mut notice = Notice::default();
        notice.note(true, 0);
        notice.note(false, SECOND);
        assert!(!notice.is_awaited() && notice.take(9 * SECOND).is_none());
        notice.note(true, 9 * SECOND);
        notice.note(true, 12 * SECOND);
        assert_eq!(notice.take(11 * SECOND), Some(Duration::from_secs(2)));
    }
}
