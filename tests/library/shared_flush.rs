//! Flushes of one file on several threads.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::SharedFlush;
use clfsmgmt::units::Status;

#[test]
fn a_failure_stays_and_nothing_is_flushed_any_more() {
    let flush = SharedFlush::<HostPlatform>::default();
    flush.flush(|| Ok(())).unwrap();
    assert_eq!(flush.flush(|| Err(Status::IO_DEVICE_ERROR)), Err(Status::IO_DEVICE_ERROR));
    assert_eq!(flush.flush(|| panic!("flushed again")), Err(Status::IO_DEVICE_ERROR));
}

/// Begins a flush that ends with `outcome` once the others have come; returns how many more ran.
fn beside(outcome: Result<(), Status>, others: usize) -> (Vec<Result<(), Status>>, u32) {
    let flush = SharedFlush::<HostPlatform>::default();
    let (runs, ran) = (AtomicU32::new(0), AtomicU32::new(0));
    let (began, has_begun) = mpsc::channel();
    let outcomes = thread::scope(|scope| {
        let first = scope.spawn(|| {
            flush.flush(|| {
                began.send(()).unwrap();
                // Those that come now do not end before this does, whenever they come.
                while runs.load(Ordering::SeqCst) < u32::try_from(others).unwrap() {
                    thread::yield_now();
                }
                thread::sleep(Duration::from_millis(20));
                outcome
            })
        });
        has_begun.recv().unwrap();
        let waiting: Vec<_> = (0..others)
            .map(|_| {
                scope.spawn(|| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    flush.flush(|| {
                        ran.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    })
                })
            })
            .collect();
        assert_eq!(first.join().unwrap(), outcome);
        waiting.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    (outcomes, ran.into_inner())
}

#[test]
fn those_that_wait_beside_a_flush_that_fails_fail_and_run_none() {
    let (outcomes, ran) = beside(Err(Status::IO_DEVICE_ERROR), 8);
    assert!(outcomes.iter().all(|outcome| *outcome == Err(Status::IO_DEVICE_ERROR)), "{outcomes:?}");
    assert_eq!(ran, 0);
}

#[test]
fn those_that_wait_beside_a_flush_are_served_by_later_ones_and_few_run() {
    let (outcomes, ran) = beside(Ok(()), 8);
    assert!(outcomes.iter().all(Result::is_ok) && (1..=8).contains(&ran), "{outcomes:?}, {ran}");
}
