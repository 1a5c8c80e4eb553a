//! Leaves logs with random histories in a folder, for readers that know nothing of this library.
//!
//!     cargo run --example random_histories FOLDER FIRST_SEED COUNT
//!
//! `FOLDER/SEED/log.blf` is the log; `acknowledged.txt` beside it has a line for each record that must be found in it:
//! stream, LSN as a number, bytes of data, their CRC-32. An even seed makes a dedicated log, an odd one a multiplexed
//! one; one of three ends as a crash of the program does.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A record as it was given: bytes of data and their CRC-32.
type Given = (usize, u32);

struct History {
    log: Log<FileStorage>,
    streams: Vec<StreamId>,
    random: Xoshiro256PlusPlus,
    /// Those that a flush, or the closing, has acknowledged; and those that wait for it.
    acknowledged: BTreeMap<(StreamId, Lsn), Given>,
    waiting: BTreeMap<(StreamId, Lsn), Given>,
}

fn main() -> Result<(), Status> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, first, count] = &*arguments else {
        eprintln!("usage: random_histories FOLDER FIRST_SEED COUNT");
        std::process::exit(2);
    };
    let numbers = [first, count].map(|text| text.parse::<u64>().expect("a number"));
    for seed in (numbers[0]..).take(usize::try_from(numbers[1]).expect("small")) {
        let folder = Path::new(folder).join(seed.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        live(&folder, seed).inspect_err(|status| eprintln!("seed {seed}: {status}"))?;
    }
    Ok(())
}

fn live(folder: &Path, seed: u64) -> Result<(), Status> {
    let base = folder.join("log.blf");
    let mut history = begin(&base, seed)?;
    let mut ends = 1 + history.below(3);
    loop {
        let steps = 20 + history.below(600);
        for _ in 0..steps {
            history.step()?;
        }
        ends -= 1;
        let is_closed = history.below(3) > 0;
        if is_closed {
            history.acknowledge_all();
        }
        let History { log, streams, random, acknowledged, .. } = history;
        if is_closed {
            log.close()?;
        } else {
            drop(log);
        }
        let log = Log::open(
            FileStorage::new(&base),
            if ends == 0 { Access::Read } else { Access::Write },
            BlockLimit::DEFAULT,
        )
        .map_err(Status::from)?;
        history = History { log, streams, random, acknowledged, waiting: BTreeMap::new() };
        if ends == 0 {
            return history.write_down(&folder.join("acknowledged.txt"));
        }
    }
}

/// A new log with some containers and streams.
fn begin(base: &Path, seed: u64) -> Result<History, Status> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let is_multiplexed = seed % 2 == 1;
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let options = LogOptions {
        is_multiplexed,
        is_archived: false,
        log_id: [seed.to_le_bytes()[0]; 16],
        name: &wide("\\??\\C:\\random\\log.blf"),
        block_limit: BlockLimit::DEFAULT,
    };
    let mut log = Log::create(FileStorage::new(base), &options)?;
    let size = if is_multiplexed { 1 << 20 } else { 512 << 10 };
    for number in 0..2 + random.next_u32() % 3 {
        log.add_container(&wide(&format!("%BLF%\\container-{number}")), Some(Bytes(size)))?;
    }
    let mut streams = vec![StreamId::PHYSICAL];
    if is_multiplexed {
        let names = 1 + random.next_u32() % 6;
        streams =
            (0..names).map(|name| log.create_stream(&wide(&format!("stream {name}")))).collect::<Result<_, _>>()?;
    }
    Ok(History { log, streams, random, acknowledged: BTreeMap::new(), waiting: BTreeMap::new() })
}

impl History {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.next_u64() % u64::try_from(bound).expect("small")).expect("small")
    }

    fn step(&mut self) -> Result<(), Status> {
        let number = self.below(self.streams.len());
        let stream = self.streams[number];
        match self.below(100) {
            0..78 => self.append(stream),
            78..88 => {
                self.log.flush(stream)?;
                self.acknowledge(stream);
                Ok(())
            }
            88..96 => self.restart_area(stream, None),
            _ => self.move_tail(stream),
        }
    }

    fn some_data(&mut self) -> Vec<u8> {
        let most = [60, 900, 9_000, 60_000][self.below(4)];
        let length = self.below(most);
        let mut data = vec![0; length];
        self.random.fill_bytes(&mut data);
        data
    }

    fn append(&mut self, stream: StreamId) -> Result<(), Status> {
        let data = self.some_data();
        let mut of_stream = self.waiting.range((stream, Lsn::NULL)..=(stream, Lsn::INVALID)).rev();
        let previous = of_stream.next().map_or(Lsn::INVALID, |((_, lsn), _)| *lsn);
        let parts = RecordParts { data: &[&data], undo_next: previous, previous };
        let lsn = match self.log.append(stream, &parts, Admission::Free) {
            Err(Status::LOG_FULL) => {
                for stream in self.streams.clone() {
                    self.move_tail(stream)?;
                }
                return Ok(());
            }
            outcome => outcome?,
        };
        self.waiting.insert((stream, lsn), (data.len(), crc32fast::hash(&data)));
        Ok(())
    }

    /// A restart area is durable when it is written, and whatever was before it.
    fn restart_area(&mut self, stream: StreamId, base: Option<Lsn>) -> Result<(), Status> {
        let data = self.some_data();
        let data = &data[..data.len().min(2_000)];
        match self.log.write_restart_area(stream, &[data], base) {
            Err(Status::LOG_FULL) => Ok(()),
            outcome => {
                let lsn = outcome?;
                self.acknowledge(stream);
                self.acknowledged.insert((stream, lsn), (data.len(), crc32fast::hash(data)));
                Ok(())
            }
        }
    }

    /// Gives up all but the newest records of a stream.
    fn move_tail(&mut self, stream: StreamId) -> Result<(), Status> {
        let kept = self.below(30);
        let range = (stream, self.log.stream_information(stream)?.base)..=(stream, Lsn::INVALID);
        let mut known: Vec<Lsn> = self.acknowledged.range(range.clone()).map(|((_, lsn), _)| *lsn).collect();
        known.extend(self.waiting.range(range).map(|((_, lsn), _)| *lsn));
        let Some(base) = known.iter().rev().nth(kept).copied() else { return Ok(()) };
        if self.below(2) == 0 { self.restart_area(stream, Some(base)) } else { self.log.advance_base(stream, base) }
    }

    fn acknowledge(&mut self, stream: StreamId) {
        let (flushed, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|((of, _), _)| *of == stream);
        let flushed: BTreeMap<_, _> = flushed;
        self.acknowledged.extend(flushed);
        self.waiting = waiting;
    }

    fn acknowledge_all(&mut self) {
        for stream in self.streams.clone() {
            self.acknowledge(stream);
        }
    }

    /// Writes down what must be found from each stream's base on.
    fn write_down(&self, file: &Path) -> Result<(), Status> {
        let mut text = String::new();
        for stream in &self.streams {
            let base = self.log.stream_information(*stream)?.base;
            for ((_, lsn), (length, hash)) in self.acknowledged.range((*stream, base)..=(*stream, Lsn::INVALID)) {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "{stream} {} {length} {hash}", lsn.raw());
            }
        }
        fs::write(file, text).map_err(|_| Status::IO_DEVICE_ERROR)
    }
}
