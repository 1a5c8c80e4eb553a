//! Logs written by Windows, opened: everything in them is listed as a hand check found it, and they go on.
//!
//! The samples lie outside the package; where they are missing every test here says so and passes.
#![allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "test data")]

use std::fs;
use std::path::Path;

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::host::FileStorage;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{BlockLimit, ContainerState, Cursor, Direction, Log};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::model::{Kept, append, read_all, wide};
use crate::samples::for_each_sample;

const TXF: StreamId = StreamId(1);
const KTM: StreamId = StreamId(2);

/// A record as the bytes of the containers show it: LSN, previous LSN, bytes of data, kind.
type Seen = (u64, u64, usize, RecordKind);

struct Sample {
    archive: &'static str,
    container_bytes: u64,
    volume: u32,
    /// Behind the last block.
    end: u64,
    base: u64,
    /// Of the stream `TxfLog`, from its base on.
    records: &'static [Seen],
    restart: u64,
}

const NONE: u64 = Lsn::INVALID.raw();
const FIRST: Seen = (1, NONE, 112, RecordKind::RESTART);
const SAMPLES: [Sample; 3] = [
    Sample {
        archive: "txflog-ntfs-2m",
        container_bytes: 2 << 20,
        volume: 3,
        end: 0x600,
        base: 1,
        records: &[FIRST, (0x400, 1, 112, RecordKind::RESTART)],
        restart: 0x400,
    },
    Sample {
        archive: "txflog-ntfs-10m",
        container_bytes: 10 << 20,
        volume: 4,
        end: 0x800,
        base: 0x400,
        records: &[(0x400, 1, 112, RecordKind::RESTART), (0x600, 0x400, 112, RecordKind::RESTART)],
        restart: 0x600,
    },
    Sample {
        archive: "txflog-ntfs-ptrn",
        container_bytes: 2 << 20,
        volume: 3,
        end: 0x600,
        base: 1,
        records: &[FIRST, (0x400, 1, 112, RecordKind::RESTART)],
        restart: 0x400,
    },
];

/// Hands out an unpacked copy of each sample.
fn for_each_folder(mut check: impl FnMut(&Sample, &Path)) {
    for_each_sample(|name, base| {
        let sample = SAMPLES.iter().find(|sample| sample.archive == name).expect("a known sample");
        check(sample, base.parent().unwrap());
    });
}

fn storage(folder: &Path) -> FileStorage {
    FileStorage::new(folder.join("$TxfLog.blf"))
}

fn seen(records: &[Kept]) -> Vec<Seen> {
    records.iter().map(|kept| (kept.lsn.raw(), kept.previous.raw(), kept.data.len(), kept.kind)).collect()
}

fn everything(log: &Log<FileStorage>) -> Vec<Vec<Kept>> {
    [TXF, KTM].map(|id| read_all(log, id).unwrap()).into()
}

#[test]
fn windows_logs_are_listed_as_their_bytes_say() {
    for_each_folder(|sample, folder| {
        let before: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).ok()).collect();
        let log = Log::open(storage(folder), Access::Read, BlockLimit::DEFAULT).unwrap();
        let information = log.information().unwrap();
        assert!(log.is_multiplexed());
        assert_eq!(information.base_file_size.0, 65_536);
        assert_eq!((information.total_clients, information.total_containers.0), (3, 2));
        let containers: Vec<_> = log.containers().collect();
        for (number, container) in (0..).zip(&containers) {
            let name = format!("%BLF%\\$TxfLogContainer{:020}", number + 1);
            assert_eq!(container.name, wide(&name));
            assert_eq!((container.physical, container.logical, container.usn), (number, number, 1));
            assert_eq!(container.size.0, sample.container_bytes);
        }
        let states = [ContainerState::Active, ContainerState::Inactive];
        assert_eq!(containers.iter().map(|container| container.state).collect::<Vec<_>>(), states);
        let path = "\\$Extend\\$RmMetadata\\$TxfLog\\$TxfLog.blf";
        let name = format!("\\Device\\HarddiskVolume{}{path}", sample.volume);
        assert_eq!(log.stream_name(StreamId::PHYSICAL).unwrap(), wide(&name));
        assert_eq!(log.find_stream(&wide("TXFLOG")), Some(TXF));
        assert_eq!(log.find_stream(&wide("KtmLog")), Some(KTM));
        check_streams(sample, &log);
        drop(log);
        let after: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).ok()).collect();
        assert!(before == after, "reading writes nothing");
    });
}

