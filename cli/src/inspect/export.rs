//! `--export`: each record's data in a file of its own, and a manifest that says what they are.
//!
//! The folder is made, or is empty; every file in it is made anew. Names are made of numbers only, so that nothing of
//! a log leads elsewhere, and a file that is there already, a link among them, is never written to.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::hashes::of_bytes;
use super::listing::Listing;

/// The manifest's name.
const MANIFEST: &str = "manifest.json";
/// The version of the manifest's form.
const FORM: u32 = 1;

/// What was exported, and of what.
#[derive(Serialize)]
struct Manifest<'a> {
    version: u32,
    log: &'a Listing,
    exported: Vec<Exported>,
}

/// A file with a record's data.
#[derive(Serialize)]
struct Exported {
    file: String,
    bytes: u64,
    sha256: String,
    /// Which of the log's `records` it is, counted from 0.
    record: usize,
}

/// Makes the folder, or finds it empty.
///
/// # Errors
/// It holds something, or cannot be made.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let shown = folder.display();
    let Ok(mut entries) = fs::read_dir(folder) else {
        return fs::create_dir_all(folder).with_context(|| format!("{shown}: the folder cannot be made; name another"));
    };
    if entries.next().is_some() {
        bail!("{shown}: the folder is not empty, and nothing is overwritten; name a new one");
    }
    Ok(())
}

/// Writes the records' data and the manifest; says how many files with data there are.
///
/// # Errors
/// A file cannot be made; those before it are there.
pub(super) fn write(folder: &Path, listing: &Listing) -> Result<u64> {
    let mut exported = Vec::new();
    for (number, record) in listing.records.iter().flatten().enumerate() {
        let lsn = record.lsn;
        let place = format!("{:08x}-{:08x}-{:03}", lsn.container(), lsn.block_offset(), lsn.record());
        let file = format!("{:06}-stream{}-{place}.bin", number + 1, record.stream);
        make(&folder.join(&file), &record.bytes)?;
        let (bytes, sha256) = (record.bytes.len() as u64, of_bytes(&record.bytes));
        exported.push(Exported { file, bytes, sha256, record: number });
    }
    let count = exported.len() as u64;
    let manifest = Manifest { version: FORM, log: listing, exported };
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    make(&folder.join(MANIFEST), &text)?;
    Ok(count)
}

fn make(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes));
    written.with_context(|| format!("{}: the file cannot be made", path.display()))
}
