//! What a full log costs: `cargo bench` (docs/benchmarks.md).
//!
//! Times are compared with something measured in the same run, in turns, and never asserted. Allocations are counted
//! exactly: one on the log-full path makes the exit code 1.

mod allocations;
mod append;
mod decision;
mod files;
mod measure;
mod model;
mod pace;
mod pause;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocations::CountingAllocator = allocations::CountingAllocator;

fn main() -> ExitCode {
    println!("Medians of rounds in which the cases take turns; \"ratio\" is the median of");
    println!("the rounds' ratios to the case marked 1.00 (to 1 MiB written bare, for a pause).");
    println!("Lower is better everywhere.");
    decision::print();
    append::print();
    let allocated = allocations::print();
    pause::print();
    pace::print();
    if allocated == 0 {
        ExitCode::SUCCESS
    } else {
        eprintln!("the log-full path allocates: {allocated} times");
        ExitCode::FAILURE
    }
}
