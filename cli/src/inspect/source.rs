//! The log that is inspected: its base log file, opened to be read, and its image.
//!
//! The image is read once, and read again until two readings are the same, because a writer may have the log open: what
//! is looked at is the state of one moment. Nothing is locked.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clfsmgmt::format::base_record::LogState;
use clfsmgmt::format::context::ClientContext;
use clfsmgmt::format::metadata::{FRESH_BYTES, Metadata, Parsed};
use clfsmgmt::format::sectors::FirstSector;
use clfsmgmt::format::violation::Violation;
use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::log::{BlockLimit, Log, OpenError};
use clfsmgmt::units::{SECTOR_BYTES, Status, StreamId};

use super::files::FilesBeside;
use super::writer;

/// No base log file is larger; see `Log::open`.
const SIZE_MAX: usize = 64 * 1024 * 1024;
/// The version with which each control block begins, and where the two are.
const VERSION: [u8; 2] = [0x15, 0];
const CONTROL_BLOCKS: [usize; 2] = [0, 0x400];
/// Where both copies of the general block are in a file that has not grown.
const GENERAL_BLOCKS: Range<usize> = 0x800..0xFC00;

/// How often a file that changes is read again.
const READINGS_MAX: usize = 20;

/// A base log file that is being inspected.
pub(super) struct Source {
    storage: FilesBeside,
    image: Vec<u8>,
    /// Whether a writer has it open; `None` where that cannot be told.
    has_writer: Option<bool>,
}

impl Source {
    /// Reads a base log file.
    ///
    /// # Errors
    /// It cannot be opened or read, or it is no base log file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut storage = FilesBeside::new(path);
        let image = read_still(&storage)?;
        let has_writer = writer::has_open(path);
        if image.get(..SECTOR_BYTES).is_some_and(|sector| FirstSector::parse(sector).is_some()) {
            bail!("{}: a container of a log: it holds records; give the .blf file beside it", path.display());
        }
        storage.set_base(completed(&image).unwrap_or_else(|| image.clone()));
        Ok(Self { storage, image, has_writer })
    }

    /// Whether it is a base log file at all.
    ///
    /// # Errors
    /// It begins as none does.
    pub(super) fn check_kind(&self) -> Result<()> {
        let begins_right = |at: usize| self.image.get(at..).is_some_and(|part| part.starts_with(&VERSION));
        if self.image.len() > SIZE_MAX || !CONTROL_BLOCKS.into_iter().any(begins_right) {
            let what = "no CLFS base log file: no control block at 0x0 or 0x400; give the .blf file of a log";
            bail!("{}: {what}", self.path());
        }
        Ok(())
    }

    /// Whether a writer has the log open; `None` where that cannot be told.
    pub(super) fn has_writer(&self) -> Option<bool> {
        self.has_writer
    }

    /// Whether the base log file is no longer what was read.
    pub(super) fn has_changed(&self) -> bool {
        read_once(&FilesBeside::new(self.storage.base_path())).is_ok_and(|now| now != self.image)
    }

    /// The base log file's bytes.
    pub(super) fn image(&self) -> &[u8] {
        &self.image
    }

    /// Where the log's files are.
    pub(super) fn storage(&self) -> &FilesBeside {
        &self.storage
    }

    /// The base log file's path.
    pub(super) fn path(&self) -> String {
        self.storage.base_path().display().to_string()
    }

    /// The metadata, by themselves.
    ///
    /// # Errors
    /// A record has no valid copy.
    pub(super) fn parse(&self) -> Result<Parsed> {
        let completed = completed(&self.image).and_then(|image| Metadata::parse(&image).ok());
        Metadata::parse(&self.image).or_else(|violation| completed.ok_or(violation)).map_err(|violation| {
            anyhow!(
                "{}: {violation} (does not hold, and no other copy is valid); restore the file from a backup, or see what its \
                 containers hold with --history",
                self.path()
            )
        })
    }

    /// What is missing of a base log file that was cut off.
    pub(super) fn cut(&self) -> Option<String> {
        let is_cut = completed(&self.image).is_some() && Metadata::parse(&self.image).is_err();
        let end = self.image.len();
        is_cut.then(|| format!("{}: the file ends at {end:#x}; what its first copies hold is shown", self.path()))
    }

    /// Opens the log as a whole, with its containers.
    ///
    /// # Errors
    /// Why its blocks cannot be read, for a person.
    pub(super) fn open_log(&self) -> Result<Log<FilesBeside>, String> {
        Log::open(self.storage.clone(), Access::Read, BlockLimit::DEFAULT).map_err(|error| self.explain(error))
    }

    fn explain(&self, error: OpenError) -> String {
        match error {
            OpenError::Violation(violation) => format!("{}: {violation}", self.path()),
            OpenError::Status(status) => self.explain_status(status),
        }
    }

    /// What a status is about, with the operating system's words where it was asked last.
    pub(super) fn explain_status(&self, status: Status) -> String {
        let is_of_files = matches!(
            status,
            Status::LOG_CONTAINER_OPEN_FAILED
                | Status::IO_DEVICE_ERROR
                | Status::ACCESS_DENIED
                | Status::OBJECT_NAME_NOT_FOUND
        );
        match self.storage.last_failure().filter(|_| is_of_files) {
            Some((_, failure)) => format!("{} ({failure})", status.meaning()),
            None => format!("{}: {}", self.path(), status.meaning()),
        }
    }

    /// A violation in the base log file, with its name.
    pub(super) fn describe(&self, violation: &Violation) -> String {
        format!("{}: {violation}", self.path())
    }

    /// A container's file, and its size if it is there.
    pub(super) fn container_file(&self, name: &[u16]) -> (Option<PathBuf>, Option<u64>) {
        let path = self.storage.container_path(name).ok();
        let found = path.as_ref().and_then(|path| fs::metadata(path).ok());
        let bytes = found.filter(fs::Metadata::is_file).map(|found| found.len());
        (path, bytes)
    }
}

