//! The worker queue, the locks and the clocks on std.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clfsmgmt::host::{HostClock, HostGate, HostLock, ManualClock, WorkQueue, Workers};
use clfsmgmt::manager::ports::{Gate, Guarded};
use clfsmgmt::units::Time;

fn queue_with_room(room: usize) -> Arc<WorkQueue<u32>> {
    let queue = Arc::new(WorkQueue::new());
    for _ in 0..room {
        queue.reserve().unwrap();
    }
    queue
}

#[test]
fn waiting_for_idle_returns_when_everything_queued_is_done() {
    let queue = queue_with_room(100);
    let sum = Arc::new(AtomicU32::new(0));
    let added = Arc::clone(&sum);
    let add = move |item| {
        added.fetch_add(item, Ordering::SeqCst);
    };
    let _workers = Workers::start(Arc::clone(&queue), 3, add).unwrap();
    (1..=100).for_each(|item| queue.push(item));
    queue.wait_idle();
    assert_eq!(sum.load(Ordering::SeqCst), 5_050);
}

#[test]
fn waiting_for_idle_counts_what_work_queues_itself() {
    let queue = queue_with_room(1);
    let sum = Arc::new(AtomicU32::new(0));
    let (added, again) = (Arc::clone(&sum), Arc::clone(&queue));
    let count_down = move |item| {
        added.fetch_add(1, Ordering::SeqCst);
        if item > 0 {
            again.push(item - 1);
        }
    };
    let _workers = Workers::start(Arc::clone(&queue), 2, count_down).unwrap();
    queue.push(9);
    queue.wait_idle();
    assert_eq!(sum.load(Ordering::SeqCst), 10);
}

#[test]
fn dropping_the_workers_does_what_is_queued_and_joins_them() {
    let queue = queue_with_room(50);
    let done = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&done);
    let workers = Workers::start(Arc::clone(&queue), 1, move |item| {
        noted.lock().unwrap().push(item);
    })
    .unwrap();
    (0..50).for_each(|item| queue.push(item));
    drop(workers);
    assert!(done.lock().unwrap().iter().copied().eq(0..50));
    assert_eq!(Arc::strong_count(&done), 1, "a worker is left");
}

#[test]
fn workers_that_the_last_of_them_drops_end() {
    let queue = queue_with_room(2);
    let (place, ended) = (Arc::new(Mutex::new(None)), channel());
    let (owner, ends) = (Arc::clone(&place), Mutex::new(ended.0));
    let workers = Workers::start(Arc::clone(&queue), 2, move |_| {
        let last: Option<Workers<u32>> = owner.lock().unwrap().take();
        drop(last);
        ends.lock().unwrap().send(()).unwrap();
    });
    *place.lock().unwrap() = Some(workers.unwrap());
    (0..2).for_each(|item| queue.push(item));
    for _ in 0..2 {
        ended.1.recv_timeout(Duration::from_mins(1)).unwrap();
    }
}

#[test]
fn work_that_panics_does_not_keep_others_waiting() {
    let queue = queue_with_room(2);
    let work = |item| assert!(item == 0, "meant to fail");
    let _workers = Workers::start(Arc::clone(&queue), 2, work).unwrap();
    queue.push(1);
    queue.push(0);
    queue.wait_idle();
}

#[test]
fn a_queue_is_worked_off_in_order_without_workers() {
    let queue = queue_with_room(3);
    (0..3).for_each(|item| queue.push(item));
    let mut done = Vec::new();
    queue.work_off(|item| done.push(item));
    assert_eq!(done, [0, 1, 2]);
}

#[test]
fn a_gate_opened_between_the_look_and_the_wait_is_not_missed() {
    let gate = HostGate::default();
    let turn = gate.turn();
    gate.open();
    gate.wait(turn);
}

#[test]
fn a_gate_wakes_a_thread_that_waits() {
    let gate = HostGate::default();
    let (looked, has_looked) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let turn = gate.turn();
            looked.send(()).unwrap();
            gate.wait(turn);
        });
        has_looked.recv().unwrap();
        gate.open();
    });
}

#[test]
fn a_lock_outlives_a_panic_of_its_holder() {
    let lock = HostLock::new(7);
    let panicked = thread::scope(|scope| {
        let holder = scope.spawn(|| lock.with(|_| panic!("meant to fail")));
        holder.join().is_err()
    });
    assert!(panicked);
    assert_eq!(lock.with(|value| *value), 7);
}

#[test]
fn a_manual_clock_shows_what_it_was_set_to_in_every_copy() {
    let clock = ManualClock::new(Time(3));
    let copy = HostClock::Manual(clock.clone());
    assert_eq!(copy.now(), Time(3));
    clock.set(Time(9));
    assert_eq!(copy.now(), Time(9));
}

#[test]
fn the_systems_clock_counts_from_1601() {
    // 2020-01-01 in 100-nanosecond units.
    assert!(HostClock::System.now() > Time(132_223_104_000_000_000));
}
