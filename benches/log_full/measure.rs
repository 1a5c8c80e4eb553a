//! Cases that take turns, and what is said of their samples.

use std::time::{Duration, Instant};

/// A median needs so many.
const ROUNDS_MIN: usize = 5;

/// One case: it is run once per round and answers what it measured, in nanoseconds.
pub(crate) type Case<'a> = Box<dyn FnMut() -> f64 + 'a>;

/// Runs every case once per round. The order turns with the rounds, so that no case always follows the same other.
/// The samples of each case are in the order of the rounds.
pub(crate) fn in_turns(rounds: usize, cases: &mut [Case<'_>]) -> Vec<Vec<f64>> {
    let mut samples = vec![Vec::new(); cases.len()];
    for round in 0..rounds {
        take_turns(round, cases, &mut samples);
    }
    samples
}

/// As [`in_turns`]: as many rounds as `most` and `time` allow, but no fewer than five.
pub(crate) fn in_turns_within(time: Duration, most: usize, cases: &mut [Case<'_>]) -> Vec<Vec<f64>> {
    let begun = Instant::now();
    let mut samples = vec![Vec::new(); cases.len()];
    let mut round = 0;
    while round < ROUNDS_MIN || (round < most && begun.elapsed() < time) {
        take_turns(round, cases, &mut samples);
        round += 1;
    }
    samples
}

fn take_turns(round: usize, cases: &mut [Case<'_>], samples: &mut [Vec<f64>]) {
    for turn in 0..cases.len() {
        let case = (round + turn) % cases.len();
        samples[case].push(cases[case]());
    }
}

/// Nanoseconds for one of `times` calls.
pub(crate) fn each(times: u32, mut action: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..times {
        action();
    }
    nanoseconds(begun.elapsed()) / f64::from(times)
}

/// A duration as a number.
pub(crate) fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// The middle value.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of the rounds' ratios.
pub(crate) fn ratio(of: &[f64], to: &[f64]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of / to))
}

/// The largest value.
pub(crate) fn longest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// A title and what it holds.
pub(crate) fn title(text: &str) {
    println!("\n{text}");
    println!("{}", "-".repeat(text.len().min(80)));
}
