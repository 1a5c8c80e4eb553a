//! The explorer can fail: each fault that is built in on purpose is found, by one scenario at least.
//!
//! The switch is one for all threads: these tests run alone, one after the other (docs/testing.md).

use clfsmgmt::manager::mutants::Mutant;
use real::panic::catch_unwind;
use real::sync::Mutex;

use crate::explore::explore;
use crate::scenarios::{circles, reentry, requests, unload};

static ALONE: Mutex<()> = Mutex::new(());

/// Panics unless one of the scenarios fails with the mutant, and says by how many it is found.
fn is_found(mutant: Mutant, scenarios: &[fn()]) {
    let _alone = ALONE.lock().unwrap();
    mutant.switch_on();
    let found = scenarios.iter().filter(|scenario| catch_unwind(|| explore(**scenario)).is_err()).count();
    Mutant::None.switch_on();
    println!("{mutant:?}: found by {found} of {} scenarios", scenarios.len());
    assert!(found > 0, "{mutant:?} was not found");
}

#[test]
#[ignore = "with the feature `mutants`, alone: docs/testing.md"]
fn a_queue_flag_that_is_cleared_in_the_wrong_place_is_found() {
    is_found(
        Mutant::QueueFlagCleared,
        &[requests::writers_of_two_logs, requests::growth_everywhere_at_once, unload::log_goes_under_its_worker],
    );
}

#[test]
#[ignore = "with the feature `mutants`, alone: docs/testing.md"]
fn an_edge_that_outlives_the_call_that_it_waited_for_is_found() {
    is_found(Mutant::OldEdgeKept, &[circles::chain_over_a_thread_that_went_on]);
}

#[test]
#[ignore = "with the feature `mutants`, alone: docs/testing.md"]
fn a_wake_up_that_is_lost_is_found() {
    is_found(
        Mutant::WakeUpLost,
        &[
            circles::guests_come_and_go,
            circles::two_in_a_circle,
            requests::growth_everywhere_at_once,
            reentry::resizes_and_registers_inside,
        ],
    );
}
