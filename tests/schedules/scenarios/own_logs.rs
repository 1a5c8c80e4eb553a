//! Logs of our own: opened, closed, reset and deleted by several threads at the same time.

use real::sync::Arc;

use clfsmgmt::library::Disposition;
use clfsmgmt::units::Status;
use shuttle::thread;

use crate::explore::explore_some;
use crate::storage::{World, grow, wide};

/// Opens, closes, resets and deletes; only what is documented may come back.
fn comes_and_goes(world: &World, name: &str, rounds: usize, first: usize) {
    for round in first..first + rounds {
        let address = match world.open(name, Disposition::OpenAlways) {
            Err(Status::DELETE_PENDING) => continue,
            opened => opened.unwrap(),
        };
        grow(&world.find(address), 2);
        let library = &world.library;
        let outcome = match round % 4 {
            0 => library.close_and_reset(address),
            1 => library.delete_open(address).and_then(|()| library.close(address)),
            2 => {
                let deleted = library.delete(&wide(name));
                assert!(matches!(deleted, Ok(()) | Err(Status::DELETE_PENDING)), "{deleted:?}");
                library.close(address)
            }
            _ => library.close(address),
        };
        assert_eq!(outcome, Ok(()));
    }
}

fn threads_of(names: [&'static str; 2]) {
    let world = Arc::new(World::new());
    let threads = [0, 1].map(|number| {
        let world = world.clone();
        thread::spawn(move || comes_and_goes(&world, names[number], 2, number))
    });
    comes_and_goes(&world, names[0], 1, 2);
    for thread in threads {
        thread.join().unwrap();
    }
    world.assert_nothing_is_left();
}

#[test]
fn threads_that_open_and_close_one_log_leave_nothing_open() {
    explore_some(|| threads_of(["log:a", "log:a"]), 10);
}

#[test]
fn threads_that_open_and_close_streams_of_one_log_leave_nothing_open() {
    explore_some(|| threads_of(["log:a::s", "log:a::t"]), 10);
}
