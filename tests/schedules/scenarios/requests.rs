//! Requests for space: writers, workers, growth, tails that others move. Each ends exactly once.

use clfsmgmt::engine::policy::Policy;
use clfsmgmt::manager::{GrowthPlace, RequestOutcome};
use clfsmgmt::units::{ContainerCount, Status};
use shuttle::thread;

use crate::client::{Told, deregister_all};
use crate::explore::explore;
use crate::world::World;

/// Two writers of two logs, and a third who asks for space on both.
pub(crate) fn writers_of_two_logs() {
    let world = World::new();
    let logs = [world.full_log(1), world.full_log(1)];
    let clients = [logs[0].willing(0), logs[1].willing(0), logs[0].willing(0), logs[1].willing(0)];
    let threads = [vec![0], vec![1], vec![2, 3]].map(|of_thread| {
        let clients = of_thread.into_iter().map(|index| clients[index].clone()).collect::<Vec<_>>();
        thread::spawn(move || {
            for client in clients {
                assert_eq!(client.wait_for_space(GrowthPlace::Worker), Status::SUCCESS);
                client.log.model.write();
                client.log.changed();
                assert_eq!(client.wait_for_space(GrowthPlace::Inline), Status::SUCCESS);
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    deregister_all(&clients);
}

/// Growth in the call, on a worker, ahead of need and by a resize, of one log at the same time.
pub(crate) fn growth_everywhere_at_once() {
    let world = World::new();
    let log = world.log(3, 1);
    log.install(Policy::MaximumSize(ContainerCount(8)));
    log.install(Policy::AutoGrow(true));
    let clients = [log.unwilling(0), log.unwilling(0)];
    let places = [GrowthPlace::Inline, GrowthPlace::Worker];
    let threads = [0, 1].map(|index| {
        let client = clients[index].clone();
        thread::spawn(move || {
            while client.log.model.write() {}
            let status = client.wait_for_space(places[index]);
            assert!(status.is_success() || client.log.model.total() == 8, "{status}");
        })
    });
    // It may be larger already, and too full to shrink.
    let _ = log.manager.set_log_size(log.key, 5);
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(log.model.total() <= 8, "{} containers", log.model.total());
    deregister_all(&clients);
}

/// Clients that answer later, on another thread: by moving, and by a refusal.
pub(crate) fn answers_from_other_threads() {
    let world = World::new();
    let log = world.full_log(2);
    let clients = [log.silent(0), log.silent(1)];
    let answers = [0, 1].map(|index| {
        let client = clients[index].clone();
        thread::spawn(move || {
            client.hear(|told| (told == Told::Ask).then_some(()));
            if index == 0 { client.moves() } else { client.refuse(Status::CANCELLED) }
        })
    });
    let writer = log.silent(0);
    let status = writer.wait_for_space(GrowthPlace::Inline);
    assert_eq!(status, Status::CANCELLED);
    // What is owed comes when the one that refused moves in the end.
    clients[1].moves();
    clients[0].moves();
    writer.hear(|told| (told == Told::Unpinned).then_some(()));
    for answer in answers {
        answer.join().unwrap();
    }
    deregister_all(&clients);
    writer.deregister();
}

/// A log that is pinned is let go of while it is told so: "unpinned" is told, and once.
pub(crate) fn space_comes_while_pinned_is_told() {
    let world = World::new();
    let log = world.full_log(2);
    let (writer, holder) = (log.unwilling(0), log.unwilling(1));
    let moves = [writer.clone(), holder.clone()].map(|client| thread::spawn(move || client.moves()));
    let outcome = writer.log_full(GrowthPlace::Inline);
    if outcome == RequestOutcome::Pending {
        let end = writer.hear(|told| match told {
            Told::Complete(status, is_pinned) => Some((status, is_pinned)),
            Told::Ask | Told::Unpinned => None,
        });
        if end.1 {
            writer.hear(|told| (told == Told::Unpinned).then_some(()));
        }
    }
    for mover in moves {
        mover.join().unwrap();
    }
    writer.deregister();
    holder.deregister();
}

#[test]
fn writers_of_two_logs_each_end_every_request() {
    explore(writers_of_two_logs);
}

#[test]
fn growth_from_every_side_keeps_to_the_maximum_and_ends() {
    explore(growth_everywhere_at_once);
}

#[test]
fn answers_from_other_threads_end_the_request_once() {
    explore(answers_from_other_threads);
}

#[test]
fn unpinned_is_told_when_space_comes_while_pinned_is_told() {
    explore(space_comes_while_pinned_is_told);
}
