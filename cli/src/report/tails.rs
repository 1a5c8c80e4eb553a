//! The picture of tails: every stream's tail against the head, as positions in a log that is never recycled.

use maud::{Markup, html};

use super::super::history::StreamLine;
use super::axis::Axis;
use super::containers::pin_key;
use super::outline::{Point, area_between, lines, steps};
use super::plot::{Plot, WIDTH};

pub(super) fn figure(plot: &Plot<'_>) -> Markup {
    let history = plot.history;
    let highest = history.samples.iter().map(|sample| sample.head).max().unwrap_or(0);
    let axis = Axis::of_bytes(highest.saturating_add(highest / 25));
    let point = |(time, position): (u64, u64)| (plot.x(time), plot.y(&axis, position));
    let head: Vec<Point> = history.samples.iter().map(|sample| point((sample.time_us, sample.head))).collect();
    let lowest: Vec<Point> = lowest_tail(&history.streams).into_iter().map(point).collect();
    let floor = reach(plot, &axis);
    let curves = html! {
        path.area-band d=(area_between(&head, &lowest)) {}
        @if !floor.is_empty() { path.reach d=(lines(&floor)) {} }
        @for (number, stream) in history.streams.iter().enumerate() {
            @let points: Vec<Point> = stream.points.iter().copied().map(point).collect();
            path class=(stream_class(number)) d=(steps(&points, WIDTH)) {}
        }
        path.head d=(lines(&head)) {}
    };
    html! {
        (plot.draw("Tails and head by time", &plot.levels(&axis), &curves, &html! {}))
        ul.legend {
            li { i.key.key-head {} "head" }
            li { i.key.key-band {} "in use: from the lowest tail to the head" }
            @if !floor.is_empty() { li { i.key.key-reach {} "the maximum's reach: no tail may fall below" } }
            (pin_key(plot))
        }
    }
}

/// Names of the streams, for the two pictures that draw them.
pub(super) fn stream_keys(streams: &[StreamLine]) -> Markup {
    html! {
        ul.legend.streams {
            @for (number, stream) in streams.iter().enumerate() {
                li {
                    svg.sample width="22" height="8" aria-hidden="true" { path class=(stream_class(number)) d="M0 4H22" {} }
                    (stream.name)
                }
            }
        }
    }
}

/// Eight colours, and a dash pattern for every further eight.
pub(super) fn stream_class(number: usize) -> String {
    format!("tail hue-{} dash-{}", number % 8, (number / 8) % 8)
}

/// Head less the maximum's capacity: what the log can hold at most begins there.
fn reach(plot: &Plot<'_>, axis: &Axis) -> Vec<Point> {
    let history = plot.history;
    let Some(most) = history.containers_max else {
        return Vec::new();
    };
    let capacity = u64::from(most).saturating_mul(history.container_bytes);
    let above = history.samples.iter().filter(|sample| sample.head > capacity);
    above.map(|sample| (plot.x(sample.time_us), plot.y(axis, sample.head.saturating_sub(capacity)))).collect()
}

/// The lowest of all tails, as steps. A stream counts from its first point on.
pub(super) fn lowest_tail(streams: &[StreamLine]) -> Vec<(u64, u64)> {
    let mut moves: Vec<(u64, usize, u64)> = Vec::new();
    for (number, stream) in streams.iter().enumerate() {
        moves.extend(stream.points.iter().map(|&(time, position)| (time, number, position)));
    }
    moves.sort_by_key(|&(time, ..)| time);
    let mut now: Vec<Option<u64>> = streams.iter().map(|_| None).collect();
    let mut lowest: Vec<(u64, u64)> = Vec::new();
    for (time, number, position) in moves {
        if let Some(tail) = now.get_mut(number) {
            *tail = Some(position);
        }
        let least = now.iter().flatten().min().copied().unwrap_or(position);
        match lowest.last_mut() {
            Some((at, position)) if *at == time => *position = least,
            Some((_, position)) if *position == least => {}
            _ => lowest.push((time, least)),
        }
    }
    lowest
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn the_lowest_tail_follows_whichever_stream_is_behind() {
        let line = |points| StreamLine { points, ..StreamLine::default() };
        let streams = [line(vec![(0, 0), (5, 50), (9, 60)]), line(vec![(0, 10), (7, 70)]), line(vec![])];
        assert_eq!(lowest_tail(&streams), [(0, 0), (5, 10), (7, 50), (9, 60)]);
        assert!(lowest_tail(&[]).is_empty());
    }
}
