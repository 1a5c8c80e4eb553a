//! A bounded log: four containers at most, a writer that never stops, and a tail that moves when management asks.
//!
//!     cargo run --example bounded_log [folder]
//!
//! The log stays in the folder: look at it with `clfsmgmt inspect <folder>/bounded.blf`, or run this again to go on.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};

use clfsmgmt::engine::policy::{Existing, Policy};
use clfsmgmt::host::{FileStorage, HostClock, HostLog, LogHost};
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, LogOptions, OpenError, RecordParts};
use clfsmgmt::manager::ports::ClientCallbacks;
use clfsmgmt::manager::{Cookie, GrowthPlace, RequestOutcome};
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};

/// A dedicated log has one stream.
const STREAM: StreamId = StreamId::PHYSICAL;

/// What management has to say. Callbacks run on its worker threads, so they leave a note for the writer and return.
struct Notes(Sender<Note>);

enum Note {
    MoveTail(Lsn),
    RequestEnded(Status),
}

impl ClientCallbacks for Notes {
    fn advance_tail(&self, target: Lsn) -> Status {
        self.0.send(Note::MoveTail(target)).map_or(Status::UNSUCCESSFUL, |()| Status::PENDING)
    }

    fn log_growth_complete(&self, status: Status, _is_pinned: bool) {
        self.0.send(Note::RequestEnded(status)).unwrap_or_default();
    }

    fn log_unpinned(&self) {}
}

fn main() -> Result<(), Status> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    run(&folder, 3_000)
}

/// Appends so many records to the log in `folder`, and reads back what is above its tail.
pub(crate) fn run(folder: &Path, records: u64) -> Result<(), Status> {
    let host = LogHost::start(HostClock::System).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
    let log = host.manage(open_or_create(&folder.join("bounded.blf"))?)?;
    let (sender, notes) = channel();
    let (manager, key) = log.management();
    manager.install_policy(key, Policy::MaximumSize(ContainerCount(4)), Existing::Keep)?;
    manager.install_policy(key, Policy::NewContainerSize(Bytes(512 * 1024)), Existing::Keep)?;
    manager.set_log_size(key, 0)?;
    let client = manager.register(key, STREAM, Notes(sender))?;

    // What nobody needs any more leaves by the tail; all of this must be found in the log.
    let mut kept = read_back(&log)?;
    println!("{} records in {}", kept.len(), folder.display());
    let first = kept.last().map_or(0, |(_, number)| number + 1);
    for number in first..first + records {
        let lsn = loop {
            let data: [&[u8]; 2] = [&number.to_le_bytes(), &[0; 1_000]];
            let record = RecordParts { data: &data, undo_next: Lsn::INVALID, previous: Lsn::INVALID };
            match log.append(STREAM, &record, Admission::Free) {
                Err(Status::LOG_FULL) => make_room(&log, client, &notes, &mut kept)?,
                appended => break appended?,
            }
        };
        kept.push((lsn, number));
    }
    assert_eq!(read_back(&log)?, kept, "a record was lost");
    println!("{records} appended, {} above the tail, nothing lost", kept.len());
    log.close()
}

/// The log is full: it grows, or the tail is moved as far as management asks.
fn make_room(
    log: &HostLog<Notes>,
    client: Cookie,
    notes: &Receiver<Note>,
    kept: &mut Vec<(Lsn, u64)>,
) -> Result<(), Status> {
    let mut ended = match log.management().0.handle_log_full(client, GrowthPlace::Inline) {
        Ok(RequestOutcome::Success) => Some(Status::SUCCESS),
        Ok(RequestOutcome::Pending) => None,
        Ok(RequestOutcome::Deregistered) | Err(_) => return Err(Status::UNSUCCESSFUL),
    };
    while ended.is_none() {
        match notes.recv().map_err(|_| Status::UNSUCCESSFUL)? {
            Note::MoveTail(target) => {
                kept.retain(|(lsn, _)| *lsn >= target);
                println!("full at its maximum: the tail moves to {target}");
                log.advance_base(STREAM, target)?;
            }
            Note::RequestEnded(status) => ended = Some(status),
        }
    }
    println!("there is space: {} containers", log.with(Log::space)?.total_containers);
    ended.filter(|status| !status.is_success()).map_or(Ok(()), Err)
}

fn open_or_create(path: &Path) -> Result<Log<FileStorage>, Status> {
    let storage = FileStorage::new(path);
    match Log::open(storage.clone(), Access::Write, BlockLimit::DEFAULT) {
        Err(OpenError::Status(Status::OBJECT_NAME_NOT_FOUND)) => {}
        opened => return Ok(opened?),
    }
    let name: Vec<u16> = path.to_string_lossy().encode_utf16().collect();
    let log_id = *b"bounded-log-demo";
    let block_limit = BlockLimit::DEFAULT;
    Log::create(storage, &LogOptions { is_multiplexed: false, is_archived: false, log_id, name: &name, block_limit })
}

/// The records from the tail to the end: where each is, and its number.
fn read_back(log: &HostLog<Notes>) -> Result<Vec<(Lsn, u64)>, Status> {
    log.with(|log| {
        let mut cursor = Cursor::new(STREAM, Direction::Forward);
        let mut found = Vec::new();
        let mut read = log.read_first(&mut cursor);
        loop {
            match read {
                Ok(record) => found.push((record.lsn, u64::from_le_bytes(*record.data.first_chunk().unwrap()))),
                Err(Status::END_OF_FILE) => return Ok(found),
                Err(status) => return Err(status),
            }
            read = log.read_next(&mut cursor);
        }
    })?
}
