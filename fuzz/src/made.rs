//! Logs of every kind, as the library writes them, and where their blocks lie.

use std::cell::OnceCell;

use clfsmgmt::format::block::parse_header;
use clfsmgmt::format::control::BlockIndex;
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::owner_page::{OWNER_PAGE_BYTES, OWNER_PAGE_OFFSET, REGION_BYTES};
use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
use clfsmgmt::units::{Bytes, Lsn, Status, StreamId};

use crate::disk::{Disk, Files};

/// A sealed block of a log.
#[derive(Clone, Debug)]
pub struct Block {
    /// The file that it is in.
    pub file: Vec<u16>,
    pub offset: usize,
    pub bytes: usize,
    /// It has a checksum, and a copy: the first six blocks are three pairs.
    pub is_metadata: bool,
}

/// A log to begin with.
#[derive(Clone, Debug)]
pub struct Made {
    pub files: Files,
    pub blocks: Vec<Block>,
}

pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub fn container(number: usize) -> Vec<u16> {
    wide(&format!("%BLF%\\c{number}"))
}

/// How a log came to be.
#[derive(Clone, Copy)]
struct Plan {
    streams: usize,
    containers: usize,
    /// Records to each stream, and their data.
    records: usize,
    bytes: usize,
    is_closed: bool,
    /// Letters in the names of streams or containers that are added at the end.
    long_names: usize,
}

const PLANS: [Plan; 10] = [
    Plan { streams: 0, containers: 2, records: 6, bytes: 700, is_closed: true, long_names: 0 },
    Plan { streams: 0, containers: 2, records: 6, bytes: 700, is_closed: false, long_names: 0 },
    Plan { streams: 0, containers: 3, records: 70, bytes: 50_000, is_closed: true, long_names: 0 },
    Plan { streams: 0, containers: 3, records: 70, bytes: 50_000, is_closed: false, long_names: 0 },
    Plan { streams: 2, containers: 2, records: 4, bytes: 700, is_closed: true, long_names: 0 },
    Plan { streams: 2, containers: 2, records: 4, bytes: 700, is_closed: false, long_names: 0 },
    Plan { streams: 3, containers: 3, records: 60, bytes: 40_000, is_closed: true, long_names: 0 },
    Plan { streams: 2, containers: 2, records: 15, bytes: 40_000, is_closed: false, long_names: 0 },
    Plan { streams: 0, containers: 2, records: 2, bytes: 100, is_closed: true, long_names: 9_000 },
    Plan { streams: 1, containers: 0, records: 0, bytes: 0, is_closed: true, long_names: 0 },
];

thread_local! {
    static ALL: OnceCell<Vec<Made>> = const { OnceCell::new() };
}

/// Runs `act` with one of the logs.
pub fn with<T>(nth: u8, act: impl FnOnce(&Made) -> T) -> T {
    ALL.with(|all| {
        let all = all.get_or_init(|| PLANS.iter().map(|plan| make(*plan)).collect());
        act(&all[usize::from(nth) % all.len()])
    })
}

fn make(plan: Plan) -> Made {
    let disk = Disk::default();
    let options = LogOptions {
        is_multiplexed: plan.streams > 0,
        is_archived: false,
        log_id: [7; 16],
        name: &wide("\\Device\\log.blf"),
        block_limit: BlockLimit::DEFAULT,
    };
    let mut log = Log::create(disk.clone(), &options).unwrap();
    let size = if plan.streams > 0 { 1 << 20 } else { 1 << 19 };
    for number in 0..plan.containers {
        log.add_container(&container(number), Some(Bytes(size))).unwrap();
    }
    let mut ids: Vec<_> =
        (0..plan.streams).map(|number| log.create_stream(&wide(&format!("s{number}"))).unwrap()).collect();
    if ids.is_empty() {
        ids.push(StreamId::PHYSICAL);
    }
    for number in 0..plan.records {
        for id in &ids {
            let data = vec![number as u8; plan.bytes];
            let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
            if log.append(*id, &parts, Admission::Free) == Err(Status::LOG_FULL) {
                for id in &ids {
                    let base = log.last_lsn(*id).unwrap();
                    log.write_restart_area(*id, &[b"restart"], Some(base)).unwrap();
                }
                log.append(*id, &parts, Admission::Free).unwrap();
            }
            if number % 3 == 2 || plan.records < 10 {
                log.flush(*id).unwrap();
            }
        }
    }
    for number in 0..usize::from(plan.long_names > 0) * 3 {
        log.add_container(&wide(&format!("%BLF%\\{}{number}", "n".repeat(plan.long_names))), None).unwrap();
    }
    if plan.is_closed {
        log.close().unwrap();
    } else {
        ids.iter().for_each(|id| log.flush(*id).unwrap());
    }
    let files = disk.files();
    Made { blocks: blocks(&files), files }
}

/// The blocks of a log, those of the base log file first.
fn blocks(files: &Files) -> Vec<Block> {
    let mut found = Vec::new();
    let control = Metadata::parse(&files[&[][..]].bytes()).unwrap().metadata.control;
    for block in BlockIndex::ALL {
        let place = control.block(block);
        let (offset, bytes) = (place.offset as usize, place.bytes as usize);
        found.push(Block { file: Vec::new(), offset, bytes, is_metadata: true });
    }
    for (name, file) in files.iter().filter(|(name, _)| !name.is_empty()) {
        let mut offset = 0;
        let region = REGION_BYTES as usize;
        while offset + 512 <= file.size() {
            let mut sector = [0; 512];
            file.read(offset, &mut sector);
            let is_page = offset % region == OWNER_PAGE_OFFSET as usize;
            match parse_header(&sector) {
                Ok(header) => {
                    let bytes = header.total_bytes().min(file.size() - offset);
                    found.push(Block { file: name.clone(), offset, bytes, is_metadata: false });
                    // A block may go on behind an owner page; the page is one of its own.
                    let until_page = OWNER_PAGE_OFFSET as usize - (offset % region).min(OWNER_PAGE_OFFSET as usize);
                    let is_cut = !is_page && header.stream != StreamId::PHYSICAL && bytes > until_page;
                    offset += if is_page {
                        OWNER_PAGE_BYTES
                    } else if is_cut {
                        until_page
                    } else {
                        bytes
                    };
                }
                // Where a block goes on.
                Err(_) if sector[510] & 0x44 == 0x04 => offset += 512,
                Err(_) => break,
            }
        }
    }
    found
}
