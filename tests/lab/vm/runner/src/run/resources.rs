//! What the image owns, before and after: nothing may be left.

use std::time::{Duration, Instant};

use clfs_client_interface::verbs::Verb;
use clfs_client_interface::{Operation, Outcome, Routine, Subject};

use crate::companion::Companion;
use crate::language::statuses::status_name;

/// Work items and threads may still be on their way out.
const SETTLE_TIME: Duration = Duration::from_secs(2);

/// What the image owned when nothing was open; `None`: it does not tell (Microsoft's).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned(Option<Vec<u64>>);

impl Owned {
    /// Asks.
    ///
    /// # Errors
    /// An image of ours that does not tell.
    pub(crate) fn ask(companion: &Companion, is_ours: bool) -> Result<Self, String> {
        if !is_ours {
            return Ok(Self(None));
        }
        let outcome = companion.execute(&Operation::new(Routine::Resources, Subject::Null))?;
        if outcome.status != 0 {
            return Err(format!("resources: expected SUCCESS, got {}", status_name(outcome.status)));
        }
        Ok(Self(Some(numbers(&outcome))))
    }

    /// Waits until no more is owned than before: what is owned then, and what is left if that does not come.
    ///
    /// # Errors
    /// The driver does not answer.
    pub(crate) fn wait_for_no_more(&self, companion: &Companion) -> Result<(Self, Vec<Left>), String> {
        let end = Instant::now() + SETTLE_TIME;
        loop {
            let is_over = Instant::now() > end;
            let now = Self::ask(companion, self.0.is_some())?;
            let more = self.more(&now);
            if more.is_empty() || is_over {
                return Ok((now, more));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits likewise.
    ///
    /// # Errors
    /// Something is left, or the driver does not answer.
    pub(crate) fn require_no_more(&self, companion: &Companion) -> Result<(), String> {
        let (_, left) = self.wait_for_no_more(companion)?;
        if left.is_empty() { Ok(()) } else { Err(show_left(&left)) }
    }

    /// What is owned now and was not before.
    fn more(&self, now: &Self) -> Vec<Left> {
        let (Some(before), Some(now)) = (&self.0, &now.0) else { return vec![] };
        let all = before.iter().zip(now).zip(names());
        all.filter(|((before, now), _)| now > before)
            .map(|((before, now), name)| Left { name, before: *before, now: *now })
            .collect()
    }
}

/// Something of which there is more than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    name: &'static str,
    before: u64,
    now: u64,
}

impl Left {
    /// Whether it may be a table that was needed for the first time, and stays.
    pub(crate) fn may_stay(&self) -> bool {
        self.name == "heap-blocks"
    }
}

impl std::fmt::Display for Left {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "expected that nothing is left, got {} {} (before: {})", self.name, self.now, self.before)
    }
}

/// All that is left, in one line.
pub(crate) fn show_left(left: &[Left]) -> String {
    left.iter().map(Left::to_string).collect::<Vec<_>>().join("; ")
}

fn names() -> &'static [&'static str] {
    Verb::of(Routine::Resources).map_or(&[], |verb| verb.answers)
}

fn numbers(outcome: &Outcome) -> Vec<u64> {
    outcome.numbers.iter().copied().take(names().len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_than_before_is_left_over() {
        let owned = |numbers: &[u64]| Owned(Some(numbers.to_vec()));
        let before = owned(&[3, 0, 2, 0, 0, 1, 0, 0]);
        assert_eq!(before.more(&owned(&[2, 0, 2, 0, 0, 1, 0, 0])), vec![]);
        let more = before.more(&owned(&[4, 1, 2, 0, 0, 1, 0, 1]));
        assert_eq!(more[0].to_string(), "expected that nothing is left, got pool-blocks 4 (before: 3)");
        assert_eq!(more.iter().map(Left::may_stay).collect::<Vec<_>>(), [false, true, false]);
    }
}
