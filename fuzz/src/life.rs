//! The life of one log: opened, read, written, recycled, opened again, compared.
//!
//! A storage that never fails leaves a log no excuse: what was opened for writing is never stopped, can always be
//! opened again, and every record that was flushed comes back, whatever else the files hold.

use std::collections::BTreeMap;

use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, OpenError, RecordParts, Removal};
use clfsmgmt::units::{Lsn, Status, StreamId};

use crate::disk::Disk;
use crate::edits;
use crate::made::{self, wide};

/// As many records of a stream are read at most.
const READ_MAX: usize = 6;
/// As many things are done with a log at most.
const DEEDS_MAX: usize = 8;

type Found = (Vec<(Lsn, usize)>, Option<Status>);

/// One input: which log, what is changed in it, what is done with it.
pub fn run(data: &[u8]) {
    let Some((which, data)) = data.split_first() else { return };
    let (files, deeds) = made::with(which & 0x7F, |made| {
        let mut files = made.files.clone();
        let deeds = edits::apply(data, made, &mut files);
        (files, deeds)
    });
    let disk = Disk::holding(files);
    // Half of the inputs are read first, by one who may not write.
    let is_read = which & 0x80 != 0;
    let read = if is_read { open(&disk, Access::Read).ok().map(|log| list(&log)) } else { None };
    assert_eq!(disk.writes(), 0, "a log that is opened to be read is not written");
    let before = disk.files();
    let log = match open(&disk, Access::Write) {
        Ok(log) => log,
        Err(_) => {
            assert!(disk.files() == before, "a log that is refused is left as it was");
            return;
        }
    };
    assert!(read.is_some() || !is_read, "what can be written can be read");
    let mut written = list(&log);
    for (id, (found, _)) in read.iter().flatten() {
        let Some((now, end)) = written.remove(id) else { panic!("stream {id} is gone") };
        let is_prefix = now.starts_with(found) || end.is_some_and(|status| status != Status::END_OF_FILE);
        assert!(is_prefix, "stream {id}: a reader found {found:?}, a writer {now:?} {end:?}");
    }
    let ids = ids(&log);
    Life { disk, log, ids, known: BTreeMap::new(), number: 0 }.live(deeds);
}

fn open(disk: &Disk, access: Access) -> Result<Log<Disk>, OpenError> {
    Log::open(disk.clone(), access, BlockLimit::DEFAULT)
}

fn ids(log: &Log<Disk>) -> Vec<StreamId> {
    (0..=StreamId::MAX.0).map(StreamId).filter(|id| log.stream_information(*id).is_ok()).collect()
}

/// Everything that can be asked.
fn list(log: &Log<Disk>) -> BTreeMap<StreamId, Found> {
    let _ = log.information();
    let _ = log.containers().count();
    ids(log).into_iter().map(|id| (id, read_all(log, id))).collect()
}

fn read_all(log: &Log<Disk>, id: StreamId) -> Found {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(id, Direction::Forward);
    let mut outcome = log.read_first(&mut cursor).map(|record| (record.lsn, record.data.len()));
    while found.len() < READ_MAX {
        match outcome {
            Ok((lsn, length)) => {
                assert!(found.last().is_none_or(|(last, _)| *last < lsn), "LSNs rise");
                found.push((lsn, length));
            }
            Err(status) => {
                let _ = log.read_restart_area(&mut cursor).is_ok();
                return (found, Some(status));
            }
        }
        outcome = log.read_next(&mut cursor).map(|record| (record.lsn, record.data.len()));
    }
    (found, None)
}

/// What is known of one stream: the records of this life, and below which LSN they are durable.
#[derive(Default)]
struct Known {
    records: BTreeMap<Lsn, Vec<u8>>,
    durable: Option<Lsn>,
}

struct Life {
    disk: Disk,
    log: Log<Disk>,
    ids: Vec<StreamId>,
    known: BTreeMap<StreamId, Known>,
    number: usize,
}

impl Life {
    fn live(mut self, deeds: &[u8]) {
        for deed in deeds.chunks_exact(4).take(DEEDS_MAX) {
            self.act(deed);
            assert_eq!(self.log.fault(), None, "the disk never fails");
        }
        self.close();
        self.compare();
    }

    fn stream(&self, nth: u8) -> StreamId {
        self.ids[usize::from(nth) % self.ids.len()]
    }

