//! Callbacks that call back: how deep they nest, and what they find.

use real::sync::atomic::{AtomicU32, Ordering};
use real::sync::{Arc, OnceLock};
use real::vec::Vec;

use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::Status;
use shuttle::thread;

use crate::client::{Client, Told, deregister_all};
use crate::explore::explore;
use crate::world::World;

type Later = Arc<OnceLock<Arc<Client>>>;

shuttle::thread_local! {
    static DEPTH: AtomicU32 = AtomicU32::new(0);
}

/// What a client does that cannot help anybody.
fn refuses(told: Told) -> Status {
    if told == Told::Ask { Status::CANCELLED } else { Status::PENDING }
}

/// Each client asks for space when the one before it is told that the log is pinned.
pub(crate) fn each_asks_when_the_one_before_is_told() {
    let world = World::new();
    let log = world.pinned_log();
    let next: Vec<Later> = (0..4).map(|_| Later::default()).collect();
    let clients: Vec<_> = next
        .iter()
        .map(|next| {
            let next = next.clone();
            log.client(0, move |_, told| {
                if let (Told::Complete(..), Some(next)) = (told, next.get()) {
                    let depth = DEPTH.with(|depth| depth.fetch_add(1, Ordering::Relaxed)) + 1;
                    assert!(depth <= 1, "completions nest {depth} deep");
                    next.log_full(GrowthPlace::Inline);
                    DEPTH.with(|depth| depth.fetch_sub(1, Ordering::Relaxed));
                }
                refuses(told)
            })
        })
        .collect();
    for (next, client) in next.iter().zip(&clients[1..]) {
        next.set(client.clone()).ok().unwrap();
    }
    assert_eq!(clients[0].log_full(GrowthPlace::Inline), RequestOutcome::Pending);
    clients[3].hear(|told| matches!(told, Told::Complete(..)).then_some(()));
    deregister_all(&clients);
}

/// Inside the completion the client asks again, once; inside the second it leaves.
pub(crate) fn asks_again_and_leaves() {
    let world = World::new();
    let log = world.full_log(2);
    let holder = log.unwilling(1);
    let told_twice = Arc::new(AtomicU32::new(0));
    let count = told_twice.clone();
    let client = log.client(0, move |client, told| {
        if let Told::Complete(..) = told {
            match count.fetch_add(1, Ordering::Relaxed) {
                0 => drop(client.log_full(GrowthPlace::Worker)),
                _ => drop(client.leave()),
            }
        }
        refuses(told)
    });
    let mover = holder.clone();
    let mover = thread::spawn(move || mover.moves());
    client.log_full(GrowthPlace::Inline);
    mover.join().unwrap();
    client.leave();
    holder.deregister();
}

/// A resize, a registration and a deregistration inside callbacks, while another thread resizes.
pub(crate) fn resizes_and_registers_inside() {
    let world = World::new();
    let log = world.full_log(1);
    let client = log.client(0, |client, told| {
        match told {
            Told::Ask => client.moves(),
            Told::Complete(..) => {
                let guest = client.log.silent(0);
                let _ = client.log.manager.set_log_size(client.log.key, 3);
                guest.deregister();
            }
            Told::Unpinned => {}
        }
        Status::PENDING
    });
    let other = log.clone();
    let resize = thread::spawn(move || other.manager.set_log_size(other.key, 2).is_ok());
    assert_eq!(client.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
    resize.join().unwrap();
    client.deregister();
    log.manager.release(log.key).unwrap();
    world.rest();
    assert_eq!(world.logs_attached(), 0);
}

/// A lone client asks on many threads while the log is pinned: whoever gets PENDING was told before.
pub(crate) fn many_calls_of_a_lone_client() {
    let world = World::new();
    let log = world.pinned_log();
    let begun = Arc::new(AtomicU32::new(0));
    let count = begun.clone();
    let client = log.client(0, move |_, told| {
        if let Told::Complete(_, true) = told {
            count.fetch_add(1, Ordering::Relaxed);
            thread::yield_now();
        }
        Status::PENDING
    });
    let pending = Arc::new(AtomicU32::new(0));
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let (client, begun, pending) = (client.clone(), begun.clone(), pending.clone());
            thread::spawn(move || {
                client.expect_completion();
                let outcome = client.log.manager.handle_log_full(client.cookie(), GrowthPlace::Worker);
                if outcome == Ok(RequestOutcome::Pending) {
                    let pending = pending.fetch_add(1, Ordering::Relaxed) + 1;
                    let begun = begun.load(Ordering::Relaxed);
                    assert!(begun >= pending, "{pending} calls returned PENDING, {begun} were told");
                }
            })
        })
        .collect();
    for call in calls {
        call.join().unwrap();
    }
    client.deregister();
}

#[test]
fn completions_that_are_told_in_the_call_do_not_nest() {
    explore(each_asks_when_the_one_before_is_told);
}

#[test]
fn a_client_that_asks_again_and_leaves_in_its_completions_is_told_no_more() {
    explore(asks_again_and_leaves);
}

#[test]
fn resizes_and_registrations_inside_callbacks_end() {
    explore(resizes_and_registers_inside);
}

#[test]
fn calls_that_meet_a_pinned_log_are_told_before_they_return() {
    explore(many_calls_of_a_lone_client);
}
