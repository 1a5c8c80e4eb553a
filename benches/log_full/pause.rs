//! How long a writer waits at a full log, against the bare cost of one more container.

use crate::files::{BareContainers, Folder, GrowingLog};
use crate::measure::{Case, in_turns, median, nanoseconds, ratio, title};

const SIZES: [(u64, usize); 3] = [(1, 25), (4, 15), (16, 7)];
const MEBIBYTE: u64 = 1 << 20;

/// Prints the table.
pub(crate) fn print() {
    title("The pause at log-full: growth by one container, inline, real files");
    println!(
        " container   rounds    bare create    the growth   whole pause   pause/bare (aim <= 1.2)"
    );
    for (mebibytes, rounds) in SIZES {
        print_size(mebibytes, rounds);
    }
    println!("bare create: new file, zeros, fdatasync, folder fsync; whole pause: from the");
    println!("append that met LOG_FULL to the end of its repetition. The writer commits");
    println!("(fdatasync) every 256 KiB, and just before.");
}

fn print_size(mebibytes: u64, rounds: usize) {
    let folder = Folder::new();
    let mut log = GrowingLog::create(&folder, mebibytes * MEBIBYTE);
    let mut bare = BareContainers::new(&folder, mebibytes * MEBIBYTE);
    let mut growths = Vec::new();
    let mut cases: [Case<'_>; 2] = [
        Box::new(|| {
            let taken = bare.create();
            bare.delete();
            nanoseconds(taken)
        }),
        Box::new(|| {
            log.fill();
            let pause = log.grow();
            growths.push(nanoseconds(pause.growth));
            nanoseconds(pause.whole)
        }),
    ];
    let samples = in_turns(rounds, &mut cases);
    drop(cases);
    let [bare, whole] = [&samples[0], &samples[1]];
    let milliseconds = |samples: &[f64]| median(samples.iter().copied()) / 1e6;
    println!(
        "{mebibytes:6} MiB {rounds:8} {:11.2} ms {:10.2} ms {:10.2} ms {:12.2}",
        milliseconds(bare),
        milliseconds(&growths),
        milliseconds(whole),
        ratio(whole, bare),
    );
}
