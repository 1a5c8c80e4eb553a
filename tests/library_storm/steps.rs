//! What a random life does through areas and read contexts.

use std::sync::Arc;

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::library::{Reach, RoomSource};
use clfsmgmt::log::Direction;
use clfsmgmt::units::{Lsn, Status};

use crate::ledger::payload;
use crate::life::{Life, OpenArea, OpenReading};
use crate::world::{TestArea, TestReading, append, area, reserve};

const REACHES: [Reach; 3] = [Reach::Memory, Reach::Container, Reach::Disk];

impl Life {
    pub(crate) fn step(&mut self) {
        if self.users.is_empty() || (self.users.len() < 6 && self.below(20) == 0) {
            self.open();
            return;
        }
        match self.below(100) {
            0 => self.close(),
            2 if self.below(3) == 0 => self.delete(),
            3 if self.below(4) == 0 => self.crash(),
            4..9 => self.make_area(),
            9 => self.delete_area(),
            10..50 => self.write(),
            50..60 => self.change_reservations(),
            60..68 => self.write_reserved(),
            68..74 => self.flush(),
            74..76 => self.move_base(),
            76..97 => self.read(),
            _ => self.end_reading(),
        }
        self.check_reservations();
    }

    fn make_area(&mut self) {
        let nth = self.below(self.users.len());
        let user = &mut self.users[nth];
        if let (Some(address), true) = (user.address, user.areas.len() < 2) {
            let handle = self.world.library.areas().insert(area(self.world.find(address))).unwrap();
            user.areas.push(OpenArea { handle, reserved: Vec::new() });
        }
    }

    fn delete_area(&mut self) {
        let nth = self.below(self.users.len());
        if let Some(area) = self.users[nth].areas.pop() {
            self.world.library.areas().remove(area.handle).unwrap().delete().unwrap();
            self.ledgers.get_mut(self.users[nth].name).unwrap().all_is_durable();
            self.leave(nth);
        }
    }

    /// Some area: its user's place, and its own among the user's.
    fn some_area(&mut self) -> Option<(usize, usize, Arc<TestArea>)> {
        let nth = self.below(self.users.len());
        let count = self.users[nth].areas.len();
        let which = self.below(count.max(1));
        let area = self.users[nth].areas.get(which)?;
        Some((nth, which, self.world.library.areas().find(area.handle).unwrap()))
    }

    fn some_size(&mut self) -> usize {
        match self.below(40) {
            0 => self.below(200_000),
            1..20 => self.below(60_000),
            _ => self.below(2_000),
        }
    }

    /// Changes of reservations, and what is reserved after them.
    fn some_adjustments(&mut self, reserved: &[usize]) -> (Vec<i64>, Vec<usize>) {
        let (mut adjustments, mut after) = (Vec::new(), reserved.to_vec());
        for _ in 0..self.below(6) {
            if !after.is_empty() && self.below(4) == 0 {
                let freed = after.swap_remove(self.below(after.len()));
                // Of a multiple of 512 nobody could tell whether it is what was asked for.
                adjustments.push(-i64::try_from(freed).unwrap());
            } else {
                let size = self.some_size() / 512 * 512 + 1 + self.below(510);
                adjustments.push(i64::try_from(size).unwrap());
                after.push(size);
            }
        }
        (adjustments, after)
    }

    fn write(&mut self) {
        let Some((nth, which, area)) = self.some_area() else {
            return;
        };
        let reserved = self.users[nth].areas[which].reserved.clone();
        let adjusts = self.below(6) == 0;
        let (mut adjustments, after) =
            if adjusts { self.some_adjustments(&reserved) } else { (Vec::new(), reserved.clone()) };
        let written = (self.numbers, self.some_size());
        self.numbers += 1;
        let reach = REACHES[self.below(3)];
        let ledger = self.ledgers.get_mut(self.users[nth].name).unwrap();
        ledger.begin_appending();
        match append(&area, &payload(written), RoomSource::Free, &mut adjustments, reach) {
            Ok(lsn) => {
                ledger.keep(lsn, written);
                if reach == Reach::Disk {
                    ledger.all_is_durable();
                }
                self.users[nth].areas[which].reserved = after;
            }
            Err(Status::LOG_FULL) => self.make_room(nth),
            Err(status) => panic!("append: {status}"),
        }
    }

    fn change_reservations(&mut self) {
        let Some((nth, which, area)) = self.some_area() else {
            return;
        };
        let (mut adjustments, after) = self.some_adjustments(&self.users[nth].areas[which].reserved.clone());
        match reserve(&area, &mut adjustments) {
            Ok(()) => self.users[nth].areas[which].reserved = after,
            Err(Status::LOG_FULL) => self.make_room(nth),
            Err(status) => panic!("reserve: {status}"),
        }
    }

    /// Uses some of an area's reservations, or all: they must do.
    fn write_reserved(&mut self) {
        let Some((nth, which, area)) = self.some_area() else {
            return;
        };
        let ledger = self.ledgers.get_mut(self.users[nth].name).unwrap();
        let reserved = &mut self.users[nth].areas[which].reserved;
        let few = reserved.len() % 5;
        while reserved.len() > few {
            let written = (self.numbers, reserved.pop().unwrap());
            self.numbers += 1;
            ledger.begin_appending();
            let outcome = append(&area, &payload(written), RoomSource::Reserved, &mut [], Reach::Memory);
            ledger.keep(outcome.unwrap_or_else(|status| panic!("what was reserved: {status}")), written);
        }
    }

