//! Threads at the same logs. What comes out is known; in which order, nobody knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use clfsmgmt::library::{Disposition, Reach, RoomSource};
use clfsmgmt::log::Direction;
use clfsmgmt::units::{Lsn, Status};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ledger::{Written, payload, read_all};
use crate::world::{TestReading, World, append, area, grow, reserve, wide};

/// Runs a test that must end: threads that wait for each other for ever fail it.
fn must_end(run: impl FnOnce() + Send + 'static) {
    let (ended, ends) = channel();
    let runner = thread::spawn(move || {
        run();
        ended.send(()).unwrap();
    });
    let outcome = ends.recv_timeout(Duration::from_mins(2));
    assert_ne!(outcome, Err(RecvTimeoutError::Timeout), "it hangs");
    runner.join().unwrap();
}

/// Opens, closes, resets and deletes at random; only what is documented may come back.
fn come_and_go(world: &World, names: &[&str], mut random: Xoshiro256PlusPlus) {
    for _ in 0..150 {
        let name = names[random.next_u32() as usize % names.len()];
        let disposition = match random.next_u32() % 4 {
            0 => Disposition::CreateNew,
            1 => Disposition::OpenExisting,
            _ => Disposition::OpenAlways,
        };
        let opened = world.open(name, disposition);
        let address = match (opened, disposition) {
            (Ok(address), _) => address,
            (Err(Status::DELETE_PENDING), _)
            | (Err(Status::OBJECT_NAME_COLLISION), Disposition::CreateNew)
            | (Err(Status::OBJECT_NAME_NOT_FOUND), Disposition::OpenExisting) => continue,
            (Err(status), _) => panic!("{name} {disposition:?}: {status}"),
        };
        let handle = world.find(address);
        grow(&handle, 2);
        let lsn = handle.log().with(|log| log.last_lsn(handle.stream())).unwrap();
        assert!(lsn.is_ok(), "a handle names a stream that is there");
        drop(handle);
        let library = &world.library;
        let outcome = match random.next_u32() % 8 {
            0 if !name.ends_with("::") => library.close_and_reset(address),
            1 => library.delete_open(address).and_then(|()| library.close(address)),
            2 => {
                let deleted = library.delete(&wide(name));
                assert!(matches!(deleted, Ok(()) | Err(Status::DELETE_PENDING)), "{name}: {deleted:?}");
                library.close(address)
            }
            _ => library.close(address),
        };
        assert_eq!(outcome, Ok(()), "{name}");
    }
}

#[test]
fn threads_that_open_close_and_delete_one_log_leave_nothing_open() {
    must_end(|| {
        for seed in crate::seeds(3) {
            for names in [&["log:a"][..], &["log:a::s", "log:a::t", "log:a::"]] {
                let world = World::new();
                thread::scope(|scope| {
                    for number in 0..3 {
                        let world = &world;
                        let random = Xoshiro256PlusPlus::seed_from_u64(seed * 10 + number);
                        scope.spawn(move || come_and_go(world, names, random));
                    }
                });
                world.assert_nothing_is_left();
                for name in names {
                    world.library.close(world.always(name)).unwrap();
                }
            }
        }
    });
}

/// One thread's stream: what it has flushed and not let go.
struct Writer {
    name: String,
    random: Xoshiro256PlusPlus,
    numbers: u64,
    kept: BTreeMap<Lsn, Written>,
}

impl Writer {
    /// Opens, writes for a while, reads back, and closes.
    fn visit(&mut self, world: &World) {
        let address = world.always(&self.name);
        let handle = world.find(address);
        grow(&handle, 4);
        let area = area(Arc::clone(&handle));
        let reading = TestReading::new(Arc::clone(&area), Direction::Forward).unwrap();
        drop(handle);
        for _ in 0..40 {
            let size = self.random.next_u32() as usize % [500, 9_000, 60_000][self.random.next_u32() as usize % 3];
            self.numbers += 1;
            let written = (self.numbers, size);
            let data = payload(written);
            let is_reserved = size > 0 && self.random.next_u32().is_multiple_of(2);
            let source = if is_reserved { RoomSource::Reserved } else { RoomSource::Free };
            let admitted = if is_reserved { reserve(&area, &mut [i64::try_from(size).unwrap()]) } else { Ok(()) };
            match admitted.and_then(|()| append(&area, &data, source, &mut [], Reach::Memory)) {
                Ok(lsn) => assert_eq!(self.kept.insert(lsn, written), None),
                Err(Status::LOG_FULL) => {
                    assert_eq!(area.reserved(), (0, 0), "what was reserved was refused");
                    let log = area.handle().log();
                    let last = log.with(|log| log.last_lsn(area.handle().stream())).unwrap().unwrap();
                    area.advance_base(last).unwrap();
                    self.kept.clear();
                }
                Err(status) => panic!("{}: {status}", self.name),
            }
            if let Some((lsn, written)) = self.kept.iter().nth(self.random.next_u32() as usize % (self.kept.len() + 1))
            {
                reading.read(*lsn, |record| assert!(record.data == payload(*written), "{lsn}: other bytes")).unwrap();
            }
            if self.random.next_u32().is_multiple_of(8) {
                area.flush().unwrap();
            }
        }
        world.library.close(address).unwrap();
        if self.random.next_u32().is_multiple_of(2) {
            area.delete().unwrap();
        }
    }
}

#[test]
fn threads_that_write_to_one_log_find_their_records_again() {
    must_end(|| {
        for seed in crate::seeds(3) {
            let world = World::new();
            let writers: Vec<Writer> = thread::scope(|scope| {
                let writers: Vec<_> = (0..3)
                    .map(|number| {
                        let world = &world;
                        let random = Xoshiro256PlusPlus::seed_from_u64(seed * 10 + number);
                        let name = format!("log:a::s{number}");
                        let mut writer = Writer { name, random, numbers: number << 32, kept: BTreeMap::new() };
                        scope.spawn(move || {
                            for _ in 0..5 {
                                writer.visit(world);
                            }
                            writer
                        })
                    })
                    .collect();
                writers.into_iter().map(|writer| writer.join().unwrap()).collect()
            });
            world.assert_nothing_is_left();
            for writer in writers {
                let address = world.open(&writer.name, Disposition::OpenExisting).unwrap();
                let found: BTreeMap<_, _> = read_all(&world.find(address)).into_iter().collect();
                let expected: BTreeMap<_, _> = writer.kept.iter().map(|(lsn, it)| (*lsn, payload(*it))).collect();
                assert!(found == expected, "seed {seed}, {}", writer.name);
                world.library.close(address).unwrap();
            }
        }
    });
}