    fn act(&mut self, deed: &[u8]) {
        let [what, nth, low, high] = *deed else { return };
        let id = self.stream(nth);
        let size = usize::from(u16::from_le_bytes([low, high]));
        match what % 12 {
            0..4 => self.append(id, size),
            4 => self.flush(id),
            5 => self.advance(id, low),
            6 => self.restart(id, size % 2_000, high),
            7 => {
                self.number += 1;
                let _ = self.log.add_container(&made::container(100 + self.number), None);
            }
            8 => {
                let names: Vec<_> = self.log.containers().map(|container| container.name.to_vec()).collect();
                if let Some(name) = names.get(usize::from(low) % names.len().max(1)) {
                    let _ = self.log.remove_container(name, Removal::WhenPassed);
                }
            }
            9 => self.change_streams(id, low),
            10 => {
                let _ = self.log.allow_record(id, size * 8);
            }
            _ if low % 2 == 0 => self.crash(),
            _ => self.close(),
        }
    }

    fn append(&mut self, id: StreamId, size: usize) {
        let data = vec![size as u8; size];
        let parts = RecordParts { data: &[&data], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
        if let Ok(lsn) = self.log.append(id, &parts, Admission::Free) {
            let known = self.known.entry(id).or_default();
            assert!(known.records.last_key_value().is_none_or(|(last, _)| *last < lsn), "LSNs rise");
            known.records.insert(lsn, data);
        }
    }

    fn flush(&mut self, id: StreamId) {
        if self.log.flush(id).is_ok() {
            let last = self.log.last_lsn(id).unwrap();
            self.known.entry(id).or_default().durable = Some(last);
        }
    }

    fn advance(&mut self, id: StreamId, nth: u8) {
        let last = self.log.last_lsn(id).unwrap();
        let known = self.known.entry(id).or_default();
        let base = known.records.keys().nth(usize::from(nth)).copied().unwrap_or(last);
        if self.log.advance_base(id, base).is_ok() {
            known.records = known.records.split_off(&base);
        }
    }

    fn restart(&mut self, id: StreamId, size: usize, moves: u8) {
        let base = (moves % 2 == 1).then(|| self.log.last_lsn(id).unwrap());
        let data = vec![3; size];
        if let Ok(lsn) = self.log.write_restart_area(id, &[&data], base) {
            let last = self.log.last_lsn(id).unwrap();
            let known = self.known.entry(id).or_default();
            known.records.insert(lsn, data);
            known.durable = Some(last);
            if let Some(base) = base {
                known.records = known.records.split_off(&base);
            }
        }
    }

    fn change_streams(&mut self, id: StreamId, low: u8) {
        if low % 2 == 0 {
            self.number += 1;
            let name = wide(&format!("{}{}", self.number, "n".repeat(usize::from(low) * 64)));
            let _ = self.log.create_stream(&name);
        } else if self.log.delete_stream(id).is_ok() {
            self.known.remove(&id);
        }
        self.ids = ids(&self.log);
    }

    /// The process ends; the disk keeps what was written.
    fn crash(&mut self) {
        self.reopen();
        for (id, known) in &mut self.known {
            let (log, durable) = (&self.log, known.durable.unwrap_or(Lsn::NULL));
            let mut cursor = Cursor::new(*id, Direction::Forward);
            // A base that was ahead of what was durable may have fallen back; what was not durable may be gone.
            known.records.retain(|lsn, _| *lsn < durable || log.read(&mut cursor, *lsn).is_ok());
        }
        self.compare();
    }

    fn close(&mut self) {
        for id in self.ids.clone() {
            self.flush(id);
        }
        let persisted = self.log.flush(StreamId::PHYSICAL);
        assert!(matches!(persisted, Ok(()) | Err(Status::LOG_MULTIPLEXED)), "{persisted:?}");
        self.reopen();
    }

    fn reopen(&mut self) {
        self.log = open(&self.disk, Access::Write).expect("what was opened for writing opens again");
    }

    /// Every record of this life that must be there is there.
    fn compare(&self) {
        for (id, known) in &self.known {
            let durable = known.durable.unwrap_or(Lsn::NULL);
            let mut cursor = Cursor::new(*id, Direction::Forward);
            for (lsn, data) in known.records.range(..durable) {
                let found = self.log.read(&mut cursor, *lsn);
                let found = found.unwrap_or_else(|status| panic!("stream {id}: {lsn} is lost: {status}"));
                assert!(found.data == *data, "stream {id}: {lsn} has changed");
            }
        }
    }
}
