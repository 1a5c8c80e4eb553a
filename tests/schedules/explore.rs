//! How many schedules of a scenario are tried, by which schedulers, and how one is tried again.

use real::string::String;

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, MaxSteps, Runner};

/// Of each scenario, half of them random, half by priorities (PCT).
const SCHEDULES: usize = 2_000;

/// Changes of priority in a schedule of PCT: what takes one more rare event is found more rarely.
const DEPTH: usize = 4;

/// Steps of a schedule, beyond which it does not end.
const STEPS_MAX: usize = 50_000;

/// The manager's snapshots are large, and lie on the stack.
const STACK: usize = 256 * 1024;

fn from_environment(name: &str) -> Option<String> {
    real::env::var(name).ok()
}

fn number(name: &str) -> Option<usize> {
    from_environment(name)?.parse().ok()
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = STACK;
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    config.silence_warnings = true;
    config
}

fn run(scheduler: impl Scheduler + 'static, scenario: fn()) {
    Runner::new(scheduler, config()).run(scenario);
}

/// Runs `scenario` in many schedules, or in the one of `CLFSMGMT_SCHEDULE`.
pub(crate) fn explore(scenario: fn()) {
    explore_some(scenario, 1);
}

/// As [`explore`], but a part of the schedules only: for a scenario that takes long.
pub(crate) fn explore_some(scenario: fn(), part: usize) {
    if let Some(schedule) = from_environment("CLFSMGMT_SCHEDULE") {
        return run(ReplayScheduler::new_from_encoded(&schedule), scenario);
    }
    let schedules = number("CLFSMGMT_SCHEDULES").unwrap_or(SCHEDULES) / part;
    let seed = number("CLFSMGMT_SEED").unwrap_or(1) as u64;
    run(RandomScheduler::new_from_seed(seed, schedules / 2), scenario);
    run(PctScheduler::new_from_seed(seed, DEPTH, schedules - schedules / 2), scenario);
}
