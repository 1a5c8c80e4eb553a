//! Everything that was appended is read back: by LSN, forward and along chains, whatever happens in between.

#[path = "support/model.rs"]
mod model;
#[path = "support/recorder.rs"]
mod recorder;

use clfsmgmt::host::FileStorage;
use clfsmgmt::log::format::record::RecordKind;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, RecordParts};
use clfsmgmt::units::{Lsn, Status, StreamId};
use model::{Kept, Known, append, assert_reads, parts, payload, ready, ready_with};
use proptest::prelude::*;
use recorder::Recorder;

/// The most data that fits into a block of the default limit.
const LARGEST: usize = 128 * 512 - 256 - 0x70 - 40;

#[test]
fn a_base_behind_its_containers_end_hides_no_record() {
    for streams in [0, 2] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let id = ids[0];
        let mut known = Known::default();
        for number in 0.. {
            let lsn = append(&mut log, id, &payload(number, 50_000)).unwrap();
            keep_data(&mut known, lsn, payload(number, 50_000));
            if lsn.container() > 0 && lsn.block_offset() > 0 {
                break;
            }
        }
        let base = Lsn::new(0, 0x8000_0000, 0).unwrap();
        log.flush(id).unwrap();
        log.advance_base(id, base).unwrap();
        known.move_base(base);
        let found = model::read_all(&log, id).map(|records| records.len());
        assert_eq!(found, Ok(known.records.len()), "{streams} streams");
    }
}

#[test]
fn records_of_an_open_block_are_read_up_to_its_512th() {
    for streams in [0, 2] {
        let (mut log, ids) = ready(Recorder::default(), streams, 2, 1);
        let id = ids[0];
        let mut known = Known::default();
        for number in 0..1030 {
            let lsn = append(&mut log, id, &payload(number, (number % 3) as usize)).unwrap();
            keep_data(&mut known, lsn, payload(number, (number % 3) as usize));
            if number > 508 {
                assert_reads(&log, id, &known);
                assert!(log.last_lsn(id).unwrap() > lsn, "the next LSN is above record {number}");
            }
        }
        assert_eq!(known.lsns.iter().filter(|lsn| lsn.record() == 511).count(), 2);
    }
}

fn keep_data(known: &mut Known, lsn: Lsn, data: Vec<u8>) {
    let (undo_next, previous) = (Lsn::INVALID, Lsn::INVALID);
    known.keep(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data });
}

#[test]
fn a_cursor_outlives_the_writing_of_the_block_it_reads() {
    for (streams, first, left) in [0, 2].into_iter().flat_map(|streams| {
        [1, 511, 512].into_iter().flat_map(move |first| (5..8).map(move |left| (streams, first, left)))
    }) {
        let (mut log, ids) = ready(Recorder::default(), streams, 4, 1);
        // Close to the container's end, so that the block is padded when it is written.
        let whole = if streams == 0 { 1 << 19 } else { 1 << 20 };
        let mut filler = Lsn::NULL;
        while u64::from(filler.block_offset()) + left * 16_384 < whole {
            filler = append(&mut log, ids[0], &[1; LARGEST / 4]).unwrap();
            log.flush(ids[0]).unwrap();
        }
        log.flush(ids[0]).unwrap();
        let mut cursor = Cursor::new(ids[0], Direction::Forward);
        let lsns: Vec<_> = (0..first).map(|_| append(&mut log, ids[0], b"x").unwrap()).collect();
        log.read(&mut cursor, *lsns.last().unwrap()).unwrap();
        assert_eq!(log.read_next(&mut cursor).err(), Some(Status::END_OF_FILE));
        for _ in 0..6 {
            let next = append(&mut log, ids[0], &[2; LARGEST]).unwrap();
            assert_eq!(log.read_next(&mut cursor).unwrap().lsn, next);
            assert_eq!(log.read_next(&mut cursor).err(), Some(Status::END_OF_FILE));
        }
        let small = append(&mut log, ids[0], b"small").unwrap();
        log.flush(ids[0]).unwrap();
        assert_eq!(log.read_next(&mut cursor).unwrap().lsn, small);
    }
}

