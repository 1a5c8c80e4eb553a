//! Where a scenario's sentence is from: its `source:` line, items with commas between. Only forms are looked at: a page of
//! the documents, a reading of `docs/readings.md` by number or in words, a decision, or what is ours alone.

use crate::language::words::{split, unquoted};

/// A reading's number has at most so many digits, a decision's exactly four.
const READING_DIGITS_MAX: usize = 2;
const DECISION_DIGITS: usize = 4;

/// Reads what follows `source:`.
pub(super) fn check(rest: &str) -> Result<(), String> {
    match split(rest, |c| c == ',').into_iter().find(|item| !is_source(item)) {
        None => Ok(()),
        Some(item) => Err(format!(
            "\"{item}\" is no source: a page (nf-wdm-…), reading N, reading \"…\", decision NNNN, ClfsMgmtx…, ours"
        )),
    }
}

fn is_source(item: &str) -> bool {
    if let Some(reading) = item.strip_prefix("reading ") {
        let is_number = is_digits(reading) && reading.len() <= READING_DIGITS_MAX && !reading.starts_with('0');
        return is_number || unquoted(reading).is_some_and(|words| !words.is_empty());
    }
    if let Some(number) = item.strip_prefix("decision ") {
        return is_digits(number) && number.len() == DECISION_DIGITS;
    }
    let is_page = ["nf-wdm-clfs", "nc-wdm-pclfs_", "ns-wdm-_c", "ne-wdm-_clfs_"].into_iter().any(|kind| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        item.strip_prefix(kind).is_some_and(|page| !page.is_empty() && page.chars().all(is_plain))
    });
    let is_extension = item
        .strip_prefix("ClfsMgmtx")
        .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()));
    is_page || is_extension || item == "ours"
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_pages_readings_decisions_and_ours() {
        for line in [
            "nf-wdm-clfsmgmtinstallpolicy",
            "ns-wdm-_clfs_mgmt_policy, reading 17",
            "nc-wdm-pclfs_client_log_unpinned_callback",
            r#"reading "an empty stream, too, pins nothing""#,
            "decision 0006",
            "ClfsMgmtxQueryPins",
            "ours",
        ] {
            assert_eq!(check(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for line in [
            "",
            "nf-wdm-clfsmgmtinstallpolicy,",
            "nf-wdm-clfsmgmtinstallpolicy reading 1",
            "installpolicy",
            "nf-wdm-clfsMgmtInstallPolicy",
            "reading",
            "reading 100",
            "reading 0",
            "reading \"\"",
            "decision 6",
            "ClfsMgmtx",
            "somewhere",
        ] {
            assert!(check(line).is_err(), "{line}");
        }
    }
}
