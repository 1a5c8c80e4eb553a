//! What the replay has seen of the log: counters, the picture's points and marks, episodes of being pinned.

use clfsmgmt::log::LogInformation;
use clfsmgmt::units::Lsn;

use crate::history::{History, Mark, MarkKind, PinEpisode, Sample, StreamLine};

/// Counters that only the replay knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) records_appended: u64,
    pub(super) records_skipped: u64,
    pub(super) bytes_appended: u64,
    pub(super) abort_records: u64,
    pub(super) restart_areas: u64,
    pub(super) transactions_aborted: u64,
    pub(super) tails_asked: u64,
    pub(super) tails_refused: u64,
    pub(super) log_full_requests: u64,
    pub(super) log_full_succeeded: u64,
    pub(super) log_full_failed: u64,
    pub(super) pinned: u64,
    pub(super) unpinned: u64,
    pub(super) containers_peak: u32,
    pub(super) containers_recycled: u64,
    pub(super) containers_grown: u64,
    pub(super) containers_shrunk: u64,
}

/// Collects counters and the log's life.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) counts: Counts,
    pub(super) history: History,
    container_bytes: u64,
    containers: u32,
    first_container: u32,
    /// The container at the log's end, and whether anything has been written into it.
    last_container: (u32, bool),
    /// Clients whose request ended on a pinned log and who have not heard of space since.
    pinned_clients: u32,
    /// Streams whose writers wait, since when, and how long some did before that.
    stopped_streams: u32,
    stopped_since_us: u64,
    stopped_us: u64,
}

impl Recorder {
    pub(super) fn new(history: History, container_bytes: u64, space: &LogInformation) -> Self {
        let mut recorder = Self {
            counts: Counts::default(),
            history,
            container_bytes,
            containers: space.total_containers.0,
            first_container: space.first_container,
            last_container: (0, false),
            pinned_clients: 0,
            stopped_streams: 0,
            stopped_since_us: 0,
            stopped_us: 0,
        };
        recorder.counts.containers_peak = space.total_containers.0;
        recorder
    }

    /// Adds a stream's line to the picture.
    pub(super) fn add_stream(&mut self, id: u8, name: String) {
        self.history.streams.push(StreamLine { id, name, points: vec![(0, 0)] });
    }

    /// A position of the log as a number of bytes: how far the log had come.
    fn linear(&self, lsn: Lsn) -> u64 {
        u64::from(lsn.container()) * self.container_bytes + u64::from(lsn.block_offset())
    }

    pub(super) fn mark(&mut self, time_us: u64, kind: MarkKind, stream: Option<usize>, text: String) {
        let stream = stream.and_then(|stream| u8::try_from(stream + 1).ok());
        self.history.marks.push(Mark { time_us, kind, stream, text });
    }

    /// Whether the log's end is in another container than when this was asked last, or has begun to fill it.
    pub(super) fn has_come_further(&mut self, end: Lsn) -> bool {
        let last_container = (end.container(), end.block_offset() > 0);
        std::mem::replace(&mut self.last_container, last_container) != last_container
    }

    /// Looks at the log's space after something may have changed it.
    pub(super) fn note_space(&mut self, time_us: u64, space: &LogInformation, head: Lsn) {
        let total = space.total_containers.0;
        self.counts.containers_peak = self.counts.containers_peak.max(total);
        if total > self.containers {
            self.counts.containers_grown += u64::from(total - self.containers);
            self.mark(time_us, MarkKind::Grow, None, format!("{} to {total} containers", self.containers));
        }
        let removed = self.containers.saturating_sub(total);
        if removed > 0 {
            self.counts.containers_shrunk += u64::from(removed);
            self.mark(time_us, MarkKind::Shrink, None, format!("{} to {total} containers", self.containers));
        }
        let passed = space.first_container.saturating_sub(self.first_container);
        if passed > 0 {
            self.counts.containers_recycled += u64::from(passed);
            self.mark(time_us, MarkKind::Recycle, None, format!("{passed} recycled"));
        }
        self.containers = total;
        self.first_container = space.first_container;
        let sample = Sample {
            time_us,
            containers_total: total,
            containers_free: space.free_containers.0,
            head: self.linear(head),
        };
        self.history.samples.push(sample);
    }

    /// A stream's tail has moved.
    pub(super) fn note_tail(&mut self, time_us: u64, stream: usize, base: Lsn) {
        let position = self.linear(base);
        if let Some(line) = self.history.streams.get_mut(stream) {
            line.points.push((time_us, position));
        }
    }

    /// A client's request has ended on a pinned log.
    pub(super) fn note_pinned(&mut self, time_us: u64, stream: usize, who: &str) {
        self.counts.pinned += 1;
        self.pinned_clients += 1;
        if self.pinned_clients == 1 {
            let episode = PinEpisode { from_us: time_us, to_us: None, who: who.to_owned() };
            self.history.pins.push(episode);
        }
        self.mark(time_us, MarkKind::Pinned, Some(stream), format!("pinned by {who}"));
    }

    /// A client has heard that there is space again.
    pub(super) fn note_unpinned(&mut self, time_us: u64, stream: usize) {
        self.counts.unpinned += 1;
        self.pinned_clients = self.pinned_clients.saturating_sub(1);
        if self.pinned_clients == 0
            && let Some(episode) = self.history.pins.last_mut()
        {
            episode.to_us = Some(time_us);
        }
        self.mark(time_us, MarkKind::Unpinned, Some(stream), "space again".to_owned());
    }

    /// A stream's writers wait for space.
    pub(super) const fn note_stopped(&mut self, time_us: u64) {
        if self.stopped_streams == 0 {
            self.stopped_since_us = time_us;
        }
        self.stopped_streams += 1;
    }

    /// A stream's writers go on.
    pub(super) const fn note_going(&mut self, time_us: u64) {
        self.stopped_streams = self.stopped_streams.saturating_sub(1);
        if self.stopped_streams == 0 {
            self.stopped_us += time_us.saturating_sub(self.stopped_since_us);
        }
    }

    /// How long the writers of some stream were stopped, in the trace's time.
    pub(super) const fn stopped_us(&self) -> u64 {
        self.stopped_us
    }
}
