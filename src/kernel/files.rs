//! A log's storage in files of the system, for the open `clfs.sys`.
//!
//! Whoever may not work with files at the moment (IRQL, APC state) has the file thread do it and waits. Files are
//! created, opened and deleted in the name of the log's opener.
//!
//! | opened for | others may meanwhile |
//! |---|---|
//! | writing | read, delete |
//! | reading | read, delete |
//!
//! So writers exclude each other, and readers exclude them; a file object for a handle ([`super::LogFileObject`]) asks
//! for attributes only, which excludes nobody. Deletion is shared because a log deletes files that somebody may still
//! be reading: they go when the last handle has been closed.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use wdk_sys::{
    DELETE, FILE_CREATE, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_OPEN, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, SYNCHRONIZE,
};

use super::file_thread::FILE_THREAD;
use super::handle::{FileHandle, Opening};
use super::paths;
use super::platform::KernelPlatform;
use super::security::ClientSecurity;
use super::shared::Shared;
use super::trace::{self, Severity};
use crate::library::{SharedFlush, is_same_word};
use crate::log::storage::{Access, Storage, StorageFile};
use crate::units::memory::try_zeroed;
use crate::units::{Bytes, Status};

/// Containers are filled with zeros in pieces of this size.
const FILL_BYTES: usize = 64 * 1024;

/// `STATUS_DELETE_PENDING`: the file was deleted, and is still open somewhere.
const DELETE_PENDING: Status = Status::from_raw(0xC000_0056);

/// The files of one log.
#[derive(Clone)]
pub struct KernelStorage(Shared<LogFiles>);

struct LogFiles {
    base: Vec<u16>,
    security: ClientSecurity,
    /// The log was copied or moved: files beside the base log file come first, and others are not deleted.
    is_elsewhere: AtomicBool,
}

impl KernelStorage {
    /// The log whose base log file is `path`, with its extension: `\??\C:\…`, `\Device\…` or `C:\…`. The running
    /// thread's security is kept for its files; no file is touched. IRQL `PASSIVE_LEVEL`.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: no such path, or a component is empty, `.` or `..`. `UNSUCCESSFUL`: the IRQL does not
    /// allow it. `INSUFFICIENT_RESOURCES`, or what the system said about the security.
    pub fn new(path: &[u16]) -> Result<Self, Status> {
        let base = paths::absolute(path)?;
        FILE_THREAD.start()?;
        let (security, is_elsewhere) = (ClientSecurity::capture()?, AtomicBool::new(false));
        Ok(Self(Shared::new(LogFiles { base, security, is_elsewhere })?))
    }

    /// The base log file's full path.
    pub fn base_path(&self) -> &[u16] {
        &self.0.base
    }

    /// Opens a file for another use of it, as the log's opener.
    pub(super) fn open_base_with(&self, opening: Opening) -> Result<KernelFile, Status> {
        self.open(&self.0.base, opening)
    }

    /// Where a container is that a copied log names by a full path; `None` if the name means what it says.
    fn beside(&self, name: &[u16]) -> Result<Option<Vec<u16>>, Status> {
        if self.0.is_elsewhere.load(Ordering::Relaxed) { paths::beside(&self.0.base, name) } else { Ok(None) }
    }

    fn open(&self, path: &[u16], opening: Opening) -> Result<KernelFile, Status> {
        let security = &self.0.security;
        let handle = FILE_THREAD.run(|| security.with(|| FileHandle::open(path, opening)))??;
        KernelFile::new(handle)
    }

    fn delete(&self, path: &[u16]) -> Result<(), Status> {
        let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        let opening = Opening { access: DELETE | SYNCHRONIZE, share, disposition: FILE_OPEN, allocation: Bytes(0) };
        match self.open(path, opening) {
            Ok(file) => file.run(FileHandle::delete),
            Err(Status::OBJECT_NAME_NOT_FOUND | DELETE_PENDING) => Ok(()),
            Err(status) => Err(status),
        }
    }
}

fn existing(access: Access) -> Opening {
    let access = match access {
        Access::Read => FILE_GENERIC_READ,
        Access::Write => FILE_GENERIC_READ | FILE_GENERIC_WRITE,
    };
    Opening { access, share: FILE_SHARE_READ | FILE_SHARE_DELETE, disposition: FILE_OPEN, allocation: Bytes(0) }
}

