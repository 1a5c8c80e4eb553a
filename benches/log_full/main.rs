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
#[path = "../../tests/support/volume.rs"]
mod volume;

use std::env::args;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocations::CountingAllocator = allocations::CountingAllocator;

/// The parts, by the names under which they run alone.
const PARTS: [(&str, fn()); 4] =
    [("decision", decision::print), ("append", append::print), ("pause", pause::print), ("pace", pace::print)];

fn main() -> ExitCode {
    // Cargo adds options of its own.
    let names: Vec<String> = args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_wanted = |part: &str| names.is_empty() || names.iter().any(|name| name == part);
    println!("Medians of rounds in which the cases take turns; a ratio is the median of the");
    println!("rounds' own. Lower is better everywhere.");
    for (_, print) in PARTS.iter().filter(|(part, _)| is_wanted(part)) {
        print();
    }
    if is_wanted("allocations") && allocations::print() > 0 {
        eprintln!("the log-full path allocates");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
