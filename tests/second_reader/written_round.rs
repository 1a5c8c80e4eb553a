//! Writes a dedicated log of three 512 KiB containers round and round until it is killed.
//!
//!     cargo run --example written_round LOG.blf LAPS
//!
//! The log is made if it is not there, and gone on with if it is. On standard output: `moving LSN` before a base is
//! moved, `record LSN BYTES CRC` for each record, `durable` when all that were named so far are; `laps` when it has
//! gone round so often, and it ends.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, LogOptions, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const ONLY: StreamId = StreamId::PHYSICAL;
const CONTAINERS: u32 = 3;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("whoever listens");
}

fn open(base: &Path) -> Result<Log<FileStorage>, Status> {
    if fs::exists(base).expect("a folder") {
        return Log::open(FileStorage::new(base), Access::Write, BlockLimit::DEFAULT).map_err(Status::from);
    }
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let options = LogOptions {
        is_multiplexed: false,
        is_archived: false,
        log_id: [3; 16],
        name: &wide("\\??\\C:\\round\\log.blf"),
        block_limit: BlockLimit::DEFAULT,
    };
    let mut log = Log::create(FileStorage::new(base), &options)?;
    for number in 0..CONTAINERS {
        log.add_container(&wide(&format!("%BLF%\\container-{number}")), Some(Bytes(512 << 10)))?;
    }
    Ok(log)
}

/// The LSNs from base to end.
fn lsns(log: &Log<FileStorage>) -> Result<Vec<Lsn>, Status> {
    let mut cursor = Cursor::new(ONLY, Direction::Forward);
    let mut found = Vec::new();
    let mut next = log.read_first(&mut cursor).map(|record| record.lsn);
    loop {
        match next {
            Ok(lsn) => found.push(lsn),
            Err(Status::END_OF_FILE) => return Ok(found),
            Err(status) => return Err(status),
        }
        next = log.read_next(&mut cursor).map(|record| record.lsn);
    }
}

fn main() -> Result<(), Status> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, laps] = &*arguments else {
        eprintln!("usage: written_round LOG.blf LAPS");
        std::process::exit(2);
    };
    let laps: u32 = laps.parse().expect("a number");
    let mut log = open(Path::new(base))?;
    let mut lsns = lsns(&log)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(std::process::id()));
    while log.end_container() < laps * CONTAINERS {
        let length = match random.next_u32() % 8 {
            0 => 40 + random.next_u32() % 60_000,
            1 | 2 => 40 + random.next_u32() % 6_000,
            _ => 40 + random.next_u32() % 400,
        };
        let mut data = vec![0; usize::try_from(length).expect("small")];
        random.fill_bytes(&mut data);
        let previous = lsns.last().copied().unwrap_or(Lsn::INVALID);
        let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous };
        match log.append(ONLY, &parts, Admission::Free) {
            Ok(lsn) => {
                lsns.push(lsn);
                say(&format!("record {} {length} {}", lsn.raw(), crc32fast::hash(&data)));
            }
            // Now the tail follows closely, now it has to be moved far.
            Err(Status::LOG_FULL) => {
                let first = lsns.len() * (1 + random.next_u32() as usize % 8) / 9;
                say(&format!("moving {}", lsns[first].raw()));
                log.advance_base(ONLY, lsns[first])?;
                lsns.drain(..first);
            }
            Err(status) => return Err(status),
        }
        if random.next_u32() % 12 == 0 {
            log.flush(ONLY)?;
            say("durable");
        }
    }
    log.close()?;
    say("laps");
    Ok(())
}