fn check_streams(sample: &Sample, log: &Log<FileStorage>) {
    let txf = log.stream_information(TXF).unwrap();
    assert_eq!((txf.base.raw(), txf.last.raw()), (sample.base, sample.end));
    assert_eq!(txf.restart.raw(), sample.restart);
    assert_eq!(log.stream_information(KTM).unwrap().restart, Lsn::NULL);
    assert_eq!(seen(&read_all(log, TXF).unwrap()), sample.records);
    assert_eq!(seen(&read_all(log, KTM).unwrap()), [(0, NONE, 32, RecordKind::RESTART)]);
    let mut cursor = Cursor::new(TXF, Direction::Previous);
    let newest = log.read_restart_area(&mut cursor).unwrap().lsn.raw();
    assert_eq!(newest, sample.records[1].0);
    let previous = log.read_previous_restart_area(&mut cursor).unwrap().lsn.raw();
    assert_eq!(previous, sample.records[0].0);
    assert_eq!(log.read_previous_restart_area(&mut cursor).err(), Some(Status::LOG_NO_RESTART));
}

#[test]
fn windows_logs_take_new_records_and_keep_the_old_ones() {
    for_each_folder(|sample, folder| {
        let mut log = Log::open(storage(folder), Access::Write, BlockLimit::DEFAULT).unwrap();
        let mut expected = everything(&log);
        check_streams(sample, &log);
        for number in 0..400u32 {
            for (id, known) in [TXF, KTM].into_iter().zip(&mut expected) {
                let data = number.to_le_bytes().repeat(1 + number as usize % 300);
                let lsn = append(&mut log, id, &data).unwrap();
                let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
                known.push(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
            }
            if number % 30 == 0 {
                log.flush(TXF).unwrap();
            }
        }
        assert_eq!(everything(&log), expected);
        let base = expected[0][100].lsn;
        log.write_restart_area(TXF, &[b"ours"], Some(base)).unwrap();
        expected[0].drain(..100);
        log.close().unwrap();
        let log = Log::open(storage(folder), Access::Read, BlockLimit::DEFAULT).unwrap();
        let mut found = everything(&log);
        let restart = found[0].pop().unwrap();
        assert_eq!((restart.kind, &restart.data[..]), (RecordKind::RESTART, &b"ours"[..]));
        assert_eq!(restart.previous.raw(), sample.restart);
        assert_eq!(found, expected);
    });
}

#[test]
fn windows_logs_go_round() {
    for_each_folder(|sample, folder| {
        let mut log = Log::open(storage(folder), Access::Write, BlockLimit::DEFAULT).unwrap();
        log.add_container(&wide("%BLF%\\third"), None).unwrap();
        let mut count = 0u64;
        while count * 50_000 < 4 * sample.container_bytes {
            match append(&mut log, TXF, &vec![count as u8; 50_000]) {
                Ok(_) => count += 1,
                Err(Status::LOG_FULL) => {
                    for id in [TXF, KTM] {
                        log.advance_base(id, log.last_lsn(id).unwrap()).unwrap();
                    }
                }
                Err(status) => panic!("{status}"),
            }
        }
        log.close().unwrap();
        let log = Log::open(storage(folder), Access::Write, BlockLimit::DEFAULT).unwrap();
        assert!(log.end_container() >= 4 && log.containers().any(|container| container.usn == 2));
        let found = read_all(&log, TXF).unwrap();
        assert!(found.iter().all(|kept| kept.data == vec![kept.data[0]; 50_000]));
        assert_eq!(found.last().unwrap().data[0], (count - 1) as u8);
    });
}
