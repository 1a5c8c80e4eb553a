//! The picture of marks: one lane for each kind of thing that management did.

use maud::{Markup, html};

use super::super::history::{Mark, MarkKind};
use super::super::quantity::{count, duration};
use super::axis::real;
use super::containers::pin_key;
use super::outline::{percent, short};
use super::plot::{Level, Plot};

/// The height of a lane.
const LANE: f64 = 26.0;
/// The height of a mark.
const MARK: f64 = 14.0;
/// A lane with more marks than this gets thinner ones.
const FEW: usize = 120;

/// The height of all lanes.
pub(super) fn height() -> f64 {
    LANE * real(MarkKind::ALL.len() as u64)
}

pub(super) fn figure(plot: &Plot<'_>) -> Markup {
    let mut lanes = Vec::new();
    let mut over = Vec::new();
    for (number, kind) in MarkKind::ALL.into_iter().enumerate() {
        let y = plot.floor() - plot.height + LANE * (real(number as u64) + 0.5);
        lanes.push(Level { y, label: kind.label().to_owned() });
        over.push(lane(plot, kind, y));
    }
    let over = html! { @for lane in &over { (lane) } };
    html! {
        (plot.draw("What management did, by time", &lanes, &html! {}, &over))
        ul.legend.kinds {
            @for kind in MarkKind::ALL { (key(plot, kind)) }
            (pin_key(plot))
        }
    }
}

fn lane(plot: &Plot<'_>, kind: MarkKind, y: f64) -> Markup {
    let marks: Vec<&Mark> = plot.history.marks.iter().filter(|mark| mark.kind == kind).collect();
    let is_dense = marks.len() > FEW;
    let width = if is_dense { 1.5 } else { 3.0 };
    html! {
        g.dense[is_dense] transform=(format!("translate({} {})", short(-width / 2.0), short(y - MARK / 2.0))) {
            @for mark in marks {
                rect class=(kind.css_class()) x=(percent(plot.time.share(mark.time_us))) width=(width) height=(MARK) rx="1" {
                    title { (tooltip(mark)) }
                }
            }
        }
    }
}

fn tooltip(mark: &Mark) -> String {
    let stream = mark.stream.map_or(String::new(), |stream| format!(", stream {stream}"));
    let text = if mark.text.is_empty() { String::new() } else { format!(": {}", mark.text) };
    format!("{} at {}{stream}{text}", mark.kind.label(), duration(mark.time_us))
}

/// The kind, how often, and what it means.
fn key(plot: &Plot<'_>, kind: MarkKind) -> Markup {
    let drawn = plot.history.marks.iter().filter(|mark| mark.kind == kind).count() as u64;
    let left_out = plot.history.marks_left_out.get(&kind).copied().unwrap_or(0);
    html! {
        li {
            i class=(format!("key key-mark key-{}", kind.label())) {}
            span {
                b { (kind.label()) " " (count(drawn.saturating_add(left_out))) }
                " " (kind.meaning())
                @if left_out > 0 { " (" (count(drawn)) " drawn)" }
            }
        }
    }
}
