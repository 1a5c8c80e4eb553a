//! A client's callback that panics counts as an error; everybody else goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clfsmgmt::manager::GrowthPlace;
use clfsmgmt::units::Status;

use crate::model::{Fixture, PENDING, Told};

#[test]
fn a_panic_in_a_callback_on_a_worker_is_a_refusal_and_costs_no_worker() {
    let fixture = Fixture::full_at_its_maximum();
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let client = fixture.register_with(0, move |_, told| {
        if let Told::Ask(_) = told {
            counted.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose");
        }
        Status::PENDING
    });
    let other = fixture.register(1);
    // Oftener than there are workers.
    for round in 1..=8 {
        assert_eq!(fixture.log_full(&other, GrowthPlace::Worker), PENDING);
        fixture.rest();
        assert_eq!(asked.load(Ordering::SeqCst), round);
        let last = other.all_told().pop();
        assert_eq!(last, Some(Told::Complete(Status::UNSUCCESSFUL, true)), "round {round}");
    }
    assert_eq!(fixture.manager.deregister(client.cookie), Ok(()));
    assert_eq!(fixture.manager.deregister(other.cookie), Ok(()));
}

#[test]
fn a_panic_in_a_completion_in_the_call_reaches_the_caller_and_leaves_the_log_in_order() {
    let fixture = Fixture::full_at_its_maximum();
    let client = fixture.register_with(5, |_, told| {
        assert!(!matches!(told, Told::Complete(..)), "on purpose");
        Status::PENDING
    });
    for _ in 0..2 {
        let call = std::panic::AssertUnwindSafe(|| fixture.log_full(&client, GrowthPlace::Inline));
        assert!(std::panic::catch_unwind(call).is_err());
    }
    fixture.move_tail(0);
    fixture.move_tail(1);
    fixture.rest();
    assert_eq!(client.all_told().pop(), Some(Told::Unpinned));
    assert_eq!(fixture.manager.deregister(client.cookie), Ok(()));
}
