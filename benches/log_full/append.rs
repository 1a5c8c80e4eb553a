//! What the management adds to an append that meets room.

use std::sync::Arc;

use clfsmgmt::host::HostPlatform;
use clfsmgmt::library::OpenLog;
use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::log::{Admission, Log, RecordParts};
use clfsmgmt::manager::Manager;
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::files::{OPTIONS, Writer};
use crate::measure::{Case, each, in_turns, median, ratio, title};
use crate::volume::MemoryVolume;

const ROUNDS: usize = 9;
const CONTAINER_BYTES: u64 = 4 << 20;
const CONTAINERS: u32 = 8;
/// Their records fill seven of the eight containers, so that a report per container is in the price.
const SIZES: [(usize, u32); 3] = [(64, 200_000), (512, 45_000), (4096, 6_500)];

type Setting = (HostPlatform, MemoryVolume<Nowhere>, Writer);

/// Takes what is written and forgets it: only what stands before the disk is compared.
#[derive(Clone, Default)]
struct Nowhere;

impl Storage for Nowhere {
    type File = Self;

    fn create_base(&self) -> Result<Self, Status> {
        Ok(Self)
    }

    fn open_base(&self, _: Access) -> Result<Self, Status> {
        Err(Status::OBJECT_NAME_NOT_FOUND)
    }

    fn create_container(&self, _: &[u16], _: Bytes) -> Result<Self, Status> {
        Ok(Self)
    }

    fn open_container(&self, _: &[u16], _: Access) -> Result<Self, Status> {
        Err(Status::LOG_CONTAINER_OPEN_FAILED)
    }

    fn delete_container(&self, _: &[u16]) -> Result<(), Status> {
        Ok(())
    }

    fn delete_base(&self) -> Result<(), Status> {
        Ok(())
    }
}

impl StorageFile for Nowhere {
    fn size(&self) -> Result<Bytes, Status> {
        Ok(Bytes(0))
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> Result<(), Status> {
        buffer.fill(0);
        Ok(())
    }

    fn write_at(&self, _: u64, _: &[u8]) -> Result<(), Status> {
        Ok(())
    }

    fn flush(&self) -> Result<(), Status> {
        Ok(())
    }
}

/// Prints the table.
pub(crate) fn print() {
    title("Append with room (nothing reaches a disk)");
    println!("    record    Log::append   OpenLog::append     ratio");
    for (bytes, times) in SIZES {
        let data = vec![0x5A; bytes];
        let mut cases: [Case<'_>; 2] = [Box::new(|| bare(&data, times)), Box::new(|| managed(&data, times))];
        let samples = in_turns(ROUNDS, &mut cases);
        let [bare, managed] = [&samples[0], &samples[1]];
        println!(
            "{bytes:8} B {:11.0} ns {:14.0} ns {:9.2}",
            median(bare.iter().copied()),
            median(managed.iter().copied()),
            ratio(managed, bare),
        );
    }
    println!("OpenLog adds the log's lock, a look at the container, one report per container.");
}

fn log() -> Log<Nowhere> {
    let mut log = Log::create(Nowhere, &OPTIONS).expect("there is memory for a log");
    for number in 0..CONTAINERS {
        let name: Vec<u16> = format!("%BLF%\\{number}").encode_utf16().collect();
        let added = log.add_container(&name, Some(Bytes(CONTAINER_BYTES)));
        assert!(added.is_ok(), "{added:?}");
    }
    log
}

fn bare(data: &[u8], times: u32) -> f64 {
    let mut log = log();
    each(times, || {
        let appended = log.append(StreamId::PHYSICAL, &parts(&[data]), Admission::Free);
        assert!(appended.is_ok(), "{appended:?}");
    })
}

fn managed(data: &[u8], times: u32) -> f64 {
    let manager = Arc::new(Manager::new(HostPlatform::default()));
    let log = OpenLog::<Setting>::new(manager, log(), &[0x6C]).expect("there is memory for a log");
    each(times, || {
        let appended = log.append(StreamId::PHYSICAL, &parts(&[data]), Admission::Free);
        assert!(appended.is_ok(), "{appended:?}");
    })
}

const fn parts<'a>(data: &'a [&'a [u8]]) -> RecordParts<'a> {
    RecordParts { data, undo_next: Lsn::INVALID, previous: Lsn::INVALID }
}
