//! One thread's random life with a library, and what it must find.

use std::collections::BTreeMap;

use clfsmgmt::library::Disposition;
use clfsmgmt::log::lone_record_bytes;
use clfsmgmt::units::{Lsn, Status};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ledger::Ledger;
use crate::recorder::Loss;
use crate::world::{TestVolume, World, grow, wide};

pub(crate) const NAMES: [&str; 4] = ["log:a::s", "log:a::t", "log:a::u", "log:b"];

/// The log of a stream.
pub(crate) fn path_of(name: &str) -> &str {
    &name[4..5]
}

/// A marshalling area, by its handle.
pub(crate) struct OpenArea {
    pub(crate) handle: u64,
    /// Data bytes of what is reserved.
    pub(crate) reserved: Vec<usize>,
}

/// A read context, by its handle.
pub(crate) struct OpenReading {
    pub(crate) handle: u64,
    pub(crate) at: Lsn,
}

/// An open handle and what was made of it.
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) address: Option<u64>,
    pub(crate) areas: Vec<OpenArea>,
    pub(crate) readings: Vec<OpenReading>,
}

pub(crate) struct Life {
    pub(crate) world: World,
    pub(crate) ledgers: BTreeMap<&'static str, Ledger>,
    pub(crate) users: Vec<User>,
    pub(crate) numbers: u64,
    random: Xoshiro256PlusPlus,
}

impl Life {
    pub(crate) fn new(seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { world: World::new(), ledgers: BTreeMap::new(), users: Vec::new(), numbers: 0, random }
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.random.next_u32() as usize % bound
    }

    pub(crate) fn open(&mut self) {
        let name = NAMES[self.below(NAMES.len())];
        let choices = [Disposition::OpenAlways, Disposition::OpenExisting, Disposition::CreateNew];
        let disposition = choices[self.below(4).saturating_sub(1)];
        let known = self.ledgers.get(name);
        let expected = match disposition {
            _ if known.is_some_and(|ledger| ledger.is_pending_delete) => Err(Status::DELETE_PENDING),
            Disposition::CreateNew if known.is_some() => Err(Status::OBJECT_NAME_COLLISION),
            Disposition::OpenExisting if known.is_none() => Err(Status::OBJECT_NAME_NOT_FOUND),
            _ => Ok(()),
        };
        let opened = self.world.open(name, disposition);
        assert_eq!(opened.map(drop), expected, "{name} {disposition:?}");
        if let Ok(address) = opened {
            let handle = self.world.find(address);
            grow(&handle, 3);
            self.ledgers.entry(name).or_insert_with(|| Ledger::new(&handle));
            self.users.push(User { name, address: Some(address), areas: Vec::new(), readings: Vec::new() });
        }
    }

    pub(crate) fn close(&mut self) {
        let nth = self.below(self.users.len());
        let Some(address) = self.users[nth].address.take() else {
            return;
        };
        let ledger = self.ledgers.get_mut(self.users[nth].name).unwrap();
        let outcome = match self.random.next_u32() % 20 {
            0 => {
                ledger.is_to_be_reset = true;
                self.world.library.close_and_reset(address)
            }
            1 => {
                ledger.is_pending_delete = true;
                self.world.library.delete_open(address).and_then(|()| self.world.library.close(address))
            }
            _ => self.world.library.close(address),
        };
        assert_eq!(outcome, Ok(()));
        self.leave(nth);
    }

    /// The user has ended something: if it was the last thing, what was to happen with the stream has happened.
    pub(crate) fn leave(&mut self, nth: usize) {
        let user = &self.users[nth];
        if user.address.is_some() || !user.areas.is_empty() || !user.readings.is_empty() {
            return;
        }
        let name = self.users.swap_remove(nth).name;
        if self.users.iter().all(|user| user.name != name) {
            let ledger = self.ledgers.get_mut(name).unwrap();
            if ledger.is_pending_delete {
                self.ledgers.remove(name);
            } else if ledger.is_to_be_reset {
                ledger.reset();
            }
        }
        if self.users.iter().all(|user| path_of(user.name) != path_of(name)) {
            for (other, ledger) in &mut self.ledgers {
                if path_of(other) == path_of(name) {
                    ledger.all_is_durable();
                }
            }
        }
    }

    /// Deletes a stream by its name.
    pub(crate) fn delete(&mut self) {
        let name = NAMES[self.below(NAMES.len())];
        let expected = match self.ledgers.get_mut(name) {
            None => Err(Status::OBJECT_NAME_NOT_FOUND),
            Some(ledger) if ledger.is_pending_delete => Err(Status::DELETE_PENDING),
            Some(ledger) => {
                ledger.is_pending_delete = true;
                Ok(())
            }
        };
        assert_eq!(self.world.library.delete(&wide(name)), expected, "{name}");
        if self.users.iter().all(|user| user.name != name) {
            self.ledgers.remove(name);
        }
    }

    /// The machine stops; what its disks hold then is looked at.
    pub(crate) fn crash(&mut self) {
        let losses = [Loss::Everything, Loss::Nothing, Loss::Sectors, Loss::Writes];
        let loss = losses[self.below(4)];
        let volume = TestVolume::default();
        for (path, disk) in self.world.volume.storages.lock().unwrap().iter() {
            volume.storages.lock().unwrap().insert(path.clone(), disk.after_crash(loss, &mut self.random));
        }
        self.world = World::over(volume);
        self.users.clear();
        for (name, ledger) in &mut self.ledgers {
            let opened = self.world.open(name, Disposition::OpenExisting);
            let address = opened.unwrap_or_else(|status| panic!("{name} behind a crash: {status}"));
            ledger.recover(&self.world.find(address));
            self.world.library.close(address).unwrap();
        }
    }

    /// What the logs say is reserved is what the users have.
    pub(crate) fn check_reservations(&self) {
        for path in ["a", "b"] {
            let mut users = self.users.iter().filter(|user| path_of(user.name) == path);
            let Some(address) = users.clone().find_map(|user| user.address) else {
                continue;
            };
            let sizes = users.by_ref().flat_map(|user| &user.areas).flat_map(|area| &area.reserved);
            let expected: u64 = sizes.map(|size| lone_record_bytes(*size).unwrap()).sum();
            let total = self.world.find(address).log().with(|log| log.space().total_reservation.0);
            assert_eq!(total, Ok(expected), "{path}: reservations");
        }
    }

    /// Everybody goes, and everything is found again.
    pub(crate) fn end(mut self) {
        while let Some(user) = self.users.last_mut() {
            for reading in user.readings.drain(..) {
                self.world.library.readings().remove(reading.handle).unwrap();
            }
            for area in user.areas.drain(..) {
                self.world.library.areas().remove(area.handle).unwrap().delete().unwrap();
            }
            if let Some(address) = user.address.take() {
                self.world.library.close(address).unwrap();
            }
            self.leave(self.users.len() - 1);
        }
        self.world.assert_nothing_is_left();
        for (name, ledger) in &self.ledgers {
            let address = self.world.open(name, Disposition::OpenExisting).unwrap();
            ledger.assert_is(&self.world.find(address));
            self.world.library.close(address).unwrap();
        }
        self.world.assert_nothing_is_left();
    }
}
