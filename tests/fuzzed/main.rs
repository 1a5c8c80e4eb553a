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

/// The bytes of an input in hexadecimal.
fn replay(input: &str) {
    let digits = input.as_bytes().chunks(2);
    let bytes: Vec<u8> = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect();
    life::run(&bytes);
}

#[test]
fn a_log_that_recovery_refuses_is_left_as_it_was() {
    replay(
        "ff55ab150043bdbd0100bdbd3b8b8b7a747474747474748b8b8b8b8b8b8b8b8b8b8b8b8b8bffffffffffffffffff8b8b8b8b8b8b8b8b8b8b8b\
         8b8b8b0000003b0000000000000000",
    );
}

#[test]
fn a_block_whose_lsn_was_changed_hides_no_other_of_its_region() {
    replay(
        "845ec202ffcccccccecccdccadccccdccccc024400c2216344448a8a8a4444444444444444444744444444444444323d3d3d74d7a1301818bf3d",
    );
}

#[test]
#[ignore = "long: ten thousand inputs behind the usual ones"]
fn many_logs_with_changed_fields() {
    run(1_500..11_500);
}
