//! What the engine reports about itself.

use clfsmgmt::engine::PinHolder;
use clfsmgmt::units::{ContainerCount, Lsn, Status, Time};

use crate::log::{FIRST, Log, SECOND};

#[test]
fn a_report_names_who_pins_since_when_and_what_was_said() {
    let mut log = Log::full_and_at_its_maximum(4);
    let client = log.register(FIRST);
    log.show(4, 0, 3, &[(SECOND, 3)]);
    for _ in 0..3 {
        log.log_full(client);
        log.poll_ask();
        log.refuse(client, Status::CANCELLED);
        log.poll_completion();
    }
    let pin = log.pins()[0];
    assert_eq!(pin.holder, PinHolder::Client(client));
    assert_eq!((pin.stream, pin.tail), (FIRST, Lsn::container_start(0)));
    assert_eq!(pin.target, Some(Lsn::container_start(2)));
    assert_eq!((pin.asked_since, pin.times_asked), (Some(Time(100)), 3));
    let refusal = pin.last_refusal.unwrap();
    assert_eq!((refusal.status, refusal.at), (Status::CANCELLED, Time(7)));
    log.show(4, 3, 3, &[(FIRST, 3)]);
    assert!(log.pins().iter().all(|pin| pin.times_asked == 0));
}

#[test]
fn a_view_that_is_older_than_the_last_is_ignored() {
    let mut log = Log::full(4, 4);
    let mut old = log.view.clone();
    old.spare_containers = ContainerCount(4);
    old.version = 0;
    log.engine.handle_view(&old);
    assert_eq!(log.engine.view().spare_containers, ContainerCount(0));
}