    /// Of a full log every stream's older records are let go.
    fn make_room(&mut self, nth: usize) {
        let (name, area) = (self.users[nth].name, self.users[nth].areas[0].handle);
        let area = self.world.library.areas().find(area).unwrap();
        let log = area.handle().log();
        for (other, ledger) in &mut self.ledgers {
            if other[..5] == name[..5] {
                let last = log.with(|log| log.last_lsn(ledger.id).unwrap()).unwrap();
                log.advance_base(ledger.id, last).unwrap();
                ledger.move_base(last);
            }
        }
    }

    fn flush(&mut self) {
        if let Some((nth, _, area)) = self.some_area() {
            let ledger = self.ledgers.get_mut(self.users[nth].name).unwrap();
            match ledger.records.last_key_value() {
                Some((last, _)) if last.record() % 2 == 0 => assert!(area.flush_to_lsn(*last).unwrap() > *last),
                _ => area.flush().unwrap(),
            }
            ledger.all_is_durable();
        }
    }

    /// Lets go of a stream's older half, by a restart area or without.
    fn move_base(&mut self) {
        let Some((nth, _, area)) = self.some_area() else {
            return;
        };
        let has_restart = self.below(2) == 0;
        let ledger = self.ledgers.get_mut(self.users[nth].name).unwrap();
        let middle = ledger.records.keys().nth(ledger.records.len() / 2).copied();
        let base = middle.unwrap_or(ledger.base);
        if !has_restart {
            area.advance_base(base).unwrap();
            ledger.move_base(base);
            return;
        }
        let written = (self.numbers, 700);
        self.numbers += 1;
        ledger.begin_appending();
        match area.write_restart_area(&[&payload(written)], Some(base), RoomSource::Free) {
            Ok(restart) => {
                ledger.keep(restart.lsn, written);
                ledger.move_base(base);
                ledger.all_is_durable();
            }
            Err(Status::LOG_FULL) => self.make_room(nth),
            Err(status) => panic!("restart area: {status}"),
        }
    }

    /// Begins to read somewhere, or reads on.
    fn read(&mut self) {
        let nth = self.below(self.users.len());
        let begins = self.users[nth].readings.len() < 3 && self.below(4) == 0;
        if begins {
            self.begin_reading(nth);
        } else if !self.users[nth].readings.is_empty() {
            let which = self.below(self.users[nth].readings.len());
            self.read_on(nth, which);
        }
    }

    fn begin_reading(&mut self, nth: usize) {
        let ledger = &self.ledgers[self.users[nth].name];
        let place = self.numbers as usize % ledger.records.len().max(1);
        let (Some(area), Some((at, written))) = (self.users[nth].areas.first(), ledger.records.iter().nth(place))
        else {
            return;
        };
        let area = self.world.library.areas().find(area.handle).unwrap();
        let reading = Arc::new(TestReading::new(area, Direction::Forward).unwrap());
        reading.read(*at, |record| assert!(record.data == payload(*written), "{at}: other bytes")).unwrap();
        let handle = self.world.library.readings().insert(reading).unwrap();
        self.users[nth].readings.push(OpenReading { handle, at: *at });
    }

    fn read_on(&mut self, nth: usize, which: usize) {
        let ledger = &self.ledgers[self.users[nth].name];
        let at = &mut self.users[nth].readings[which];
        let reading = self.world.library.readings().find(at.handle).unwrap();
        let found = reading
            .read_next(RecordKind::DATA | RecordKind::RESTART, None, |record| (record.lsn, record.data.to_vec()));
        let next = ledger.records.range(at.at..).find(|(lsn, _)| **lsn > at.at);
        match (found, next) {
            (Ok((lsn, data)), Some((expected, written))) => {
                assert_eq!(lsn, *expected, "behind {}", at.at);
                assert!(data == payload(*written), "{lsn}: other bytes");
                at.at = lsn;
            }
            // The tail has passed it.
            (Err(Status::LOG_START_OF_LOG), _) if at.at < ledger.base => {}
            (Err(Status::END_OF_FILE), None) => {}
            (found, next) => {
                panic!("behind {} (base {}): {:?}, not {next:?}", at.at, ledger.base, found.map(|it| it.0))
            }
        }
    }

    fn end_reading(&mut self) {
        let nth = self.below(self.users.len());
        if let Some(reading) = self.users[nth].readings.pop() {
            assert_ne!(reading.at, Lsn::INVALID);
            self.world.library.readings().remove(reading.handle).unwrap();
            self.leave(nth);
        }
    }
}

#[test]
fn whatever_is_done_with_a_library_no_record_is_lost() {
    for seed in crate::seeds(12) {
        let alive = std::panic::catch_unwind(|| {
            let mut life = Life::new(seed);
            for _ in 0..800 {
                life.step();
            }
            life.end();
        });
        assert!(alive.is_ok(), "seed {seed}");
    }
}
