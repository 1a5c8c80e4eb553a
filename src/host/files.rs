//! A log's storage in ordinary files.
//!
//! `%BLF%\name` is a file beside the base log file. A container that Windows names by a full device path is looked for
//! there too, under its last component, so that copied logs open; `placement` says more. Writers of one log exclude
//! each other by a lock on the base log file, and two logs that name one container by a lock on that.

use std::format;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lacking::{FOLDER_FLUSHES, LOCKS, is_lacking};
use super::placement::{Placement, folder_of};
use super::platform::HostPlatform;
use super::process::Process;
use super::system::{read_exact_at, status_of, write_all_at};
use crate::library::SharedFlush;
use crate::log::storage::{Access, Storage, StorageFile};
use crate::units::{Bytes, Status};

/// Containers are filled with zeros in pieces of this size.
static ZEROS: [u8; 256 * 1024] = [0; 256 * 1024];

/// The files of one log.
#[derive(Clone, Debug)]
pub struct FileStorage {
    base: PathBuf,
    usage: Usage,
    placement: Arc<Mutex<Placement>>,
    failure: FailureText,
}

/// What the files are opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    /// To use the log: readers share it, a writer has it alone.
    Log,
    /// To look at it, whoever uses it meanwhile.
    Look,
}

/// The operating system's last error, to explain a status to a person.
#[derive(Clone, Debug, Default)]
struct FailureText(Arc<Mutex<Option<(Status, String)>>>);

impl FailureText {
    fn note(&self, path: &Path, error: &io::Error) -> Status {
        let text = format!("{}: {error}", path.display());
        let status = status_of(error);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((status, text));
        status
    }
}

impl FileStorage {
    /// The log whose base log file is `base`, with its extension.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into(), usage: Usage::Log, placement: Arc::default(), failure: FailureText::default() }
    }

    /// As [`FileStorage::new`], for who only looks: no file is locked, so that nobody is kept out and a log that a
    /// writer has open can be read. It may change meanwhile; nothing can be written.
    pub fn to_look_at(base: impl Into<PathBuf>) -> Self {
        Self { usage: Usage::Look, ..Self::new(base) }
    }

    /// The base log file.
    pub fn base_path(&self) -> &Path {
        &self.base
    }

    /// The last failure: its status, and the operating system's words with the file's path.
    pub fn last_failure(&self) -> Option<(Status, String)> {
        self.failure.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a container of this name is.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: not UTF-16, a NUL, or a relative name that would leave the log's folder.
    pub fn container_path(&self, name: &[u16]) -> Result<PathBuf, Status> {
        self.placement().path(&self.base_file(), name)
    }

    /// The base log file itself, if it is reached by a link: its containers are beside it.
    fn base_file(&self) -> PathBuf {
        let is_link = std::fs::read_link(&self.base).is_ok();
        let file = if is_link { std::fs::canonicalize(&self.base).ok() } else { None };
        file.unwrap_or_else(|| self.base.clone())
    }

    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, path: &Path, access: Access) -> Result<HostFile, Status> {
        let is_to_write = access == Access::Write && self.usage == Usage::Log;
        let file = OpenOptions::new().read(true).write(is_to_write).open(path);
        let file = file.map_err(|error| self.not_opened(path, &error))?;
        Ok(self.host_file(path, file))
    }

    fn lock(&self, file: &HostFile, access: Access) -> Result<(), Status> {
        match (self.usage, access) {
            (Usage::Log, _) => file.lock(access),
            (Usage::Look, Access::Read) => Ok(()),
            (Usage::Look, Access::Write) => Err(Status::ACCESS_DENIED),
        }
    }

    fn create(&self, path: &Path) -> Result<HostFile, Status> {
        if self.usage == Usage::Look {
            return Err(Status::ACCESS_DENIED);
        }
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = file.map_err(|error| self.not_opened(path, &error))?;
        Ok(self.host_file(path, file))
    }

    /// As Windows does, distinguishes a missing folder from a missing file.
    fn not_opened(&self, path: &Path, error: &io::Error) -> Status {
        match self.failure.note(path, error) {
            Status::OBJECT_NAME_NOT_FOUND if !folder_of(path).is_dir() => Status::OBJECT_PATH_NOT_FOUND,
            status => status,
        }
    }

    fn host_file(&self, path: &Path, file: File) -> HostFile {
        let (path, failure) = (path.into(), self.failure.clone());
        HostFile(Arc::new(OpenFile { file, path, failure, flush: SharedFlush::default(), process: Process::current() }))
    }

    fn delete(&self, path: &Path) -> Result<(), Status> {
        if self.usage == Usage::Look {
            return Err(Status::ACCESS_DENIED);
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failure.note(path, &error)),
            _ => self.flush_folder_of(path),
        }
    }

    /// Makes the file's coming or going in its folder durable, where folders can be flushed.
    fn flush_folder_of(&self, path: &Path) -> Result<(), Status> {
        #[cfg(unix)]
        {
            let folder = folder_of(path);
            match File::open(folder).and_then(|folder| folder.sync_all()) {
                Err(error) if is_lacking(&error) => FOLDER_FLUSHES.warn(folder, &error),
                outcome => outcome.map_err(|error| self.failure.note(folder, &error))?,
            }
        }
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    /// What another log names is not written to.
    fn check_owner(&self, path: &Path, access: Access) -> Result<(), Status> {
        if access == Access::Write && self.placement().is_anothers(&self.base_file(), path) {
            let error = io::Error::other("the file is a container of another log, of which this one may be a copy");
            self.failure.note(path, &error);
            return Err(Status::LOG_CONTAINER_OPEN_FAILED);
        }
        Ok(())
    }
}

