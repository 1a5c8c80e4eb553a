//! Records as CSV: a line for each, all columns always there.

use std::io::{self, Write};

use super::listing::Listing;
use super::record::Record;

const COLUMNS: [&str; 22] = [
    "stream",
    "stream_name",
    "lsn",
    "kind",
    "state",
    "lap",
    "length",
    "undo_next",
    "previous",
    "block",
    "container",
    "offset",
    "broken",
    "ktm_kind",
    "ktm_transaction",
    "ktm_transaction_time",
    "ktm_enlistments",
    "ktm_resource_managers",
    "ktm_description",
    "ktm_names",
    "ktm_sids",
    "data",
];

/// Writes a listing's records.
///
/// # Errors
/// `out` cannot be written.
pub(super) fn write(out: &mut impl Write, listing: &Listing) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(COLUMNS).map_err(as_io)?;
    for record in listing.records.iter().flatten() {
        rows.write_record(row(listing, record).map(|field| harmless(&field))).map_err(as_io)?;
    }
    rows.flush()
}

/// The error of the file below: nothing else can be wrong with rows of one length.
fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(listing: &Listing, record: &Record) -> [String; COLUMNS.len()] {
    let ktm = record.ktm.as_deref();
    let ids = |pick: fn(&super::ktm::Enlistment) -> Option<&super::guid::Guid>| {
        let found = ktm.into_iter().flat_map(|ktm| ktm.enlistments.iter().filter_map(pick));
        found.map(|guid| guid.id.clone()).collect::<Vec<_>>().join(" ")
    };
    let texts = |texts: Option<&Vec<super::strings::Text>>| {
        texts.into_iter().flatten().map(|text| text.text.clone()).collect::<Vec<_>>().join("; ")
    };
    let transaction = ktm.and_then(|ktm| ktm.transaction.as_ref());
    let or_none = |text: Option<String>| text.unwrap_or_default();
    [
        record.stream.to_string(),
        or_none(listing.stream_name(record.stream).map(str::to_owned)),
        record.lsn.to_string(),
        record.kind.to_owned(),
        record.state.word().to_owned(),
        or_none(record.usn.map(|usn| usn.to_string())),
        record.length.to_string(),
        record.undo_next.to_string(),
        record.previous.to_string(),
        or_none(record.block.map(|lsn| lsn.to_string())),
        or_none(record.container.as_ref().map(ToString::to_string)),
        or_none(record.offset.map(|offset| offset.to_string())),
        record.broken.as_ref().map_or_else(String::new, |broken| broken.join("; ")),
        or_none(ktm.map(|ktm| ktm.kind.to_string())),
        or_none(transaction.map(|id| id.id.clone())),
        or_none(transaction.and_then(|id| id.time.clone())),
        ids(|one| one.enlistment.as_ref()),
        ids(|one| one.resource_manager.as_ref()),
        or_none(ktm.and_then(|ktm| ktm.description.clone())),
        texts(ktm.map(|ktm| &ktm.names)),
        texts(ktm.map(|ktm| &ktm.sids)),
        or_none(record.data.clone()),
    ]
}

/// A field that a spreadsheet would take for a formula gets an apostrophe before it.
fn harmless(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{field}") } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_file_is_no_formula() {
        assert_eq!(harmless("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(harmless("0:0x0:0"), "0:0x0:0");
    }
}
