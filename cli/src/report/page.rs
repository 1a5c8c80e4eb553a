//! The page around the pictures.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::history::History;
use super::super::outcome::Outcome;
use super::super::quantity::{count, duration, ratio};
use super::super::summary::verdict;
use super::axis::Axis;
use super::plot::Plot;
use super::{containers, distance, marks, tables, tails};

/// With more streams than this their names are told below the first picture only.
const KEYS_TWICE_MAX: usize = 16;

const STYLE: &str = include_str!("style.css");

pub(super) fn page(history: &History, outcome: &Outcome) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Without this a browser asks for an icon.
                link rel="icon" href="data:,";
                title { (history.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (heading(history, outcome))
                main { (pictures(history)) (facts(history, outcome)) }
                footer { "Written by clfsmgmt replay. Times are the trace's, with all waiting." }
            }
        }
    }
}

fn heading(history: &History, outcome: &Outcome) -> Markup {
    html! {
        header {
            p.log { (history.log_name) }
            h1 { (history.title) }
            p.verdict.bad[outcome.records_lost > 0] { (verdict(outcome)) }
            div.tiles { (tiles(outcome)) }
        }
    }
}

fn tiles(outcome: &Outcome) -> Markup {
    let most = outcome.containers_max.map_or(String::new(), |most| format!(" / {most}"));
    let tile = |name: &str, value: String, rest: &str, bad: bool| {
        html! { div.tile { p.value.bad[bad] { (value) small { (rest) } } p.name { (name) } } }
    };
    html! {
        (tile("records appended", count(outcome.records_appended), "", false))
        (tile("records lost", count(outcome.records_lost), "", outcome.records_lost > 0))
        (tile("containers, peak and maximum", count(outcome.containers_peak.into()), &most, false))
        (tile("containers recycled", count(outcome.containers_recycled), "", false))
        (tile("writers stopped", duration(outcome.writers_stopped_us), "", false))
        (tile("time against bare writes", ratio(outcome.ratio), " ×", false))
    }
}

fn pictures(history: &History) -> Markup {
    let time = Axis::of_time(history.duration_us);
    let plot = |height| Plot { history, time: &time, height };
    html! {
        section {
            h2 { "Containers" }
            p.lead { "The log's size and how much of it holds records that are still needed." }
            (containers::figure(&plot(170.0)))
        }
        section {
            h2 { "Marks" }
            p.lead { "What management did, and when. Point at a mark to read it." }
            (marks::figure(&plot(marks::height())))
        }
        section {
            h2 { "Tails and head" }
            p.lead { "Positions in bytes since the log's beginning. A tail that lies flat while the head rises holds space." }
            (tails::figure(&plot(280.0)))
            (tails::stream_keys(&history.streams))
        }
        section {
            h2 { "Distance to the head" }
            p.lead { "The same tails, as bytes behind the head: the highest curve is the stream that holds the most space." }
            (distance::figure(&plot(190.0)))
            @if history.streams.len() <= KEYS_TWICE_MAX { (tails::stream_keys(&history.streams)) }
        }
    }
}

fn facts(history: &History, outcome: &Outcome) -> Markup {
    html! {
        section.short { h2 { "Pinned" } (tables::pins(history)) }
        section { h2 { "Streams after reopening" }
            p.lead { "Records appended in all; base and newest restart area as they were found in the files." }
            (tables::streams(outcome)) }
        section.short { h2 { "Numbers" } (tables::numbers(outcome)) }
        section.short { h2 { "Settings" } (tables::settings(&history.settings)) }
    }
}
