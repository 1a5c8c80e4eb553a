//! Many threads at once: streams that come, write, make room and go, while others register and look.

use std::sync::atomic::{AtomicBool, Ordering};

use clfsmgmt::units::Status;

use crate::bench::{Area, Bench};
use crate::fake::{FakeLog, Kind};

const ROUNDS: u32 = 60;

/// Opens a stream, registers, writes until the log is full, asks for space, makes room and goes.
fn one_life(bench: &Bench, log: &FakeLog, stream: u8) -> Area {
    let object = log.open(stream);
    let client = bench.register(&object);
    let area = bench.area(&object);
    for _ in 0..6 {
        if bench.append(&area) == Err(Status::LOG_FULL) {
            let _ = bench.log_full(&client);
        }
    }
    let end = log.space().streams[&stream].last;
    log.space().advance(stream, end).unwrap();
    bench.logs.handle_area_changed(area.context);
    bench.tick();
    bench.delete(&area);
    assert_eq!(bench.close(&object), Ok(()));
    assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    area
}

#[test]
fn streams_of_two_logs_come_and_go_on_many_threads_and_leave_nothing_behind() {
    let bench = Bench::new();
    let logs = [1, 2].map(|identity| FakeLog::new(identity, Kind::Multiplexed, 3));
    let is_over = AtomicBool::new(false);
    let areas: Vec<Area> = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                bench.tick();
            }
        });
        let lives = [1_u8, 2, 3, 4].map(|stream| {
            let (bench, log) = (&bench, &logs[usize::from(stream % 2)]);
            scope.spawn(move || (0..ROUNDS).map(|_| one_life(bench, log, stream)).collect::<Vec<_>>())
        });
        let ended = lives.map(std::thread::ScopedJoinHandle::join);
        // First: who fails must not leave the watcher looking for ever.
        is_over.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
        ended.into_iter().flat_map(Result::unwrap).collect()
    });
    bench.work();
    assert!(!bench.tick());
    assert_eq!(bench.manager.logs_attached(), 0);
    let _clients = logs.map(|log| bench.register(&log.open(1)));
    assert!(!areas.iter().any(|area| bench.is_known(area)));
}
