//! The files that were looked at, with their SHA-256: what a report says, it says of these bytes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::listing::{Container, LookedAtFile};
use super::source::Source;

/// The base log file, and the containers if their contents are listed.
pub(super) fn of(source: &Source, containers: &[Container], with_containers: bool) -> Vec<LookedAtFile> {
    // By path: several names may lead to one file.
    let mut known: HashMap<&str, Option<String>> = HashMap::new();
    let containers = containers.iter().map(|container| {
        let path = container.file.clone();
        let readable = container.file.as_ref().filter(|_| with_containers && container.file_bytes.is_some());
        let mut hash = |path| known.entry(path).or_insert_with(|| of_file(Path::new(path)).ok()).clone();
        LookedAtFile {
            sha256: readable.and_then(|path| hash(path)),
            path: path.unwrap_or_else(|| container.name.clone()),
            role: "container",
            bytes: container.file_bytes,
        }
    });
    std::iter::once(base(source)).chain(containers).collect()
}

/// The base log file, and files that may be its containers.
pub(super) fn of_files(source: &Source, files: &[PathBuf]) -> Vec<LookedAtFile> {
    let files = files.iter().map(|path| LookedAtFile {
        path: path.display().to_string(),
        role: "container",
        bytes: fs::metadata(path).ok().map(|found| found.len()),
        sha256: of_file(path).ok(),
    });
    std::iter::once(base(source)).chain(files).collect()
}

fn base(source: &Source) -> LookedAtFile {
    let bytes = Some(source.image().len() as u64);
    LookedAtFile { path: source.path(), role: "base log file", bytes, sha256: Some(of_bytes(source.image())) }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn of_file(path: &Path) -> io::Result<String> {
    // The file may have become something else since it was listed.
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..length).filter(|part| !part.is_empty()) else {
            return Ok(format!("{:x}", hash.finalize()));
        };
        hash.update(part);
    }
}
