//! The page's tables: who pinned the log, the streams, and the settings.

use maud::{Markup, html};

use super::super::history::History;
use super::super::outcome::Outcome;
use super::super::quantity::{bytes, count, duration, ratio, seconds, share};

/// Who pinned the log, and for how long.
pub(super) fn pins(history: &History) -> Markup {
    html! {
        @if history.pins.is_empty() {
            p { "The log was never pinned: whenever a writer needed space, some could be found." }
        } @else {
            div.scroll { table {
                thead { tr { th.number { "from" } th.number { "to" } th.number { "for" } th { "by" } } }
                tbody { @for pin in &history.pins {
                    @let end = pin.to_us.unwrap_or(history.duration_us);
                    tr {
                        td.number { (duration(pin.from_us)) }
                        td.number { @if pin.to_us.is_some() { (duration(end)) } @else { "still" } }
                        td.number { (duration(end.saturating_sub(pin.from_us))) }
                        td.words { (pin.who) }
                    }
                } }
            } }
        }
    }
}

/// What verification found in each stream.
pub(super) fn streams(outcome: &Outcome) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "stream" } th.number { "records" } th { "base" } th { "newest restart area" } } }
            tbody { @for stream in &outcome.per_stream {
                tr {
                    td { (stream.stream) }
                    td.number { (count(stream.records)) }
                    td.lsn { (stream.base.as_deref().unwrap_or("–")) }
                    td.lsn { (stream.restart.as_deref().unwrap_or("–")) }
                }
            } }
        } }
    }
}

/// Name and value, in columns where there is room.
pub(super) fn settings(settings: &[(String, String)]) -> Markup {
    html! { dl.pairs { @for (name, value) in settings { div { dt { (name) } dd { (value) } } } } }
}

/// The numbers behind the large ones.
pub(super) fn numbers(outcome: &Outcome) -> Markup {
    let log_full = format!("{} of {}", count(outcome.log_full_succeeded), count(outcome.log_full_requests));
    let tails = format!("{}, {} refused", count(outcome.tails_asked), count(outcome.tails_refused));
    let changes = format!("{} and {}", count(outcome.containers_grown), count(outcome.containers_shrunk));
    let times = format!("{} and {}", seconds(outcome.seconds), seconds(outcome.raw_seconds));
    settings(&[
        ("Records in the trace".into(), count(outcome.trace_records)),
        ("Records skipped".into(), count(outcome.records_skipped)),
        ("Bytes appended".into(), bytes(outcome.bytes_appended)),
        ("Transactions rolled back".into(), count(outcome.transactions_aborted)),
        ("Restart areas written".into(), count(outcome.restart_areas)),
        ("Log-full requests served".into(), log_full),
        ("Tails asked to move".into(), tails),
        ("Containers added and removed".into(), changes),
        ("Pinned and unpinned".into(), format!("{} and {}", count(outcome.pinned), count(outcome.unpinned))),
        ("Time, and bare writes alone".into(), times),
        ("Ratio of the two".into(), ratio(outcome.ratio)),
        ("Management's share of the time".into(), share(outcome.management_share)),
        ("Reopen, recover, verify".into(), seconds(outcome.verify_seconds)),
    ])
}
