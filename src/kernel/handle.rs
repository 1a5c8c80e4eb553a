//! An open file, by its kernel handle. Every routine here asks for IRQL `PASSIVE_LEVEL` with APCs enabled.

use core::ptr::null_mut;

use wdk_sys::ntddk::{
    ZwClose, ZwCreateFile, ZwFlushBuffersFile, ZwQueryInformationFile, ZwReadFile, ZwSetInformationFile, ZwWriteFile,
};
use wdk_sys::{
    _FILE_INFORMATION_CLASS, FILE_ATTRIBUTE_NORMAL, FILE_DISPOSITION_INFORMATION, FILE_NON_DIRECTORY_FILE,
    FILE_STANDARD_INFORMATION, FILE_SYNCHRONOUS_IO_NONALERT, HANDLE, IO_STATUS_BLOCK, LARGE_INTEGER,
    OBJ_CASE_INSENSITIVE, OBJ_FORCE_ACCESS_CHECK, OBJ_KERNEL_HANDLE, OBJECT_ATTRIBUTES,
};

use super::owned::HANDLES;
use super::routines::{counted_string, length_of, status_of};
use crate::units::{Bytes, Status};

/// How a file is opened.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    /// The rights asked for, `SYNCHRONIZE` among them.
    pub(super) access: u32,
    /// What others may do with it meanwhile.
    pub(super) share: u32,
    /// `FILE_OPEN` or `FILE_CREATE`.
    pub(super) disposition: u32,
    /// Room to be set aside for a file that is created.
    pub(super) allocation: Bytes,
}

/// A kernel handle to a file opened for synchronous I/O. It is not closed when dropped: that needs `PASSIVE_LEVEL`, and
/// the owner sees to it.
#[derive(Clone, Copy)]
pub(super) struct FileHandle(HANDLE);

// SAFETY: a kernel handle is valid in every thread of every process.
unsafe impl Send for FileHandle {}
// SAFETY: as above; the I/O manager takes the requests of several threads one by one.
unsafe impl Sync for FileHandle {}

/// More than this is read or written in several pieces.
const PIECE_MAX: usize = 16 * 1024 * 1024;