fn fresh(allocation: Bytes) -> Opening {
    Opening { disposition: FILE_CREATE, allocation, ..existing(Access::Write) }
}

impl Storage for KernelStorage {
    type File = KernelFile;

    fn create_base(&self) -> Result<KernelFile, Status> {
        self.open(&self.0.base, fresh(Bytes(0)))
    }

    fn open_base(&self, access: Access) -> Result<KernelFile, Status> {
        self.open(&self.0.base, existing(access))
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<KernelFile, Status> {
        let path = paths::container(&self.0.base, path)?;
        // Asking for all the room at once shows early that there is not enough.
        let file = self.open(&path, fresh(size))?;
        if let Err(status) = file.fill(size).and_then(|()| file.flush()) {
            drop(file);
            // The failure that matters is the first one.
            let _ = self.delete(&path);
            return Err(status);
        }
        Ok(file)
    }

    fn open_container(&self, name: &[u16], access: Access) -> Result<KernelFile, Status> {
        let beside = self.beside(name)?.map(|path| self.open(&path, existing(access)));
        let opened = match beside {
            None | Some(Err(Status::OBJECT_NAME_NOT_FOUND)) => {
                self.open(&paths::container(&self.0.base, name)?, existing(access))
            }
            Some(opened) => opened,
        };
        opened.map_err(|status| match status {
            Status::SHARING_VIOLATION => status,
            _ => Status::LOG_CONTAINER_OPEN_FAILED,
        })
    }

    fn delete_container(&self, name: &[u16]) -> Result<(), Status> {
        let beside = self.beside(name)?;
        self.delete(&beside.map_or_else(|| paths::container(&self.0.base, name), Ok)?)
    }

    fn identify(&self, made_as: &[u16]) {
        let is_home = paths::absolute(made_as).is_ok_and(|path| is_same_word(&path, &self.0.base));
        self.0.is_elsewhere.store(!is_home, Ordering::Relaxed);
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.delete(&self.0.base)
    }
}

/// An open file of a log.
#[derive(Clone)]
pub struct KernelFile(Shared<OpenFile>);

/// Closed when it is dropped.
struct OpenFile {
    handle: FileHandle,
    flush: SharedFlush<KernelPlatform>,
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let handle = self.handle;
        // SAFETY: this is the handle's one owner, and it goes; nobody was given a copy for longer than a call.
        let outcome = FILE_THREAD.run(move || unsafe { handle.close() });
        if let Err(status) = outcome {
            trace::status(Severity::Error, c"a file stays open", status);
        }
    }
}

impl KernelFile {
    fn new(handle: FileHandle) -> Result<Self, Status> {
        // Made first, so that it is closed if there is no memory to share it.
        let file = OpenFile { handle, flush: SharedFlush::default() };
        Ok(Self(Shared::new(file)?))
    }

    /// Runs `action` where it may work with files.
    pub(super) fn run<R: Send>(
        &self,
        action: impl FnOnce(FileHandle) -> Result<R, Status> + Send,
    ) -> Result<R, Status> {
        let handle = self.0.handle;
        FILE_THREAD.run(|| action(handle))?
    }

    /// Writes zeros, so that later writes need no new blocks of the file system.
    fn fill(&self, size: Bytes) -> Result<(), Status> {
        let zeros = try_zeroed(FILL_BYTES)?;
        self.run(|handle| {
            let mut offset = 0;
            while let Some(left) = size.0.checked_sub(offset).filter(|left| *left > 0) {
                let length = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
                handle.write_at(offset, zeros.get(..length).unwrap_or(&zeros))?;
                offset = offset.saturating_add(u64::try_from(length).unwrap_or(left));
            }
            Ok(())
        })
    }
}

impl StorageFile for KernelFile {
    fn size(&self) -> Result<Bytes, Status> {
        self.run(FileHandle::size)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        self.run(|handle| handle.read_at(offset, buffer))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        self.run(|handle| handle.write_at(offset, bytes))
    }

    fn flush(&self) -> Result<(), Status> {
        self.0.flush.flush(|| self.run(FileHandle::flush))
    }
}
