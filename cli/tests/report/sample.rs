//! A made-up run that looks like a real one: 40 seconds, 8 streams, 12 growths, two pinned times.

use clfsmgmt_cli::history::{History, Mark, MarkKind, PinEpisode, Sample, StreamLine};
use clfsmgmt_cli::outcome::{Outcome, Pin, StreamOutcome};

const CONTAINER: u64 = 1 << 19;
const STREAMS: u8 = 8;
const STEP_US: u64 = 10_000;
const RUN_US: u64 = 40_000_000;
const MOST: u32 = 16;
/// From, to, stream.
const PINNED: [(u64, u64, u8); 2] = [(14_000_000, 16_250_000, 3), (29_500_000, 30_400_000, 6)];

struct World {
    history: History,
    random: u64,
    head: u64,
    containers: u32,
    recycled: u64,
}

impl World {
    fn next(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    fn mark(&mut self, time_us: u64, kind: MarkKind, stream: Option<u8>, text: &str) {
        self.history.marks.push(Mark { time_us, kind, stream, text: text.to_owned() });
    }

    fn lowest(&self) -> (u8, u64) {
        let tails = self.history.streams.iter().map(|stream| (stream.id, stream.points.last().unwrap().1));
        tails.min_by_key(|&(_, tail)| tail).unwrap()
    }

    fn used(&self) -> u32 {
        let (_, tail) = self.lowest();
        u32::try_from(self.head / CONTAINER - tail / CONTAINER).unwrap() + 1
    }

    fn step(&mut self, time: u64) {
        let pinned = PINNED.into_iter().find(|&(from, to, _)| (from..to).contains(&time));
        if pinned.is_none() {
            let before = self.head / CONTAINER;
            self.head += 20_000 + self.next(40_000);
            if self.head / CONTAINER > before && self.head / CONTAINER >= u64::from(self.containers) {
                self.recycled += 1;
                self.mark(time, MarkKind::Recycle, None, "container used again");
            }
            self.make_room(time);
        }
        for (from, to, stream) in PINNED {
            if time == from {
                self.mark(time, MarkKind::Refuse, Some(stream), "a transaction holds the tail");
                self.mark(time, MarkKind::Pinned, Some(stream), "no space could be found");
            } else if time == to {
                self.move_tail(time, stream);
                self.mark(time, MarkKind::Unpinned, Some(stream), "space again");
            }
        }
        let free = self.containers.saturating_sub(self.used());
        self.history.samples.push(Sample {
            time_us: time,
            containers_total: self.containers,
            containers_free: free,
            head: self.head,
        });
    }

    fn make_room(&mut self, time: u64) {
        while self.used() + 1 >= self.containers && self.containers < MOST {
            self.containers += 1;
            self.mark(time, MarkKind::Grow, None, "1 container added");
        }
        let soon = PINNED.into_iter().find(|&(from, _, _)| (from.saturating_sub(1_600_000)..from).contains(&time));
        while self.used() + 2 >= self.containers && self.containers == MOST {
            let (stream, _) = self.lowest();
            if soon.is_some_and(|(_, _, holder)| holder == stream) && self.used() < MOST {
                return;
            }
            self.mark(time, MarkKind::Ask, Some(stream), "target 00000012:0000f000:0");
            if self.next(30) == 0 {
                self.mark(time + 4_000, MarkKind::Refuse, Some(stream), "busy");
                return;
            }
            self.move_tail(time, stream);
            self.mark(time + 6_000, MarkKind::Answer, Some(stream), "tail at the target");
        }
    }

    fn move_tail(&mut self, time: u64, stream: u8) {
        let behind = 50_000 + self.next(1_500_000);
        let line = &mut self.history.streams[usize::from(stream)];
        let position = self.head.saturating_sub(behind).max(line.points.last().unwrap().1);
        line.points.push((time, position));
    }
}

/// The run, and numbers that fit it.
pub(crate) fn sample() -> (History, Outcome) {
    let line = |id: u8| StreamLine { id, name: format!("stream {id}"), points: vec![(0, 0)] };
    let who = |stream: u8, since: &str| {
        format!("client 0x{stream:04x}, stream {stream}, transaction 4711, LSN 00000012:0000f000:3, open since {since}")
    };
    let pin =
        |(from_us, to, stream): (u64, u64, u8)| PinEpisode { from_us, to_us: Some(to), who: who(stream, "9.75 s") };
    let history = History {
        title: "pgbench, TPC-B-like, 40 seconds".to_owned(),
        log_name: "/tmp/clfsmgmt-replay/pgbench.blf".to_owned(),
        settings: [
            ("maximum containers", "16"),
            ("minimum containers", "4"),
            ("container size", "512 KiB"),
            ("growth", "1 container"),
            ("tail", "35 %"),
            ("auto-grow", "off"),
            ("auto-shrink", "50 %"),
            ("durability", "commit"),
            ("checkpoint takes", "6 ms"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        duration_us: RUN_US,
        streams: (0..STREAMS).map(line).collect(),
        container_bytes: CONTAINER,
        containers_max: Some(MOST),
        pins: PINNED.map(pin).into(),
        ..History::default()
    };
    let mut world = World { history, random: 7, head: 0, containers: 4, recycled: 0 };
    for time in (0..RUN_US - 800_000).step_by(usize::try_from(STEP_US).unwrap()) {
        world.step(time);
    }
    for (at, stream) in (0..STREAMS).enumerate() {
        world.move_tail(RUN_US - 700_000 + at as u64 * 10_000, stream);
    }
    world.containers = 11;
    world.mark(RUN_US - 500_000, MarkKind::Shrink, None, "5 containers removed");
    let free = world.containers - world.used();
    world.history.samples.push(Sample {
        time_us: RUN_US - 500_000,
        containers_total: world.containers,
        containers_free: free,
        head: world.head,
    });
    let outcome = outcome(&world);
    (world.history, outcome)
}

fn outcome(world: &World) -> Outcome {
    let of = |kind| world.history.marks.iter().filter(|mark| mark.kind == kind).count() as u64;
    let stream = |id: u8| StreamOutcome {
        stream: format!("stream {id}"),
        records: 2_600 + u64::from(id) * 31,
        base: Some("000000e7:0003a200:0".to_owned()),
        restart: Some("000000e8:00001200:1".to_owned()),
    };
    let pin = |pin: &PinEpisode| Pin { who: pin.who.clone(), since_us: pin.from_us, until_us: pin.to_us };
    Outcome {
        trace_records: 85_982,
        records_appended: 85_970,
        records_skipped: 12,
        records_verified: 21_403,
        bytes_appended: world.head,
        streams: STREAMS.into(),
        container_size: CONTAINER,
        containers_max: Some(MOST),
        containers_peak: MOST,
        containers_grown: of(MarkKind::Grow),
        containers_shrunk: 5,
        containers_recycled: world.recycled,
        log_full_requests: 412,
        log_full_succeeded: 410,
        log_full_failed: 2,
        tails_asked: of(MarkKind::Ask),
        tails_refused: of(MarkKind::Refuse),
        pinned: 2,
        unpinned: 2,
        pins: world.history.pins.iter().map(pin).collect(),
        transactions_aborted: 1,
        writers_stopped_us: 3_150_000,
        trace_us: RUN_US,
        seconds: 4.31,
        raw_seconds: 3.52,
        ratio: 1.22,
        management_share: 0.0042,
        verify_seconds: 0.31,
        restart_areas: 318,
        durability: "commit".to_owned(),
        per_stream: (0..STREAMS).map(stream).collect(),
        ..Outcome::default()
    }
}