/// Reads the base log file until it is the same twice.
fn read_still(storage: &FilesBeside) -> Result<Vec<u8>> {
    let mut before = None;
    for _ in 0..READINGS_MAX {
        let image = read_once(storage).map_err(|status| unreadable(storage, status))?;
        if before.as_ref() == Some(&image) {
            break;
        }
        before = Some(image);
    }
    Ok(before.unwrap_or_default())
}

/// At most one byte more than a base log file can have.
fn read_once(storage: &FilesBeside) -> Result<Vec<u8>, Status> {
    let base = storage.open_base(Access::Read)?;
    let size = usize::try_from(base.size()?.0).unwrap_or(usize::MAX).min(SIZE_MAX.saturating_add(1));
    let mut image = vec![0; size];
    base.read_at(0, &mut image)?;
    Ok(image)
}

/// An image that was cut off, with the rest as if it had never been written, if its first copies are whole.
fn completed(image: &[u8]) -> Option<Vec<u8>> {
    let mut fresh = Metadata::new([0; 16], LogState::ON_DISK_DEDICATED);
    fresh.base.add_client(&[1], ClientContext::new(StreamId::PHYSICAL)).ok()?;
    let mut whole = fresh.fresh_image().ok()?;
    whole.get_mut(GENERAL_BLOCKS)?.fill(0);
    whole.get_mut(..image.len()).filter(|part| part.len() < FRESH_BYTES)?.copy_from_slice(image);
    Metadata::parse(&whole).is_ok().then_some(whole)
}

/// Why the base log file cannot be read, and what to do.
fn unreadable(storage: &FilesBeside, status: Status) -> anyhow::Error {
    let path = storage.base_path().display();
    let failure = storage.last_failure();
    let failure = failure.map_or_else(|| format!("{path}: {}", status.meaning()), |(_, text)| text);
    let mend = match status {
        Status::OBJECT_NAME_NOT_FOUND | Status::OBJECT_PATH_NOT_FOUND => "check the path",
        Status::ACCESS_DENIED => "ask for the right to read it",
        _ => "give the .blf file of a log",
    };
    anyhow!("{failure}; {mend}")
}