#[test]
fn a_base_may_lie_between_records() {
    for streams in [0, 3] {
        let (mut log, ids) = ready(Recorder::default(), streams, 3, 1);
        let mut known = Known::default();
        for number in 0..60 {
            let data = payload(number, 9_000);
            keep_data(&mut known, append(&mut log, ids[0], &data).unwrap(), data);
            if let Some(other) = ids.get(1) {
                append(&mut log, *other, &[0; 700]).unwrap();
                log.flush(*other).unwrap();
            }
        }
        log.flush(ids[0]).unwrap();
        for nth in [0, 3, 7, 8, 20, 40] {
            let base = Lsn::from_raw(known.lsns[nth].raw() + 300);
            log.advance_base(ids[0], base).unwrap();
            known.move_base(base);
            assert_reads(&log, ids[0], &known);
        }
        let last = log.last_lsn(ids[0]).unwrap();
        log.advance_base(ids[0], last).unwrap();
        known.move_base(last);
        assert_reads(&log, ids[0], &known);
        let lsn = append(&mut log, ids[0], b"after").unwrap();
        keep_data(&mut known, lsn, b"after".to_vec());
        assert_reads(&log, ids[0], &known);
    }
}

#[test]
fn a_cursor_of_nothing_has_nowhere_to_go() {
    let (mut log, ids) = ready(Recorder::default(), 0, 2, 1);
    let mut cursor = Cursor::new(ids[0], Direction::Forward);
    assert!(cursor.here().is_none());
    assert_eq!(log.read_first(&mut cursor).err(), Some(Status::END_OF_FILE));
    assert_eq!(log.read_next(&mut cursor).err(), Some(Status::LOG_READ_CONTEXT_INVALID));
    append(&mut log, ids[0], b"").unwrap();
    assert_eq!(log.read_first(&mut cursor).unwrap().data, b"");
}

#[test]
fn real_files_give_back_what_many_streams_wrote_around_many_times() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path().join("log.blf"));
    let (mut log, ids) = ready(storage.clone(), 5, 3, 1);
    let mut known: Vec<_> = ids.iter().map(|_| Known::default()).collect();
    for number in 0..2_500u64 {
        let nth = (payload(number, 1)[0] % 5) as usize;
        let data = payload(number, (number * 37 % 9_001) as usize);
        let lsn = loop {
            match append(&mut log, ids[nth], &data) {
                Ok(lsn) => break lsn,
                Err(Status::LOG_FULL) => {
                    for (id, known) in ids.iter().zip(&mut known) {
                        let keep = known.lsns[known.lsns.len() * 9 / 10];
                        log.advance_base(*id, keep.max(known.base)).unwrap();
                        known.move_base(keep.max(known.base));
                    }
                }
                Err(status) => panic!("{status}"),
            }
        };
        keep_data(&mut known[nth], lsn, data);
    }
    assert!(log.end_container() > 6, "the log went round");
    for access in [Access::Write, Access::Read] {
        for (id, known) in ids.iter().zip(&known) {
            assert_reads(&log, *id, known);
        }
        log.close().unwrap();
        log = Log::open(storage.clone(), access, BlockLimit::DEFAULT).unwrap();
    }
}

#[test]
fn a_log_opened_with_a_larger_block_limit_goes_on_near_a_containers_end() {
    for streams in [0, 2] {
        for left in 1..14u64 {
            let disk = Recorder::default();
            let (mut log, ids) = ready(disk.clone(), streams, 4, 4);
            let mut known = Known::default();
            let fill = |log: &mut Log<Recorder>, known: &mut Known, length: usize| {
                let data = payload(known.lsns.len() as u64, length);
                keep_data(known, append(log, ids[0], &data).unwrap(), data);
                log.flush(ids[0]).unwrap();
            };
            let whole = if streams == 0 { 2 << 20 } else { 4 << 20 };
            while u64::from(known.lsns.last().map_or(0, |lsn| lsn.block_offset())) < whole - (left / 2 + 2) * 65_536 {
                fill(&mut log, &mut known, LARGEST);
            }
            log.close().unwrap();
            let limit = BlockLimit::for_record(900_000).unwrap();
            let mut log = Log::open(disk.clone(), Access::Write, limit).unwrap();
            assert_reads(&log, ids[0], &known);
            for length in [[10, 900_000, 880_000], [900_000, 10, 880_000]][left as usize % 2] {
                fill(&mut log, &mut known, length);
                assert_reads(&log, ids[0], &known);
            }
            drop(log);
            let log = Log::open(disk, Access::Write, limit).unwrap();
            assert_reads(&log, ids[0], &known);
        }
    }
}