impl Storage for FileStorage {
    type File = HostFile;

    fn create_base(&self) -> Result<HostFile, Status> {
        let file = self.create(&self.base)?;
        let ready = file.lock(Access::Write).and_then(|()| self.flush_folder_of(&self.base));
        if let Err(status) = ready {
            // The failure that matters is the first one.
            let _ = std::fs::remove_file(&self.base);
            return Err(status);
        }
        Ok(file)
    }

    fn open_base(&self, access: Access) -> Result<HostFile, Status> {
        let file = self.open(&self.base, access)?;
        self.lock(&file, access)?;
        Ok(file)
    }

    fn create_container(&self, name: &[u16], size: Bytes) -> Result<HostFile, Status> {
        self.placement().check_process()?;
        let path = self.placement().path_to_make(&self.base_file(), name)?;
        let file = self.create(&path)?;
        let locked = file.lock(Access::Write);
        let filled = locked.and_then(|()| file.fill(size.0)).and_then(|()| file.flush());
        if let Err(status) = filled.and_then(|()| self.flush_folder_of(&path)) {
            // The failure that matters is the first one.
            drop(std::fs::remove_file(&path));
            return Err(status);
        }
        self.placement().note(name, path);
        Ok(file)
    }

    fn open_container(&self, name: &[u16], access: Access) -> Result<HostFile, Status> {
        let path = self.container_path(name)?;
        let file = self.open(&path, access).map_err(|_| Status::LOG_CONTAINER_OPEN_FAILED)?;
        self.lock(&file, access)?;
        self.check_owner(&path, access)?;
        self.placement().note(name, path);
        Ok(file)
    }

    fn delete_container(&self, name: &[u16]) -> Result<(), Status> {
        self.placement().check_process()?;
        let path = self.container_path(name)?;
        self.delete(&path)?;
        self.placement().forget(name);
        Ok(())
    }

    fn identify(&self, name: &[u16]) {
        *self.placement() = Placement::new(&self.base_file(), name);
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.placement().check_process()?;
        let file = self.base_file();
        self.delete(&file)?;
        if file == self.base { Ok(()) } else { self.delete(&self.base) }
    }
}

/// An open file of a log.
#[derive(Clone, Debug)]
pub struct HostFile(Arc<OpenFile>);

#[derive(Debug)]
struct OpenFile {
    file: File,
    path: PathBuf,
    failure: FailureText,
    flush: SharedFlush<HostPlatform>,
    process: Process,
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        // A child process that is being started holds a copy of the handle for a moment, and the lock with it. One that
        // was forked must not give up its parent's.
        if self.process.is_current() {
            let _ = self.file.unlock();
        }
    }
}

impl HostFile {
    fn failed(&self, error: &io::Error) -> Status {
        self.0.failure.note(&self.0.path, error)
    }

    /// Excludes who else opens the file of a log.
    fn lock(&self, access: Access) -> Result<(), Status> {
        let outcome = match access {
            Access::Read => self.0.file.try_lock_shared(),
            Access::Write => self.0.file.try_lock(),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(Status::SHARING_VIOLATION),
            // Nobody can be excluded. Whoever only reads does no harm, whatever the reason is.
            Err(TryLockError::Error(error)) if is_lacking(&error) || access == Access::Read => {
                LOCKS.warn(&self.0.path, &error);
                Ok(())
            }
            Err(TryLockError::Error(error)) => Err(self.failed(&error)),
        }
    }

    /// Writes zeros, so that later writes need no new blocks of the file system.
    fn fill(&self, size: u64) -> Result<(), Status> {
        let mut offset = 0;
        while offset < size {
            let length = usize::try_from(size - offset).unwrap_or(usize::MAX).min(ZEROS.len());
            self.write_at(offset, &ZEROS[..length])?;
            offset += length as u64;
        }
        Ok(())
    }
}

impl StorageFile for HostFile {
    fn size(&self) -> Result<Bytes, Status> {
        self.0.file.metadata().map(|metadata| Bytes(metadata.len())).map_err(|error| self.failed(&error))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        read_exact_at(&self.0.file, offset, buffer).map_err(|error| self.failed(&error))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        self.0.process.check()?;
        write_all_at(&self.0.file, offset, bytes).map_err(|error| self.failed(&error))
    }

    fn flush(&self) -> Result<(), Status> {
        self.0.process.check()?;
        self.0.flush.flush(|| self.0.file.sync_data().map_err(|error| self.failed(&error)))
    }
}
