//! Many threads at once: streams that come, write, make room and go through the C interface, while a timer looks.

use std::sync::atomic::{AtomicBool, Ordering};

use super::bench::{Bench, area};
use super::own::{Own, add, append, close, end_of};
use crate::abi::NtStatus;
use crate::exports::interposed::entries::{clfsmgmt_advance_log_base, clfsmgmt_delete_marshalling_area};
use crate::units::Status;

const ROUNDS: u32 = 12;

/// What of a life ends first.
#[derive(Clone, Copy)]
enum First {
    Client,
    Handle,
}

/// Opens a stream, registers, writes, asks for space where the log is full, makes room and goes.
fn one_life(bench: &Bench, own: &Own, stream: &str, first: First) {
    let log = own.open(stream);
    let client = bench.register(log);
    let context = area(log);
    for _ in 0..6 {
        if append(context) == Err(Status::LOG_FULL) {
            bench.log_full(&client);
        }
    }
    let base = end_of(log);
    // SAFETY: an area that exists, and a local.
    assert_eq!(unsafe { clfsmgmt_advance_log_base(context, &raw const base, 0) }, NtStatus::SUCCESS);
    bench.tick();
    let leave = || assert_eq!(bench.manager.deregister(client.cookie), Ok(()));
    if let First::Client = first {
        leave();
    }
    // SAFETY: an area that exists.
    assert_eq!(unsafe { clfsmgmt_delete_marshalling_area(context) }, NtStatus::SUCCESS);
    close(log);
    if let First::Handle = first {
        leave();
    }
}

#[test]
fn streams_of_two_logs_come_and_go_on_many_threads_and_leave_no_area_and_no_log_behind() {
    let bench = Bench::new();
    let logs = [Own::new(), Own::new()];
    let kept = logs.each_ref().map(|own| own.open("::kept"));
    for log in kept {
        (0..3).for_each(|number| add(log, &std::format!("%BLF%\\c{number}")));
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            bench.enter();
            while !is_over.load(Ordering::Relaxed) {
                bench.tick();
            }
        });
        let lives = [("::a", 0), ("::b", 1), ("::c", 0), ("::d", 1)].map(|(stream, log)| {
            let (bench, own): (&Bench, &Own) = (&bench, &logs[log]);
            scope.spawn(move || {
                bench.enter();
                for round in 0..ROUNDS {
                    // A handle that is closed first leaves a client of a log that others may open anew.
                    one_life(bench, own, stream, if round % 2 == 0 { First::Client } else { First::Handle });
                }
            })
        });
        let ended = lives.map(std::thread::ScopedJoinHandle::join);
        // First: who fails must not leave the watcher looking for ever.
        is_over.store(true, Ordering::Relaxed);
        ended.into_iter().for_each(Result::unwrap);
    });
    kept.into_iter().for_each(close);
    bench.work();
    assert!(!bench.tick());
    assert_eq!(bench.manager.logs_attached(), 0);
    assert_eq!(bench.logs.foreign().areas_known(), 0);
}
