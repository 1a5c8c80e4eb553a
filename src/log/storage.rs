//! What a log needs of the world: files that are read, written and flushed at offsets.

use crate::units::{Bytes, Status};

/// Whether a file is opened to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only read.
    Read,
    /// Read and written; no one else may write meanwhile.
    Write,
}

/// The files of one log. Paths are UTF-16 as the log's metadata stores them: `%BLF%\name` for a file beside the base
/// log file, or a full path.
pub trait Storage {
    /// An open file; clones share it.
    type File: StorageFile + Clone;

    /// Creates the base log file, which must not exist, empty and opened for writing.
    ///
    /// # Errors
    /// `OBJECT_NAME_COLLISION` if it exists, or what the storage reported.
    fn create_base(&self) -> Result<Self::File, Status>;

    /// Opens the base log file. Writers exclude each other.
    ///
    /// # Errors
    /// `OBJECT_NAME_NOT_FOUND`, `SHARING_VIOLATION` when it is open for writing already, or what the storage reported.
    fn open_base(&self, access: Access) -> Result<Self::File, Status>;

    /// Creates a container file of `size` zero bytes, written out and durable, its directory entry included.
    ///
    /// # Errors
    /// `OBJECT_NAME_COLLISION` if it exists, `DISK_FULL`, or what the storage reported; no file is left behind.
    fn create_container(&self, path: &[u16], size: Bytes) -> Result<Self::File, Status>;

    /// Opens a container file. Writers exclude each other, also those of two logs that name one file: of a log that was
    /// copied, a file beside the base log file is the container, and what another log is known to name is that one's.
    ///
    /// # Errors
    /// `LOG_CONTAINER_OPEN_FAILED`, `SHARING_VIOLATION` when it is open for writing already, or what the storage
    /// reported.
    fn open_container(&self, path: &[u16], access: Access) -> Result<Self::File, Status>;

    /// Deletes a container file; one that is gone already counts as deleted.
    ///
    /// # Errors
    /// What the storage reported.
    fn delete_container(&self, path: &[u16]) -> Result<(), Status>;

    /// Deletes the base log file.
    ///
    /// # Errors
    /// What the storage reported.
    fn delete_base(&self) -> Result<(), Status>;

    /// Told the full path under which the log was made, once the base log file is open and before containers are: by
    /// that a storage sees that a log was copied or moved.
    fn identify(&self, _made_as: &[u16]) {}
}

/// An open file.
pub trait StorageFile {
    /// The file's size.
    ///
    /// # Errors
    /// What the storage reported.
    fn size(&self) -> Result<Bytes, Status>;

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// `END_OF_FILE` if the file ends before, or what the storage reported.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status>;

    /// Writes all of `bytes` at `offset`; not durable until [`StorageFile::flush`] returned.
    ///
    /// # Errors
    /// `DISK_FULL`, or what the storage reported; any part may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status>;

    /// Makes every write durable that was finished when it was called. Several may be called at the same time.
    ///
    /// # Errors
    /// What the storage reported. A failed flush stays failed: every other flush of the open file that has not returned
    /// yet, by whichever clone, and every later one, fails too. The disk reports once what it has dropped, and what is
    /// written again need not reach it.
    fn flush(&self) -> Result<(), Status>;
}
