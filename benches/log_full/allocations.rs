//! Counts allocations: none may happen on the log-full path once its clients are registered.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::yield_now;

use clfsmgmt::host::{HostPlatform, Workers};
use clfsmgmt::manager::GrowthPlace;

use crate::files::{BareContainers, Folder, GrowingLog};
use crate::measure::title;
use crate::model::{Managed, ModelManager, PENDING, SUCCESS, Shape, manager_for_workers};

const TIMES: u64 = 100;
const WORKERS: usize = 2;
const CONTAINER_BYTES: u64 = 1 << 20;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, with a count of all threads' requests for memory.
pub(crate) struct CountingAllocator;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of this method, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of this method, which is the same; the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of this method, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of this method, which is the same; the block came from `System`.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// How often any thread asked for memory while `action` ran, `TIMES` times in a row, the first time included.
fn count(mut action: impl FnMut()) -> u64 {
    let before = COUNT.load(Ordering::SeqCst);
    for _ in 0..TIMES {
        action();
    }
    COUNT.load(Ordering::SeqCst) - before
}

/// Prints the counts, and answers that of the path that must not allocate.
pub(crate) fn print() -> u64 {
    title("Allocations in 100 log-full requests (host platform, two workers, model log)");
    println!("   clients  streams  ask + complete  refuse + unpin    grow inline  by worker");
    let mut sum = 0;
    for (clients, streams) in [(1, 1), (100, 96), (1_000, 96)] {
        let counts = of_shape(Shape { clients, streams });
        print!("{clients:10} {streams:8}");
        let [asked, pinned, inline, worker] = counts;
        println!(" {asked:15} {pinned:15} {inline:14} {worker:10}");
        sum += counts.iter().sum::<u64>();
    }
    println!("This must be 0 throughout.");
    print_whole_growth();
    sum
}

fn of_shape(shape: Shape) -> [u64; 4] {
    let (manager, queue) = manager_for_workers();
    let (for_workers, entered) = (Arc::clone(&manager), AtomicU64::new(0));
    let _workers = Workers::start(queue, WORKERS, move |log| {
        entered.fetch_add(1, Ordering::SeqCst);
        while entered.load(Ordering::SeqCst) < WORKERS as u64 {
            yield_now();
        }
        for_workers.drain(log);
    })
    .expect("two threads can be started");
    start_workers(&manager);
    let log = Managed::attach(&manager, shape).expect("there is memory for a model");
    let asked = count(|| pending(&log, GrowthPlace::Inline, 1));
    log.refuse(true);
    let pinned = count(|| {
        pending(&log, GrowthPlace::Inline, 1);
        let told = log.told();
        log.report_moved_base();
        wait_for(&log, told + 1);
    });
    log.refuse(false);
    log.allow_growth(true);
    let inline = count(|| {
        let answer = log.meet_full_log(GrowthPlace::Inline);
        assert!(answer == SUCCESS || answer == PENDING);
    });
    let worker = count(|| pending(&log, GrowthPlace::Worker, 1));
    [asked, pinned, inline, worker]
}

/// A thread allocates while it starts: each worker is given a log's completion first, and keeps it until all have one.
fn start_workers(manager: &Arc<ModelManager<HostPlatform>>) {
    let one = Shape { clients: 1, streams: 1 };
    let attach = |_| Managed::attach(manager, one).expect("there is memory for a model");
    let logs: Vec<Managed<HostPlatform>> = (0..WORKERS).map(attach).collect();
    for log in &logs {
        assert!(log.meet_full_log(GrowthPlace::Inline) == PENDING);
    }
    for log in &logs {
        wait_for(log, 1);
    }
}

fn pending(log: &Managed<HostPlatform>, place: GrowthPlace, calls: u32) {
    let told = log.told();
    let answer = log.meet_full_log(place);
    assert!(answer == PENDING, "{answer:?}");
    wait_for(log, told + calls);
}

fn wait_for(log: &Managed<HostPlatform>, told: u32) {
    while log.told() < told {
        yield_now();
    }
}

/// A real growth: what the log and std's files take, for comparison.
fn print_whole_growth() {
    let folder = Folder::new();
    let mut log = GrowingLog::create(&folder, CONTAINER_BYTES);
    let mut bare = BareContainers::new(&folder, CONTAINER_BYTES);
    log.fill();
    bare.create();
    let before = COUNT.load(Ordering::SeqCst);
    log.grow();
    let grown = COUNT.load(Ordering::SeqCst);
    bare.create();
    let created = COUNT.load(Ordering::SeqCst);
    println!(
        "One real inline growth, log and files included: {}; of these creating the file\nas std does it: about {}.",
        grown - before,
        created - grown
    );
}
