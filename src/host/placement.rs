//! Which file is meant by a container's name, and whether it is another log's.
//!
//! A full path that the metadata name is the log's own file as long as the log is where it was made. Of a log that was
//! copied or moved, files beside the base log file come first; and what another log names too is that one's.
//!
//! # Invariants
//! A container that was opened or created is meant by its name until the log is opened anew, whatever comes beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;

use super::process::Process;
use crate::format::metadata::{FILE_BYTES_MAX, Metadata};
use crate::units::Status;

/// What a container's name says.
enum Named {
    /// Below the folder of the base log file.
    Relative(PathBuf),
    /// A full path here.
    Absolute(PathBuf),
    /// A full path on another system: this is its last component.
    Foreign(PathBuf),
}

impl Named {
    fn parse(name: &[u16]) -> Result<Self, Status> {
        let name = String::from_utf16(name).map_err(|_| Status::OBJECT_NAME_INVALID)?;
        match name.split_at_checked("%BLF%\\".len()) {
            Some((prefix, relative)) if prefix.eq_ignore_ascii_case("%BLF%\\") => plain(relative).map(Self::Relative),
            _ if Path::new(&name).is_absolute() => Ok(Self::Absolute(PathBuf::from(name))),
            _ => plain(name.rsplit('\\').next().unwrap_or_default()).map(Self::Foreign),
        }
    }
}

/// A relative path that stays below its folder.
fn plain(relative: &str) -> Result<PathBuf, Status> {
    let mut path = PathBuf::new();
    for component in relative.split('\\') {
        if matches!(component, "" | "." | "..") || component.contains(['/', '\0']) {
            return Err(Status::OBJECT_NAME_INVALID);
        }
        path.push(component);
    }
    Ok(path)
}

/// Where one log's containers are.
#[derive(Debug, Default)]
pub(super) struct Placement {
    /// Whether the base log file is where the log was made.
    is_home: bool,
    /// What stands where the log was made, if that is elsewhere.
    origin: Vec<PathBuf>,
    found: BTreeMap<Vec<u16>, PathBuf>,
    /// The process that opened the log.
    process: Option<Process>,
    /// By folder, the containers of the logs there.
    neighbours: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Placement {
    /// That of the log at `base` that says it was made as `made`.
    pub(super) fn new(base: &Path, made: &[u16]) -> Self {
        let made = String::from_utf16_lossy(made);
        let path = Path::new(&made);
        let name = made.rsplit(['\\', '/']).next().unwrap_or_default();
        let mut places = [path.to_path_buf(), folder_of(base).join(name)].to_vec();
        places.retain(|place| place.is_absolute() || place.parent() == base.parent());
        let is_home = path.is_absolute() && is_same_file(path, base);
        places.retain(|place| place.is_file() && !is_same_file(place, base));
        Self { is_home, origin: places, process: Some(Process::current()), ..Self::default() }
    }

    /// # Errors
    /// `LOG_STATE_INVALID`: another process opened the log, from which this one was forked.
    pub(super) fn check_process(&self) -> Result<(), Status> {
        self.process.map_or(Ok(()), Process::check)
    }

    /// The file that a container's name means; it need not exist.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: not UTF-16, a NUL, or a relative name that would leave the log's folder.
    pub(super) fn path(&self, base: &Path, name: &[u16]) -> Result<PathBuf, Status> {
        if let Some(path) = self.found.get(name) {
            return Ok(path.clone());
        }
        Ok(match Named::parse(name)? {
            Named::Relative(relative) | Named::Foreign(relative) => folder_of(base).join(relative),
            Named::Absolute(path) if self.is_home && exists(&path) => path,
            Named::Absolute(path) => beside(base, &path).filter(|file| exists(file)).unwrap_or(path),
        })
    }

    /// Where a new container of this name is made.
    ///
    /// # Errors
    /// As [`Placement::path`]. `OBJECT_NAME_COLLISION`: when the log is opened again, a file beside it would be taken
    /// for the container.
    pub(super) fn path_to_make(&self, base: &Path, name: &[u16]) -> Result<PathBuf, Status> {
        match Named::parse(name)? {
            Named::Absolute(path) => {
                let hides = |file: &PathBuf| exists(file) && *file != path;
                let is_hidden = !self.is_home && beside(base, &path).is_some_and(|file| hides(&file));
                if is_hidden { Err(Status::OBJECT_NAME_COLLISION) } else { Ok(path) }
            }
            Named::Relative(relative) | Named::Foreign(relative) => Ok(folder_of(base).join(relative)),
        }
    }

    /// Notes which file a name means from now on.
    pub(super) fn note(&mut self, name: &[u16], path: PathBuf) {
        self.found.insert(name.to_vec(), path);
    }

    /// The container is gone.
    pub(super) fn forget(&mut self, name: &[u16]) {
        self.found.remove(name);
    }

    /// Whether another log names this file as a container: what stands where this one was made, or, for a file in
    /// another folder, a log there. A log that is elsewhere is not found; while it is open, its files are locked.
    pub(super) fn is_anothers(&mut self, base: &Path, path: &Path) -> bool {
        let Ok(path) = fs::canonicalize(path) else {
            return false;
        };
        if self.origin.iter().any(|log| containers_of(log).contains(&path)) {
            return true;
        }
        let folder = folder_of(&path).to_path_buf();
        if fs::canonicalize(folder_of(base)).is_ok_and(|own| own == folder) {
            return false;
        }
        let named = self.neighbours.entry(folder).or_insert_with_key(|folder| containers_named_in(folder, base));
        named.contains(&path)
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn beside(base: &Path, path: &Path) -> Option<PathBuf> {
    Some(folder_of(base).join(path.file_name()?))
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// The containers of all logs in a folder but for this one's.
fn containers_named_in(folder: &Path, base: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_log = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("blf"));
    entries.filter(|path| is_log(path) && !is_same_file(path, base)).flat_map(|log| containers_of(&log)).collect()
}

/// The files that a log names as its containers, as far as they exist. None if it cannot be read: one that is being
/// written is open, and its containers are locked.
fn containers_of(log: &Path) -> BTreeSet<PathBuf> {
    let is_small = fs::metadata(log).is_ok_and(|found| found.is_file() && found.len() <= FILE_BYTES_MAX);
    let image = if is_small { fs::read(log).unwrap_or_default() } else { Vec::new() };
    let Ok(parsed) = Metadata::parse(&image) else {
        return BTreeSet::new();
    };
    let record = &parsed.metadata.base;
    let names = record.containers().filter_map(|container| record.container_name(container.physical));
    let place = Placement { is_home: true, ..Placement::default() };
    names.filter_map(|name| fs::canonicalize(place.path(log, name).ok()?).ok()).collect()
}
