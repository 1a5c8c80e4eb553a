//! Many threads at once: streams that come, write, make room and go, while others register and look.

use std::sync::atomic::{AtomicBool, Ordering};

use super::bench::{Bench, append, area};
use super::fake::FakeLog;
use crate::abi::{ClfsLsn, NtStatus};
use crate::exports::interposed::contexts::{clfsmgmt_advance_log_base, clfsmgmt_delete_marshalling_area};
use crate::exports::interposed::objects::clfsmgmt_close_log_file_object;
use crate::units::Status;

const ROUNDS: u32 = 60;

/// Opens a stream, registers, writes until the log is full, asks for space, makes room and goes.
fn one_life(bench: &Bench, log: FakeLog, stream: u8) {
    let handle = log.open(stream);
    let client = bench.register(handle);
    let context = area(handle);
    for _ in 0..6 {
        if append(context) == Err(Status::LOG_FULL) {
            bench.log_full(&client);
        }
    }
    let mut end = ClfsLsn::from(log.space().streams[&stream].last);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(context, &raw mut end, 0) }, NtStatus::SUCCESS);
    bench.tick();
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    // SAFETY: an object of the fake.
    assert_eq!(unsafe { clfsmgmt_close_log_file_object(handle) }, NtStatus::SUCCESS);
    assert_eq!(bench.manager.deregister(client.cookie), Status::SUCCESS);
}

#[test]
fn streams_of_two_logs_come_and_go_on_many_threads_and_leave_nothing_behind() {
    let bench = Bench::new();
    let logs = [FakeLog::new(1, 0, 3), FakeLog::new(2, 0, 3)];
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            bench.enter();
            while !is_over.load(Ordering::Relaxed) {
                bench.tick();
            }
        });
        let lives = [1_u8, 2, 3, 4].map(|stream| {
            let (bench, log) = (&bench, logs[usize::from(stream % 2)]);
            scope.spawn(move || {
                bench.enter();
                (0..ROUNDS).for_each(|_| one_life(bench, log, stream));
            })
        });
        for life in lives {
            life.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
    });
    bench.work();
    assert!(!bench.tick());
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(bench.logs.world().areas.len(), 0);
}