impl FileHandle {
    /// Opens or creates the file at `path` with the running thread's security.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn open(path: &[u16], opening: Opening) -> Result<Self, Status> {
        let mut name = counted_string(path)?;
        let mut attributes = OBJECT_ATTRIBUTES {
            Length: length_of::<OBJECT_ATTRIBUTES>(),
            ObjectName: &raw mut name,
            // The access is checked although the kernel asks: it asks for a caller.
            Attributes: OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE | OBJ_FORCE_ACCESS_CHECK,
            ..OBJECT_ATTRIBUTES::default()
        };
        let mut allocation = offset_of(opening.allocation.0)?;
        let (mut handle, mut block) = (null_mut(), IO_STATUS_BLOCK::default());
        // SAFETY: IRQL PASSIVE_LEVEL; the pointers are to locals, and `name` to `path`, which is borrowed.
        let status = unsafe {
            ZwCreateFile(
                &raw mut handle,
                opening.access,
                &raw mut attributes,
                &raw mut block,
                &raw mut allocation,
                FILE_ATTRIBUTE_NORMAL,
                opening.share,
                opening.disposition,
                FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE,
                null_mut(),
                0,
            )
        };
        status_of(status)?;
        HANDLES.one_more();
        Ok(Self(handle))
    }

    /// The handle, for routines that take one.
    pub(super) const fn raw(self) -> HANDLE {
        self.0
    }

    /// Closes it.
    ///
    /// # Safety
    /// Neither it nor a copy of it is used any more.
    pub(super) unsafe fn close(self) {
        // SAFETY: our own handle, used for the last time by the caller's contract.
        let _ = unsafe { ZwClose(self.0) };
        HANDLES.one_less();
    }

    /// The file's size.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn size(self) -> Result<Bytes, Status> {
        let (mut information, mut block) = (FILE_STANDARD_INFORMATION::default(), IO_STATUS_BLOCK::default());
        // SAFETY: our own handle; the pointers are to locals, and the length is that of the information.
        let status = unsafe {
            ZwQueryInformationFile(
                self.0,
                &raw mut block,
                (&raw mut information).cast(),
                length_of::<FILE_STANDARD_INFORMATION>(),
                _FILE_INFORMATION_CLASS::FileStandardInformation,
            )
        };
        status_of(status)?;
        // SAFETY: every bit pattern is a number.
        let size = unsafe { information.EndOfFile.QuadPart };
        u64::try_from(size).map(Bytes).map_err(|_| Status::IO_DEVICE_ERROR)
    }

    /// Fills `buffer`, which is in system memory, from `offset`.
    ///
    /// # Errors
    /// `END_OF_FILE`, or what the system said.
    pub(super) fn read_at(self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), Status> {
        while !buffer.is_empty() {
            let piece = buffer.len().min(PIECE_MAX);
            let length = u32::try_from(piece).map_err(|_| Status::INVALID_PARAMETER)?;
            let (mut at, mut block) = (offset_of(offset)?, IO_STATUS_BLOCK::default());
            // SAFETY: our own handle, for synchronous I/O: when this returns, nobody uses the pointers any more, which
            // are to locals and to `length` bytes of `buffer`.
            let status = unsafe {
                ZwReadFile(
                    self.0,
                    null_mut(),
                    None,
                    null_mut(),
                    &raw mut block,
                    buffer.as_mut_ptr().cast(),
                    length,
                    &raw mut at,
                    null_mut(),
                )
            };
            status_of(status)?;
            let done = transferred(&block, piece).ok_or(Status::END_OF_FILE)?;
            buffer = buffer.split_at_mut_checked(done).map(|(_, rest)| rest).unwrap_or_default();
            offset = advanced(offset, done)?;
        }
        Ok(())
    }

    /// Writes all of `bytes`, which are in system memory, at `offset`.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn write_at(self, mut offset: u64, mut bytes: &[u8]) -> Result<(), Status> {
        while !bytes.is_empty() {
            let piece = bytes.len().min(PIECE_MAX);
            let length = u32::try_from(piece).map_err(|_| Status::INVALID_PARAMETER)?;
            let (mut at, mut block) = (offset_of(offset)?, IO_STATUS_BLOCK::default());
            // SAFETY: our own handle, for synchronous I/O: when this returns, nobody uses the pointers any more, which
            // are to locals and to `length` bytes of `bytes`, which are only read.
            let status = unsafe {
                ZwWriteFile(
                    self.0,
                    null_mut(),
                    None,
                    null_mut(),
                    &raw mut block,
                    bytes.as_ptr().cast_mut().cast(),
                    length,
                    &raw mut at,
                    null_mut(),
                )
            };
            status_of(status)?;
            // A file system that takes nothing and says that it succeeded would be asked for ever.
            let done = transferred(&block, piece).ok_or(Status::IO_DEVICE_ERROR)?;
            bytes = bytes.split_at_checked(done).map(|(_, rest)| rest).unwrap_or_default();
            offset = advanced(offset, done)?;
        }
        Ok(())
    }

    /// Makes what was written durable, with what the file system keeps about the file.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn flush(self) -> Result<(), Status> {
        let mut block = IO_STATUS_BLOCK::default();
        // SAFETY: our own handle, for synchronous I/O; the block is a local.
        status_of(unsafe { ZwFlushBuffersFile(self.0, &raw mut block) })
    }

    /// Has the file deleted once its last handle is closed. It was opened with the right to.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn delete(self) -> Result<(), Status> {
        let (mut information, mut block) = (FILE_DISPOSITION_INFORMATION { DeleteFile: 1 }, IO_STATUS_BLOCK::default());
        // SAFETY: our own handle; the pointers are to locals, and the length is that of the information.
        let status = unsafe {
            ZwSetInformationFile(
                self.0,
                &raw mut block,
                (&raw mut information).cast(),
                length_of::<FILE_DISPOSITION_INFORMATION>(),
                _FILE_INFORMATION_CLASS::FileDispositionInformation,
            )
        };
        status_of(status)
    }
}

fn offset_of(offset: u64) -> Result<LARGE_INTEGER, Status> {
    i64::try_from(offset).map(|offset| LARGE_INTEGER { QuadPart: offset }).map_err(|_| Status::INVALID_PARAMETER)
}

fn advanced(offset: u64, done: usize) -> Result<u64, Status> {
    u64::try_from(done).ok().and_then(|done| offset.checked_add(done)).ok_or(Status::INVALID_PARAMETER)
}

/// How much of a piece was transferred; `None` for nothing.
fn transferred(block: &IO_STATUS_BLOCK, piece: usize) -> Option<usize> {
    usize::try_from(block.Information).ok().filter(|done| *done > 0).map(|done| done.min(piece))
}
