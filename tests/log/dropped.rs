//! Flushes that fail and drop what they were for, while reading still shows it: what is acknowledged after the log was
//! opened again survives, and so does all before it.

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log};
use clfsmgmt::units::{Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::model::{Kept, append, payload, read_all, ready};
use crate::recorder::{Files, Loss, Recorder};

fn reopened(disk: &Recorder) -> Log<Recorder> {
    Log::open(disk.clone(), Access::Write, BlockLimit::DEFAULT).unwrap()
}

/// The power goes; what the disk has is opened.
fn after_power_loss(disk: &Recorder) -> Log<Recorder> {
    let random = &mut Xoshiro256PlusPlus::seed_from_u64(0);
    let files = disk.after_crash(&Files::new(), disk.position(), Loss::Everything, random);
    Log::open(Recorder::holding(files), Access::Write, BlockLimit::DEFAULT).unwrap()
}

fn assert_begins_with(found: &[Kept], acknowledged: &[Kept], context: &str) {
    assert!(found.len() >= acknowledged.len() && found[..acknowledged.len()] == *acknowledged, "{context}: lost");
}

/// Works until a flush fails, `rounds` times over, each time with the log opened again; then the power goes.
fn work(streams: u32, seed: u64, rounds: usize) {
    let disk = Recorder::default();
    let (log, ids) = ready(disk.clone(), streams, 4, 1);
    drop(log);
    let id: StreamId = *ids.last().unwrap();
    let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    for round in 0..rounds {
        let context = format!("seed {seed}, round {round}");
        let mut log = reopened(&disk);
        let lands = random.next_u32() % 12;
        let mut number = 0;
        let refused = loop {
            number += 1;
            if number == lands {
                disk.fail_next_flush();
            }
            let length = [40, 700, 20_000, 60_000][random.next_u32() as usize % 4];
            let step = match append(&mut log, id, &payload(number.into(), length)) {
                Ok(_) if random.next_u32() % 4 == 0 => log.advance_base(id, log.durable_lsn(id).unwrap()),
                Ok(_) => log.flush(id),
                Err(Status::LOG_FULL) => log.advance_base(id, log.last_lsn(id).unwrap()),
                Err(status) => Err(status),
            };
            if let Err(status) = step {
                break Some(status);
            }
            if number > 12 {
                break None;
            }
        };
        if refused.is_some() {
            assert_eq!(log.fault(), refused, "{context}");
        }
        drop(log);
        // What the process that opens the log again sees and acknowledges.
        let mut log = reopened(&disk);
        append(&mut log, id, b"acknowledged").unwrap();
        log.flush(id).unwrap();
        let acknowledged = read_all(&log, id).unwrap();
        drop(log);
        assert_begins_with(&read_all(&after_power_loss(&disk), id).unwrap(), &acknowledged, &context);
    }
}

#[test]
fn what_recovery_took_for_written_survives_the_next_power_loss() {
    for streams in [0, 2] {
        for seed in 0..60 {
            work(streams, seed, 6);
        }
    }
}

#[test]
fn what_recovery_took_is_written_once_more_before_anything_is_built_on_it() {
    for streams in [0, 2] {
        let disk = Recorder::default();
        let (mut log, ids) = ready(disk.clone(), streams, 2, 1);
        let id = *ids.last().unwrap();
        append(&mut log, id, &[1; 3_000]).unwrap();
        disk.fail_next_flush();
        assert_eq!(log.flush(id), Err(Status::IO_DEVICE_ERROR));
        drop(log);
        drop(reopened(&disk));
        assert_eq!(read_all(&after_power_loss(&disk), id).unwrap().len(), 1);
    }
}
