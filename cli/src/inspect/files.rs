//! The files of a log that is looked at: those beside its base log file, and no others.
//!
//! A log's metadata name its containers, often by a path of the machine that made it. Whoever looks at a log that
//! came from elsewhere must not be led to other files by it: only the last part of such a name counts. Copies change
//! the case of letters, so a name that is not there is found in other letters if that is one file only. What is no
//! ordinary file is not opened, because opening a pipe waits for somebody. Nothing is locked: looking keeps nobody
//! out. So that a writer cannot change the metadata between two looks, the base log file is a copy in memory.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clfsmgmt::format::sectors::FirstSector;
use clfsmgmt::host::{FileStorage, HostFile};
use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{Bytes, SECTOR_BYTES, Status};

/// The prefix of names beside the base log file.
const BESIDE: &str = "%BLF%\\";

/// A log's files, to be read.
#[derive(Clone, Debug)]
pub(super) struct FilesBeside {
    files: FileStorage,
    /// What opening the base log file gives.
    base: Option<Arc<Vec<u8>>>,
}

/// A file of a log that is looked at.
#[derive(Clone, Debug)]
pub(super) enum LookedAt {
    Copy(Arc<Vec<u8>>),
    File(HostFile),
}

impl StorageFile for LookedAt {
    fn size(&self) -> Result<Bytes, Status> {
        match self {
            Self::Copy(bytes) => Ok(Bytes(bytes.len() as u64)),
            Self::File(file) => file.size(),
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        match self {
            Self::Copy(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                let found = rest.and_then(|rest| rest.get(..buffer.len()));
                buffer.copy_from_slice(found.ok_or(Status::END_OF_FILE)?);
                Ok(())
            }
            Self::File(file) => file.read_at(offset, buffer),
        }
    }

    fn write_at(&self, _: u64, _: &[u8]) -> Result<(), Status> {
        Err(Status::ACCESS_DENIED)
    }

    fn flush(&self) -> Result<(), Status> {
        Err(Status::ACCESS_DENIED)
    }
}

impl FilesBeside {
    pub(super) fn new(base: &Path) -> Self {
        Self { files: FileStorage::to_look_at(base), base: None }
    }

    /// From here on the base log file is this.
    pub(super) fn set_base(&mut self, image: Vec<u8>) {
        self.base = Some(Arc::new(image));
    }

    pub(super) fn base_path(&self) -> &Path {
        self.files.base_path()
    }

    pub(super) fn last_failure(&self) -> Option<(Status, String)> {
        self.files.last_failure()
    }

    /// Where a container of this name is, or would be.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: no file can have the name.
    pub(super) fn container_path(&self, name: &[u16]) -> Result<PathBuf, Status> {
        self.files.container_path(&self.name_beside(name)?)
    }

    /// The files beside the base log file that may be its containers, for when nothing says which are: their names
    /// begin as the base log file's does, or they begin with a block.
    pub(super) fn likely_containers(&self) -> Vec<PathBuf> {
        let base = self.base_path();
        let stem = base.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let entries = fs::read_dir(self.folder()).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_other = |path: &PathBuf| {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            path.file_name() != base.file_name() && ending.as_deref() != Some("blf")
        };
        let files = entries.filter(is_other).filter(|path| fs::metadata(path).is_ok_and(|found| found.is_file()));
        let mut files: Vec<PathBuf> = files.collect();
        files.sort();
        let is_named_so = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
            name.is_some_and(|name| name.starts_with(&stem))
        };
        let named: Vec<PathBuf> = files.iter().filter(|path| is_named_so(path)).cloned().collect();
        if named.iter().any(|path| begins_with_block(path)) {
            return named;
        }
        files.into_iter().filter(|path| begins_with_block(path)).collect()
    }

    fn folder(&self) -> &Path {
        self.base_path().parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
    }

    /// A container's name as that of a file beside the base log file, in the letters that the file has.
    fn name_beside(&self, name: &[u16]) -> Result<Vec<u16>, Status> {
        let name = String::from_utf16(name).map_err(|_| Status::OBJECT_NAME_INVALID)?;
        let beside = name.split_at_checked(BESIDE.len()).filter(|(prefix, _)| prefix.eq_ignore_ascii_case(BESIDE));
        let last = || name.rsplit(['\\', '/']).next().unwrap_or_default();
        let wanted = beside.map_or_else(last, |(_, wanted)| wanted);
        let exact: Vec<u16> = BESIDE.encode_utf16().chain(wanted.encode_utf16()).collect();
        if fs::symlink_metadata(self.files.container_path(&exact)?).is_ok() {
            return Ok(exact);
        }
        let other = self.in_other_letters(wanted);
        Ok(other.map_or(exact, |other| BESIDE.encode_utf16().chain(other.encode_utf16()).collect()))
    }

    /// The one file of the folder whose name differs in the case of letters only.
    fn in_other_letters(&self, wanted: &str) -> Option<String> {
        let names = fs::read_dir(self.folder()).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut same = names.filter(|name| name.to_uppercase() == wanted.to_uppercase());
        let found = same.next()?;
        same.next().is_none().then_some(found)
    }
}

impl Storage for FilesBeside {
    type File = LookedAt;

    fn create_base(&self) -> Result<LookedAt, Status> {
        Err(Status::ACCESS_DENIED)
    }

    fn open_base(&self, access: Access) -> Result<LookedAt, Status> {
        if access == Access::Write {
            return Err(Status::ACCESS_DENIED);
        }
        if let Some(base) = &self.base {
            return Ok(LookedAt::Copy(Arc::clone(base)));
        }
        if fs::metadata(self.base_path()).is_ok_and(|found| !found.is_file()) {
            return Err(Status::LOG_METADATA_INVALID);
        }
        self.files.open_base(access).map(LookedAt::File)
    }

    fn create_container(&self, _: &[u16], _: Bytes) -> Result<LookedAt, Status> {
        Err(Status::ACCESS_DENIED)
    }

    fn open_container(&self, path: &[u16], access: Access) -> Result<LookedAt, Status> {
        let name = self.name_beside(path)?;
        let is_file = fs::metadata(self.files.container_path(&name)?).is_ok_and(|found| found.is_file());
        if access == Access::Write || !is_file {
            return Err(Status::LOG_CONTAINER_OPEN_FAILED);
        }
        self.files.open_container(&name, access).map(LookedAt::File)
    }

    fn delete_container(&self, _: &[u16]) -> Result<(), Status> {
        Err(Status::ACCESS_DENIED)
    }

    fn delete_base(&self) -> Result<(), Status> {
        Err(Status::ACCESS_DENIED)
    }
}

fn begins_with_block(path: &Path) -> bool {
    let mut sector = [0; SECTOR_BYTES];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut sector));
    read.is_ok() && FirstSector::parse(&sector).is_some()
}
