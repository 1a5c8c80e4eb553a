//! How long a writer waits at a full log, against the bare cost of one more container.

use std::time::Duration;

use crate::files::{BareContainers, Folder, GrowingLog};
use crate::measure::{Case, in_turns_within, median, nanoseconds, ratio, title};

/// Sizes in MiB, and the most rounds.
const SIZES: [(u64, usize); 3] = [(1, 101), (4, 51), (16, 15)];
const TIME: Duration = Duration::from_secs(5);
const MEBIBYTE: u64 = 1 << 20;

/// Prints the table.
pub(crate) fn print() {
    title("The pause at log-full: growth by one container, inline, real files");
    println!("container  rounds  bare create  the growth  whole pause  pause/bare   next cont.");
    println!("                                                        (aim <= 1.2)");
    for (mebibytes, rounds) in SIZES {
        print_size(mebibytes, rounds);
    }
    println!("bare create: new file, zeros, fdatasync, folder fsync. The growth: the same, and");
    println!("metadata written and flushed. Whole pause: from the append that met LOG_FULL to");
    println!("the end of its repetition. Next container: the append that goes on to it, some");
    println!("records later, with or without a growth. The writer commits every 256 KiB.");
}

fn print_size(mebibytes: u64, rounds: usize) {
    let folder = Folder::new();
    let mut log = GrowingLog::create(&folder, mebibytes * MEBIBYTE);
    let mut bare = BareContainers::new(&folder, mebibytes * MEBIBYTE);
    let (mut growths, mut next) = (Vec::new(), Vec::new());
    let mut cases: [Case<'_>; 2] = [
        Box::new(|| nanoseconds(bare.create())),
        Box::new(|| {
            log.fill();
            let pause = log.grow();
            growths.push(nanoseconds(pause.growth));
            next.push(nanoseconds(pause.next_container));
            nanoseconds(pause.whole)
        }),
    ];
    let samples = in_turns_within(TIME, rounds, &mut cases);
    drop(cases);
    let [bare, whole] = [&samples[0], &samples[1]];
    let milliseconds = |samples: &[f64]| median(samples.iter().copied()) / 1e6;
    println!(
        "{mebibytes:5} MiB {:7} {:9.2} ms {:8.2} ms {:9.2} ms {:11.2} {:9.2} ms",
        whole.len(),
        milliseconds(bare),
        milliseconds(&growths),
        milliseconds(whole),
        ratio(whole, bare),
        milliseconds(&next),
    );
}
