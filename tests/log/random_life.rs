//! A random life of a log, compared with a model of its streams: everything that is read, after every step.
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use clfsmgmt::format::record::RecordKind;
use clfsmgmt::log::storage::Access;
use clfsmgmt::log::{Admission, BlockLimit, Cursor, Direction, Log, RecordParts};
use clfsmgmt::units::{Lsn, Status, StreamId};
use proptest::prelude::*;

use crate::model::{self, Kept, Known, assert_reads, payload, ready_with};
use crate::recorder::Recorder;

/// The most data that fits into a block of the default limit.
const LARGEST: usize = 128 * 512 - 256 - 0x70 - 40;

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
                if let Some(base) = base {
                    known.move_base(base);
                }
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
