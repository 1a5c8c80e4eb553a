//! Liveness: a thousand logs, two workers. A log whose clients are willing does not stay full, who waits is told soon
//! after there is space, and no log waits for another.
//!
//! A step is a callback or a container that is added. The second worker has its turns inside those of the first.

mod crowd;

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::units::ContainerCount;

use crowd::{Crowd, Told};

const LOGS: usize = 1_000;

/// Steps in which a log that is at work may hold up one that waits for a worker.
const STEPS_OF_A_LOG: u64 = 64;

fn full() -> Policy {
    Policy::MaximumSize(ContainerCount(4))
}

#[test]
fn of_a_thousand_logs_with_willing_clients_none_stays_full() {
    let crowd = Crowd::new(LOGS, &[full()]);
    for round in 0..4 {
        for number in 0..LOGS {
            crowd.fill_and_ask(number);
            // The workers are slower at first than who writes.
            if number % 3 < round {
                crowd.work();
            }
        }
        while crowd.work() {}
        assert!(crowd.places.iter().all(|place| place.waits_since.get().is_none() && place.free() > 0));
    }
    let (waited, late) = crowd.longest.get();
    println!("{LOGS} logs: the longest wait {waited} steps, {late} after there was space");
    assert!(waited <= STEPS_OF_A_LOG * LOGS as u64 && late <= STEPS_OF_A_LOG);
}

/// So many logs are filled again as soon as there is space; all the others wait once.
fn others_are_told_beside(busy: usize) {
    let crowd = Crowd::new(LOGS, &[full()]);
    for place in &crowd.places[..busy] {
        place.told.set(Told::FillsAgain);
    }
    for number in 0..LOGS {
        crowd.fill_and_ask(number);
    }
    // The busy ones come to rest when everybody has had a turn.
    crowd.steps_max.set(STEPS_OF_A_LOG * LOGS as u64);
    while crowd.work() {}
    println!("{busy} busy logs among {LOGS}: the longest wait {} steps", crowd.longest.get().0);
    assert_eq!(crowd.left.get(), 0);
}

#[test]
fn one_busy_log_holds_no_other_up() {
    others_are_told_beside(1);
}

#[test]
fn two_busy_logs_hold_no_other_up() {
    others_are_told_beside(2);
}

#[test]
fn a_hundred_busy_logs_hold_no_other_up() {
    others_are_told_beside(100);
}

#[test]
fn who_waits_is_told_with_the_first_container_of_a_growth() {
    let crowd = Crowd::new(1, &[Policy::growth_rate(20, 0).unwrap()]);
    crowd.fill_and_ask(0);
    while crowd.work() {}
    let (_, late) = crowd.longest.get();
    assert!(late <= 2, "told {late} steps after there was space");
}