/// One step of a log's life; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Append { stream: usize, length: usize, previous: usize, undo: usize },
    Flush(usize),
    Advance(usize, usize),
    Restart { stream: usize, length: usize, base: Option<usize> },
    Reopen,
    Crash,
    Compare,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = prop_oneof![4 => 0usize..300, 2 => 0usize..9_000, 1 => Just(LARGEST), 1 => 30_000usize..LARGEST];
    let append = (0usize..8, length, 0usize..5, 0usize..9).prop_map(|(stream, length, previous, undo)| Step::Append {
        stream,
        length,
        previous,
        undo,
    });
    let restart = (0usize..8, 0usize..2_000, proptest::option::of(0usize..1_000))
        .prop_map(|(stream, length, base)| Step::Restart { stream, length, base });
    let step = prop_oneof![
        60 => append,
        6 => (0usize..8).prop_map(Step::Flush),
        4 => (0usize..8, 0usize..1_000).prop_map(|(stream, permille)| Step::Advance(stream, permille)),
        3 => restart,
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
        1 => Just(Step::Compare),
    ];
    proptest::collection::vec(step, 1..400)
}

struct World {
    disk: Recorder,
    log: Log<Recorder>,
    ids: Vec<StreamId>,
    known: Vec<Known>,
    /// Kept over everything that happens, one for each stream.
    cursors: Vec<Cursor>,
    limit: BlockLimit,
}

impl World {
    fn new(streams: u32) -> Self {
        let disk = Recorder::default();
        let limit = BlockLimit::DEFAULT;
        let (log, ids) = ready_with(disk.clone(), streams, 3, 1, limit);
        let known = ids.iter().map(|_| Known::default()).collect();
        let cursors = ids.iter().map(|id| Cursor::new(*id, Direction::Forward)).collect();
        Self { disk, log, ids, known, cursors, limit }
    }

    fn target(&self, nth: usize, permille: usize) -> Lsn {
        let known = &self.known[nth];
        let count = known.records.len();
        let lsn = known.records.keys().nth(count * permille / 1_000).copied();
        lsn.unwrap_or_else(|| self.log.last_lsn(self.ids[nth]).unwrap()).max(known.base)
    }

    fn advance(&mut self, nth: usize, permille: usize) {
        let base = self.target(nth, permille);
        self.log.advance_base(self.ids[nth], base).unwrap();
        self.known[nth].move_base(base);
    }

    fn append(&mut self, nth: usize, length: usize, previous: usize, undo: usize) {
        let known = &self.known[nth];
        let back = |steps: usize| known.lsns.iter().rev().nth(steps).copied().unwrap_or(Lsn::INVALID);
        let (previous, undo_next) = (back(previous), back(undo));
        let data = payload(known.lsns.len() as u64, length);
        let (head, tail) = data.split_at(length / 3);
        let parts = RecordParts { data: &[head, &[], tail], undo_next, previous };
        match self.log.append(self.ids[nth], &parts, Admission::Free) {
            Ok(lsn) => self.known[nth].keep(Kept { lsn, kind: RecordKind::DATA, undo_next, previous, data }),
            Err(Status::LOG_FULL) => (0..self.ids.len()).for_each(|nth| self.advance(nth, 700)),
            Err(status) => panic!("append: {status}"),
        }
    }

