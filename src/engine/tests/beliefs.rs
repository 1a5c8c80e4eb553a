//! A false belief panics where debug assertions are on; where they are not, it fences the log, and no request is lost.

use std::vec::Vec;

use super::world::{Event, How, Setting, World};
use crate::engine::client::{Ask, End, Request};
use crate::engine::links::Chain;
use crate::engine::{Action, Engine};
use crate::units::{Status, Time};

/// A full log whose three clients wait for space; the first is asked, the others are to be asked.
fn waiting() -> Engine {
    let mut world = World::new(&Setting { streams: &[1, 1, 2], maximum: 3, promised: 0, policies: Vec::new });
    for client in 0..3 {
        world.apply(Event::Full(client, false));
    }
    world.apply(Event::Perform(How::Well));
    world.engine
}

/// The requests of these clients end with an error, each once, and nothing else happens.
fn comes_to_its_end(mut engine: Engine, clients: &[u16]) {
    let mut completed = Vec::new();
    while let Some(action) = engine.poll_action(Time(9)) {
        let Action::CompleteRequest { client, status: Status::UNSUCCESSFUL, is_pinned: false } = action else {
            panic!("{action:?}");
        };
        completed.push(client.slot.0);
    }
    assert_eq!(completed, clients);
    assert!(engine.is_stopped() && !engine.has_action());
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "false belief: AskedHasAsk"))]
fn an_ask_that_is_due_and_is_not_there_fences_the_log() {
    let mut engine = waiting();
    engine.clients.slots[1].ask = Ask::None;
    comes_to_its_end(engine, &[0, 1, 2]);
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "false belief: SlotHasClient"))]
fn a_list_with_a_client_that_is_not_there_fences_the_log_and_the_others_requests_end() {
    let mut engine = waiting();
    engine.clients.slots.truncate(2);
    engine.clients.asks_due.pop_front(&mut engine.clients.links, Chain::AskDue).unwrap();
    comes_to_its_end(engine, &[0, 1]);
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "false belief: DueRequestHasEnded"))]
fn a_completion_of_a_request_that_has_not_ended_fences_the_log_and_is_not_lost() {
    let mut engine = waiting();
    engine.clients.end_requests(|_| End::SUCCESS).unwrap();
    for client in &mut engine.clients.slots {
        client.request = Request::Waiting;
    }
    comes_to_its_end(engine, &[0, 1, 2]);
}
