//! What happened, in plain words.

use super::super::outcome::Outcome;
use super::super::quantity::{count, counted, duration};

/// What happened, in one sentence or a few.
pub fn verdict(outcome: &Outcome) -> String {
    let mut words = if outcome.records_lost == 0 {
        format!("Nothing was lost: {} from base to end verified.", counted(outcome.records_verified, "record"))
    } else {
        format!(
            "{} LOST; {} from base to end verified.",
            counted(outcome.records_lost, "record"),
            counted(outcome.records_verified, "record")
        )
    };
    if outcome.pinned > 0 {
        words += &pinned(outcome);
    }
    if outcome.transactions_aborted > 0 {
        words += &format!(
            " {} rolled back to let the log recover; {} skipped.",
            counted(outcome.transactions_aborted, "transaction"),
            counted(outcome.records_skipped, "record")
        );
    }
    words
}

fn pinned(outcome: &Outcome) -> String {
    let mut words = format!(
        " The log was pinned {}, as {} told; writers were stopped for {} of the trace's time",
        counted(outcome.pins.len() as u64, "time"),
        if outcome.pinned == 1 { "1 client was".into() } else { format!("{} clients were", count(outcome.pinned)) },
        duration(outcome.writers_stopped_us)
    );
    if let Some(first) = outcome.pins.first() {
        words += &format!(", by {}", first.who);
    }
    if let others @ 1.. = outcome.pins.len().saturating_sub(1) {
        words += &format!(" and {}", counted(others as u64, "other"));
    }
    let open = outcome.pinned.saturating_sub(outcome.unpinned);
    words += if open > 0 { "; it is pinned still." } else { "." };
    words
}

#[cfg(test)]
mod tests {

    use super::super::super::outcome::Pin;
    use super::super::tests::outcome;
    use super::*;

    #[test]
    fn the_verdict_says_what_was_lost() {
        assert_eq!(verdict(&outcome()), "Nothing was lost: 21,403 records from base to end verified.");
        let bad = Outcome { records_lost: 2, ..outcome() };
        assert_eq!(verdict(&bad), "2 records LOST; 21,403 records from base to end verified.");
    }

    #[test]
    fn the_verdict_names_who_pinned_and_for_how_long() {
        let pin = Pin { who: "transaction 7 of stream 3".into(), since_us: 5, until_us: Some(9) };
        let pinned = Outcome {
            pinned: 1,
            unpinned: 1,
            pins: vec![pin],
            writers_stopped_us: 3_200_000,
            transactions_aborted: 1,
            records_skipped: 12,
            ..outcome()
        };
        let words = verdict(&pinned);
        let expected = "The log was pinned 1 time, as 1 client was told; writers were stopped for 3.20 s of the trace's time, by transaction 7 \
                        of stream 3. 1 transaction rolled back to let the log recover; 12 records skipped.";
        assert!(words.ends_with(expected), "{words}");
        assert!(verdict(&Outcome { unpinned: 0, ..pinned }).contains("it is pinned still."));
    }
}
