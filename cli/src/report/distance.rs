//! The picture of distances: how far each tail is behind the head, and so how full the log is.
//!
//! The same facts as the tails' picture with the head's rise taken out: in a long run the rise is so great that nothing
//! else could be seen there.

use maud::{Markup, html};

use super::super::history::{History, Sample, StreamLine};
use super::axis::Axis;
use super::containers::pin_key;
use super::outline::{Point, area_below, lines, short};
use super::plot::Plot;
use super::tails::{lowest_tail, stream_class};

/// Points of the head that a distance is taken at, besides the tail's own.
const HEAD_POINTS: usize = 400;

pub(super) fn figure(plot: &Plot<'_>) -> Markup {
    let history = plot.history;
    let distances: Vec<_> = history.streams.iter().map(|stream| distances(stream, &history.samples)).collect();
    let farthest = distances.iter().flatten().map(|&(_, distance)| distance).max().unwrap_or(0);
    let capacity = capacity(history).filter(|&bytes| bytes / 3 <= farthest);
    let top = capacity.unwrap_or(farthest).max(farthest);
    let axis = Axis::of_bytes(top.saturating_add(top / 8));
    let level = |&(time, far): &(u64, u64)| (plot.x(time), plot.y(&axis, far));
    let lowest = StreamLine { points: lowest_tail(&history.streams), ..StreamLine::default() };
    let most: Vec<Point> = self::distances(&lowest, &history.samples).iter().map(level).collect();
    let curves = html! {
        path.area-band d=(area_below(&most, plot.floor())) {}
        @for (number, distances) in distances.iter().enumerate() {
            @let points: Vec<Point> = distances.iter().map(level).collect();
            path class=(stream_class(number)) d=(lines(&points)) {}
        }
        path.most d=(lines(&most)) {}
    };
    let over = html! { @if let Some(bytes) = capacity { (capacity_line(plot.y(&axis, bytes))) } };
    html! {
        (plot.draw("Distance from each tail to the head by time", &plot.levels(&axis), &curves, &over))
        ul.legend {
            li { i.key.key-most {} "in use: the tail farthest behind" }
            @if capacity.is_some() { li { i.key.key-maximum {} "what the maximum number of containers holds" } }
            (pin_key(plot))
        }
    }
}

fn capacity_line(y: f64) -> Markup {
    html! {
        line.maximum x1="0" x2="100%" y1=(short(y)) y2=(short(y)) {}
        text.note x="100%" dx="-6" y=(short(y - 5.0)) text-anchor="end" { "full" }
    }
}

fn capacity(history: &History) -> Option<u64> {
    history.containers_max.map(|most| u64::from(most).saturating_mul(history.container_bytes))
}

/// Time and distance: rising with the head, falling where the tail moves.
fn distances(stream: &StreamLine, samples: &[Sample]) -> Vec<(u64, u64)> {
    let every = samples.len().div_ceil(HEAD_POINTS).max(1);
    // The last sample, unless the steps end on it.
    let last = samples.last().filter(|_| !samples.len().saturating_sub(1).is_multiple_of(every));
    let mut heads = samples.iter().step_by(every).chain(last).peekable();
    let mut found = Vec::new();
    let mut tail = None;
    for &(time, position) in &stream.points {
        while let Some(sample) = heads.next_if(|sample| sample.time_us < time) {
            found.extend(tail.map(|tail| (sample.time_us, sample.head.saturating_sub(tail))));
        }
        let head = head_at(samples, time);
        found.extend(tail.map(|tail| (time, head.saturating_sub(tail))));
        found.push((time, head.saturating_sub(position)));
        tail = Some(position);
    }
    for sample in heads {
        found.extend(tail.map(|tail| (sample.time_us, sample.head.saturating_sub(tail))));
    }
    found
}

/// The head between two samples lies on the line from one to the other.
fn head_at(samples: &[Sample], time: u64) -> u64 {
    let after = samples.partition_point(|sample| sample.time_us <= time);
    let before = after.checked_sub(1).and_then(|at| samples.get(at));
    match (before, samples.get(after)) {
        (Some(before), Some(after)) => {
            let span = u128::from(after.time_us.saturating_sub(before.time_us)).max(1);
            let passed = u128::from(time.saturating_sub(before.time_us));
            let rise = u128::from(after.head.saturating_sub(before.head));
            before.head.saturating_add(u64::try_from(rise * passed / span).unwrap_or(u64::MAX))
        }
        (Some(only), None) | (None, Some(only)) => only.head,
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn the_distance_rises_with_the_head_and_falls_where_the_tail_moves() {
        let sample = |time_us, head| Sample { time_us, head, ..Sample::default() };
        let samples = [sample(0, 0), sample(10, 100), sample(20, 200)];
        let stream = StreamLine { points: vec![(0, 0), (15, 120)], ..StreamLine::default() };
        assert_eq!(distances(&stream, &samples), [(0, 0), (0, 0), (10, 100), (15, 150), (15, 30), (20, 80)]);
        assert!(distances(&StreamLine::default(), &samples).is_empty());
        assert_eq!(distances(&stream, &[]), [(0, 0), (15, 0), (15, 0)]);
    }
}
