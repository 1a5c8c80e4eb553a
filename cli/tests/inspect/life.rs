//! A log that is used in every way: whenever it is stopped, cleanly or not, it is sound.

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, Log, Removal};
use clfsmgmt::units::{Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::made::{Closed, Made, make, wide};

struct Life {
    made: Made,
    random: Xoshiro256PlusPlus,
    names: u32,
    is_multiplexed: bool,
}

impl Life {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.next_u64() % u64::try_from(bound).expect("small")).expect("small")
    }

    fn some_stream(&mut self) -> StreamId {
        let number = self.below(self.made.streams.len());
        self.made.streams[number]
    }

    /// Does something; what the log refuses, as being full, is no matter here.
    fn step(&mut self) -> Result<(), Status> {
        let stream = self.some_stream();
        let what = self.below(100);
        let log = &mut self.made.log;
        match what {
            0..70 => {
                let length = [90, 700, 9_000, 50_000][self.below(4)];
                let data = vec![7; self.below(length)];
                self.made.append(stream, &data, Lsn::INVALID).map(drop)
            }
            70..80 => log.flush(stream).map(drop),
            80..86 => {
                let last = log.last_lsn(stream)?;
                log.advance_base(stream, last)
            }
            86..92 => log.write_restart_area(stream, &[b"tables"], None).map(drop),
            92..94 => {
                let base = log.last_lsn(stream)?;
                log.write_restart_area(stream, &[b"all"], Some(base)).map(drop)
            }
            94..96 => {
                self.names += 1;
                let name = wide(&format!("%BLF%\\n{}", self.names));
                log.add_container(&name, None).map(drop)
            }
            96..98 => self.remove_some_container(),
            _ if self.is_multiplexed => self.exchange_streams(stream),
            _ => Ok(()),
        }
    }

    fn remove_some_container(&mut self) -> Result<(), Status> {
        let names = self.made.log.containers();
        let names: Vec<_> = names.map(|container| container.name.to_vec()).collect();
        if names.len() <= 3 {
            return Ok(());
        }
        let number = self.below(names.len());
        let removal = [Removal::OnlyIfFree, Removal::WhenPassed][self.below(2)];
        self.made.log.remove_container(&names[number], removal)
    }

    fn exchange_streams(&mut self, old: StreamId) -> Result<(), Status> {
        if self.made.streams.len() > 1 && self.below(2) == 0 {
            self.made.log.delete_stream(old)?;
            self.made.streams.retain(|stream| *stream != old);
            return Ok(());
        }
        self.names += 1;
        let name = wide(&format!("new-{}", self.names));
        let id = self.made.log.create_stream(&name)?;
        self.made.streams.push(id);
        Ok(())
    }

    fn stop(self) -> (Closed, Xoshiro256PlusPlus, u32, Vec<StreamId>) {
        let Self { made, mut random, names, .. } = self;
        let streams = made.streams.clone();
        let closed = if random.next_u32().is_multiple_of(2) { made.close() } else { made.abandon() };
        (closed, random, names, streams)
    }
}

fn live(is_multiplexed: bool, seed: u64) {
    println!("seed {seed}");
    let mut life = Life {
        made: make(if is_multiplexed { 4 } else { 0 }, 4),
        random: Xoshiro256PlusPlus::seed_from_u64(seed),
        names: 0,
        is_multiplexed,
    };
    for _ in 0..8 {
        for _ in 0..life.below(500) {
            match life.step() {
                Ok(()) | Err(Status::LOG_FULL | Status::LOG_CANT_DELETE) => {}
                Err(status) => panic!("seed {seed}: {status}"),
            }
        }
        let (closed, random, names, streams) = life.stop();
        closed.expect_sound();
        assert_eq!(closed.inspect(&["--records"]).code, 0, "seed {seed}");
        let storage = FileStorage::new(&closed.base);
        let log = Log::open(storage, Access::Write, BlockLimit::DEFAULT).expect("opens");
        let made = Made { folder: closed.folder, log, streams };
        life = Life { made, random, names, is_multiplexed };
    }
}

#[test]
fn a_log_is_sound_whenever_it_is_stopped() {
    live(false, 1);
    live(true, 2);
}
