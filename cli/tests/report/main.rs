//! The report as a whole: everything is drawn, nothing is fetched, foreign text is only text.

mod sample;

use clfsmgmt_cli::history::{History, MarkKind, StreamLine};
use clfsmgmt_cli::outcome::Outcome;
use clfsmgmt_cli::report::render;
use clfsmgmt_cli::summary::{Look, table};
use sample::sample;

/// For `cli/tests/browser/check_report.py`, and to be looked at.
fn keep(name: &str, page: &str) {
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), page).unwrap();
}

#[test]
fn every_kind_of_mark_is_drawn_with_a_tooltip() {
    let (mut history, outcome) = sample();
    history.thin(2_000);
    let page = render(&history, &outcome);
    for kind in MarkKind::ALL {
        let drawn = page.matches(&format!("class=\"{}\"", kind.css_class())).count();
        let expected = history.marks.iter().filter(|mark| mark.kind == kind).count();
        assert!(drawn > 0, "{}", kind.label());
        assert_eq!(drawn, expected, "{}", kind.label());
    }
    assert!(page.contains("<title>grow at "));
    keep("sample-report.html", &page);
    println!("{}", table(&outcome, Look::Plain));
}

#[test]
fn nothing_is_fetched() {
    let (history, outcome) = sample();
    let page = render(&history, &outcome);
    for word in ["http", "<script", "@import", "url(", "src=", "//cdn"] {
        assert!(!page.contains(word), "{word}");
    }
    assert_eq!(page.matches("href=").count(), 1);
    assert!(page.contains("<link rel=\"icon\" href=\"data:,\">"));
}

#[test]
fn foreign_text_is_escaped() {
    let evil = "<script>alert(\"1\")</script>&'";
    let (mut history, mut outcome) = sample();
    history.title = evil.to_owned();
    history.log_name = evil.to_owned();
    history.settings.push((evil.to_owned(), evil.to_owned()));
    history.streams[0] = StreamLine { name: evil.to_owned(), ..history.streams[0].clone() };
    history.pins[0].who = evil.to_owned();
    history.marks[0].text = evil.to_owned();
    outcome.per_stream[0].stream = evil.to_owned();
    outcome.per_stream[0].base = Some(evil.to_owned());
    outcome.pins[0].who = evil.to_owned();
    let page = render(&history, &outcome);
    assert!(!page.contains("<script"));
    assert!(page.matches("&lt;script&gt;alert(&quot;1&quot;)").count() >= 8);
}

#[test]
fn an_empty_history_is_a_page_too() {
    let history = History { title: "nothing".to_owned(), ..History::default() };
    let page = render(&history, &Outcome::default());
    keep("empty-report.html", &page);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    for word in ["NaN", "inf"] {
        assert!(!page.contains(&format!(" {word}")), "{word}");
    }
}

#[test]
fn the_page_of_a_long_run_with_many_streams_stays_small() {
    let (sample, outcome) = sample();
    let mut history = sample.clone();
    history.streams = (0..64)
        .map(|id| StreamLine {
            id,
            name: format!("stream {id}"),
            points: (0..50_000).map(|at| (at * 800, at * 3_000)).collect(),
        })
        .collect();
    history.marks = sample.marks.iter().cycle().take(200_000).cloned().collect();
    history.thin(2_000);
    let page = render(&history, &outcome);
    keep("long-report.html", &page);
    assert!(page.len() < 8_000_000, "{} bytes", page.len());
}

#[test]
fn hostile_numbers_are_drawn_inside_the_picture() {
    let (mut history, outcome) = sample();
    for sample in history.samples.iter_mut().step_by(3) {
        sample.head = u64::MAX;
        sample.containers_total = u32::MAX;
        sample.containers_free = u32::MAX;
    }
    history.marks[0].time_us = u64::MAX;
    history.pins[0].to_us = Some(0);
    history.containers_max = Some(u32::MAX);
    history.container_bytes = u64::MAX;
    let page = render(&history, &outcome);
    assert!(!page.contains("NaN") && !page.contains("inf\""));
}
