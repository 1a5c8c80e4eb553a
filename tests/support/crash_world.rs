//! A log that lives on a recording disk, and what its owner was told at each moment.
#![allow(clippy::cast_possible_truncation, unreachable_pub, reason = "test data, and part of one binary")]

use std::collections::BTreeMap;

use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts, Removal};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::recorder::Recorder;

/// What the owner of the log knows of one stream.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every record ever appended: number to LSN.
    pub records: Vec<Lsn>,
    /// Records below this number were dropped by moving the base.
    pub first: usize,
    /// Records below this number are acknowledged as durable.
    pub durable: usize,
    pub restart: Option<usize>,
    /// Told apart from a former stream with the same id.
    pub name: u32,
}

impl Ledger {
    fn named(name: u32) -> Self {
        Self { name, ..Self::default() }
    }
}

/// A moment and what was acknowledged by then.
pub struct Moment {
    pub position: usize,
    pub ledgers: BTreeMap<StreamId, Ledger>,
}

pub struct World {
    pub log: Log<Recorder>,
    pub disk: Recorder,
    pub ledgers: BTreeMap<StreamId, Ledger>,
    pub moments: Vec<Moment>,
    random: Xoshiro256PlusPlus,
    names: u32,
    /// How long names of containers are: some outgrow the general block.
    name_length: usize,
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn container_name(number: u32, length: usize) -> Vec<u16> {
    wide(&format!("%BLF%\\{}{number}", "c".repeat(length)))
}

/// The bytes of a record of the stream with this name.
pub fn payload(name: u32, number: usize, length: usize) -> Vec<u8> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64((u64::from(name) << 40) | number as u64);
    let mut data = vec![0; length.max(16)];
    random.fill_bytes(&mut data);
    data[..8].copy_from_slice(&(number as u64).to_le_bytes());
    data
}

impl World {
    pub fn new(is_multiplexed: bool, seed: u64) -> Self {
        let disk = Recorder::default();
        let options = LogOptions {
            is_multiplexed,
            is_archived: false,
            log_id: [7; 16],
            name: &wide("\\Device\\log.blf"),
            block_limit: BlockLimit::DEFAULT,
        };
        let mut log = Log::create(disk.clone(), &options).unwrap();
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let size = if is_multiplexed { 1 << 20 } else { 512 << 10 };
        let name_length = [1, 2_500][seed as usize % 2];
        for number in 0..3 {
            log.add_container(&container_name(number, name_length), Some(Bytes(size))).unwrap();
        }
        let streams = if is_multiplexed {
            (0..3).map(|number| log.create_stream(&wide(&format!("s{number}"))).unwrap()).collect()
        } else {
            vec![StreamId::PHYSICAL]
        };
        let ledgers = streams.into_iter().zip(0..).map(|(id, name)| (id, Ledger::named(name))).collect();
        let mut world = Self { log, disk, ledgers, moments: Vec::new(), random, names: 3, name_length };
        world.note();
        world
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.random.next_u32() % bound
    }

    fn note(&mut self) {
        self.moments.push(Moment { position: self.disk.position(), ledgers: self.ledgers.clone() });
    }

    fn some_stream(&mut self) -> StreamId {
        let nth = self.below(self.ledgers.len() as u32) as usize;
        *self.ledgers.keys().nth(nth).unwrap()
    }

    fn append(&mut self, id: StreamId) -> Result<(), Status> {
        let length = match self.below(10) {
            0 => self.below(60_000),
            1..4 => self.below(9_000),
            _ => self.below(400),
        } as usize;
        let ledger = &self.ledgers[&id];
        let number = ledger.records.len();
        let previous = ledger.records.last().copied().unwrap_or(Lsn::INVALID);
        let data = payload(ledger.name, number, length);
        let parts = RecordParts { data: &[&data[..3], &data[3..]], undo_next: Lsn::INVALID, previous };
        let lsn = self.log.append(id, &parts, Admission::Free)?;
        let ledger = self.ledgers.get_mut(&id).unwrap();
        assert!(ledger.records.last().is_none_or(|last| *last < lsn), "LSNs of a stream rise");
        ledger.records.push(lsn);
        Ok(())
    }

    fn flush(&mut self, id: StreamId) {
        self.log.flush(id).unwrap();
        let ledger = self.ledgers.get_mut(&id).unwrap();
        ledger.durable = ledger.records.len();
    }

    /// Drops the older part of a stream's records by a restart area or by moving the base.
    fn drop_old(&mut self, id: StreamId) {
        let ledger = &self.ledgers[&id];
        if ledger.first + 1 >= ledger.records.len() {
            return;
        }
        let first = ledger.first + 1 + self.random.next_u32() as usize % (ledger.records.len() - ledger.first - 1);
        let base = ledger.records[first];
        if self.below(2) == 0 {
            let number = self.ledgers[&id].records.len();
            let data = payload(self.ledgers[&id].name, number, 100);
            match self.log.write_restart_area(id, &[&data], Some(base)) {
                Ok(lsn) => {
                    let ledger = self.ledgers.get_mut(&id).unwrap();
                    ledger.records.push(lsn);
                    ledger.durable = ledger.records.len();
                    ledger.restart = Some(number);
                }
                Err(Status::LOG_FULL) => return,
                Err(status) => panic!("restart area: {status}"),
            }
        } else {
            self.log.advance_base(id, base).unwrap();
        }
        let ledger = self.ledgers.get_mut(&id).unwrap();
        ledger.first = first;
        ledger.durable = ledger.durable.max(first);
        ledger.restart = ledger.restart.filter(|restart| *restart >= first);
    }

    /// Streams come and go, and their ids are used again.
    fn change_streams(&mut self) {
        if self.ledgers.len() < 5 {
            self.names += 1;
            let name = self.names;
            let id = self.log.create_stream(&wide(&format!("s{name}"))).unwrap();
            assert!(self.ledgers.insert(id, Ledger::named(name)).is_none());
        } else {
            let id = self.some_stream();
            self.log.delete_stream(id).unwrap();
            self.ledgers.remove(&id);
        }
        self.note();
    }

    pub fn step(&mut self) {
        if self.log.is_multiplexed() && self.below(60) == 0 {
            self.change_streams();
        }
        let id = self.some_stream();
        match self.below(40) {
            0..30 => match self.append(id) {
                Ok(()) => {}
                Err(Status::LOG_FULL) => {
                    for id in self.ledgers.keys().copied().collect::<Vec<_>>() {
                        self.drop_old(id);
                    }
                }
                Err(status) => panic!("append: {status}"),
            },
            30..36 => self.flush(id),
            36..38 => self.drop_old(id),
            38 if self.log.space().total_containers.0 < 5 => {
                self.names += 1;
                let name = container_name(self.names, self.name_length);
                self.log.add_container(&name, None).unwrap();
            }
            39 if self.log.space().total_containers.0 > 3 => {
                let outcome = if self.below(2) == 0 {
                    self.log.remove_free_container()
                } else {
                    let name = self.log.containers().next().unwrap().name.to_vec();
                    self.log.remove_container(&name, Removal::WhenPassed)
                };
                assert!(matches!(outcome, Ok(()) | Err(Status::LOG_CANT_DELETE)), "{outcome:?}");
            }
            _ => {}
        }
        self.note();
    }
}