    fn restart(&mut self, nth: usize, length: usize, base: Option<usize>) {
        let data = payload(self.known[nth].lsns.len() as u64, length);
        let base = base.map(|permille| self.target(nth, permille));
        let previous = self.known[nth].restart;
        match self.log.write_restart_area(self.ids[nth], &[&data], base) {
            Ok(lsn) => {
                let known = &mut self.known[nth];
                known.keep(Kept { lsn, kind: RecordKind::RESTART, undo_next: Lsn::NULL, previous, data });
                known.restart = lsn;
                base.into_iter().for_each(|base| known.move_base(base));
            }
            Err(status) => assert_eq!(status, Status::LOG_FULL),
        }
    }

    /// Opens the log again without closing it: what was not written is gone, and nothing else.
    fn crash(&mut self) {
        let durable: Vec<_> = self.ids.iter().map(|id| self.log.durable_lsn(*id).unwrap()).collect();
        self.log = Log::open(self.disk.clone(), Access::Write, self.limit).unwrap();
        for (nth, durable) in durable.into_iter().enumerate() {
            let found = model::read_all(&self.log, self.ids[nth]).unwrap();
            let end = found.last().map_or(durable, |last| Lsn::from_raw(last.lsn.raw() + 1)).max(durable);
            let base = self.log.stream_information(self.ids[nth]).unwrap().base;
            self.known[nth].fall_back(base, end);
        }
        self.forget_cursors();
    }

    fn forget_cursors(&mut self) {
        self.cursors = self.ids.iter().map(|id| Cursor::new(*id, Direction::Forward)).collect();
    }

    fn step(&mut self, step: &Step) {
        let count = self.ids.len();
        match *step {
            Step::Append { stream, length, previous, undo } => self.append(stream % count, length, previous, undo),
            Step::Flush(stream) => self.log.flush(self.ids[stream % count]).unwrap(),
            Step::Advance(stream, permille) => self.advance(stream % count, permille),
            Step::Restart { stream, length, base } => self.restart(stream % count, length, base),
            Step::Reopen => {
                for id in &self.ids {
                    self.log.flush(*id).unwrap();
                    let base = self.log.stream_information(*id).unwrap().base;
                    self.log.advance_base(*id, base).unwrap();
                }
                self.log = Log::open(self.disk.clone(), Access::Write, self.limit).unwrap();
                self.forget_cursors();
            }
            Step::Crash => self.crash(),
            Step::Compare => self.compare(),
        }
        for nth in 0..count {
            self.move_cursor(nth);
        }
    }

    /// Each cursor goes one record on; when its place is gone it starts again.
    fn move_cursor(&mut self, nth: usize) {
        let (cursor, known) = (&mut self.cursors[nth], &self.known[nth]);
        let here = cursor.here().map(|record| record.lsn);
        let (expected, found) = match here {
            Some(here) if here >= known.base => {
                let behind = (std::ops::Bound::Excluded(here), std::ops::Bound::Unbounded);
                let next = known.records.range(behind).next().map(|(_, kept)| kept);
                (next, self.log.read_next(cursor))
            }
            _ => (known.records.values().next(), self.log.read_first(cursor)),
        };
        let found = found.map(|record| Kept::of(&record));
        assert_eq!(found.as_ref().ok(), expected, "stream {} behind {here:?}: {found:?}", self.ids[nth]);
        if found.is_err() && here.is_some() {
            assert_eq!(found, Err(Status::END_OF_FILE));
        }
    }

    fn compare(&self) {
        for (id, known) in self.ids.iter().zip(&self.known) {
            assert_reads(&self.log, *id, known);
        }
    }
}

fn live(streams: u32, steps: &[Step]) {
    let mut world = World::new(streams);
    for step in steps {
        world.step(step);
    }
    world.compare();
    let _ = parts(&[]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_dedicated_log_reads_as_the_model_says(steps in steps()) {
        live(0, &steps);
    }

    #[test]
    fn a_multiplexed_log_reads_as_the_model_says(streams in 1u32..7, steps in steps()) {
        live(streams, &steps);
    }
}
