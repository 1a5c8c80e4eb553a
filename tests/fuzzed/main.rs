//! A short run of the fuzz target `open` in every `cargo test`: the same life of a log, over inputs of a generator
//! (`fuzz/`, docs/testing.md). What libFuzzer finds becomes a test here, by its name.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "the sources of fuzz/, which is a package of its own")]
#![allow(clippy::all, clippy::pedantic, reason = "the same: a panic of theirs is a finding")]

#[path = "../../fuzz/src/disk.rs"]
mod disk;
#[path = "../../fuzz/src/edits.rs"]
mod edits;
#[path = "../../fuzz/src/life.rs"]
mod life;
#[path = "../../fuzz/src/made.rs"]
mod made;

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Runs so many inputs; a failure names its seed.
fn run(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut input = vec![0; 40 + random.next_u32() as usize % 80];
        random.fill_bytes(&mut input);
        // Most changes of a random input refuse the log: few of them, so that some lives are lived.
        input[1] %= 4;
        let lived = std::panic::catch_unwind(|| life::run(&input));
        assert!(lived.is_ok(), "seed {seed}: {input:02x?}");
    }
}

#[test]
fn logs_with_changed_fields_are_refused_or_keep_what_they_acknowledge() {
    run(0..1_500);
}

#[test]
#[ignore = "long: ten thousand inputs behind the usual ones"]
fn many_logs_with_changed_fields() {
    run(1_500..11_500);
}
