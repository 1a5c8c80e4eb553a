//! The picture of containers: all, in use, and the maximum.

use maud::{Markup, html};

use super::super::history::Sample;
use super::outline::{Point, short, stepped_area, steps};
use super::plot::{Plot, WIDTH};

use super::axis::Axis;

/// A maximum further away than this many times the peak is told, not drawn: it would press the curves flat.
const MAXIMUM_IN_REACH: u32 = 3;

pub(super) fn figure(plot: &Plot<'_>) -> Markup {
    let samples = &plot.history.samples;
    let peak = samples.iter().map(|sample| sample.containers_total).max().unwrap_or(0);
    let maximum = plot.history.containers_max;
    let drawn = maximum.filter(|&most| most <= peak.saturating_mul(MAXIMUM_IN_REACH));
    let top = drawn.unwrap_or(peak).max(peak).saturating_add(1);
    let axis = Axis::of_count(top.into());
    let curve = |value: fn(&Sample) -> u32| -> Vec<Point> {
        let point = |sample: &Sample| (plot.x(sample.time_us), plot.y(&axis, value(sample).into()));
        samples.iter().map(point).collect()
    };
    let total = curve(|sample| sample.containers_total);
    let used = curve(|sample| sample.containers_total.saturating_sub(sample.containers_free));
    let curves = html! {
        path.area-free d=(stepped_area(&total, WIDTH, plot.floor())) {}
        path.area-used d=(stepped_area(&used, WIDTH, plot.floor())) {}
        path.line-used d=(steps(&used, WIDTH)) {}
        path.line-total d=(steps(&total, WIDTH)) {}
    };
    let over = html! { @if let Some(most) = drawn { (maximum_line(plot.y(&axis, most.into()), most)) } };
    html! {
        (plot.draw("Containers by time", &plot.levels(&axis), &curves, &over))
        ul.legend {
            li { i.key.key-used {} "in use" }
            li { i.key.key-free {} "free" }
            li { i.key.key-total {} "all" }
            @if drawn.is_some() { li { i.key.key-maximum {} "maximum" } }
            @if let (Some(most), None) = (maximum, drawn) { li { "the maximum, " (most) ", is far above the picture" } }
            @if maximum.is_none() { li { "no maximum" } }
            (pin_key(plot))
        }
    }
}

/// The line that must never be crossed.
fn maximum_line(y: f64, most: u32) -> Markup {
    html! {
        line.maximum x1="0" x2="100%" y1=(short(y)) y2=(short(y)) {}
        text.note x="100%" dx="-6" y=(short(y - 5.0)) text-anchor="end" { (format!("maximum {most}")) }
    }
}

/// The shade's entry in a legend, where there is one to explain.
pub(super) fn pin_key(plot: &Plot<'_>) -> Markup {
    html! { @if !plot.history.pins.is_empty() { li { i.key.key-pin {} "time in which the log was pinned" } } }
}
